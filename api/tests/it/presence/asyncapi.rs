//! The AsyncAPI document: pinned, served, complete, and in step with the words of docs/presence.md.

use std::collections::BTreeSet;

use ally_api::testing::MessageConformance;
use serde_json::Value;

use super::node::Node;

fn document() -> Value {
    serde_json::from_str(&ally_api::presence_asyncapi_json()).unwrap()
}

#[test]
fn the_committed_document_is_the_generated_one() {
    assert!(
        include_str!("../../../presence.asyncapi.json") == ally_api::presence_asyncapi_json(),
        "api/presence.asyncapi.json is out of date: run `make openapi`, look at the difference, and commit it"
    );
}

#[tokio::test]
async fn the_document_is_served_in_each_form() {
    let node = Node::start().await;
    let json = node.server.get("/asyncapi.json").await;
    assert_eq!(json.headers()["content-type"], "application/json");
    assert_eq!(json.text().await.unwrap(), ally_api::presence_asyncapi_json());
    let yaml = node.server.get("/asyncapi.yaml").await;
    assert_eq!(yaml.headers()["content-type"], "application/yaml");
    let yaml = yaml.text().await.unwrap();
    assert!(yaml.contains("asyncapi: \"3.0.0\""), "{}", &yaml[..200]);
}

#[test]
fn examples_are_what_their_schemas_describe() {
    let conformance = MessageConformance::of_presence();
    assert!(conformance.names().count() > 30);
    assert_eq!(conformance.differing_examples(), Vec::<String>::new());
}

#[test]
fn what_is_not_described_is_a_difference() {
    let conformance = MessageConformance::of_presence();
    let end = serde_json::json!({"type": "end", "reason": "bored", "now": true});
    let found = conformance.differences_of_frame(None, &end).join("\n");
    assert!(found.contains("/reason") && found.contains("now"), "{found}");
    assert!(!conformance.differences_of_frame(None, &serde_json::json!({"type": "news"})).is_empty());
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
fn every_message_is_received_or_sent_or_a_reply() {
    let document = document();
    let mut used = Vec::new();
    references(&document["operations"], &mut used);
    for (channel, described) in document["channels"].as_object().unwrap() {
        for message in described["messages"].as_object().unwrap().keys() {
            assert!(used.contains(&format!("#/channels/{channel}/messages/{message}")), "{message}");
        }
    }
}

#[test]
fn everything_is_described() {
    let document = document();
    for (name, operation) in document["operations"].as_object().unwrap() {
        assert!(operation["summary"].is_string(), "{name}");
    }
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        let is_part_of_one = name == "SocketIoSelf";
        assert!(schema["description"].is_string() || is_part_of_one, "{name}");
        for (field, property) in schema["properties"].as_object().into_iter().flatten() {
            let plain = ["$ref", "allOf", "const"].iter().any(|keyword| property.get(keyword).is_some());
            assert!(plain || property["description"].is_string(), "{name}.{field}: {property}");
        }
    }
}

#[test]
fn what_clients_send_on_a_plain_websocket_is_closed_and_what_they_are_sent_is_open() {
    let document = document();
    let schema = |message: &str| {
        let reference = document["components"]["messages"][message]["payload"]["$ref"].as_str().unwrap();
        &document.pointer(&reference[1..]).unwrap()["additionalProperties"]
    };
    for request in ["hello", "join", "resume", "observe", "heartbeat", "members", "leave"] {
        assert_eq!(*schema(request), false, "{request}");
        assert!(schema(&format!("{request}.ack")).is_null(), "{request}");
    }
    for sent in ["event", "delta", "snapshot", "end", "refusal", "presence.join", "presence.event"] {
        assert!(schema(sent).is_null(), "{sent}");
    }
}

/// The texts in backticks.
fn quoted(text: &str) -> impl Iterator<Item = String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned)
}

#[test]
fn the_codes_are_those_of_the_docs() {
    let docs = include_str!("../../../../docs/presence.md");
    let part = |from: &str, to: &str| docs.split(from).nth(1).unwrap().split(to).next().unwrap();
    let common = part("### Codes\n", "\n## ");
    let of_socket_io = part("- Codes of this way in:", "\n\n");
    let written: BTreeSet<String> = quoted(common).chain(quoted(of_socket_io)).collect();
    let codes = document()["components"]["schemas"]["Code"]["oneOf"].as_array().unwrap().clone();
    assert!(codes.iter().all(|code| code["description"].as_str().is_some_and(|meaning| !meaning.is_empty())));
    let described: BTreeSet<String> = codes.iter().map(|code| code["const"].as_str().unwrap().to_owned()).collect();
    assert_eq!(described, written);
}
