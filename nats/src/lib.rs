//! Ally on JetStream: the one crate that knows it.
//!
//! Here live the wire names, the streams, the codec, the event store with its group commit, the reader of the log, the
//! consumer runner with its settlement, retries and dead letters. Deliberately not here: what an event means, and what
//! is done about it.

mod codec;
mod commit;
mod config;
mod connection;
mod error;
mod event_log;
mod event_store;
pub mod names;
mod read;
mod topology;
mod upcast;

pub use config::{CommitConfig, NatsConfig};
pub use connection::JetStream;
pub use error::JetStreamError;
pub use event_store::NatsEventStore;
pub use upcast::{Upcast, UpcastError, Upcasters};
