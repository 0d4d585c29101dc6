//! The AsyncAPI documents, of presence and of the gateway, by the rules of AsyncAPI itself.

use jsonschema::Draft;
use serde_json::Value;

use crate::clients::{installed, root};

#[test]
fn the_documents_are_valid_by_the_official_schema() {
    let schema = installed("asyncapi").join("node_modules/@asyncapi/specs/schemas/3.0.0.json");
    let schema: Value = serde_json::from_slice(&std::fs::read(schema).unwrap()).unwrap();
    let validator = jsonschema::options().with_draft(Draft::Draft7).build(&schema).unwrap();
    for (file, operation, schema) in
        [("api/presence.asyncapi.json", "join", "Join"), ("api/asyncapi.json", "jobEvents", "JobEvent")]
    {
        let document = std::fs::read(root().join(file)).unwrap();
        let document: Value = serde_json::from_slice(&document).unwrap();
        let found: Vec<String> =
            validator.iter_errors(&document).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(found.is_empty(), "{file}: {}", found.join("\n"));
        // A document that is none is caught.
        for (pointer, wrong) in [
            (format!("/operations/{operation}/action"), "take"),
            ("/servers/development/security".to_owned(), "x"),
            (format!("/components/schemas/{schema}/type"), "x"),
        ] {
            let mut broken = document.clone();
            *broken.pointer_mut(&pointer).unwrap() = wrong.into();
            assert!(!validator.is_valid(&broken), "{file}: {pointer}");
        }
    }
}
