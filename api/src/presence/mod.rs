//! The ways into presence: plain WebSocket, Socket.IO, and requests over HTTP with the feed of a room as server-sent events.
//!
//! Here live frames, identity, access and the limits on what one client may do. Deliberately not here: who is in a room and who is
//! alive (`ally_handlers::presence`).

mod ack;
mod answer;
mod asyncapi;
mod client;
mod command;
mod connection;
mod door;
mod end;
mod error;
mod feed;
mod frame;
mod message;
mod page;
mod rate;
pub(crate) mod shape;
mod socket_io;
mod spelled;
mod upgrade;

/// Where plain WebSockets connect to.
pub(crate) const PRESENCE_WEBSOCKET: &str = "/ws/v1/presence";
/// Where clients of Socket.IO connect to unless they are told otherwise.
pub(crate) const SOCKET_IO: &str = "/socket.io/";

pub(crate) use asyncapi::document as asyncapi_document;
pub(crate) use command::{SentItem, SentOptions, channel_request};
pub use door::{DoorLimits, Doors};
pub(crate) use error::{Code, Refusal};
pub(crate) use feed::{Feed, Follow};
pub(crate) use page::PAGE;
pub(crate) use socket_io::socket_io;
pub(crate) use upgrade::websocket;
