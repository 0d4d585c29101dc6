//! The Compose files by the schema of Compose itself, a copy of which stands in `telemetry/tests/compose-spec`.

use jsonschema::{Draft, Validator};
use serde_json::{Value, json};

use super::{PROJECTS, root, text, yaml};

fn validator() -> Validator {
    let schema = text(&root().join("telemetry/tests/compose-spec/compose-spec.json"));
    let schema: Value = serde_json::from_str(&schema).unwrap();
    jsonschema::options().with_draft(Draft::Draft7).build(&schema).unwrap()
}

#[test]
fn every_compose_file_is_valid_by_the_official_schema() {
    let validator = validator();
    for file in PROJECTS.iter().chain(&["preview.yaml"]) {
        let project = yaml(file);
        let found: Vec<_> =
            validator.iter_errors(&project).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(found.is_empty(), "{file}: {}", found.join("\n"));
    }
}

#[test]
fn a_file_that_is_none_is_caught() {
    let validator = validator();
    for (pointer, wrong) in [
        ("/services/gateway/ports", json!("4000:4000")),
        ("/services/gateway/restart", json!(["always"])),
        ("/services/gateway/depends_on/nats/condition", json!("service_ready")),
        ("/networks/api", json!("bridge")),
    ] {
        let mut broken = yaml("compose.yaml");
        *broken.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer}")) = wrong;
        assert!(!validator.is_valid(&broken), "{pointer}");
    }
}
