//! The AsyncAPI document of the gateway: pinned, served, complete. That it is true is seen where streams are read (`events`).

use ally_api::testing::MessageConformance;
use serde_json::{Value, json};

use crate::harness::Ally;

fn document() -> Value {
    serde_json::from_str(&ally_api::asyncapi_json()).unwrap()
}

#[test]
fn the_committed_document_is_the_generated_one() {
    assert!(
        include_str!("../../asyncapi.json") == ally_api::asyncapi_json(),
        "api/asyncapi.json is out of date: run `make openapi`, look at the difference, and commit it"
    );
}

#[tokio::test]
async fn the_document_is_served_in_each_form() {
    let ally = Ally::start().await;
    let json = ally.server.get("/asyncapi.json").await;
    assert_eq!(json.headers()["content-type"], "application/json");
    assert!(json.headers().contains_key("etag"), "{:?}", json.headers());
    assert_eq!(json.text().await.unwrap(), ally_api::asyncapi_json());
    let yaml = ally.server.get("/asyncapi.yaml").await;
    assert_eq!(yaml.headers()["content-type"], "application/yaml");
    let yaml = yaml.text().await.unwrap();
    assert!(yaml.starts_with("asyncapi: \"3.0.0\""), "{}", &yaml[..200]);
    let read: Value = serde_saphyr::from_str(&yaml).unwrap();
    assert!(read == document(), "what is written in YAML is read as what is written in JSON");
}

#[test]
fn examples_are_what_their_schemas_describe() {
    assert_eq!(MessageConformance::of_gateway().differing_examples(), Vec::<String>::new());
}

#[test]
fn what_is_not_described_is_a_difference() {
    let conformance = MessageConformance::of_gateway();
    let end = json!({"type": "end", "reason": "bored", "now": true});
    let found = conformance.differences_with_headers("end", &json!({"event": "stop"}), &end).join("\n");
    assert!(found.contains("/reason") && found.contains("now") && found.contains("/event"), "{found}");
    assert!(!conformance.differences("news", &json!({"type": "news"})).is_empty());
}

/// Every reference of the document.
fn references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            found.extend(fields.get("$ref").and_then(Value::as_str).map(str::to_owned));
            fields.values().for_each(|value| references(value, found));
        }
        Value::Array(items) => items.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}

#[test]
fn every_reference_leads_somewhere_and_every_component_is_referred_to() {
    let document = document();
    let mut found = Vec::new();
    references(&document, &mut found);
    for reference in &found {
        assert!(document.pointer(&reference[1..]).is_some(), "{reference}");
    }
    for (kind, components) in document["components"].as_object().unwrap() {
        for name in components.as_object().unwrap().keys() {
            assert!(found.contains(&format!("#/components/{kind}/{name}")), "{kind} {name}");
        }
    }
}

#[test]
fn everything_is_described() {
    let document = document();
    for (name, channel) in document["channels"].as_object().unwrap() {
        assert!(channel["title"].is_string() && channel["description"].is_string(), "{name}");
    }
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        assert!(schema["description"].is_string(), "{name}");
        for (field, property) in schema["properties"].as_object().into_iter().flatten() {
            assert!(property["description"].is_string(), "{name}.{field}: {property}");
        }
    }
}
