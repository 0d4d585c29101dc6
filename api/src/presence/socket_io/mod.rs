//! Socket.IO (protocol 5 over Engine.IO 4): existing clients of presence connect unchanged, by long-polling, by WebSocket, and
//! from the one to the other.
//!
//! The library is a way in only: packets, transports, the upgrade. Each socket has one task that takes its events in their order
//! (`socket`), so that the library's task for every event does not matter; what is written waits until the connection takes it, and
//! the connection is cut when it does not (`transport`). Deliberately not here: rooms, and what a client may do (`super::client`).

mod acceptor;
mod event;
mod frame;
mod inbox;
mod metadata;
mod registry;
mod socket;
mod transport;
mod watched;

use super::asyncapi::{Exchange, Schemas, Sent};

pub(super) use acceptor::MAX_PACKET_BYTES;
pub(crate) use acceptor::socket_io;
pub(super) use frame::MAX_SNAPSHOT_BYTES;

/// The events of clients with their acknowledgements, the schema of a refusal, and the events of the server, for the document.
pub(super) fn described(schemas: &mut Schemas) -> (Vec<Exchange>, String, Vec<Sent>) {
    let exchanges = event::Kind::described(schemas);
    (exchanges, schemas.written::<frame::RefusedAck<'_>>(), frame::described(schemas))
}

/// Whether an event is read, whatever comes of it then.
#[cfg(test)]
pub(super) fn reads(text: &str) -> bool {
    event::read(Some(text)).is_ok()
}
