//! A schema of a document as JSON Schema, and what a value differs in.

use jsonschema::{Draft, Validator};
use serde_json::{Map, Value, json};
use time::macros::format_description;

/// The most differences of one body; the first ones tell most.
const MAX_DIFFERENCES: usize = 5;

/// A schema, ready to be compared with values.
pub(super) struct Shapes(Result<Validator, String>);

impl Shapes {
    /// A schema of a document, with what it refers to.
    pub(super) fn new(document: &Value, schema: &Value) -> Self {
        let named = document["components"]["schemas"].as_object().cloned().unwrap_or_default();
        let named: Map<String, Value> = named.iter().map(|(name, schema)| (name.clone(), plain(schema))).collect();
        // `allOf`, since a reference allows no neighbours.
        let whole = json!({"allOf": [plain(schema)], "components": {"schemas": named}});
        // OpenAPI 3.1 stands on the newest draft, AsyncAPI on the last one in which a reference hides its neighbours.
        let draft = if document.get("openapi").is_some() { Draft::Draft202012 } else { Draft::Draft7 };
        let built = jsonschema::options()
            .with_draft(draft)
            .should_validate_formats(true)
            .with_format("hour-minute", is_hour_minute)
            .build(&whole);
        Self(built.map_err(|error| error.to_string()))
    }

    /// Where a value is not what the schema describes.
    pub(super) fn differences(&self, value: &Value) -> Vec<String> {
        match &self.0 {
            Ok(validator) => {
                let found = validator.iter_errors(value).take(MAX_DIFFERENCES);
                found.map(|error| format!("{}: {error}", error.instance_path())).collect()
            }
            Err(error) => vec![format!("the document's schema is none: {error}")],
        }
    }
}

/// The schema without what is for people, and with its objects closed.
fn plain(schema: &Value) -> Value {
    let Some(schema) = schema.as_object() else { return schema.clone() };
    let mut plain = Map::new();
    for (keyword, value) in schema {
        let value = match keyword.as_str() {
            "properties" => each(value),
            "items" | "additionalProperties" | "not" => self::plain(value),
            "allOf" | "oneOf" | "anyOf" => value.as_array().into_iter().flatten().map(self::plain).collect(),
            // For people and generators, no rule.
            "description" | "examples" | "default" | "title" => continue,
            _ => value.clone(),
        };
        plain.insert(keyword.clone(), value);
    }
    if plain.contains_key("properties") {
        plain.entry("additionalProperties").or_insert(Value::Bool(false));
    }
    Value::Object(plain)
}

fn each(properties: &Value) -> Value {
    let properties = properties.as_object().into_iter().flatten();
    properties.map(|(name, schema)| (name.clone(), plain(schema))).collect()
}

fn is_hour_minute(text: &str) -> bool {
    time::Time::parse(text, format_description!("[hour]:[minute]")).is_ok()
}
