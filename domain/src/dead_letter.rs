//! What becomes of a message that was given up, as facts that a view can fold: it was parked; somebody ended that.
//!
//! No aggregate decides these: the workers park, operators end it, and the stream of dead letters tells both. So there
//! is no command and no state here.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

crate::events! {
    /// What happened to a dead letter.
    pub enum DeadLetterEvent, DeadLetterEventKind of "dead_letter" {
        /// It was given up.
        Parked = "parked" v 1,
        /// An operator put it back or discarded it.
        Ended = "ended" v 1,
    }
}

/// A message that was given up, without its data: that stays where it was parked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Letter {
    /// The consumer that gave up, and where the event stands: `planner.PLANS-42`.
    pub id: String,
    /// That consumer.
    pub consumer: String,
    /// Where the event stands in the log: `PLANS:42`.
    pub origin: String,
    /// The event's subject.
    pub subject: String,
    /// What it is about, `job 7`; none when its subject is no event's.
    pub about: Option<String>,
    /// The event's type; empty when the message had none.
    pub event_type: String,
    /// The event's id; empty when the message had none.
    pub event_id: String,
    /// Shared by all that followed from the same request.
    pub correlation: Option<String>,
    /// Why it was given up.
    pub reason: String,
    /// The group of like causes.
    pub fingerprint: String,
    /// How often it had been delivered.
    pub deliveries: u64,
    /// When it was parked.
    #[serde(with = "time::serde::rfc3339")]
    pub parked_at: OffsetDateTime,
}

/// A message was given up and is kept, whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Parked {
    /// Which.
    #[serde(flatten)]
    pub letter: Letter,
    /// The entry that the message had before it was put back, when it was: this one stands in its place.
    pub replaces: Option<u64>,
    /// The stream forgets it then.
    #[serde(with = "time::serde::rfc3339")]
    pub keep_until: OffsetDateTime,
}

/// How the stay of a dead letter ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// Its job was put back into the queue.
    Redriven,
    /// Its message was put back before its consumer.
    Requeued,
    /// It was removed for good.
    Discarded,
}

impl Ending {
    /// The word on the wire and in the audit.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Redriven => "redriven",
            Self::Requeued => "requeued",
            Self::Discarded => "discarded",
        }
    }
}

/// An operator put a dead letter back or discarded it. It tells the whole letter, because the entry is gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Ended {
    /// What was done.
    pub action: Ending,
    /// The sequence of the entry in the stream of dead letters.
    pub entry: u64,
    /// Who did it: `operator:kim`.
    pub actor: String,
    /// Why, in their words.
    pub note: String,
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// Which.
    #[serde(flatten)]
    pub letter: Letter,
    /// The stream forgets the audit then; the server knows it only once it is stored.
    #[serde(default, with = "time::serde::rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub keep_until: Option<OffsetDateTime>,
}
