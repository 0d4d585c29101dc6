//! The AsyncAPI document of the gateway: what it sends by itself. `/asyncapi.json` serves it, `ally asyncapi` writes it, and
//! `api/asyncapi.json` pins it.
//!
//! Operations and schemas are read off the OpenAPI document, which is made of types, and messages off the list that streams have: neither
//! can be missing, and the two documents cannot differ. Deliberately not here: requests and their answers (`crate::document`), and the
//! sockets of presence, which have a document of their own (`crate::presence`).
//!
//! To add a channel: a file beside `streams.rs` that makes its [`Channel`] with its [`Message`]s, a line in [`channels`],
//! and an example of each message in `examples.json`. A channel whose address the receiver chooses has none.

mod channel;
mod document;
mod schemas;
mod streams;
#[cfg(test)]
mod tests;
mod webhooks;
mod words;

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

pub(crate) use self::document::Document;

use self::channel::{Channel, Message};

/// The document. It is made of types alone, so nothing has to run for it.
pub(crate) fn document() -> Document {
    let openapi: Value = serde_json::from_str(&crate::openapi_json()).unwrap_or_default();
    let channels = channels(&openapi);
    let messages: Vec<&Message> = channels.iter().flat_map(|channel| &channel.messages).collect();
    let schemas = schemas::of(&openapi, messages.iter().map(|message| message.schema.clone()));
    let messages: Map<String, Value> =
        messages.into_iter().map(|message| (message.key.to_owned(), message.component(&schemas))).collect();
    Document::new(
        words::info(),
        words::servers(),
        channels.iter().map(|channel| (channel.key.clone(), channel.object())).collect(),
        channels.iter().map(|channel| (channel.key.clone(), channel.operation())).collect(),
        json!({"messages": messages, "schemas": schemas, "securitySchemes": words::security_schemes()}),
    )
}

/// Every channel of the gateway.
fn channels(openapi: &Value) -> Vec<Channel> {
    let mut channels = streams::channels(openapi);
    channels.push(webhooks::channel());
    channels
}

/// Examples of each message, by its name in the document.
fn examples() -> &'static Value {
    static EXAMPLES: LazyLock<Value> =
        LazyLock::new(|| serde_json::from_str(include_str!("examples.json")).unwrap_or_default());
    &EXAMPLES
}
