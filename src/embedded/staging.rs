//! Where nats-server keeps a batch until it is committed: in memory, and not on the disk beside the log.
//!
//! A stream with one replica gets a file store of its own for each atomic batch: five files, each flushed to the disk, and gone
//! again after the commit. On more replicas the server keeps batches in memory by itself. What was acknowledged is on the disk
//! either way, in the stream; what a machine that lost its power had not acknowledged may be there in part, as after a full store
//! (ADR 0065).
//!
//! The server has no setting for it. It takes a link for the folder, and removes the link when it starts, so that this is done
//! anew at each start.

use std::fs;
use std::io::{self, ErrorKind};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use rustix::fs::{statfs, statvfs};
use tempfile::TempDir;

/// A file system in memory that every Linux has.
const MEMORY: &str = "/dev/shm";
/// Its type, as `statfs` tells it.
const TMPFS: u64 = 0x0102_1994;
/// With less room there the batches stay on the disk: all that are open at once hold a fraction of it.
const LEAST_ROOM: u64 = 256 * 1024 * 1024;
/// How the names of our folders there begin.
const PREFIX: &str = "ally-batches-";
/// The server's folder of open batches, in the folder of a stream.
const BATCHES: &str = "batches";

/// Batches in memory, for as long as this is kept.
#[derive(Debug)]
pub struct Staging {
    store: PathBuf,
    /// Only this account may enter it: batches hold what athletes have said.
    folder: TempDir,
}

impl Staging {
    /// Moves the batches of every stream in a server's store into memory. None may be open. `None` where there is no such memory.
    pub fn begin(store: &Path) -> Option<Self> {
        if !has_room(Path::new(MEMORY)) {
            return None;
        }
        let folder = tempfile::Builder::new().prefix(PREFIX).tempdir_in(MEMORY).ok()?;
        for (number, stream) in streams(store).into_iter().enumerate() {
            let target = folder.path().join(number.to_string());
            if let Err(error) = link(&stream.join(BATCHES), &target) {
                tracing::debug!(stream = %stream.display(), %error, "the batches of a stream stay on the disk");
            }
        }
        Some(Self { store: store.to_path_buf(), folder })
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        let ours = links(&self.store).into_iter().filter(|(_, target)| target.starts_with(self.folder.path()));
        ours.for_each(|(link, _)| drop(fs::remove_file(link)));
    }
}

/// The folders in memory that a store's links lead to: an Ally that was killed has left them, and the server may still need them
/// when it starts, to finish a commit.
pub fn left_by_a_kill(store: &Path) -> Vec<PathBuf> {
    let ours = |folder: &&Path| {
        let name = folder.file_name().unwrap_or_default();
        folder.parent() == Some(Path::new(MEMORY)) && name.as_encoded_bytes().starts_with(PREFIX.as_bytes())
    };
    let targets = links(store).into_iter().map(|(_, target)| target);
    targets.filter_map(|target| target.parent().filter(ours).map(Path::to_path_buf)).collect()
}

/// Removes folders that were left, once no server needs them.
pub fn remove(left: &[PathBuf]) {
    // What cannot be removed is gone with the machine's memory.
    left.iter().for_each(|folder| drop(fs::remove_dir_all(folder)));
}

fn has_room(memory: &Path) -> bool {
    let is_memory = statfs(memory).is_ok_and(|fs| u64::try_from(fs.f_type) == Ok(TMPFS));
    is_memory && statvfs(memory).is_ok_and(|fs| fs.f_bavail.saturating_mul(fs.f_frsize) >= LEAST_ROOM)
}

fn link(batches: &Path, target: &Path) -> io::Result<()> {
    // An empty one may stand there from an earlier batch; with an open batch in it, it stays.
    match fs::remove_dir(batches) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    fs::create_dir(target)?;
    symlink(target, batches)
}

/// The folders of all streams: `jetstream/ACCOUNT/streams/STREAM`.
fn streams(store: &Path) -> Vec<PathBuf> {
    let inside = |folder: PathBuf| fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    inside(store.join("jetstream")).flat_map(|account| inside(account.join("streams"))).collect()
}

/// The links of a store, and where they lead.
fn links(store: &Path) -> Vec<(PathBuf, PathBuf)> {
    let batches = streams(store).into_iter().map(|stream| stream.join(BATCHES));
    batches.filter_map(|link| fs::read_link(&link).ok().map(|target| (link, target))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store() -> (TempDir, PathBuf) {
        let store = tempfile::tempdir().unwrap();
        let stream = store.path().join("jetstream/$G/streams/PLANS");
        fs::create_dir_all(&stream).unwrap();
        (store, stream.join(BATCHES))
    }

    #[test]
    fn batches_are_in_memory_while_it_is_kept_and_nothing_is_left_behind() {
        if !has_room(Path::new(MEMORY)) {
            return;
        }
        let (store, batches) = store();
        fs::create_dir(&batches).unwrap();
        let staging = Staging::begin(store.path()).unwrap();
        let target = fs::read_link(&batches).unwrap();
        assert!(target.starts_with(MEMORY) && target.is_dir(), "{}", target.display());
        assert_eq!(left_by_a_kill(store.path()), [target.parent().unwrap()], "a start after a kill finds it");
        drop(staging);
        assert!(!target.exists() && fs::symlink_metadata(&batches).is_err());
        assert!(left_by_a_kill(store.path()).is_empty());
    }

    #[test]
    fn a_batch_that_is_open_stays_where_it_is() {
        let (store, batches) = store();
        fs::create_dir_all(batches.join("open")).unwrap();
        let _staging = Staging::begin(store.path());
        assert!(batches.join("open").is_dir());
    }

    #[test]
    fn a_link_of_somebody_else_is_none_of_ours() {
        let (store, batches) = store();
        symlink("/somewhere/else", &batches).unwrap();
        assert!(left_by_a_kill(store.path()).is_empty());
        drop(Staging::begin(store.path()));
        assert_eq!(fs::read_link(&batches).unwrap(), Path::new("/somewhere/else"), "it stays where it was");
    }
}
