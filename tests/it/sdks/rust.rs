//! The SDK for Rust: progenitor and reqwest. It is a workspace of its own, which `make` builds beside the product.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{assert_generated, copy, sdk, walk};
use crate::clients::{folder_for_a_run, installed, root, run};

/// Cargo over the SDK, in the folder that it was built in.
fn cargo(folder: &Path, command: &[&str]) -> Command {
    let mut cargo = Command::new("cargo");
    cargo.args(command).env("CARGO_TARGET_DIR", folder.join("target")).current_dir(sdk("rust"));
    cargo
}

fn built(folder: &Path, name: &str) -> PathBuf {
    folder.join("target/debug").join(name)
}

#[test]
fn the_generated_rust_is_what_the_generator_makes() {
    let folder = installed("rust");
    let run_folder = folder_for_a_run(&folder);
    let (generated, committed) = (run_folder.path().join("generated"), run_folder.path().join("committed"));
    for each in [&generated, &committed] {
        std::fs::create_dir(each).unwrap();
    }
    copy(&sdk("rust").join("src"), &committed, &["generated.rs", "problem_types.rs"]);
    let mut generate = Command::new(built(&folder, "ally-sdk-generator"));
    run(generate.arg(root().join("api/openapi-3.0.json")).arg(&generated));
    assert_generated(&generated, &committed);
}

#[test]
fn the_rust_layer_passes_its_tests_and_is_packed_as_a_package() {
    let folder = installed("rust");
    run(&mut cargo(&folder, &["fmt", "--all", "--check"]));
    run(&mut cargo(&folder, &["test", "--locked", "--quiet", "--workspace", "--no-default-features"]));
    let listed = run(&mut cargo(&folder, &["package", "--locked", "--list", "--allow-dirty", "--package", "ally-sdk"]));
    let listed: Vec<_> = listed.lines().collect();
    for name in ["CHANGELOG.md", "Cargo.toml", "LICENSE", "README.md", "examples/walk.rs", "src/generated.rs"] {
        assert!(listed.contains(&name), "{name} is not in the package: {listed:?}");
    }
    assert!(!listed.iter().any(|name| name.starts_with("generator")), "{listed:?}");
    run(&mut cargo(
        &folder,
        &["package", "--locked", "--quiet", "--no-verify", "--allow-dirty", "--package", "ally-sdk"],
    ));
    assert!(folder.join("target/package/ally-sdk-0.1.0.crate").is_file());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_rust_sdk_walks_through_every_answer() {
    let folder = installed("rust");
    let example = |name: &str| Command::new(built(&folder, &format!("examples/{name}")));
    // The example of the README is compiled as a test of its documentation.
    walk(example("first_plan"), None, example("walk")).await;
}
