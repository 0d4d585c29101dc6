//! What operators ask of the dead letters: signatures only. The binary joins them to JetStream.

use ally_domain::ports::StoreError;
use async_trait::async_trait;
use time::OffsetDateTime;

/// A message that was given up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParkedMessage {
    /// `planner.PLANS-42`: the consumer that gave up, and where the event stands.
    pub id: String,
    /// What it is about: `job 7`; none when its subject is no event's.
    pub about: Option<String>,
    /// The event's type; empty when the message had none.
    pub event_type: String,
    /// Why it was given up.
    pub reason: String,
    /// The group of like causes.
    pub fingerprint: String,
    /// How often it had been delivered.
    pub deliveries: u64,
    /// When it was parked.
    pub parked_at: OffsetDateTime,
    /// The event's data as it was sent.
    pub data: String,
}

/// Messages that were given up for one cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParkedGroup {
    /// The group.
    pub fingerprint: String,
    /// Which consumer gave up.
    pub consumer: String,
    /// How many.
    pub count: u64,
    /// One member's reason.
    pub example: String,
    /// When the first was parked.
    pub oldest: OffsetDateTime,
    /// When the last was parked.
    pub newest: OffsetDateTime,
}

/// What became of a message that was to be put back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Redriven {
    /// Its job is in the queue again, or its message stands before its consumer again.
    Redriven,
    /// It was put back before.
    Already,
    /// Its job has come to another end; the message was discarded.
    Obsolete,
    /// Its job is not parked yet: nothing was done.
    TooEarly,
}

/// The dead letters of the deployment. Whoever changes something is named in what it leaves behind.
#[async_trait]
pub trait DeadLetterOffice: Send + Sync {
    /// The oldest first, at most `limit`, of one cause where it is named.
    async fn list(&self, fingerprint: Option<&str>, limit: u16) -> Result<Vec<ParkedMessage>, StoreError>;

    /// All of them by cause, the most frequent first.
    async fn groups(&self) -> Result<Vec<ParkedGroup>, StoreError>;

    /// One of them; `None` when there is none of that id (any more).
    async fn show(&self, id: &str) -> Result<Option<ParkedMessage>, StoreError>;

    /// Puts one back in an operator's name; `None` when there is none of that id (any more).
    async fn redrive(&self, id: &str, operator: &str, note: &str) -> Result<Option<Redriven>, StoreError>;

    /// Removes one for good in an operator's name; false when there is none of that id (any more).
    async fn discard(&self, id: &str, operator: &str, note: &str) -> Result<bool, StoreError>;
}
