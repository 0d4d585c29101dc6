//! A way in as the document shows it: its messages, and what is done with each.

use serde_json::{Map, Value, json};

use super::{Exchange, SCHEMAS, Sent, examples};

/// A way in.
pub(super) struct Channel {
    /// Its name in the document.
    pub key: &'static str,
    pub address: &'static str,
    pub title: &'static str,
    pub description: String,
    pub bindings: Value,
    pub exchanges: Vec<Exchange>,
    /// The schema of the answer to a request that did nothing, and its name in the document.
    pub refused: (&'static str, String),
    pub sent: Vec<Sent>,
}

/// A message.
pub(super) struct Message {
    /// Its name in the document, which takes no `:`.
    pub key: String,
    /// Its name on the wire.
    pub name: String,
    pub schema: String,
}

impl Message {
    fn new(name: &str, schema: &str) -> Self {
        Self { key: name.replace(':', "."), name: name.to_owned(), schema: schema.to_owned() }
    }

    /// The message as a component.
    pub(super) fn component(&self, schemas: &Map<String, Value>) -> Value {
        json!({
            "name": self.name,
            "summary": description_of(&self.schema, schemas),
            "payload": {"$ref": format!("#{SCHEMAS}/{}", self.schema)},
            "examples": [{"payload": examples()[&self.key]}],
        })
    }
}

impl Exchange {
    pub(super) fn request(&self) -> Message {
        Message::new(self.name, &self.request)
    }

    fn done(&self) -> Message {
        Message::new(&format!("{}.ack", self.name), &self.done)
    }
}

impl Channel {
    pub(super) fn messages(&self) -> Vec<Message> {
        let of_requests = self.exchanges.iter().flat_map(|exchange| [exchange.request(), exchange.done()]);
        let sent = self.sent.iter().map(|sent| Message::new(sent.name, &sent.schema));
        of_requests.chain([self.refused()]).chain(sent).collect()
    }

    fn refused(&self) -> Message {
        Message::new(self.refused.0, &self.refused.1)
    }

    /// The channel itself.
    pub(super) fn object(&self) -> Value {
        let of = |message: Message| {
            let component = json!({"$ref": format!("#/components/messages/{}", message.key)});
            (message.key, component)
        };
        let messages: Map<String, Value> = self.messages().into_iter().map(of).collect();
        json!({
            "address": self.address,
            "title": self.title,
            "description": self.description,
            "messages": messages,
            "bindings": {"ws": self.bindings},
        })
    }

    /// What the server does: it receives each request and replies to it, and sends the rest.
    pub(super) fn operations(&self, schemas: &Map<String, Value>) -> Map<String, Value> {
        let channel = json!({"$ref": format!("#/channels/{}", self.key)});
        let reference =
            |message: &Message| json!({"$ref": format!("#/channels/{}/messages/{}", self.key, message.key)});
        let received = self.exchanges.iter().map(|exchange| {
            let request = exchange.request();
            let operation = json!({
                "action": "receive",
                "channel": channel,
                "summary": description_of(&exchange.request, schemas),
                "messages": [reference(&request)],
                "reply": {"channel": channel, "messages": [reference(&exchange.done()), reference(&self.refused())]},
            });
            (request.key, operation)
        });
        let sent = self.sent.iter().map(|sent| {
            let message = Message::new(sent.name, &sent.schema);
            let operation = json!({
                "action": "send",
                "channel": channel,
                "summary": description_of(&sent.schema, schemas),
                "messages": [reference(&message)],
            });
            (message.key, operation)
        });
        received.chain(sent).collect()
    }
}

fn description_of(schema: &str, schemas: &Map<String, Value>) -> Value {
    schemas.get(schema).map(|schema| schema["description"].clone()).unwrap_or_default()
}
