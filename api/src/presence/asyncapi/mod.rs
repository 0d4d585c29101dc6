//! The AsyncAPI document of both kinds of socket: what `/asyncapi.json` serves, what `ally asyncapi` writes, and what
//! `api/presence.asyncapi.json` pins.
//!
//! Messages and their schemas are read off the types that serde reads and writes, and off the lists by which messages are told apart,
//! so that none can be missing. Deliberately not here: requests over HTTP, which have an OpenAPI document.

mod channel;
mod schemas;
#[cfg(test)]
mod tests;
mod words;

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

pub(super) use self::schemas::Schemas;

use self::channel::Channel;
use super::ack::Refused;
use super::message::Request;
use super::socket_io::described as socket_io;
use super::{PRESENCE_WEBSOCKET, SOCKET_IO, frame};
use crate::asyncapi::Document;

/// Where the schemas are, as a JSON pointer.
const SCHEMAS: &str = "/components/schemas";

/// A message that a client sends, and its answer when it is done; both by the names of their schemas.
pub(super) struct Exchange {
    /// The message's name on the wire.
    pub name: &'static str,
    pub request: String,
    pub done: String,
}

/// A message that a client is sent unasked.
pub(super) struct Sent {
    /// Its name on the wire.
    pub name: &'static str,
    /// The name of its schema.
    pub schema: String,
}

/// The document. It is made of types alone, so nothing has to run for it.
pub(crate) fn document() -> Document {
    let mut schemas = Schemas::new();
    let channels = channels(&mut schemas);
    let schemas = schemas.finish();
    let messages = channels.iter().flat_map(Channel::messages);
    let messages: Map<String, Value> =
        messages.map(|message| (message.key.clone(), message.component(&schemas))).collect();
    Document::new(
        words::info(),
        words::servers(),
        channels.iter().map(|channel| (channel.key.to_owned(), channel.object())).collect(),
        channels.iter().flat_map(|channel| channel.operations(&schemas)).collect(),
        json!({
            "messages": messages,
            "schemas": schemas,
            "securitySchemes": words::security_schemes(),
        }),
    )
}

fn channels(schemas: &mut Schemas) -> [Channel; 2] {
    let exchanges = Request::described(schemas);
    exchanges.iter().for_each(|exchange| schemas.add_envelope(&exchange.request, Some(exchange.name)));
    let websocket = Channel {
        key: "websocket",
        address: PRESENCE_WEBSOCKET,
        title: "Plain WebSocket",
        description: words::websocket(),
        bindings: words::websocket_bindings(),
        exchanges,
        refused: ("refusal", schemas.written::<Refused<'_>>()),
        sent: frame::described(schemas),
    };
    let (exchanges, refused, sent) = socket_io(schemas);
    exchanges.iter().for_each(|exchange| schemas.add_envelope(&exchange.request, None));
    let socket_io = Channel {
        key: "socketIo",
        address: SOCKET_IO,
        title: "Socket.IO",
        description: words::socket_io(),
        bindings: words::socket_io_bindings(),
        exchanges,
        refused: ("socketIo.refusal", refused),
        sent,
    };
    [websocket, socket_io]
}

/// An example of each message, by its name in the document.
fn examples() -> &'static Value {
    static EXAMPLES: LazyLock<Value> =
        LazyLock::new(|| serde_json::from_str(include_str!("examples.json")).unwrap_or_default());
    &EXAMPLES
}
