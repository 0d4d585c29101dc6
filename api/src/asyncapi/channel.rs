//! A channel as the document shows it: where messages come from, which they are, and the operation that sends them.

use serde_json::{Map, Value, json};

use super::examples;
use super::schemas::SCHEMAS;

/// A channel.
pub(super) struct Channel {
    /// Its name in the document, which is that of its operation as well.
    pub key: String,
    /// None where the receiver chooses it.
    pub address: Option<String>,
    pub title: String,
    pub description: String,
    /// The parameters of the address.
    pub parameters: Map<String, Value>,
    /// How the operation is done over HTTP.
    pub http: Value,
    pub messages: Vec<Message>,
}

/// A message.
pub(super) struct Message {
    /// Its name in the document.
    pub key: &'static str,
    /// Its name on the wire.
    pub name: &'static str,
    /// The schema of what travels beside the payload.
    pub headers: Value,
    /// The name of the payload's schema.
    pub schema: String,
}

impl Message {
    /// The message as a component.
    pub(super) fn component(&self, schemas: &Map<String, Value>) -> Value {
        json!({
            "name": self.name,
            "summary": schemas.get(&self.schema).map(|schema| schema["description"].clone()),
            "headers": self.headers,
            "payload": {"$ref": format!("{SCHEMAS}{}", self.schema)},
            "examples": examples()[self.key],
        })
    }
}

impl Channel {
    /// The channel itself.
    pub(super) fn object(&self) -> Value {
        let of = |message: &Message| {
            let component = json!({"$ref": format!("#/components/messages/{}", message.key)});
            (message.key.to_owned(), component)
        };
        let messages: Map<String, Value> = self.messages.iter().map(of).collect();
        json!({
            "address": self.address,
            "title": self.title,
            "description": self.description,
            "parameters": self.parameters,
            "messages": messages,
        })
    }

    /// What the server does: it sends each of the messages.
    pub(super) fn operation(&self) -> Value {
        let channel = format!("#/channels/{}", self.key);
        let reference = |message: &Message| json!({"$ref": format!("{channel}/messages/{}", message.key)});
        let messages: Vec<Value> = self.messages.iter().map(reference).collect();
        json!({
            "action": "send",
            "channel": {"$ref": channel},
            "summary": self.title,
            "messages": messages,
            "bindings": {"http": self.http},
        })
    }
}
