//! The programs that the files of `compose/` are written for: `promtool`, `prometheus`, `amtool`.

use std::path::PathBuf;

/// Where `make monitoring` puts them.
const INSTALLED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../.local/monitoring/usr/bin");

/// The path of a program: as installed for the tests, else from `PATH`.
///
/// # Panics
/// When it is nowhere; the message says what installs it.
#[must_use]
#[allow(clippy::disallowed_methods, clippy::panic, reason = "a test says what it needs")]
pub fn tool(name: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders = std::iter::once(PathBuf::from(INSTALLED)).chain(std::env::split_paths(&path));
    let found = folders.find_map(|folder| Some(folder.join(name)).filter(|file| file.is_file()));
    found.unwrap_or_else(|| panic!("there is no {name}: `make monitoring` installs it, or put it on PATH"))
}
