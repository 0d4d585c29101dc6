//! The pages for people in Chromium: the documentation of the API, and what a problem's type leads to.

use std::process::Command;

use crate::presence::browser::chromium;
use crate::system::System;

/// A page as the browser shows it once its scripts have run, and what the browser complains of.
fn page(address: &str) -> (String, String) {
    let profile = tempfile::tempdir().unwrap();
    let mut browser = Command::new(chromium());
    browser.args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-proxy-server"]);
    browser.args(["--enable-logging=stderr", "--virtual-time-budget=20000", "--dump-dom"]);
    browser.arg(format!("--user-data-dir={}", profile.path().display())).arg(address);
    let output = browser.output().unwrap();
    let complaints = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{complaints}");
    let console = complaints.lines().filter(|line| line.contains("CONSOLE")).collect::<Vec<_>>().join("\n");
    (String::from_utf8(output.stdout).unwrap(), console)
}

/// Where texts stand in a page; each has to.
fn places(page: &str, texts: &[&str]) -> Vec<usize> {
    texts.iter().map(|text| page.find(text).unwrap_or_else(|| panic!("{text} is not shown"))).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_browser_shows_the_pages_as_they_are_meant() {
    // Pages stand on nothing: the roles need not be ready.
    let system = System::new();
    let (gateway, presence) = (system.start("gateway").await, system.start("presence").await);
    let (at, of_presence) = (gateway.http.clone(), presence.http.clone());
    let looked = tokio::task::spawn_blocking(move || {
        let (root, complaints) = page(&format!("{at}/"));
        assert_eq!(complaints, "", "the documentation keeps to its policy");
        assert!(root.contains("<title>Ally</title>"), "/ leads to the documentation");
        let chapters = ["Onboarding", "Jobs", "Plans", "Training", "Exercises", "Operations"];
        let chapters = chapters.map(|chapter| format!("id=\"operations-tag-{chapter}\""));
        let order = places(&root, &chapters.each_ref().map(String::as_str));
        assert!(order.is_sorted(), "the chapters are in the order of the walk: {order:?}");
        assert!(!root.contains("class=\"opblock-body\""), "operations are closed until somebody opens one");

        let (deep, complaints) = page(&format!("{at}/docs#/Jobs/job"));
        assert_eq!(complaints, "");
        let opened = deep.split("id=\"operations-Jobs-job\"").nth(1).expect("the operation is shown");
        assert!(opened.contains("class=\"opblock-body\""), "its address opens an operation");

        let (problem, complaints) = page(&format!("{at}/problems/validation"));
        assert_eq!(complaints, "", "the page may use its own style");
        assert!(problem.contains("<h1>The request is not valid</h1>"));

        let (rooms, complaints) = page(&format!("{of_presence}/docs"));
        assert_eq!(complaints, "");
        assert!(rooms.contains("<title>Ally: presence</title>"));
        places(&rooms, &["id=\"operations-tag-Rooms\"", "id=\"operations-tag-Channels\""]);
    });
    looked.await.unwrap();
    for role in [gateway, presence] {
        assert_eq!(role.terminate().await, Some(0));
    }
}
