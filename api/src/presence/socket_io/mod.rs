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

pub(crate) use acceptor::socket_io;
