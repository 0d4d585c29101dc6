//! What clients send is described as it is read (`crate::schema::check`): an unknown field is refused, so that its objects are closed,
//! and what may be left out may as well be null.
//!
//! Answers stay open: a client passes over what it does not know. Where a type goes both ways it is described as it is sent.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::parts::{named, operations, reference, referred};

pub(super) fn close(document: &mut Value) {
    let sent = sent(document);
    let Some(named) = named(document) else { return };
    let kind = |(name, schema): (&String, &Value)| Some((name.clone(), schema.get("type")?.clone()));
    let kinds: BTreeMap<String, Value> = named.iter().filter_map(kind).collect();
    for (_, schema) in named.iter_mut().filter(|(name, _)| sent.contains(*name)) {
        let required: BTreeSet<String> = texts(schema.get("required"));
        let Some(schema) = schema.as_object_mut().filter(|schema| schema.contains_key("properties")) else { continue };
        schema.insert("additionalProperties".to_owned(), Value::Bool(false));
        let properties = schema.get_mut("properties").and_then(Value::as_object_mut);
        for (_, property) in properties.into_iter().flatten().filter(|(name, _)| !required.contains(*name)) {
            take_null(property, &kinds);
        }
    }
}

/// The named schemas that are in a body of a request, or in another one that is.
pub(super) fn sent(document: &mut Value) -> BTreeSet<String> {
    let mut sent = BTreeSet::new();
    let mut open = BTreeSet::new();
    operations(document).filter_map(|operation| operation.get("requestBody")).for_each(|body| names(body, &mut open));
    while let Some(name) = open.pop_first() {
        if let Some(schema) = document.pointer(&format!("/components/schemas/{name}")) {
            names(schema, &mut open);
        }
        sent.insert(name);
        open.retain(|name| !sent.contains(name));
    }
    sent
}

/// The names of the schemas that a value refers to.
fn names(value: &Value, found: &mut BTreeSet<String>) {
    if let Some(name) = referred(value) {
        found.insert(name.to_owned());
    }
    match value {
        Value::Object(members) => members.values().for_each(|value| names(value, found)),
        Value::Array(items) => items.iter().for_each(|value| names(value, found)),
        _ => {}
    }
}

fn texts(list: Option<&Value>) -> BTreeSet<String> {
    let list = list.and_then(Value::as_array).into_iter().flatten();
    list.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Null, which is no type of OpenAPI 3.0.
pub(super) fn only_null() -> Value {
    json!({"type": "object", "nullable": true, "enum": [null]})
}

fn take_null(property: &mut Value, kinds: &BTreeMap<String, Value>) {
    if let Some(name) = referred(property).map(str::to_owned) {
        *property = json!({"allOf": [reference(&name)]});
    }
    let Some(property) = property.as_object_mut() else { return };
    let target = property.get("allOf").and_then(|all| referred(all.get(0)?)).map(str::to_owned);
    // In OpenAPI 3.0 `nullable` says something only beside a type.
    match target.map(|name| (kinds.get(&name), name)) {
        Some((Some(kind), _)) => {
            property.insert("type".to_owned(), kind.clone());
        }
        Some((None, name)) => {
            property.remove("allOf");
            property.insert("anyOf".to_owned(), json!([reference(&name), only_null()]));
        }
        None => {}
    }
    // A schema without any rule takes null already.
    if ["type", "allOf", "oneOf"].iter().any(|rule| property.contains_key(*rule)) {
        property.insert("nullable".to_owned(), Value::Bool(true));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_sent_is_closed_and_takes_null() {
        let mut document = json!({
            "paths": {"/a": {"post": {
                "requestBody": {"content": {"application/json": {"schema": reference("Sent")}}},
                "responses": {"200": {"content": {"application/json": {"schema": reference("Answer")}}}}
            }}},
            "components": {"schemas": {
                "Sent": {"type": "object", "required": ["a"], "properties": {
                    "a": {"type": "string"}, "b": {"type": "string"}, "c": reference("Inner"), "d": {"description": "any"},
                    "e": {"description": "one", "allOf": [reference("Word")]}, "f": reference("Either")
                }},
                "Either": {"oneOf": [{"type": "string"}, {"type": "integer"}]},
                "Inner": {"type": "object", "properties": {"again": {"type": "array", "items": reference("Sent")}}},
                "Word": {"type": "string", "enum": ["x"]},
                "Answer": {"type": "object", "properties": {"a": {"type": "string"}}}
            }}
        });
        let before = document.clone();
        close(&mut document);
        let schemas = &document["components"]["schemas"];
        assert_eq!(
            schemas["Sent"],
            json!({"type": "object", "required": ["a"], "additionalProperties": false, "properties": {
                "a": {"type": "string"}, "b": {"type": "string", "nullable": true},
                "c": {"type": "object", "nullable": true, "allOf": [reference("Inner")]}, "d": {"description": "any"},
                "e": {"description": "one", "type": "string", "nullable": true, "allOf": [reference("Word")]},
                "f": {"anyOf": [reference("Either"), only_null()]}
            }})
        );
        assert_eq!(schemas["Inner"]["additionalProperties"], false);
        assert_eq!(schemas["Inner"]["properties"]["again"]["nullable"], true);
        for same in ["Word", "Answer"] {
            assert_eq!(schemas[same], before["components"]["schemas"][same]);
        }
    }
}
