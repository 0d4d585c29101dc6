//! The example page in Chromium. That a hidden tab is no gap is `faults::hidden_tab`, which takes its time.

use std::path::PathBuf;

use super::javascript::{Example, pass};
use super::quick;

/// The browser, from `CHROMIUM` or `PATH`.
#[allow(clippy::disallowed_methods, reason = "whoever runs the tests says by the environment which browser there is")]
pub fn chromium() -> PathBuf {
    if let Some(named) = std::env::var_os("CHROMIUM").filter(|named| !named.is_empty()) {
        return named.into();
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let mut found = std::env::split_paths(&path).flat_map(|folder| names.map(|name| folder.join(name)));
    found
        .find(|file| file.is_file())
        .expect("there is no Chromium: `make browser` installs it, or set CHROMIUM to its path")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_shows_a_live_room_in_two_windows() {
    let (mut system, example) = (quick(), Example::copied());
    // A browser that starts beside other tests may need a while to come back.
    system.set("PRESENCE_GRACE_MS", "6000");
    let [node, _projector] = system.start_ready(["presence", "projector"]).await;
    let mut tests = example.tests(&example.files("browser", &["page"]));
    tests.env("CHROMIUM", chromium());
    pass(&system, &[&node], tests).await;
    system.remove().await;
}
