//! The answers that say that something went wrong: each is there once, by name, with an example of a kind of its status.

use poem::http::StatusCode;
use serde_json::{Map, Value, json};

use super::parts::{members, named, operations};
use crate::problem::{Kind, MEDIA_TYPE};

/// The types that there are, as a list that may grow: a closed one would have every client break on a new type.
const TYPES: &str = "x-extensible-enum";

pub(super) fn share_problems(document: &mut Value) {
    list_types(document);
    let mut shared = Map::new();
    for operation in operations(document) {
        for (status, response) in members(operation.get_mut("responses")) {
            let Some(status) = status.parse::<u16>().ok().and_then(|code| StatusCode::from_u16(code).ok()) else {
                continue;
            };
            let Some(media) = response.get_mut("content").and_then(|content| content.get_mut(MEDIA_TYPE)) else {
                continue;
            };
            if let Some(media) = media.as_object_mut() {
                media.insert("example".to_owned(), example(status));
            }
            let name = name(status);
            // One that says more than the others of its status stays where it is.
            if shared.entry(&name).or_insert_with(|| response.clone()) == response {
                *response = json!({"$ref": format!("#/components/responses/{name}")});
            }
        }
    }
    let components = document.get_mut("components").and_then(Value::as_object_mut);
    if let Some(components) = components.filter(|_| !shared.is_empty()) {
        components.insert("responses".to_owned(), Value::Object(shared));
    }
}

fn list_types(document: &mut Value) {
    let problem = named(document).and_then(|schemas| schemas.get_mut("Problem"));
    let kind = problem.and_then(|problem| problem.pointer_mut("/properties/type")).and_then(Value::as_object_mut);
    if let Some(kind) = kind {
        kind.insert(TYPES.to_owned(), Kind::ALL.iter().map(|kind| kind.path()).collect());
    }
}

/// `NotFound`
fn name(status: StatusCode) -> String {
    status.canonical_reason().unwrap_or("Refused").split(' ').collect()
}

fn example(status: StatusCode) -> Value {
    let kind = Kind::of_status(status);
    json!({
        "type": kind.path(),
        "title": kind.title(),
        "status": status.as_u16(),
        "detail": kind.meaning(),
        "instance": "/api/v1/profile",
        "traceId": "0af7651916cd43dd8448eb211c80319c",
        "errors": [],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_the_same_is_there_once() {
        let problem = |text: &str| json!({"description": text, "content": {MEDIA_TYPE: {"schema": {}}}});
        let mut document = json!({
            "paths": {
                "/a": {"get": {"responses": {"200": {"description": "It."}, "404": problem("None.")}}},
                "/b": {"get": {"responses": {"404": problem("None.")}}, "post": {"responses": {"404": problem("Other.")}}}
            },
            "components": {"schemas": {}}
        });
        share_problems(&mut document);
        let reference = json!({"$ref": "#/components/responses/NotFound"});
        let paths = &document["paths"];
        assert_eq!(paths["/a"]["get"]["responses"]["404"], reference);
        assert_eq!(paths["/b"]["get"]["responses"]["404"], reference);
        assert_eq!(paths["/b"]["post"]["responses"]["404"]["description"], "Other.");
        let shared = &document["components"]["responses"]["NotFound"];
        assert_eq!(shared["content"][MEDIA_TYPE]["example"]["type"], "/problems/not-found");
    }
}
