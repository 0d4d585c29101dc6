//! Presence, from the seats of its clients: real sockets, real nodes, real servers.

mod access;
mod asyncapi;
pub mod browser;
mod come_back;
mod dashboard;
pub mod javascript;
mod metadata;
pub mod nodes;
mod rooms;
pub mod socket;
mod socket_io;
mod watched;

use crate::system::System;

/// A system whose connections count as gone soon.
pub fn quick() -> System {
    let mut system = System::new();
    system
        .set("PRESENCE_LEASE_SECONDS", "4")
        .set("PRESENCE_GRACE_MS", "1500")
        .set("PRESENCE_REAP_EVERY_MS", "300")
        .set("PRESENCE_MESSAGES_PER_SECOND", "0");
    system
}
