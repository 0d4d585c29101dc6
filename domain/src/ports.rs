//! What the rules need from the world: signatures only. The binary joins them to JetStream and Postgres.

mod archive;
mod deliveries;
mod event_log;
mod leases;
mod locks;
mod presence;

use std::pin::Pin;
use std::time::Duration;

use async_trait::async_trait;
use time::OffsetDateTime;

use crate::engine::plan::Plan;
use crate::engine::profile::Profile;
use crate::engine::request::PlanRequest;
use crate::envelope::{CommandContext, Position, Recorded};
use crate::event_data::{EncodedEvent, EventType};
use crate::ids::{AggregateRef, AthleteId, JobId, PlanId};
use crate::job::FailureCode;
use crate::outcome::Outcome;

pub use archive::{Copied, Due, Found, Segment};
pub use deliveries::{Deliveries, Unheld, UnheldMessages};
pub use event_log::{EventLog, EventReader, ReadBatch, Skipped, StreamIdentity};
pub use leases::{HeldLease, Lease, LeaseChange, LeaseError, LeaseWatch, Leases};
pub use locks::{HeldLock, LockError, Locks};
pub use presence::{Present, PresentError, PresentView};

/// Tells the time. Only the binary's implementation asks the machine.
pub trait Clock: Send + Sync {
    /// Now, in UTC.
    fn now(&self) -> OffsetDateTime;
}

/// An aggregate's history as the log holds it.
#[derive(Debug, Clone, Default)]
pub struct History {
    /// Its events, oldest first.
    pub events: Vec<Recorded>,
}

impl History {
    /// What the next append must expect: the last event's sequence, 0 when there is none.
    #[must_use]
    pub fn last_sequence(&self) -> u64 {
        self.events.last().map_or(0, |event| event.position.sequence)
    }
}

/// The events that one command adds to one aggregate, or several commands that are decided one behind the other.
#[derive(Debug, Clone)]
pub struct Append {
    /// Which aggregate.
    pub aggregate: AggregateRef,
    /// The last sequence of this aggregate that the decision was made on; 0 = there must be none.
    pub expected: u64,
    /// At least one event.
    pub events: Vec<EncodedEvent>,
    /// Who, when, in which trace.
    pub context: CommandContext,
    /// The context of each event, where they are of several commands; else empty. Each event is then the first of its command.
    pub contexts: Vec<CommandContext>,
}

impl Append {
    /// The context of one of its events, by its place from 0.
    #[must_use]
    pub fn context_of(&self, event: usize) -> &CommandContext {
        self.contexts.get(event).unwrap_or(&self.context)
    }
}

/// What became of an append.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appended {
    /// Where its last event stands.
    pub position: Position,
    /// True when the log held these very events already: a retry, stored once.
    pub duplicate: bool,
}

/// Why an append or a load did not happen.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Somebody appended first: load again, decide again.
    #[error("{aggregate} moved on: its last event was expected at {expected}")]
    Conflict {
        /// Which aggregate.
        aggregate: AggregateRef,
        /// What the caller had seen.
        expected: u64,
    },
    /// The log did not answer in time or is not reachable; whether it stored the events is settled by a retry with the same ids.
    #[error("the event log is not reachable: {reason}")]
    Unavailable {
        /// What the client reported.
        reason: String,
    },
    /// The log has no room left. Nothing was stored, and nothing will be until somebody makes room: later, and no attempt.
    #[error("the event log is full: {reason}")]
    Full {
        /// What the server said.
        reason: String,
    },
    /// The log refused: too large, not allowed, no such stream.
    #[error("the event log refused {what}: {reason}")]
    Rejected {
        /// What was tried.
        what: String,
        /// What the server said.
        reason: String,
    },
    /// An event in the log is of a type or version that this program does not know: whatever it decided without it would
    /// be decided on less than the truth.
    #[error(
        "event {position} of {aggregate} is a {event_type}, written by a newer version of Ally; nothing is decided without it, update this process"
    )]
    Newer {
        /// Which aggregate.
        aggregate: AggregateRef,
        /// Where it stands.
        position: Position,
        /// What it is.
        event_type: EventType,
    },
    /// Events went to the archive, and the piece that holds them is not there.
    #[error("the segment {segment} of the archive is missing: {reason}")]
    ArchiveMissing {
        /// Its name.
        segment: String,
        /// What it holds, and what to do.
        reason: String,
    },
    /// An event in the log cannot be read.
    #[error("event {position} of {aggregate} cannot be read: {reason}")]
    Corrupt {
        /// Which aggregate.
        aggregate: AggregateRef,
        /// Where it stands.
        position: Position,
        /// What is wrong with it.
        reason: String,
    },
}

impl StoreError {
    /// The error for an event that this program does not know.
    #[must_use]
    pub fn newer(event: &Recorded) -> Self {
        Self::Newer {
            aggregate: event.aggregate.clone(),
            position: event.position.clone(),
            event_type: event.event_type.clone(),
        }
    }
}

/// The log of events. One aggregate has one order; aggregates of one stream can be appended together.
#[async_trait]
pub trait EventStore: Send + Sync {
    /// Reads what a decision needs of an aggregate: all its events, or the one that says that the others are in the
    /// archive. An aggregate without events has an empty history.
    async fn load(&self, aggregate: &AggregateRef) -> Result<History, StoreError>;

    /// Reads an aggregate's whole history, with the events that went to the archive: for looking back. What
    /// [`Self::load`] reads is enough to decide by, and never waits for the archive.
    async fn look_back(&self, aggregate: &AggregateRef) -> Result<History, StoreError> {
        self.load(aggregate).await
    }

    /// Where an aggregate's last event stands, as of now: enough to prove that what is known of it is still all. `None` while it
    /// has no event.
    async fn last_position(&self, aggregate: &AggregateRef) -> Result<Option<Position>, StoreError> {
        Ok(self.load(aggregate).await?.events.pop().map(|event| event.position))
    }

    /// An aggregate's last event, as of now: all that a decision needs where each event says what the aggregate is behind it.
    async fn last_event(&self, aggregate: &AggregateRef) -> Result<Option<Recorded>, StoreError> {
        Ok(self.load(aggregate).await?.events.pop())
    }

    /// The sequence of the last event stored in a stream (`PLANS`), as of now, 0 while there is none; `None` when no stream of
    /// events has this name.
    async fn end_of(&self, stream: &str) -> Result<Option<u64>, StoreError>;

    /// Appends the events of one command, all or none, and answers when they are on disk.
    async fn append(&self, append: Append) -> Result<Appended, StoreError> {
        self.append_together(vec![append]).await
    }

    /// Appends to several aggregates of one stream, all or none. The answer is the position of the last event.
    async fn append_together(&self, appends: Vec<Append>) -> Result<Appended, StoreError>;

    /// Appends to several aggregates of one stream, one behind the other, as fast as the log can: where it ends half-way, the first
    /// of them are there and the others are not. For what is taken up again where it ended. The error tells of the first one that is
    /// not there; the answer is the position of the last event.
    async fn append_in_order(&self, appends: Vec<Append>) -> Result<Appended, StoreError> {
        append_one_by_one(self, appends).await
    }
}

/// Appends one behind the other, each by itself, until one fails.
///
/// # Errors
/// Why the first one that is not there is not there.
pub async fn append_one_by_one(
    store: &(impl EventStore + ?Sized),
    appends: Vec<Append>,
) -> Result<Appended, StoreError> {
    let nothing = || StoreError::Rejected { what: "an append".to_owned(), reason: "it has no events".to_owned() };
    let mut last = None;
    for append in appends {
        last = Some(store.append(append).await?);
    }
    last.ok_or_else(nothing)
}

/// A piece that was written, and how far the log was looked through for it.
#[derive(Debug, Clone)]
pub struct Written {
    /// The piece; none when nothing was due.
    pub segment: Option<Segment>,
    /// The last end that was looked at. The next piece begins behind it.
    pub up_to: u64,
}

/// Moves finished histories out of the log, one step at a time. Every step may be repeated, by whomever, at any time.
#[async_trait]
pub trait Archive: Send + Sync {
    /// The pieces whose histories may not all have left the log yet: an earlier run ended too soon. Read back and checked.
    async fn unfinished(&self) -> Result<Vec<Segment>, StoreError>;

    /// What is due, counted and left where it is.
    async fn find(&self, due: Due) -> Result<Found, StoreError>;

    /// Copies what is due first, as much as one piece holds, and reads it back before it answers.
    async fn write(&self, due: Due) -> Result<Written, StoreError>;

    /// Removes a history's events from the log. To be called when another event stands for them there.
    async fn remove(&self, history: &Copied) -> Result<(), StoreError>;

    /// Notes that a piece is finished, so that no later run looks at it again.
    async fn finish(&self, segment: &Segment) -> Result<(), StoreError>;
}

/// How far everything that is built from a stream has got.
#[async_trait]
pub trait Passed: Send + Sync {
    /// The sequence that every view which the stream feeds has in its rows; 0 while one has not begun.
    async fn passed(&self, stream: &str) -> Result<u64, PassedError>;
}

/// Nobody can tell how far the views are.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("how far the views have read cannot be told: {reason}")]
pub struct PassedError {
    /// What the database said.
    pub reason: String,
}

/// What a handler may know about the delivery it works on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryContext {
    /// Which durable consumer delivered it.
    pub consumer: String,
    /// How often this message was delivered, from 1.
    pub delivery: u64,
}

/// Works on one event at a time. It answers with an outcome; the consumer runner settles.
#[async_trait]
pub trait EventHandler: Send + Sync {
    /// Works on an event. It may see the same event again, at any time, even while an earlier call still runs.
    async fn handle(&self, event: &Recorded, delivery: &DeliveryContext) -> Outcome;

    /// Records that the event's message is now parked in the dead letters; called after the message is safe there and
    /// before its delivery ends, so it may be called again for the same event.
    ///
    /// # Errors
    /// When the log is not reachable; the runner then tries again later.
    async fn parked(&self, event: &Recorded, reason: &str, fingerprint: &str) -> Result<(), StoreError>;
}

/// Done once somebody wants a job stopped; never otherwise. Dropping it ends the watch.
pub type StopWish = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Tells a worker that somebody wants its job stopped, whichever node they asked.
pub trait Cancellations: Send + Sync {
    /// Begins to watch a job, at once: no request from now on is missed, though one may be told late.
    fn watch(&self, job: &JobId) -> StopWish;
}

/// Says how long to wait before the next attempt. The implementation draws full jitter; the rules only ask.
pub trait RetryClock: Send + Sync {
    /// The delay after the given attempt, counted from 1, has failed.
    fn delay_after(&self, attempt: u32) -> Duration;
}

/// What a provider is asked for.
#[derive(Debug, Clone)]
pub struct PlanOrder {
    /// The id that the plan will have.
    pub plan_id: PlanId,
    /// Who asked, for spans only: it never changes the content, and no other party is told.
    pub athlete: AthleteId,
    /// Which revision of the profile.
    pub profile_revision: u32,
    /// That profile.
    pub profile: Profile,
    /// When it starts, how many weeks, which seed.
    pub request: PlanRequest,
}

/// Why a provider made no plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProviderError {
    /// It can never work for these answers.
    #[error("{reason}")]
    Permanent {
        /// Why, for programs.
        code: FailureCode,
        /// Why and what would help, for people.
        reason: String,
    },
    /// It may work later.
    #[error("{reason}")]
    Transient {
        /// Why not now.
        reason: String,
        /// When to try again, where the provider was told.
        after: Option<Duration>,
    },
}

/// Where a provider says what it is doing, for whoever waits for the plan. Saying it is cheap and waits for nothing.
pub trait Progress: Send + Sync {
    /// The work has come to a phase: `drafting`, and how much of it is done, in percent.
    fn say(&self, phase: &'static str, percent: u8);
}

/// Makes training plans. What it hands over has passed the validator.
#[async_trait]
pub trait PlanProvider: Send + Sync {
    /// `builtin`, `llm`: what provenance, metrics and spans call it.
    fn name(&self) -> &'static str;

    /// Makes a plan.
    async fn make(&self, order: &PlanOrder) -> Result<Plan, ProviderError>;

    /// Makes a plan and says how far it is. One that is done in milliseconds has nothing to say.
    async fn make_with_progress(&self, order: &PlanOrder, _progress: &dyn Progress) -> Result<Plan, ProviderError> {
        self.make(order).await
    }

    /// Looks whether what it stands on is back, where it knows that it was away and nobody asks for a plan. Called now and then.
    async fn look(&self) {}
}
