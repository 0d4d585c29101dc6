//! The AsyncAPI document by the rules of AsyncAPI itself.

use jsonschema::Draft;
use serde_json::Value;

use crate::clients::{installed, root};

#[test]
fn the_document_is_valid_by_the_official_schema() {
    let schema = installed("asyncapi").join("node_modules/@asyncapi/specs/schemas/3.0.0.json");
    let schema: Value = serde_json::from_slice(&std::fs::read(schema).unwrap()).unwrap();
    let validator = jsonschema::options().with_draft(Draft::Draft7).build(&schema).unwrap();
    let document = std::fs::read(root().join("api/presence.asyncapi.json")).unwrap();
    let document: Value = serde_json::from_slice(&document).unwrap();
    let found: Vec<String> =
        validator.iter_errors(&document).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
    // A document that is none is caught.
    for (pointer, wrong) in [
        ("/operations/join/action", "take"),
        ("/servers/development/security", "x"),
        ("/components/schemas/Join/type", "x"),
    ] {
        let mut broken = document.clone();
        *broken.pointer_mut(pointer).unwrap() = wrong.into();
        assert!(!validator.is_valid(&broken), "{pointer}");
    }
}
