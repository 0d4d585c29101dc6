//! Where the parts of an OpenAPI document are: what each step goes over.

use serde_json::{Map, Value};

pub(super) type Object = Map<String, Value>;

/// Where schemas have names.
const SCHEMAS: &str = "#/components/schemas/";

/// The members of an object; none of anything else.
pub(super) fn members(value: Option<&mut Value>) -> impl Iterator<Item = (&String, &mut Value)> {
    value.and_then(Value::as_object_mut).into_iter().flatten()
}

/// The items of a list; none of anything else.
pub(super) fn items(value: Option<&mut Value>) -> impl Iterator<Item = &mut Value> {
    value.and_then(Value::as_array_mut).into_iter().flatten()
}

/// Every operation.
pub(super) fn operations(document: &mut Value) -> impl Iterator<Item = &mut Value> {
    members(document.get_mut("paths")).flat_map(|(_, path)| members(Some(path))).map(|(_, operation)| operation)
}

/// The schemas that have names.
pub(super) fn named(document: &mut Value) -> Option<&mut Object> {
    document.pointer_mut("/components/schemas").and_then(Value::as_object_mut)
}

/// A reference to a named schema.
pub(super) fn reference(name: &str) -> Value {
    serde_json::json!({"$ref": format!("{SCHEMAS}{name}")})
}

/// The name of the schema that a value is a reference to.
pub(super) fn referred(value: &Value) -> Option<&str> {
    value.get("$ref")?.as_str()?.strip_prefix(SCHEMAS)
}

/// The schema of a described reference: `allOf` of one, which is how OpenAPI 3.0 puts anything beside a reference.
pub(super) fn described_reference(schema: &Object) -> Option<&Value> {
    match schema.get("allOf")?.as_array()?.as_slice() {
        [one] if referred(one).is_some() => Some(one),
        _ => None,
    }
}

/// Changes every schema, also those inside others; the inner ones first.
pub(super) fn schemas(document: &mut Value, change: &mut impl FnMut(&mut Object)) {
    for (_, schema) in members(document.pointer_mut("/components/schemas")) {
        within(schema, change);
    }
    for (_, response) in members(document.pointer_mut("/components/responses")) {
        of_response(response, change);
    }
    for operation in operations(document) {
        for parameter in items(operation.get_mut("parameters")) {
            of_holder(parameter, change);
        }
        of_content(operation.get_mut("requestBody"), change);
        for (_, response) in members(operation.get_mut("responses")) {
            of_response(response, change);
        }
    }
}

fn of_response(response: &mut Value, change: &mut impl FnMut(&mut Object)) {
    for (_, header) in members(response.get_mut("headers")) {
        of_holder(header, change);
    }
    of_content(Some(response), change);
}

fn of_content(holder: Option<&mut Value>, change: &mut impl FnMut(&mut Object)) {
    let content = holder.and_then(|holder| holder.get_mut("content"));
    for (_, media) in members(content) {
        of_holder(media, change);
    }
}

fn of_holder(holder: &mut Value, change: &mut impl FnMut(&mut Object)) {
    if let Some(schema) = holder.get_mut("schema") {
        within(schema, change);
    }
}

fn within(schema: &mut Value, change: &mut impl FnMut(&mut Object)) {
    let Some(schema) = schema.as_object_mut() else { return };
    for (keyword, value) in schema.iter_mut() {
        match keyword.as_str() {
            "properties" => members(Some(value)).for_each(|(_, property)| within(property, change)),
            "items" | "additionalProperties" | "not" => within(value, change),
            "allOf" | "oneOf" | "anyOf" => items(Some(value)).for_each(|part| within(part, change)),
            _ => {}
        }
    }
    change(schema);
}
