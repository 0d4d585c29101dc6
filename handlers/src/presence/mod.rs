//! Realtime presence: who is in which room, on this node and on every other.
//!
//! Every node follows the whole log of presence and folds every room, so that a snapshot, a decision and the feed of a room meet
//! at one position. A command on a room is decided on its members and appended with the room's last sequence as its expectation;
//! whoever is slower decides again. Whether a connection lives is told by its lease and never by the log.
//!
//! Deliberately not here: sockets and their frames (`api`), the bucket of leases and the log (`nats`), the views (`projections`).

mod config;
mod error;
mod feed;
mod followers;
mod heartbeat;
mod input;
mod join;
mod live_room;
mod look;
mod node;
mod notice;
pub(crate) mod observe;
mod observer;
mod outbox;
mod reaper;
mod recent;
mod renewal;
mod shard;
mod sockets;

pub use config::PresenceConfig;
pub use error::{Coded, PresenceError};
pub use followers::Audience;
pub use heartbeat::Beat;
pub use join::{Entered, JoinRequest, Resume, Session};
pub use look::{Page, RoomFigures};
pub use node::{Parts, Presence};
pub use notice::{Change, Delta, Encoded, EndReason, Notice, Snapshot, Start};
pub use observer::Observer;
pub use outbox::Inbox;
pub use sockets::Socket;
