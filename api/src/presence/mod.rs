//! The ways into presence: plain WebSocket, and requests over HTTP with the feed of a room as server-sent events.
//!
//! Here live frames, identity, access and the limits on what one client may do. Deliberately not here: who is in a room and who is
//! alive (`ally_handlers::presence`).

mod answer;
mod client;
mod connection;
mod door;
mod error;
mod feed;
mod frame;
mod message;
mod rate;
mod socket_io;
mod upgrade;

pub use door::{DoorLimits, Doors};
pub(crate) use error::Refusal;
pub(crate) use feed::{Feed, Follow};
pub(crate) use frame::PAGE;
pub(crate) use socket_io::socket_io;
pub(crate) use upgrade::websocket;
