//! The two versions of a document say the same, and a rule or two hold of both.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::bodies::{only_null, sent};
use super::{OLDER_VERSION, document, presence_document};

fn both() -> [(Value, Value); 2] {
    [document(), presence_document()].map(|document| {
        let read = |text: &str| serde_json::from_str(text).unwrap();
        (read(&document.older), read(&document.json))
    })
}

/// OpenAPI 3.0 from 3.1, written without a look at how 3.1 is made from 3.0: it goes over everything that may be a schema.
fn older(value: &Value) -> Value {
    let Some(members) = value.as_object() else {
        return match value.as_array() {
            Some(items) => items.iter().map(older).collect(),
            None => value.clone(),
        };
    };
    let mut older: Map<String, Value> = Map::new();
    for (name, member) in members {
        match (name.as_str(), member) {
            // What people wrote is no schema.
            ("example" | "default" | "enum", _) => older.insert(name.clone(), member.clone()),
            ("examples", Value::Array(one)) => older.insert("example".to_owned(), one[0].clone()),
            ("type", Value::Array(types)) => {
                assert_eq!(types[1], "null");
                older.insert("nullable".to_owned(), json!(true));
                older.insert("type".to_owned(), types[0].clone())
            }
            ("anyOf", Value::Array(parts)) if parts[1] == json!({"type": "null"}) => {
                older.insert("nullable".to_owned(), json!(true));
                older.insert("allOf".to_owned(), json!([parts[0]]))
            }
            ("$ref", _) if members.len() > 1 => older.insert("allOf".to_owned(), json!([{"$ref": member}])),
            _ => older.insert(name.clone(), self::older(member)),
        };
    }
    Value::Object(older)
}

/// The type of a nullable reference, which 3.0 says again and 3.1 does not; where there is no one type, 3.0 has two alternatives.
fn without_repeated_types(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(without_repeated_types),
        Value::Object(members) => {
            if members.get("nullable") == Some(&json!(true)) && members.contains_key("allOf") {
                members.remove("type");
            }
            let reference = members.get("anyOf").filter(|parts| parts[1] == only_null()).map(|parts| parts[0].clone());
            if let Some(reference) = reference {
                members.remove("anyOf");
                members.insert("nullable".to_owned(), json!(true));
                members.insert("allOf".to_owned(), json!([reference]));
            }
            members.values_mut().for_each(without_repeated_types);
        }
        _ => {}
    }
}

#[test]
fn both_versions_say_the_same() {
    for (mut given, newer) in both() {
        let mut back = older(&newer);
        // What receivers get has no place in OpenAPI 3.0.
        back.as_object_mut().unwrap().remove("webhooks");
        if let Some(tags) = back["tags"].as_array_mut() {
            tags.retain(|tag| tag["name"] != "Webhooks");
        }
        back["openapi"] = json!(OLDER_VERSION);
        back["info"]["license"] = given["info"]["license"].clone();
        without_repeated_types(&mut given);
        assert_eq!(back, given);
        assert!(newer["openapi"].as_str().unwrap().starts_with("3.1."));
        assert_eq!(newer["info"]["license"]["identifier"], "Apache-2.0");
    }
}

/// Where a value may be null, in a named schema.
fn nulls(value: &Value, place: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| nulls(item, place, found)),
        Value::Object(members) => {
            if members.get("nullable") == Some(&json!(true)) {
                found.insert(place.to_owned());
            }
            members.iter().for_each(|(name, member)| nulls(member, &format!("{place}.{name}"), found));
        }
        _ => {}
    }
}

#[test]
fn only_what_is_sent_takes_null_and_is_closed() {
    for (mut document, _) in both() {
        let sent = sent(&mut document);
        assert!(!sent.is_empty());
        for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
            let has_fields = schema.get("properties").is_some();
            assert_eq!(schema["additionalProperties"] == json!(false), has_fields && sent.contains(name), "{name}");
            if !sent.contains(name) {
                let mut found = BTreeSet::new();
                nulls(schema, name, &mut found);
                assert!(found.is_empty(), "an answer leaves out what is not there: {found:?}");
            }
        }
    }
}

/// Closed lists and alternatives that have no name.
fn unnamed(value: &Value, place: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| unnamed(item, place, found)),
        Value::Object(members) => {
            for rule in ["enum", "oneOf", "anyOf"] {
                if members
                    .get(rule)
                    .and_then(Value::as_array)
                    .is_some_and(|choices| choices.len() > 1 && choices[1] != only_null())
                {
                    found.insert(format!("{rule} at {place}"));
                }
            }
            let schemas = members.iter().filter(|(name, _)| *name != "example");
            schemas.for_each(|(name, member)| unnamed(member, &format!("{place}.{name}"), found));
        }
        _ => {}
    }
}

#[test]
fn every_closed_list_and_every_alternative_has_a_name() {
    for (document, _) in both() {
        let mut found = BTreeSet::new();
        unnamed(&document["paths"], "paths", &mut found);
        for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
            for (keyword, value) in schema.as_object().unwrap() {
                unnamed(value, &format!("{name}.{keyword}"), &mut found);
            }
        }
        assert_eq!(found, BTreeSet::new());
    }
}

#[test]
fn an_operation_answers_one_shape_when_all_goes_well() {
    for (document, _) in both() {
        for (path, methods) in document["paths"].as_object().unwrap() {
            for (method, operation) in methods.as_object().unwrap() {
                let responses = operation["responses"].as_object().unwrap();
                let is_empty = responses.contains_key("204") && !responses.contains_key("200");
                let responses = responses.iter();
                let good = responses.filter(|(status, _)| status.starts_with('2'));
                let shapes: BTreeSet<String> = good
                    .flat_map(|(_, response)| response["content"].as_object().into_iter().flatten())
                    .map(|(media_type, media)| format!("{media_type} {}", media["schema"]))
                    .collect();
                assert_eq!(shapes.len(), usize::from(!is_empty), "{method} {path}: {shapes:?}");
            }
        }
    }
}

#[test]
fn a_linked_operation_is_there_and_takes_what_it_is_given() {
    let [(document, _), _] = both();
    let operations: Vec<&Value> = document["paths"]
        .as_object()
        .unwrap()
        .values()
        .flat_map(|methods| methods.as_object().unwrap().values())
        .collect();
    let mut seen = 0;
    for operation in &operations {
        for response in operation["responses"].as_object().unwrap().values() {
            for (name, link) in response["links"].as_object().into_iter().flatten() {
                let target = operations.iter().find(|one| one["operationId"] == link["operationId"]).unwrap();
                let parameters = target["parameters"].as_array().unwrap();
                for parameter in link["parameters"].as_object().unwrap().keys() {
                    assert!(parameters.iter().any(|known| known["name"] == json!(parameter)), "{parameter} of {name}");
                }
                seen += 1;
            }
        }
    }
    assert!(seen > 20, "{seen}");
}
