//! The SDK for Python: openapi-python-client and httpx.

use std::path::Path;
use std::process::Command;

use super::{assert_generated, copy, readme_example, sdk, walk};
use crate::clients::{folder_for_a_run, installed, root, run};

/// Python that finds the packages, and before them what is in some folders.
fn python(packages: &Path, folders: &[&Path]) -> Command {
    let mut path: Vec<_> = folders.iter().map(|folder| folder.display().to_string()).collect();
    path.push(packages.join("packages").display().to_string());
    let mut python = Command::new("python3");
    python.arg("-B").env("PYTHONPATH", path.join(":"));
    python
}

/// A copy of the SDK, since what packs it writes beside it.
fn copied(packages: &Path) -> tempfile::TempDir {
    let folder = folder_for_a_run(packages);
    let names = ["CHANGELOG.md", "LICENSE", "README.md", "examples", "pyproject.toml", "src", "tests"];
    copy(&sdk("python"), folder.path(), &names);
    folder
}

/// Packs the SDK as a wheel and installs that; the folder that it is installed in.
fn installed_as_a_package(packages: &Path, folder: &Path) -> std::path::PathBuf {
    let pip = |arguments: &[&str]| {
        let mut pip = python(packages, &[]);
        pip.args(["-m", "pip", "--quiet", "--disable-pip-version-check", "--no-input"]).args(arguments);
        run(pip.current_dir(folder))
    };
    pip(&["wheel", "--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", "packed", "."]);
    let wheel = std::fs::read_dir(folder.join("packed")).unwrap().next().unwrap().unwrap().path();
    pip(&["install", "--no-deps", "--no-index", "--target", "app", wheel.to_str().unwrap()]);
    folder.join("app")
}

#[test]
fn the_generated_python_is_what_the_generator_makes() {
    let packages = installed("python");
    let folder = folder_for_a_run(&packages);
    let (generated, committed) = (folder.path().join("generated"), folder.path().join("committed"));
    for each in [&generated, &committed] {
        std::fs::create_dir(each).unwrap();
    }
    copy(&sdk("python").join("src/ally_sdk"), &committed, &["generated", "problem_types.py"]);
    let mut generate = python(&packages, &[]);
    generate.arg(sdk("python").join("generate.py")).arg(root().join("api/openapi.json")).arg(&generated);
    run(generate.current_dir(folder.path()));
    assert_generated(&generated, &committed);
}

#[test]
fn the_python_layer_passes_its_tests() {
    let packages = installed("python");
    let sdk = sdk("python");
    let mut tests = python(&packages, &[&sdk.join("src"), &sdk.join("tests")]);
    run(tests.args(["-m", "unittest", "discover", "--start-directory", "tests"]).current_dir(&sdk));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_python_sdk_installs_as_a_package_and_walks_through_every_answer() {
    let packages = installed("python");
    let folder = copied(&packages);
    let app = installed_as_a_package(&packages, folder.path());
    for name in ["ally_sdk/py.typed", "ally_sdk-0.1.0.dist-info/licenses/LICENSE"] {
        assert!(app.join(name).is_file(), "{name} is not in the package");
    }
    let readme = readme_example("python", "python", "os.environ[\"ALLY_URL\"]");
    std::fs::write(folder.path().join("examples/readme.py"), readme).unwrap();
    let example = |name: &str| {
        let mut example = python(&packages, &[&app]);
        example.arg(folder.path().join("examples").join(name)).current_dir(&app);
        example
    };
    walk(example("first_plan.py"), Some(example("readme.py")), example("walk.py")).await;
}
