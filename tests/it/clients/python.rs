//! openapi-python-client.

use std::process::Command;

use super::{folder_for_a_run, installed, root, run, walk};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_generated_python_client_reads_every_answer() {
    let packages = installed("python");
    let folder = folder_for_a_run(&packages);
    let python = |path: &str| {
        let mut python = Command::new("python3");
        // The run's folder stands first: what is generated into it is found as a package.
        python.arg("-B").env("PYTHONPATH", format!("{}:{path}", folder.path().display())).current_dir(folder.path());
        python
    };
    let packages = packages.join("packages").display().to_string();
    let mut generate = python(&packages);
    generate.args(["-m", "openapi_python_client", "generate", "--meta", "none", "--output-path", "ally_client"]);
    generate.arg("--config").arg(root().join("examples/clients/python/generator.yaml"));
    // A warning says that something of the document has no place in the client.
    run(generate.arg("--fail-on-warning").arg("--path").arg(root().join("api/openapi.json")));
    let mut script = python(&packages);
    script.arg(root().join("examples/clients/python/walk.py"));
    walk(script).await;
}
