//! Where the fetched servers and the data stand, and that only one Ally works there.

use std::fs::{self, File, TryLockError};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use tempfile::TempDir;

use super::account::Account;
use super::errors::{Doing, EmbeddedError};
use super::pid::ProcessId;
use super::process::pid_file;
use super::progress::Progress;
use super::{nats, postgres, staging};

/// What becomes of the data when the servers stop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DataFolder {
    /// It stays, in `data` under the local folder, and the next start goes on with it.
    Kept,
    /// It stays, in this folder.
    KeptIn(PathBuf),
    /// It is removed with the servers.
    Throwaway,
}

/// The folders of one start.
#[derive(Debug)]
pub struct Place {
    /// Fetched servers, shared by all starts.
    pub servers: PathBuf,
    /// This start's data, logs and process ids.
    pub data: PathBuf,
    throwaway: Option<TempDir>,
    _lock: File,
}

/// How the names of folders with throwaway data begin.
const THROWAWAY: &str = "ally-servers-";

/// Readable by everybody: PostgreSQL's account must pass through.
const OPEN: u32 = 0o755;

impl Place {
    /// Makes the folders and takes the data for this process.
    pub async fn take(
        local: &Path,
        data: &DataFolder,
        account: &Account,
        progress: &Progress,
    ) -> Result<Self, EmbeddedError> {
        let base = base(local, account).await?;
        if !base.starts_with(absolute(local)?) {
            progress.say(format_args!("{} is closed to {account}; using {}", local.display(), base.display()));
        }
        let servers = make_open(&base.join("servers"))?;
        let throwaway = if *data == DataFolder::Throwaway { Some(temporary(account).await?) } else { None };
        let data = match (&throwaway, data) {
            (Some(folder), _) => folder.path().to_path_buf(),
            (None, DataFolder::KeptIn(folder)) => reachable(make_open(folder)?, account).await?,
            (None, _) => make_open(&base.join("data"))?,
        };
        let _lock = lock(&data)?;
        Ok(Self { servers, data, throwaway, _lock })
    }

    /// Ends the use of the folders; throwaway data is gone afterwards.
    pub fn release(self) -> Result<(), EmbeddedError> {
        let _ = fs::remove_file(owner_file(&self.data));
        match self.throwaway {
            Some(folder) => folder.close().doing(|| format!("removing {}", self.data.display())),
            None => Ok(()),
        }
    }
}

/// Where the process that uses a data folder is written down.
pub fn owner_file(data: &Path) -> PathBuf {
    data.join("ally.pid")
}

/// The folder for everything that is kept: the local folder, or where PostgreSQL's account cannot enter that (a
/// checkout in a closed home, run as root), one of our own among the temporary files.
pub async fn base(local: &Path, account: &Account) -> Result<PathBuf, EmbeddedError> {
    let local = make_open(local)?;
    if account.reaches(&local).await {
        return Ok(local);
    }
    let name = format!("ally-{}", fingerprint(&local));
    for temporary in temporary_roots() {
        if account.reaches(&temporary).await {
            return make_trusted(&temporary.join(name));
        }
    }
    Err(EmbeddedError::Unreachable { account: account.to_string(), folder: local })
}

fn temporary_roots() -> [PathBuf; 3] {
    [std::env::temp_dir(), PathBuf::from("/tmp"), PathBuf::from("/var/tmp")]
}

async fn temporary(account: &Account) -> Result<TempDir, EmbeddedError> {
    for root in temporary_roots() {
        if account.reaches(&root).await {
            sweep(&root);
            let folder = tempfile::Builder::new().prefix(THROWAWAY).tempdir_in(&root);
            let folder = folder.doing(|| format!("making a folder in {}", root.display()))?;
            open(folder.path())?;
            return Ok(folder);
        }
    }
    Err(EmbeddedError::Unreachable { account: account.to_string(), folder: std::env::temp_dir() })
}

/// Removes the throwaway data of an Ally that was killed, once its servers have ended. What cannot be removed is
/// another user's, or goes the next time.
fn sweep(root: &Path) {
    let folders = fs::read_dir(root).into_iter().flatten().flatten().map(|entry| entry.path());
    let throwaway =
        |path: &PathBuf| path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(THROWAWAY.as_bytes()));
    for folder in folders.filter(throwaway) {
        // No owner written down: it is being made at this moment.
        let Some(owner) = ProcessId::read(&owner_file(&folder)) else { continue };
        let servers = [nats::NAME, postgres::NAME].map(|name| ProcessId::read(&pid_file(&folder, name)));
        if !owner.is_alive() && !servers.iter().flatten().any(ProcessId::is_alive) {
            staging::remove(&staging::left_by_a_kill(&nats::store(&folder)));
            let _ = fs::remove_dir_all(&folder);
        }
    }
}

async fn reachable(folder: PathBuf, account: &Account) -> Result<PathBuf, EmbeddedError> {
    if account.reaches(&folder).await {
        return Ok(folder);
    }
    Err(EmbeddedError::Unreachable { account: account.to_string(), folder })
}

/// Two checkouts get two folders.
fn fingerprint(path: &Path) -> String {
    let digest = Sha256::digest(path.as_os_str().as_encoded_bytes());
    digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

fn absolute(path: &Path) -> Result<PathBuf, EmbeddedError> {
    fs::canonicalize(path).doing(|| format!("finding {}", path.display()))
}

fn make_open(folder: &Path) -> Result<PathBuf, EmbeddedError> {
    if !folder.is_dir() {
        fs::create_dir_all(folder).doing(|| format!("making {}", folder.display()))?;
        open(folder)?;
    }
    absolute(folder)
}

fn open(folder: &Path) -> Result<(), EmbeddedError> {
    fs::set_permissions(folder, fs::Permissions::from_mode(OPEN)).doing(|| format!("opening {}", folder.display()))
}

/// Among the temporary files anybody may have made a folder of this name, and programs will be run from it.
fn make_trusted(folder: &Path) -> Result<PathBuf, EmbeddedError> {
    let made = make_open(folder)?;
    let found = fs::symlink_metadata(folder).doing(|| format!("looking at {}", folder.display()))?;
    let ours = found.is_dir() && found.uid() == rustix::process::getuid().as_raw() && found.mode() & 0o022 == 0;
    if ours { Ok(made) } else { Err(EmbeddedError::Untrusted { folder: folder.to_path_buf() }) }
}

/// The lock ends with the process, however that ends; the file beside it only says who to ask.
fn lock(data: &Path) -> Result<File, EmbeddedError> {
    let path = data.join("lock");
    let file = File::create(&path).doing(|| format!("opening {}", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            let owner =
                ProcessId::read(&owner_file(data)).map_or_else(|| "unknown".to_owned(), |id| id.pid.to_string());
            Err(EmbeddedError::InUse { folder: data.to_path_buf(), owner })
        }
        Err(TryLockError::Error(source)) => Err(source).doing(|| format!("locking {}", path.display())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_has_one_user_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let first = lock(folder.path()).unwrap();
        let text = lock(folder.path()).unwrap_err().to_string();
        assert!(text.contains("in use by process") && text.contains("make down"), "{text}");
        drop(first);
        lock(folder.path()).unwrap();
    }

    #[test]
    fn a_folder_that_others_can_write_is_not_trusted() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("ally-0");
        make_trusted(&folder).unwrap();
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o777)).unwrap();
        assert!(matches!(make_trusted(&folder), Err(EmbeddedError::Untrusted { .. })));
        let link = root.path().join("ally-1");
        std::os::unix::fs::symlink(root.path(), &link).unwrap();
        assert!(matches!(make_trusted(&link), Err(EmbeddedError::Untrusted { .. })));
    }

    #[test]
    fn the_throwaway_data_of_the_dead_is_swept_and_that_of_the_living_is_not() {
        let root = tempfile::tempdir().unwrap();
        let made = ["dead", "alive", "being-made"].map(|name| root.path().join(format!("{THROWAWAY}{name}")));
        let other = root.path().join("somebody-s-own");
        for folder in made.iter().chain([&other]) {
            fs::create_dir(folder).unwrap();
        }
        // It lives until its input is closed, so that it can be asked for its id first.
        let mut child = std::process::Command::new("cat").stdin(std::process::Stdio::piped()).spawn().unwrap();
        let ended = ProcessId::of(child.id()).unwrap();
        drop(child.stdin.take());
        child.wait().unwrap();
        for folder in [&made[0], &other] {
            ended.write(&owner_file(folder)).unwrap();
        }
        ProcessId::of(std::process::id()).unwrap().write(&owner_file(&made[1])).unwrap();
        sweep(root.path());
        assert_eq!(made.map(|folder| folder.exists()), [false, true, true]);
        assert!(other.exists());
    }

    #[tokio::test]
    async fn a_reachable_local_folder_is_used_as_it_is() {
        let root = tempfile::tempdir().unwrap();
        let local = root.path().join("local");
        let base = base(&local, &Account::Same).await.unwrap();
        assert_eq!(base, fs::canonicalize(&local).unwrap());
    }
}
