//! What operators ask of the dead letters, of the workers' consumers and of webhooks: signatures only. The binary joins them to
//! JetStream and Postgres.

mod webhooks;

use std::time::Duration;

use ally_domain::ports::StoreError;
use ally_projections::dead_letter::{DeadLetterGroup, DeadLetterView, Wanted};
use async_trait::async_trait;
use time::OffsetDateTime;

use crate::ports::ViewError;

pub use webhooks::{DeliveryPlace, Replay, WebhookSecurity, WebhookViews};

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

/// What an operator does about a message that was given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Treatment {
    /// Puts it back: a job runs again from its full history.
    Redrive,
    /// Removes it for good.
    Discard,
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Treated {
    /// Its job is in the queue again, or its message stands before its consumer again.
    Redriven,
    /// The same was done about it before.
    Already,
    /// Its job has come to another end; the message was discarded.
    Obsolete,
    /// Its job is not parked yet: nothing was done.
    TooEarly,
    /// It is removed for good.
    Discarded,
}

impl Treated {
    /// The word in answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Redriven => "redriven",
            Self::Already => "already",
            Self::Obsolete => "obsolete",
            Self::TooEarly => "too_early",
            Self::Discarded => "discarded",
        }
    }
}

/// The dead letters of the deployment. Whoever changes something is named in what it leaves behind.
#[async_trait]
pub trait DeadLetterOffice: Send + Sync {
    /// Those that are wanted, the oldest first, behind an entry's sequence (0 begins), at most `limit`. They contain what
    /// was done a moment ago, unless the view is too far behind to be waited for.
    async fn page(&self, wanted: &Wanted, behind: u64, limit: u16) -> Result<Vec<DeadLetterView>, ViewError>;

    /// Those that are wanted by cause, the most frequent first.
    async fn groups(&self, wanted: &Wanted) -> Result<Vec<DeadLetterGroup>, ViewError>;

    /// One of them, whole; `None` when there is none of that id (any more).
    async fn show(&self, id: &str) -> Result<Option<ParkedMessage>, StoreError>;

    /// Does something about one in an operator's name; `None` when there is none of that id, or something else was done
    /// about it.
    async fn treat(
        &self,
        id: &str,
        treatment: Treatment,
        operator: &str,
        note: &str,
    ) -> Result<Option<Treated>, StoreError>;
}

/// How a consumer of workers stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsumerState {
    /// `planner`
    pub name: String,
    /// Whether deliveries are stopped, and for how long yet.
    pub paused: Option<Duration>,
    /// Who stopped them, where that is known.
    pub paused_by: Option<String>,
    /// Messages that wait for their first delivery.
    pub pending: u64,
    /// Messages that a worker has in hand.
    pub in_hand: u64,
    /// Messages that were delivered more than once and are not settled.
    pub redelivered: u64,
    /// Requests of workers for more.
    pub free_pulls: u64,
    /// How long the oldest unsettled message waits.
    pub oldest_age: Duration,
}

/// The consumers of the workers.
#[async_trait]
pub trait ConsumerDesk: Send + Sync {
    /// Those that a worker has made.
    async fn list(&self) -> Result<Vec<ConsumerState>, StoreError>;

    /// Stops deliveries for so long, or lets them go on (`None`), in an operator's name; how it stands then. `None` when
    /// there is no such consumer or no worker has made it yet.
    async fn pause(
        &self,
        name: &str,
        length: Option<Duration>,
        operator: &str,
    ) -> Result<Option<ConsumerState>, StoreError>;
}
