//! What is sent over a plain WebSocket or a stream, compared with the AsyncAPI documents.

use std::collections::HashMap;

use serde_json::Value;

use super::shape::Shapes;

/// Compares messages with a document.
pub struct MessageConformance {
    /// By the names that messages have in the document.
    messages: HashMap<String, Described>,
}

/// A message as the document describes it.
struct Described {
    payload: Shapes,
    /// What travels beside the payload, where the document describes that.
    headers: Option<Shapes>,
    examples: Vec<Value>,
}

impl MessageConformance {
    /// A comparison with the document of the sockets of presence, of this build.
    #[must_use]
    pub fn of_presence() -> Self {
        Self::of(&crate::presence_asyncapi_json())
    }

    /// A comparison with the document of what the gateway sends by itself.
    #[must_use]
    pub fn of_gateway() -> Self {
        Self::of(&crate::asyncapi_json())
    }

    fn of(document: &str) -> Self {
        let document: Value = serde_json::from_str(document).unwrap_or_default();
        let messages = document["components"]["messages"].as_object().into_iter().flatten();
        let of = |(key, message): (&String, &Value)| (key.clone(), Described::new(&document, message));
        Self { messages: messages.map(of).collect() }
    }

    /// The names that messages have in the document.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.messages.keys().map(String::as_str)
    }

    /// Where a message differs from what the document says of a name.
    #[must_use]
    pub fn differences(&self, name: &str, message: &Value) -> Vec<String> {
        match self.messages.get(name) {
            Some(described) => named(name, described.payload.differences(message), message),
            None => vec![format!("the document has no message {name:?}: {message}")],
        }
    }

    /// The same for a message with what travels beside it.
    #[must_use]
    pub fn differences_with_headers(&self, name: &str, headers: &Value, message: &Value) -> Vec<String> {
        let mut found = self.differences(name, message);
        if let Some(described) = self.messages.get(name).and_then(|described| described.headers.as_ref()) {
            found.extend(named(name, described.differences(headers), headers));
        }
        found
    }

    /// Where a frame that a client got on a plain WebSocket differs; `request` is what it answers, where that is known.
    #[must_use]
    pub fn differences_of_frame(&self, request: Option<&Value>, frame: &Value) -> Vec<String> {
        let kind = frame["type"].as_str().unwrap_or_default();
        if kind != "ack" {
            return self.differences(kind, frame);
        }
        if frame["ok"] == false {
            return self.differences("refusal", frame);
        }
        let Some(request) = request else { return Vec::new() };
        let name = request["type"].as_str().unwrap_or_default();
        // What was taken is what the document lets clients send.
        let mut found = self.differences(name, request);
        found.extend(self.differences(&format!("{name}.ack"), frame));
        found
    }

    /// Which of the document's own examples differ from the schemas that they stand at.
    #[must_use]
    pub fn differing_examples(&self) -> Vec<String> {
        let examples = self.messages.iter().flat_map(|(name, described)| {
            described.examples.iter().map(move |example| (name.as_str(), &example["headers"], &example["payload"]))
        });
        examples.flat_map(|(name, headers, payload)| self.differences_with_headers(name, headers, payload)).collect()
    }
}

impl Described {
    fn new(document: &Value, message: &Value) -> Self {
        Self {
            payload: Shapes::new(document, &message["payload"]),
            headers: message.get("headers").map(|headers| Shapes::new(document, headers)),
            examples: message["examples"].as_array().cloned().unwrap_or_default(),
        }
    }
}

/// Differences of a message under its name, with what differs.
fn named(name: &str, found: Vec<String>, value: &Value) -> Vec<String> {
    found.into_iter().map(|found| format!("{name}: {found} in {value}")).collect()
}
