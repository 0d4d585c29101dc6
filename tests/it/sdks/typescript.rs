//! The SDK for TypeScript: openapi-typescript and openapi-fetch.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{assert_generated, copy, readme_example, sdk, walk};
use crate::clients::{folder_for_a_run, installed, root, run};

/// A copy of the SDK that is compiled, beside its packages; its types are checked with it.
fn compiled(packages: &Path) -> tempfile::TempDir {
    let folder = folder_for_a_run(packages);
    let names = ["CHANGELOG.md", "LICENSE", "README.md", "examples", "package.json", "src", "tests", "tsconfig.json"];
    copy(&sdk("typescript"), folder.path(), &names);
    let readme = readme_example("typescript", "ts", "process.env.ALLY_URL!").replace("ally-sdk", "../src/index.js");
    std::fs::write(folder.path().join("examples/readme.ts"), readme).unwrap();
    let mut compile = Command::new("node");
    compile.arg(packages.join("node_modules/typescript/bin/tsc")).args(["--project", "."]);
    run(compile.current_dir(folder.path()));
    folder
}

fn node(folder: &Path, script: &str) -> Command {
    let mut node = Command::new("node");
    node.arg(folder.join("built").join(script)).current_dir(folder);
    node
}

#[test]
fn the_generated_typescript_is_what_the_generator_makes() {
    let folder = folder_for_a_run(&installed("typescript"));
    copy(&sdk("typescript"), folder.path(), &["generate.js"]);
    let (generated, committed) = (folder.path().join("generated"), folder.path().join("committed"));
    for each in [&generated, &committed] {
        std::fs::create_dir(each).unwrap();
    }
    copy(&sdk("typescript").join("src"), &committed, &["generated.ts", "problem_types.ts"]);
    let mut generate = Command::new("node");
    generate.arg(folder.path().join("generate.js")).arg(root().join("api/openapi.json")).arg(&generated);
    run(&mut generate);
    assert_generated(&generated, &committed);
}

#[test]
fn the_typescript_layer_passes_its_tests_and_installs_as_a_package() {
    let packages = installed("typescript");
    let folder = compiled(&packages);
    let tests = std::fs::read_dir(folder.path().join("built/tests")).unwrap().map(|entry| entry.unwrap().path());
    let tests: Vec<PathBuf> = tests.filter(|path| path.to_string_lossy().ends_with(".test.js")).collect();
    assert!(tests.len() >= 4, "{tests:?}");
    run(Command::new("node").arg("--test").args(tests).current_dir(folder.path()));

    let npm = |arguments: &[&str], at: &Path| {
        let mut npm = Command::new("npm");
        npm.args(arguments).args(["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel", "error"]);
        run(npm.current_dir(at))
    };
    let packed = npm(&["pack", "--json"], folder.path());
    let packed: serde_json::Value = serde_json::from_str(&packed).unwrap();
    let listed: Vec<_> =
        packed[0]["files"].as_array().unwrap().iter().map(|file| file["path"].as_str().unwrap()).collect();
    for name in ["LICENSE", "README.md", "CHANGELOG.md", "built/src/index.js", "built/src/index.d.ts"] {
        assert!(listed.contains(&name), "{name} is not in the package: {listed:?}");
    }
    assert!(!listed.iter().any(|name| name.contains("tests") || name.contains("examples")), "{listed:?}");
    let app = folder.path().join("app");
    std::fs::create_dir(&app).unwrap();
    std::fs::write(app.join("package.json"), r#"{"private": true, "type": "module"}"#).unwrap();
    let package = folder.path().join(packed[0]["filename"].as_str().unwrap());
    npm(&["install", "--prefer-offline", package.to_str().unwrap()], &app);
    let script =
        "import { Ally } from 'ally-sdk'; console.log(typeof new Ally({ url: 'http://x', token: 'y' }).followJobs)";
    let printed = run(Command::new("node").args(["--input-type=module", "--eval", script]).current_dir(&app));
    assert_eq!(printed.trim_end(), "function");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_typescript_sdk_walks_through_every_answer() {
    let folder = compiled(&installed("typescript"));
    let example = |name: &str| node(folder.path(), &format!("examples/{name}.js"));
    walk(example("first_plan"), Some(example("readme")), example("walk")).await;
}
