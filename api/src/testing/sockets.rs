//! What passes over a plain WebSocket, compared with the AsyncAPI document.

use std::collections::HashMap;

use serde_json::Value;

use super::shape::Shapes;

/// Compares messages with the document.
pub struct SocketConformance {
    /// By the names that messages have in the document.
    messages: HashMap<String, Shapes>,
    examples: Vec<(String, Value)>,
}

impl Default for SocketConformance {
    fn default() -> Self {
        Self::new()
    }
}

impl SocketConformance {
    /// A comparison with the document of this build.
    #[must_use]
    pub fn new() -> Self {
        let document: Value = serde_json::from_str(&crate::presence_asyncapi_json()).unwrap_or_default();
        let messages = document["components"]["messages"].as_object().into_iter().flatten();
        let mut examples = Vec::new();
        let of = |(key, message): (&String, &Value)| {
            let shown = message["examples"].as_array().into_iter().flatten();
            examples.extend(shown.map(|example| (key.clone(), example["payload"].clone())));
            (key.clone(), Shapes::new(&document, &message["payload"]))
        };
        Self { messages: messages.map(of).collect(), examples }
    }

    /// The names that messages have in the document.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.messages.keys().map(String::as_str)
    }

    /// Where a message differs from what the document says of a name.
    #[must_use]
    pub fn differences(&self, name: &str, message: &Value) -> Vec<String> {
        match self.messages.get(name) {
            Some(shapes) => {
                shapes.differences(message).into_iter().map(|found| format!("{name}: {found} in {message}")).collect()
            }
            None => vec![format!("the document has no message {name:?}: {message}")],
        }
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
        let found = self.examples.iter().flat_map(|(name, example)| self.differences(name, example));
        found.collect()
    }
}
