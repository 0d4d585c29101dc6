//! What progenitor cannot read, said in its words. It knows one type of success and one of refusal an operation, in JSON.

use serde_json::{Map, Value};

const PROBLEM: &str = "application/problem+json";
const JSON: &str = "application/json";
const STREAM: &str = "text/event-stream";

/// Problems become plain JSON, which they are; 304 becomes an answer that the document does not list; streams of events are left
/// out, since the layer follows them; and a field that is something or null, which may be left out anyway, is just that.
pub fn prepare(document: &mut Value) {
    for schema in members(document.pointer_mut("/components/schemas")) {
        members(schema.get_mut("properties")).for_each(leave_null_out);
    }
    for response in members(document.pointer_mut("/components/responses")) {
        name_plain_json(response);
    }
    let Some(paths) = document.get_mut("paths").and_then(Value::as_object_mut) else { return };
    for path in paths.values_mut().filter_map(Value::as_object_mut) {
        path.retain(|_, operation| !is_stream(operation));
        for operation in path.values_mut() {
            if let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) {
                responses.remove("304");
                responses.values_mut().for_each(name_plain_json);
            }
        }
    }
    paths.retain(|_, path| path.as_object().is_some_and(|path| !path.is_empty()));
}

fn members(value: Option<&mut Value>) -> impl Iterator<Item = &mut Value> {
    value.and_then(Value::as_object_mut).into_iter().flat_map(Map::values_mut)
}

fn name_plain_json(response: &mut Value) {
    if let Some(content) = response.get_mut("content").and_then(Value::as_object_mut)
        && let Some(problem) = content.remove(PROBLEM)
    {
        content.insert(JSON.to_owned(), problem);
    }
}

fn leave_null_out(property: &mut Value) {
    let Some([reference, null]) = property.get("anyOf").and_then(Value::as_array).map(Vec::as_slice) else { return };
    if null.get("enum") == Some(&serde_json::json!([null])) {
        let reference = reference.clone();
        if let Some(property) = property.as_object_mut() {
            property.remove("anyOf");
            property.insert("allOf".to_owned(), Value::Array(vec![reference]));
        }
    }
}

fn is_stream(operation: &Value) -> bool {
    operation.pointer("/responses/200/content").is_some_and(|content| content.get(STREAM).is_some())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn problems_are_plain_json_and_what_has_no_type_is_left_out() {
        let either = || json!({"$ref": "#/components/schemas/Either"});
        let problem = || json!({"content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}});
        let mut document = json!({
            "paths": {
                "/a": {"get": {"responses": {"200": {}, "304": {}, "400": problem()}}},
                "/b": {"get": {"responses": {"200": {"content": {STREAM: {}}}, "204": {}}}}
            },
            "components": {
                "responses": {"NotFound": problem()},
                "schemas": {"Answers": {"properties": {"days": {"anyOf": [either(), {"enum": [null], "nullable": true}]}}}}
            }
        });
        prepare(&mut document);
        let plain = json!({"content": {JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}}});
        assert_eq!(document["paths"], json!({"/a": {"get": {"responses": {"200": {}, "400": plain}}}}));
        assert_eq!(document["components"]["responses"]["NotFound"], plain);
        let days = &document["components"]["schemas"]["Answers"]["properties"]["days"];
        assert_eq!(*days, json!({"allOf": [either()]}));
    }
}
