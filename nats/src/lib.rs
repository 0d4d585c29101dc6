//! Ally on JetStream: the one crate that knows it.
//!
//! Here live the wire names, the streams, the codec, the event store with its group commit, the reader of the log with its
//! archive, the consumer runner with its settlement, retries and dead letters, the leases of presence, the named locks. Deliberately not here: what an event means, and what
//! is done about it.

mod answer;
mod archive;
mod backstop;
mod bucket;
mod cancellations;
mod capacity;
mod codec;
mod commit;
mod config;
mod connection;
mod consumer;
mod copy;
mod dead_letter;
mod delivery;
mod error;
mod event_log;
mod event_store;
mod figures;
mod lease;
mod lock;
mod measure;
pub mod names;
mod panic_text;
mod pull;
mod read;
mod retry;
mod send_span;
mod settings;
mod streams;
#[cfg(feature = "testing")]
pub mod testing;
mod topology;
mod unheld;
mod upcast;

pub use archive::{
    ArchiveLook, Declared, InvalidArchive, InvalidSegmentName, Inventoried, Lost, NatsArchive, SegmentLimits,
    SegmentName, SegmentState, Shelf, Shelved,
};
pub use backstop::Backstop;
pub use cancellations::NatsCancellations;
pub use capacity::{ADMISSION_PERCENT, Capacity, PAUSE_PERCENT, StoreFigures, StoreLevel, WARN_PERCENT};
pub use config::{CommitConfig, NatsConfig};
pub use connection::JetStream;
pub use consumer::{ConsumerConfig, ConsumerFault, ConsumerRunner, Given, Workload};
pub use dead_letter::{
    DeadLetter, DeadLetterFilter, DeadLetterGroup, DeadLetterId, DeadLetters, InvalidDeadLetterId, Removal,
};
pub use error::JetStreamError;
pub use event_store::NatsEventStore;
pub use figures::{ConsumerFigures, ConsumerMonitor, LONGEST_PAUSE};
pub use lease::NatsLeases;
pub use lock::NatsLocks;
pub use retry::JitteredClock;
pub use streams::{Applied, Replicas, StreamDifference, StreamFault};
pub use unheld::NatsDeliveries;
pub use upcast::{Upcast, UpcastError, Upcasters};
