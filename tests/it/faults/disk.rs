//! A file system of a few megabytes, so that a disk can be full without the machine's being so. It takes root and the right to
//! mount; where there is none, whoever asked for it says so in their report.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A mounted file system; it is unmounted when this is dropped.
pub struct Disk {
    at: PathBuf,
}

impl Disk {
    /// Mounts one at a folder that it makes.
    pub fn mount(at: &Path, mebibytes: u64) -> Result<Self, String> {
        fs::create_dir_all(at).unwrap();
        let size = format!("size={mebibytes}m");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(at).output();
        match mounted {
            Ok(output) if output.status.success() => Ok(Self { at: at.to_owned() }),
            Ok(output) => Err(format!("no mount: {}", String::from_utf8_lossy(&output.stderr).trim())),
            Err(error) => Err(format!("no mount: {error}")),
        }
    }

    /// Leaves no byte free.
    pub fn fill(&self) {
        let mut file = fs::File::create(self.filler()).unwrap();
        for size in [1 << 20, 4096, 1] {
            let block = vec![0_u8; size];
            while file.write_all(&block).is_ok() {}
        }
    }

    /// Gives the room back.
    pub fn clear(&self) {
        fs::remove_file(self.filler()).unwrap();
    }

    fn filler(&self) -> PathBuf {
        self.at.join("filler")
    }
}

impl Drop for Disk {
    /// Lazily: a process that was just killed may still hold it for a moment.
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.at).output();
    }
}
