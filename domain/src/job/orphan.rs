//! What becomes of an open job whose message no consumer holds: nobody will ever be given it again.
//!
//! Deliberately not here: how that is known, which is the log's and the consumers' matter.

use std::time::Duration;

use time::OffsetDateTime;

use super::state::{Job, JobStatus};

/// The bounds that the workers keep.
#[derive(Debug, Clone, Copy)]
pub struct OrphanLimits {
    /// Attempts between a request (or a redrive) and the dead letters.
    pub max_attempts: u32,
    /// An attempt that began so long ago has ended, or its worker has.
    pub longest_attempt: Duration,
}

/// What to do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remedy {
    /// A copy of its message goes back before its consumer.
    PutBack,
    /// Its attempts are used up: its message goes to the dead letters.
    Park,
    /// Its worker is gone and cannot let go of it: it is cancelled.
    Cancel,
    /// It was only promised: it is requested in the place of the process manager that lost the promise.
    Request,
    /// A worker may still be at it although no consumer holds its message: to be looked at again.
    Wait,
}

impl Remedy {
    /// The word in logs, metrics and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PutBack => "put_back",
            Self::Park => "parked",
            Self::Cancel => "cancelled",
            Self::Request => "requested",
            Self::Wait => "waits",
        }
    }
}

/// What to do about a job that nobody holds; `None` when it is at an end. `moved_at` is when its last event was decided: an
/// attempt that may be alive must not lose its number to a second one.
#[must_use]
pub fn remedy(job: &Job, moved_at: OffsetDateTime, now: OffsetDateTime, limits: &OrphanLimits) -> Option<Remedy> {
    let used_up = job.attempts_in_budget >= limits.max_attempts;
    match job.status {
        JobStatus::Running if now - moved_at < limits.longest_attempt => Some(Remedy::Wait),
        JobStatus::Queued | JobStatus::Running | JobStatus::Retrying if used_up => Some(Remedy::Park),
        // A scheduled job waits as a scheduled message; its worker schedules it again when that one was lost too early.
        JobStatus::Scheduled | JobStatus::Queued | JobStatus::Running | JobStatus::Retrying => Some(Remedy::PutBack),
        // Cancelling it twice is once, so a worker that lives loses nothing.
        JobStatus::Cancelling => Some(Remedy::Cancel),
        JobStatus::Completed | JobStatus::Failed | JobStatus::DeadLettered | JobStatus::Cancelled => None,
    }
}
