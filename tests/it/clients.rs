//! What others' tools find in the document, and in the answers; and how what is in other languages is installed for a test.

mod linters;
mod openapi_generator;
mod schemathesis;

use std::path::{Path, PathBuf};
use std::process::Command;

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
        "examples/presence",
        "sdks/typescript",
    ] {
        let lock = std::fs::read_to_string(root().join(folder).join("package-lock.json")).unwrap();
        let named = lock.contains("\"resolved\"");
        assert!(lock.contains("\"integrity\"") && !named, "install with {folder}/.npmrc");
    }
    for folder in ["examples/clients/openapi_generator", "examples/clients/schemathesis", "sdks/python"] {
        let pins = std::fs::read_to_string(root().join(folder).join("requirements.txt")).unwrap();
        let options = pins.lines().filter(|line| line.starts_with("--")).collect::<Vec<_>>();
        assert!(pins.contains("--hash=sha256:") && options.is_empty(), "{folder}: {options:?}");
    }
}
