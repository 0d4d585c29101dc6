//! Dead letters as operators read them.

use ally_projections::dead_letter::{DeadLetterGroup, DeadLetterView};
use poem_openapi::Object;

use super::answer::Paged;
use super::moment::Moment;
use crate::operations::ParkedMessage;
use crate::schema::{DeadLetterTreatment, LetterStateChoice};

/// A message that was given up.
#[derive(Object)]
#[oai(rename = "DeadLetter", rename_all = "camelCase")]
pub(crate) struct ParkedBody {
    /// The consumer that gave up, and where the event stands: `planner.PLANS-42`.
    pub id: String,
    /// What it is about: `job 7`.
    #[oai(skip_serializing_if_is_none)]
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

/// A message that was given up, as lists show it: without its data.
#[derive(Object)]
#[oai(rename = "DeadLetterSummary", rename_all = "camelCase")]
pub(crate) struct ListedBody {
    /// The consumer that gave up, and where the event stands: `planner.PLANS-42`.
    pub id: String,
    /// The consumer that gave up.
    pub consumer: String,
    /// What it is about: `job 7`.
    #[oai(skip_serializing_if_is_none)]
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
    /// Where it stands.
    pub state: LetterStateChoice,
    /// When it was put back or discarded.
    #[oai(skip_serializing_if_is_none)]
    pub ended_at: Option<Moment>,
    /// By whom.
    #[oai(skip_serializing_if_is_none)]
    pub ended_by: Option<String>,
    /// Why, in their words.
    #[oai(skip_serializing_if_is_none)]
    pub note: Option<String>,
}

/// Messages that were given up.
#[derive(Object)]
#[oai(rename = "DeadLetters")]
pub(crate) struct ParkedListBody {
    /// The letters, the oldest first.
    pub letters: Vec<ListedBody>,
    /// Send it as `cursor` to get the next page; absent on the last.
    #[oai(skip_serializing_if_is_none)]
    pub next: Option<String>,
}

impl Paged for ParkedListBody {
    fn next(&self) -> Option<&str> {
        self.next.as_deref()
    }
}

/// Messages that were given up for one cause.
#[derive(Object)]
#[oai(rename = "DeadLetterGroup", rename_all = "camelCase")]
pub(crate) struct ParkedGroupBody {
    /// The group.
    pub fingerprint: String,
    /// Which consumer gave up.
    pub consumer: String,
    /// What its messages are.
    pub event_type: String,
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
    /// What.
    pub outcome: DeadLetterTreatment,
}

/// What became of many dead letters.
#[derive(Object)]
#[oai(rename = "DeadLetterOutcomes")]
pub(crate) struct RemovalsBody {
    /// Each one that was come to, in order.
    pub outcomes: Vec<RemovalBody>,
    /// Whether more of them are wanted: send the request again.
    pub more: bool,
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

impl From<DeadLetterView> for ListedBody {
    fn from(it: DeadLetterView) -> Self {
        Self {
            id: it.letter.id,
            consumer: it.letter.consumer,
            about: it.letter.about,
            event_type: it.letter.event_type,
            reason: it.letter.reason,
            fingerprint: it.letter.fingerprint,
            deliveries: it.letter.deliveries,
            parked_at: Moment(it.letter.parked_at),
            state: LetterStateChoice(it.state),
            ended_at: it.ended_at.map(Moment),
            ended_by: it.ended_by,
            note: it.note,
        }
    }
}

impl From<DeadLetterGroup> for ParkedGroupBody {
    fn from(it: DeadLetterGroup) -> Self {
        Self {
            fingerprint: it.fingerprint,
            consumer: it.consumer,
            event_type: it.event_type,
            count: it.count,
            example: it.example,
            oldest: Moment(it.oldest),
            newest: Moment(it.newest),
        }
    }
}
