//! Clients that others' generators make of the document walk through the API, as those of an app's developers do: the
//! walks of `examples/clients/`, each with its types, against real servers. Beside them: what others' tools find in the document, and in
//! the answers.

mod linters;
mod openapi_generator;
mod python;
mod schemathesis;
mod typescript;

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::system::System;

/// The statuses that a walk meets, in its order.
const STATUSES: [&str; 11] = ["401", "409", "400", "422", "202", "200", "200", "200", "409", "404", "429"];

/// The root of the tree.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Runs a program to its end; what it wrote.
pub fn run(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{command:?} ended with {}:\n{out}\n{err}", output.status);
    out.into_owned()
}

/// Installs what a language's client needs, once a version, as `make` does; the folder that holds it.
pub fn installed(language: &str) -> PathBuf {
    let folder = format!(".local/clients/{language}");
    let mut make = Command::new("make");
    // A `make` that runs the tests has flags of its own.
    make.args(["--no-print-directory", &format!("{folder}/installed")]).current_dir(root());
    run(make.env_remove("MAKEFLAGS").env_remove("MAKELEVEL").env_remove("MFLAGS"));
    root().join(folder)
}

/// A folder for one run, beside what is installed; removed with it.
pub fn folder_for_a_run(installed: &Path) -> tempfile::TempDir {
    tempfile::Builder::new().prefix("run-").tempdir_in(installed).unwrap()
}

#[test]
fn a_lock_file_names_no_registry() {
    for folder in [
        "examples/clients/asyncapi",
        "examples/clients/redocly",
        "examples/clients/socket_io",
        "examples/clients/spectral",
        "examples/clients/typescript",
        "examples/presence",
    ] {
        let lock = std::fs::read_to_string(root().join(folder).join("package-lock.json")).unwrap();
        let named = lock.contains("\"resolved\"");
        assert!(lock.contains("\"integrity\"") && !named, "install with {folder}/.npmrc");
    }
    for folder in ["openapi_generator", "python", "schemathesis"] {
        let pins = root().join("examples/clients").join(folder).join("requirements.txt");
        let pins = std::fs::read_to_string(pins).unwrap();
        let options = pins.lines().filter(|line| line.starts_with("--")).collect::<Vec<_>>();
        assert!(pins.contains("--hash=sha256:") && options.is_empty(), "{folder}: {options:?}");
    }
}

/// Walks through a whole Ally with small shares.
async fn walk(mut command: Command) {
    let mut system = System::new();
    system.set("RATE_LIMIT_ATHLETE_PER_MINUTE", "60").set("RATE_LIMIT_ATHLETE_BURST", "30");
    let [gateway, _onboarding, _planner, _projector] =
        system.start_ready(["gateway", "onboarding", "planner", "projector"]).await;
    command.env("ALLY_URL", &gateway.http).env("ALLY_TOKEN", system.token("walker"));
    let walked = tokio::task::spawn_blocking(move || run(&mut command)).await.unwrap();
    let statuses: Vec<&str> = walked.lines().filter_map(|line| line.split(' ').next()).collect();
    assert_eq!(statuses, STATUSES, "{walked}");
    system.remove().await;
}
