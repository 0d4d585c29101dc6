//! Reading whole streams, in order: the port that everything is built from that can be built again.

use std::time::Duration;

use async_trait::async_trait;

use super::StoreError;
use crate::envelope::{Position, Recorded};

/// Reads a whole stream in order, as projections and rebuilds need it.
#[async_trait]
pub trait EventLog: Send + Sync {
    /// Opens a stream (`PLANS`, `ONBOARDING`, `DLQ`) behind a sequence; 0 reads it from its first event.
    async fn open(&self, stream: &str, after: u64) -> Result<Box<dyn EventReader>, StoreError>;

    /// The sequence of the last event stored in a stream; 0 when it is empty.
    async fn last_sequence(&self, stream: &str) -> Result<u64, StoreError>;

    /// The sequence of the last event of a stream, as of now; 0 when it holds none. A stream may hold other messages behind it, which no
    /// reader is given.
    async fn last_event(&self, stream: &str) -> Result<u64, StoreError> {
        self.last_sequence(stream).await
    }

    /// Which stream it is. One that was deleted and made anew under the same name is another one: its sequences begin anew,
    /// so that a position in the old one says nothing about it.
    async fn identity(&self, stream: &str) -> Result<StreamIdentity, StoreError>;

    /// Like [`Self::last_sequence`], of what can still be read: 0 when age has taken all that a stream held.
    async fn last_kept(&self, stream: &str) -> Result<u64, StoreError> {
        self.last_sequence(stream).await
    }
}

/// What tells a stream from another one of the same name. Opaque, and the same for as long as the stream is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct StreamIdentity(pub String);

impl std::fmt::Display for StreamIdentity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A place in a stream that moves forward, gap by gap known: deleted events leave holes, never disorder.
#[async_trait]
pub trait EventReader: Send {
    /// The next events in order, at most `max`; waits up to `wait` for the first one and never for a full batch.
    /// An error means: open again behind the last event that was handled.
    async fn next(&mut self, max: usize, wait: Duration) -> Result<ReadBatch, StoreError>;
}

/// Some events of a stream, in order.
#[derive(Debug, Default)]
pub struct ReadBatch {
    /// The events; empty when none came in time.
    pub events: Vec<Recorded>,
    /// How many more the stream held behind the last one when it was sent. 0 = caught up.
    pub pending: u64,
    /// Messages that are no events for this program. Whatever is built from the events is incomplete without them.
    pub skipped: Vec<Skipped>,
}

/// A stored message that cannot be read as an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// Where it stands.
    pub position: Position,
    /// Its subject, which says what it is about.
    pub subject: String,
    /// The type that it names; empty when it names none.
    pub event_type: String,
    /// Why it cannot be read.
    pub reason: String,
}
