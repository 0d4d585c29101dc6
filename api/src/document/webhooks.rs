//! What receivers get: the messages of webhooks, in the section that OpenAPI 3.1 has for them and 3.0 has not.
//!
//! Their schemas are those of the operation that shows a delivery, so that the two versions differ in the section alone.

use ally_domain::webhook::MessageType;
use serde_json::{Map, Value, json};

use super::parts::reference;

/// The schema of a message about a job; a document without it has nobody who gets webhooks.
pub(crate) const OF_JOBS: &str = "JobWebhook";
/// The schema of a message about an endpoint.
pub(crate) const OF_ENDPOINTS: &str = "EndpointWebhook";

/// The chapter of the messages.
const TAG: &str = "Webhooks";

/// The headers of every message, as the specification Standard Webhooks names them, and what they hold.
pub(crate) const HEADERS: [(&str, &str); 3] = [
    ("webhook-id", "Names the message: the same at every attempt, so that a receiver tells a repeat by it."),
    ("webhook-timestamp", "When the attempt was made, in seconds since 1970. Refuse what is some minutes off."),
    (
        "webhook-signature",
        "One or two signatures, with a space between: `v1,` and the Base64 of the HMAC-SHA256 of `webhook-id`, `.`, `webhook-timestamp`, `.` and the body. One that fits is enough.",
    ),
];

/// Adds the section to a document of OpenAPI 3.1 that describes the messages.
pub(super) fn describe(document: &mut Value) {
    if document.pointer(&format!("/components/schemas/{OF_JOBS}")).is_none() {
        return;
    }
    let sent = MessageType::ALL.iter().map(|one| (one.as_str().to_owned(), json!({"post": operation(*one)})));
    let sent: Map<String, Value> = sent.collect();
    if let Some(document) = document.as_object_mut() {
        document.insert("webhooks".to_owned(), Value::Object(sent));
        if let Some(tags) = document.get_mut("tags").and_then(Value::as_array_mut) {
            tags.push(json!({"name": TAG, "description": "What Ally sends to endpoints of apps."}));
        }
    }
}

fn operation(message_type: MessageType) -> Value {
    let (schema, summary) = meaning(message_type);
    let parameters: Vec<Value> = HEADERS
        .iter()
        .map(|(name, description)| {
            json!({"name": name, "in": "header", "required": true, "description": description, "schema": {"type": "string"}})
        })
        .collect();
    json!({
        // Of their own: some generators would write them over the operations of the same name.
        "tags": [TAG],
        "summary": summary,
        "description": "Sent to each endpoint that chose the type. Messages come at least once and in any order: `webhook-id` tells a repeat, and `position` the order.",
        "operationId": operation_id(message_type),
        // No token: the signature says who sent it.
        "security": [],
        "parameters": parameters,
        "requestBody": {"required": true, "content": {"application/json": {"schema": reference(schema)}}},
        "responses": {
            "2XX": {"description": "The receiver took the message, within 15 seconds."},
            "410": {"description": "The receiver is gone for good: the endpoint is disabled."},
            "4XX": {"description": "The receiver did not take it. It is sent again; `Retry-After` of a 429 is honoured."},
            "5XX": {"description": "The receiver could not take it. It is sent again; `Retry-After` of a 503 is honoured."},
        },
    })
}

/// The schema of a message, and what it says in a few words.
const fn meaning(message_type: MessageType) -> (&'static str, &'static str) {
    match message_type {
        MessageType::JobRequested => (OF_JOBS, "A plan was asked for"),
        MessageType::JobStarted => (OF_JOBS, "A worker took a job up"),
        MessageType::JobAttemptFailed => (OF_JOBS, "An attempt failed, and another follows"),
        MessageType::JobCompleted => (OF_JOBS, "The plan of a job is there"),
        MessageType::JobFailed => (OF_JOBS, "A job can never work"),
        MessageType::JobDeadLettered => (OF_JOBS, "All attempts of a job were used up"),
        MessageType::JobRedriven => (OF_JOBS, "An operator put a job back"),
        MessageType::JobCancelled => (OF_JOBS, "A job was stopped"),
        MessageType::Ping => (OF_ENDPOINTS, "A test that an operator asked for"),
        MessageType::WebhookFailing => (OF_ENDPOINTS, "Another endpoint of the app does not take its messages"),
        MessageType::WebhookRecovered => (OF_ENDPOINTS, "Another endpoint of the app takes its messages again"),
        MessageType::WebhookDisabled => (OF_ENDPOINTS, "Another endpoint of the app gets no more messages"),
    }
}

/// `job.attempt_failed` as `onJobAttemptFailed`.
fn operation_id(message_type: MessageType) -> String {
    let words = message_type.as_str().split(['.', '_']);
    let capitalized = words.map(|word| {
        let mut letters = word.chars();
        letters.next().map_or_else(String::new, |first| first.to_ascii_uppercase().to_string() + letters.as_str())
    });
    capitalized.fold("on".to_owned(), |name, word| name + &word)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::{document, presence_document};
    use super::*;

    #[test]
    fn each_message_is_described_in_the_newer_version_alone() {
        let newer: Value = serde_json::from_str(&document().json).unwrap();
        let section = newer["webhooks"].as_object().unwrap();
        let names: BTreeSet<&str> = section.keys().map(String::as_str).collect();
        assert_eq!(names, MessageType::ALL.iter().map(|one| one.as_str()).collect::<BTreeSet<_>>());
        let mut ids = BTreeSet::new();
        for (name, item) in section {
            let operation = &item["post"];
            assert!(ids.insert(operation["operationId"].as_str().unwrap()), "{name}");
            let schema = &operation["requestBody"]["content"]["application/json"]["schema"]["$ref"];
            assert!(newer.pointer(&schema.as_str().unwrap()[1..]).is_some(), "{name} refers to {schema}");
        }
        assert!(ids.contains("onJobAttemptFailed"), "{ids:?}");
        for without in [&document().older, &presence_document().json] {
            assert!(serde_json::from_str::<Value>(without).unwrap().get("webhooks").is_none());
        }
    }
}
