//! Each SDK knows every type of problem that the document lists, and no other.

use std::collections::BTreeSet;

use serde_json::Value;

use super::sdk;

/// The quoted texts of a file that begin like the path of a type.
fn named_in(text: &str) -> BTreeSet<String> {
    let quoted = text.split('"').filter(|part| part.starts_with("/problems/"));
    quoted.map(str::to_owned).collect()
}

#[test]
fn every_sdk_knows_every_problem_type() {
    let document: Value = serde_json::from_str(&ally_api::openapi_json()).unwrap();
    let listed = &document["components"]["schemas"]["Problem"]["properties"]["type"]["x-extensible-enum"];
    let listed: BTreeSet<String> =
        listed.as_array().unwrap().iter().map(|path| path.as_str().unwrap().to_owned()).collect();
    assert!(listed.contains("/problems/validation") && listed.len() > 30, "{listed:?}");
    for file in ["typescript/src/problem_types.ts", "python/src/ally_sdk/problem_types.py", "rust/src/problem_types.rs"]
    {
        assert_eq!(named_in(&std::fs::read_to_string(sdk(file)).unwrap()), listed, "{file}: run `make sdks`");
    }
}
