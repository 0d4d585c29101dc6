//! openapi-typescript and openapi-fetch.

use std::process::Command;

use super::{folder_for_a_run, installed, root, run, walk};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_generated_typescript_client_reads_every_answer() {
    let packages = installed("typescript");
    let folder = folder_for_a_run(&packages);
    let node = |script: &str| {
        let mut node = Command::new("node");
        node.arg(packages.join("node_modules").join(script)).current_dir(folder.path());
        node
    };
    for file in ["package.json", "tsconfig.json", "walk.ts"] {
        std::fs::copy(root().join("examples/clients/typescript").join(file), folder.path().join(file)).unwrap();
    }
    run(node("openapi-typescript/bin/cli.js").arg(root().join("api/openapi.json")).args(["-o", "api.d.ts"]));
    // Checks the types, and writes nothing where one is wrong.
    run(node("typescript/bin/tsc").args(["--project", "."]));
    let mut script = Command::new("node");
    script.arg("built/walk.js").current_dir(folder.path());
    walk(script).await;
}
