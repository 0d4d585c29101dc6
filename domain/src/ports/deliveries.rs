//! What the consumers hold: the port by which a job that nobody will be given again is found and brought back.

use std::collections::HashSet;

use async_trait::async_trait;
use time::OffsetDateTime;

use super::StoreError;
use crate::envelope::{Position, Recorded};
use crate::ids::{AggregateRef, JobId};

/// A message that should bring a job to its worker, and that its consumer will not deliver any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unheld {
    /// Which job.
    pub job: JobId,
    /// What the message is about: the job itself, or the athlete whose completed onboarding promised it.
    pub about: AggregateRef,
    /// The durable consumer that has settled the message.
    pub consumer: String,
    /// Where the message stands.
    pub message: Position,
    /// A settled copy of it that was left in the stream, by its sequence; 0 when there is none.
    pub copy: u64,
}

/// What a look at the consumers found.
#[derive(Debug, Clone, Default)]
pub struct UnheldMessages {
    /// The oldest ones, those that are to come last behind them; a bounded number.
    pub messages: Vec<Unheld>,
    /// How many there are beyond these.
    pub more: u64,
}

/// Which open jobs no consumer holds, and the steps by which a message comes back. Every step may be repeated, by whomever:
/// it is done once.
#[async_trait]
pub trait Deliveries: Send + Sync {
    /// Looks through all jobs that have not ended, and all promises. What a consumer has settled is read before the job: a
    /// handler appends before its message is settled, so a job that is loaded *after* this answer, is still open and was
    /// put into its queue by that very message is held by nobody. The answer is bounded, so those of `last` come behind all
    /// others: jobs that nothing helps hide no job that can be helped.
    async fn unheld(&self, last: &HashSet<JobId>) -> Result<UnheldMessages, StoreError>;

    /// The same of one job, put into its queue by that event (or promised by it); none when its message is held.
    async fn unheld_of(
        &self,
        job: &JobId,
        about: &AggregateRef,
        queued_by: &Recorded,
    ) -> Result<Option<Unheld>, StoreError>;

    /// Puts a copy of the message before its consumer; false when there is one already.
    async fn put_back(&self, message: &Unheld) -> Result<bool, StoreError>;

    /// Parks the message in the dead letters and answers with the fingerprint of its cause.
    async fn park(&self, message: &Unheld, reason: &str, at: OffsetDateTime) -> Result<String, StoreError>;
}
