//! Schemas of the OpenAPI document in the dialect that AsyncAPI 3.0 has by itself (JSON Schema draft 7).

use serde_json::{Map, Value, json};

/// What stands before the name of a schema in a reference; the same in both documents.
pub(super) const SCHEMAS: &str = "#/components/schemas/";

/// The schemas of some names, and of all that they refer to.
pub(super) fn of(openapi: &Value, names: impl Iterator<Item = String>) -> Map<String, Value> {
    let mut open: Vec<String> = names.collect();
    let mut found = Map::new();
    while let Some(name) = open.pop() {
        if !found.contains_key(&name) {
            let schema = draft_7(&openapi["components"]["schemas"][&name]);
            add_references(&schema, &mut open);
            found.insert(name, schema);
        }
    }
    found
}

/// A schema of OpenAPI 3.1 as draft 7: there a reference hides what stands beside it, and unions have no discriminator. Sizes of numbers
/// are Rust's and not JSON's, and descriptions are broken into lines for those who read the source.
pub(super) fn draft_7(schema: &Value) -> Value {
    let Some(schema) = schema.as_object() else { return schema.clone() };
    let mut written = Map::new();
    for (keyword, value) in schema {
        let value: Value = match (keyword.as_str(), value) {
            ("discriminator", _) => continue,
            ("format", Value::String(format)) if format.contains("int") => continue,
            ("description", Value::String(text)) => text.replace('\n', " ").into(),
            ("properties", Value::Object(fields)) => {
                fields.iter().map(|(name, field)| (name.clone(), draft_7(field))).collect()
            }
            ("items" | "additionalProperties" | "not", value) => draft_7(value),
            ("allOf" | "anyOf" | "oneOf", Value::Array(parts)) => parts.iter().map(draft_7).collect(),
            (_, value) => value.clone(),
        };
        written.insert(keyword.clone(), value);
    }
    if written.len() > 1
        && let Some(reference) = written.remove("$ref")
    {
        written.insert("allOf".to_owned(), json!([{"$ref": reference}]));
    }
    written.into()
}

/// Adds the names of the schemas that a part of one refers to.
fn add_references(part: &Value, names: &mut Vec<String>) {
    match part {
        Value::Object(members) => {
            let reference = members.get("$ref").and_then(Value::as_str);
            names.extend(reference.and_then(|reference| reference.strip_prefix(SCHEMAS)).map(str::to_owned));
            members.values().for_each(|member| add_references(member, names));
        }
        Value::Array(items) => items.iter().for_each(|item| add_references(item, names)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_is_written_in_the_older_dialect_with_all_that_it_refers_to() {
        let openapi = json!({"components": {"schemas": {
            "News": {"oneOf": [{"$ref": "#/components/schemas/Job"}], "discriminator": {"propertyName": "type"}},
            "Job": {
                "description": "Where it\nstands.",
                "properties": {
                    "format": {"description": "Which.", "$ref": "#/components/schemas/Format"},
                    "next": {"$ref": "#/components/schemas/Job"},
                    "left": {"type": "integer", "format": "uint32"},
                    "at": {"type": "string", "format": "date-time"}
                },
                "examples": [{"description": "a\nb"}]
            },
            "Format": {"type": "string"},
            "Other": {"type": "string"}
        }}});
        let expected = json!({
            "News": {"oneOf": [{"$ref": "#/components/schemas/Job"}]},
            "Job": {
                "description": "Where it stands.",
                "properties": {
                    "format": {"description": "Which.", "allOf": [{"$ref": "#/components/schemas/Format"}]},
                    "next": {"$ref": "#/components/schemas/Job"},
                    "left": {"type": "integer"},
                    "at": {"type": "string", "format": "date-time"}
                },
                "examples": [{"description": "a\nb"}]
            },
            "Format": {"type": "string"}
        });
        assert_eq!(Value::Object(of(&openapi, std::iter::once("News".to_owned()))), expected);
    }
}
