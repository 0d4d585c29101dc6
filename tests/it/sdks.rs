//! The SDKs of `sdks/`: what is generated in them is what their generators make of the document, their layers pass the tests of
//! their languages, they are packed as packages that install, and they walk through a whole Ally as an app does.

mod problem_types;
mod python;
mod rust;
mod typescript;

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::clients::{root, run};
use crate::system::System;

/// The statuses that a walk meets, in its order; after the refusal of too many requests the client goes on.
const STATUSES: [&str; 12] = ["401", "409", "400", "422", "202", "200", "200", "200", "409", "404", "429", "200"];

/// What the example of a first plan prints, beside what differs from run to run.
const FIRST_PLAN: [&str; 4] = ["snapshot: ", "job completed: ", "plan: 4 weeks", "calendar: 8 sessions"];

/// The folder of an SDK in the tree.
fn sdk(name: &str) -> PathBuf {
    root().join("sdks").join(name)
}

/// Copies files and folders of the tree, without what was built there.
fn copy(from: &Path, into: &Path, names: &[&str]) {
    for name in names {
        let (from, to) = (from.join(name), into.join(name));
        if from.is_dir() {
            std::fs::create_dir_all(&to).unwrap();
            let entries = std::fs::read_dir(&from).unwrap().map(|entry| entry.unwrap().file_name());
            let entries: Vec<_> = entries.map(|name| name.into_string().unwrap()).collect();
            let kept: Vec<_> = entries.iter().map(String::as_str).filter(|name| *name != "__pycache__").collect();
            copy(&from, &to, &kept);
        } else {
            std::fs::copy(&from, &to).unwrap_or_else(|error| panic!("{}: {error}", from.display()));
        }
    }
}

/// Every file below a folder, by its path from there.
fn files(folder: &Path) -> std::collections::BTreeMap<String, String> {
    let mut found = std::collections::BTreeMap::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(&next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.extend((!path.ends_with("__pycache__")).then_some(path));
            } else {
                let name = path.strip_prefix(folder).unwrap().to_string_lossy().into_owned();
                found.insert(name, std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    found
}

/// What was generated into a folder is what is in the tree.
fn assert_generated(generated: &Path, committed: &Path) {
    let (generated, committed) = (files(generated), files(committed));
    let names = |files: &std::collections::BTreeMap<String, String>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&generated), names(&committed), "run `make sdks`");
    for (name, text) in generated {
        assert!(committed[&name] == text, "{name} is not what the generator makes of the document: run `make sdks`");
    }
}

/// The example of an SDK's README, in its language, for a server whose address the environment has.
fn readme_example(name: &str, language: &str, address: &str) -> String {
    let readme = std::fs::read_to_string(sdk(name).join("README.md")).unwrap();
    let block = readme.split(&format!("```{language}\n")).nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let example = block.replace("\"http://127.0.0.1:4000\"", address);
    assert_ne!(example, block, "the example of {name} names no server");
    example
}

/// Takes an athlete to their first plan, then through the example of the README where it is run, and another athlete through every
/// refusal, in a whole Ally with small shares.
async fn walk(first_plan: Command, readme: Option<Command>, refusals: Command) {
    let mut system = System::new();
    system.set("RATE_LIMIT_ATHLETE_PER_MINUTE", "60").set("RATE_LIMIT_ATHLETE_BURST", "30");
    let [gateway, _onboarding, _planner, _projector] =
        system.start_ready(["gateway", "onboarding", "planner", "projector"]).await;
    let mut commands = vec![(first_plan, "beginner"), (refusals, "walker")];
    commands.extend(readme.map(|command| (command, "beginner")));
    for (command, athlete) in &mut commands {
        command.env("ALLY_URL", &gateway.http).env("ALLY_TOKEN", system.token(athlete));
        // Clients go through a proxy of the environment, and an own port would be looked for on its machine.
        command.env("NO_PROXY", "127.0.0.1").env("no_proxy", "127.0.0.1");
    }
    let run_all = move || commands.into_iter().map(|(mut command, _)| run(&mut command)).collect::<Vec<_>>();
    let printed = tokio::task::spawn_blocking(run_all).await.unwrap();
    let (planned, refused) = (&printed[0], &printed[1]);
    for expected in FIRST_PLAN {
        assert!(planned.contains(expected), "{expected:?} is not in:\n{planned}");
    }
    let statuses: Vec<&str> = refused.lines().filter_map(|line| line.split(' ').next()).collect();
    assert_eq!(statuses, STATUSES, "{refused}");
    if let Some(example) = printed.get(2) {
        let (news, weeks) = (example.starts_with("snapshot\n"), example.ends_with("\n4\n"));
        assert!(news && weeks, "the stream's news, and a plan of four weeks:\n{example}");
    }
    system.remove().await;
}

#[test]
fn every_sdk_has_the_license_of_the_tree() {
    let license = std::fs::read_to_string(root().join("LICENSE")).unwrap();
    for name in ["typescript", "python", "rust"] {
        assert_eq!(std::fs::read_to_string(sdk(name).join("LICENSE")).unwrap(), license, "{name}");
    }
}
