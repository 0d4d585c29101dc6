//! What spectral and redocly find in the documents: nothing, warnings included.

use std::path::Path;
use std::process::Command;

use super::{folder_for_a_run, installed, root, run};

/// Every document, each in both versions of OpenAPI, written into a folder.
fn documents(folder: &Path) -> Vec<String> {
    let all = [
        ("gateway.json", ally_api::openapi_json()),
        ("gateway-3.0.json", ally_api::openapi_3_0_json()),
        ("presence.json", ally_api::presence_openapi_json()),
        ("presence-3.0.json", ally_api::presence_openapi_3_0_json()),
    ];
    let write = |(name, document): (&str, String)| {
        std::fs::write(folder.join(name), document).unwrap();
        name.to_owned()
    };
    all.into_iter().map(write).collect()
}

fn lint(name: &str, script: &str, rules: &str, arguments: &[&str]) {
    let packages = installed(name);
    let folder = folder_for_a_run(&packages);
    std::fs::copy(root().join("examples/clients").join(name).join(rules), folder.path().join(rules)).unwrap();
    let mut node = Command::new("node");
    node.arg(packages.join("node_modules").join(script)).current_dir(folder.path());
    node.env("REDOCLY_TELEMETRY", "off").env("REDOCLY_SUPPRESS_UPDATE_NOTICE", "true");
    run(node.args(arguments).args(documents(folder.path())));
}

#[test]
fn spectral_finds_nothing_in_the_documents() {
    let arguments = ["lint", "--ruleset", "rules.yaml", "--fail-severity", "hint"];
    lint("spectral", "@stoplight/spectral-cli/dist/index.js", "rules.yaml", &arguments);
}

#[test]
fn redocly_finds_nothing_in_the_documents() {
    let arguments = ["lint", "--config", "redocly.yaml", "--format", "stylish"];
    lint("redocly", "@redocly/cli/bin/cli.js", "redocly.yaml", &arguments);
}
