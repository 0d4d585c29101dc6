//! Dead letters as operators read them.

use poem_openapi::Object;

use super::moment::Moment;
use crate::operations::{ParkedGroup, ParkedMessage};

/// A message that was given up.
#[derive(Object)]
#[oai(rename = "DeadLetter", rename_all = "camelCase")]
pub(crate) struct ParkedBody {
    /// The consumer that gave up, and where the event stands: `planner.PLANS-42`.
    pub id: String,
    /// What it is about: `job 7`.
    #[oai(nullable)]
    pub about: Option<String>,
    /// The event's type.
    pub event_type: String,
    /// Why it was given up.
    pub reason: String,
    /// The group of like causes.
    pub fingerprint: String,
    /// How often it had been delivered.
    pub deliveries: u64,
    /// When it was parked.
    pub parked_at: Moment,
    /// The event's data as it was sent.
    pub data: String,
}

/// Messages that were given up.
#[derive(Object)]
#[oai(rename = "DeadLetters")]
pub(crate) struct ParkedListBody {
    /// The letters, the oldest first.
    pub letters: Vec<ParkedBody>,
}

/// Messages that were given up for one cause.
#[derive(Object)]
#[oai(rename = "DeadLetterGroup", rename_all = "camelCase")]
pub(crate) struct ParkedGroupBody {
    /// The group.
    pub fingerprint: String,
    /// Which consumer gave up.
    pub consumer: String,
    /// How many.
    pub count: u64,
    /// One member's reason; the others differ in numbers and ids only.
    pub example: String,
    /// When the first was parked.
    pub oldest: Moment,
    /// When the last was parked.
    pub newest: Moment,
}

/// Messages that were given up, by cause.
#[derive(Object)]
#[oai(rename = "DeadLetterGroups")]
pub(crate) struct ParkedGroupsBody {
    /// The groups, the most frequent first.
    pub groups: Vec<ParkedGroupBody>,
}

/// What became of a dead letter.
#[derive(Object)]
#[oai(rename = "DeadLetterOutcome")]
pub(crate) struct RemovalBody {
    /// Which one.
    pub id: String,
    /// `redriven`, `already` (it was put back before), `obsolete` (its job had ended otherwise) or `discarded`.
    pub outcome: String,
}

impl From<ParkedMessage> for ParkedBody {
    fn from(it: ParkedMessage) -> Self {
        Self {
            id: it.id,
            about: it.about,
            event_type: it.event_type,
            reason: it.reason,
            fingerprint: it.fingerprint,
            deliveries: it.deliveries,
            parked_at: Moment(it.parked_at),
            data: it.data,
        }
    }
}

impl From<ParkedGroup> for ParkedGroupBody {
    fn from(it: ParkedGroup) -> Self {
        Self {
            fingerprint: it.fingerprint,
            consumer: it.consumer,
            count: it.count,
            example: it.example,
            oldest: Moment(it.oldest),
            newest: Moment(it.newest),
        }
    }
}
