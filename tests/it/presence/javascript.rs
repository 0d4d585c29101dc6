//! The JavaScript client of `examples/presence/`: its types, its tests against a server that says anything, and those against
//! real nodes. What each of them proves stands in the files that Node.js runs.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::quick;
use crate::clients::{folder_for_a_run, installed, root, run};
use crate::system::{RoleProcess, System};

/// The example beside the packages that it needs. Removed when it is dropped.
pub struct Example(tempfile::TempDir);

impl Example {
    pub fn copied() -> Self {
        let folder = folder_for_a_run(&installed("presence"));
        for part in ["package.json", "tsconfig.json", "client", "page", "tests"] {
            copy(&root().join("examples/presence").join(part), &folder.path().join(part));
        }
        Self(folder)
    }

    /// Node.js, to run tests one file behind the other.
    pub fn tests(&self, files: &[PathBuf]) -> Command {
        let mut node = Command::new("node");
        node.args(["--test", "--test-reporter=tap", "--test-concurrency=1", "--test-timeout=200000"]).args(files);
        node.current_dir(self.0.path());
        node
    }

    /// Tests of a folder by the names of their files; all of them where none is named.
    pub fn files(&self, folder: &str, names: &[&str]) -> Vec<PathBuf> {
        let folder = self.0.path().join("tests").join(folder);
        let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        let is_named = |file: &PathBuf| names.iter().any(|name| file.ends_with(format!("{name}.test.js")));
        files.retain(|file| names.is_empty() || is_named(file));
        files.sort();
        assert!(!files.is_empty(), "{names:?} are no tests");
        files
    }
}

fn copy(from: &Path, to: &Path) {
    if !from.is_dir() {
        std::fs::copy(from, to).unwrap();
        return;
    }
    std::fs::create_dir(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        copy(&entry.path(), &to.join(entry.file_name()));
    }
}

/// Runs tests of the example against nodes of a system; none of them may be skipped.
pub async fn pass(system: &System, nodes: &[&RoleProcess], mut tests: Command) {
    let of_each = |what: fn(&RoleProcess) -> String| nodes.iter().map(|node| what(node)).collect::<Vec<_>>().join(",");
    tests.env("ALLY_PRESENCE_URLS", of_each(|node| node.http.clone()));
    tests.env("ALLY_PRESENCE_PIDS", of_each(|node| node.pid().to_string()));
    tests.env("ALLY_JWT_SECRET", system.variable("ALLY_JWT_SECRET"));
    let shown = tokio::task::spawn_blocking(move || run(&mut tests)).await.unwrap();
    assert!(shown.contains("\n# fail 0\n") && shown.contains("\n# skipped 0\n"), "{shown}");
    println!("{shown}");
}

#[test]
fn the_types_fit_what_apps_and_the_page_do() {
    let example = Example::copied();
    let tsc = installed("presence").join("node_modules/typescript/bin/tsc");
    run(Command::new("node").arg(tsc).args(["--project", "."]).current_dir(example.0.path()));
}

#[test]
fn the_client_knows_every_code_of_the_document() {
    let document = std::fs::read_to_string(root().join("docs/presence.md")).unwrap();
    let codes = document.split("### Codes\n").nth(1).unwrap().split("\n#").next().unwrap();
    let codes: Vec<_> = codes.split('`').skip(1).step_by(2).collect();
    assert!(codes.len() > 15, "{codes:?}");
    for file in ["client/errors.js", "client/ally-presence.d.ts"] {
        let text = std::fs::read_to_string(root().join("examples/presence").join(file)).unwrap();
        let missing: Vec<_> = codes.iter().filter(|code| !text.contains(&format!("\"{code}\""))).collect();
        assert!(missing.is_empty(), "{file} does not know {missing:?}");
    }
}

#[test]
fn the_client_bears_whatever_a_server_says() {
    let example = Example::copied();
    let shown = run(&mut example.tests(&example.files("client", &[])));
    assert!(shown.contains("\n# fail 0\n"), "{shown}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_client_joins_follows_returns_and_leaves_on_real_nodes() {
    let (system, example) = (quick(), Example::copied());
    let [node, other, _projector] = system.start_ready(["presence", "presence", "projector"]).await;
    pass(&system, &[&node, &other], example.tests(&example.files("nodes", &["rooms", "return", "random"]))).await;
    system.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_client_goes_on_when_its_node_is_killed() {
    let (system, example) = (quick(), Example::copied());
    let [node, other, _projector] = system.start_ready(["presence", "presence", "projector"]).await;
    pass(&system, &[&node, &other], example.tests(&example.files("nodes", &["killed"]))).await;
    system.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_client_follows_big_rooms_and_keeps_to_its_share_of_messages() {
    let (mut system, example) = (quick(), Example::copied());
    system.set("PRESENCE_BIG_ROOM_FROM", "5");
    system.set("PRESENCE_MESSAGES_PER_SECOND", "10").set("PRESENCE_MESSAGES_BURST", "100");
    let [node, _projector] = system.start_ready(["presence", "projector"]).await;
    pass(&system, &[&node], example.tests(&example.files("nodes", &["big", "random"]))).await;
    system.remove().await;
}
