//! Which documented answers a test run has produced: an empty file for each, in a folder that the run names, since each test
//! is a process of its own.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// The answers of this process, and where they are noted; nowhere when the run names no folder.
#[derive(Debug, Default)]
pub(super) struct Seen {
    folder: Option<PathBuf>,
    noted: Mutex<BTreeSet<String>>,
}

impl Seen {
    pub(super) fn in_folder(folder: Option<PathBuf>) -> Self {
        Self { folder, noted: Mutex::default() }
    }

    /// Notes an answer, once. What cannot be written will be missed at the end of the run, which names the folder.
    pub(super) fn note(&self, documented: &str) {
        let Some(folder) = &self.folder else { return };
        let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        if noted.insert(documented.to_owned()) {
            let _ = std::fs::create_dir_all(folder);
            let _ = std::fs::write(folder.join(file_name(documented)), "");
        }
    }
}

/// Those of some answers that nobody has noted in a folder.
pub(super) fn missing(folder: &Path, all: Vec<String>) -> Vec<String> {
    all.into_iter().filter(|documented| !folder.join(file_name(documented)).exists()).collect()
}

/// `GET /api/v1/plans 200` as a file's name.
fn file_name(documented: &str) -> String {
    documented.replace('/', "\u{2215}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_noted_by_any_process_is_not_missing() {
        let folder = std::env::temp_dir().join(format!("ally-seen-{}", std::process::id()));
        Seen::in_folder(Some(folder.clone())).note("GET /a/{id} 200");
        let all = ["GET /a/{id} 200", "GET /a/{id} 404"].map(str::to_owned).to_vec();
        let left = missing(&folder, all);
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!(left, ["GET /a/{id} 404"]);
    }
}
