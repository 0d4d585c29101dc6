//! Gives every closed list of a parameter the name that it has elsewhere, or one of its own, so that generators make one type of it.

use serde_json::{Value, json};

use super::parts::{Object, items, named, operations, reference};

/// The lists that only parameters have, by the parameter's name.
const NAMES: &[(&str, &str)] =
    &[("state", "DeadLetterStateFilter"), ("order", "TraceOrder"), ("audience", "FeedAudience")];

pub(super) fn name_choices(document: &mut Value) {
    let Some(mut known) = named(document).map(std::mem::take) else { return };
    for operation in operations(document) {
        for parameter in items(operation.get_mut("parameters")) {
            let name = parameter.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
            let description = parameter.get("description").cloned().unwrap_or_default();
            let Some(mut schema) = parameter.get_mut("schema") else { continue };
            if schema.get("items").is_some() {
                let Some(items) = schema.get_mut("items") else { continue };
                schema = items;
            }
            refer(schema, &name, &description, &mut known);
        }
    }
    if let Some(named) = named(document) {
        *named = known;
    }
}

fn refer(schema: &mut Value, parameter: &str, description: &Value, known: &mut Object) {
    let Some(choices) = schema.get("enum").cloned() else { return };
    let same = known.iter().find(|(_, one)| one.get("enum") == Some(&choices)).map(|(name, _)| name.clone());
    let own = || NAMES.iter().find(|(name, _)| *name == parameter).map(|(_, name)| (*name).to_owned());
    let Some(name) = same.or_else(own) else { return };
    let described = || json!({"type": "string", "title": name, "description": description, "enum": choices});
    known.entry(&name).or_insert_with(described);
    let Some(schema) = schema.as_object_mut() else { return };
    schema.remove("enum");
    schema.remove("type");
    if schema.is_empty() {
        schema.extend(reference(&name).as_object().cloned().unwrap_or_default());
    } else {
        schema.insert("allOf".to_owned(), json!([reference(&name)]));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_has_one_name() {
        let parameter = |name: &str, schema: Value| json!({"name": name, "description": "Which.", "schema": schema});
        let state = json!({"type": "string", "enum": ["open", "any"], "default": "open"});
        let mut document = json!({
            "paths": {"/a": {"get": {"parameters": [
                parameter("level", json!({"type": "string", "enum": ["low", "high"]})),
                parameter("levels", json!({"type": "array", "items": {"type": "string", "enum": ["low", "high"]}})),
                parameter("state", state)
            ]}}},
            "components": {"schemas": {"Level": {"type": "string", "enum": ["low", "high"]}}}
        });
        name_choices(&mut document);
        let parameters = &document["paths"]["/a"]["get"]["parameters"];
        assert_eq!(parameters[0]["schema"], reference("Level"));
        assert_eq!(parameters[1]["schema"], json!({"type": "array", "items": reference("Level")}));
        assert_eq!(parameters[2]["schema"], json!({"default": "open", "allOf": [reference("DeadLetterStateFilter")]}));
        assert_eq!(document["components"]["schemas"]["DeadLetterStateFilter"]["description"], "Which.");
    }
}
