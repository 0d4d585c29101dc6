//! What the events of a plan job add up to.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::command::Priority;
use super::event::{Archived, JobEvent, Requested};
use crate::ids::{AthleteId, PlanId};

/// Where a job stands. `scheduled → queued → running → completed`; `running → retrying → running`; the rest are ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobStatus {
    /// Waiting for the moment before which it must not begin. No event says that the moment has come: what shows the job
    /// compares it with the time.
    Scheduled,
    /// Waiting for a worker.
    Queued,
    /// A worker is on it.
    Running,
    /// An attempt failed; the next one is due later.
    Retrying,
    /// The plan is there.
    Completed,
    /// It can never work.
    Failed,
    /// All attempts were used up; an operator may redrive it.
    DeadLettered,
    /// Somebody wants it stopped and a worker is still on it.
    Cancelling,
    /// It is stopped.
    Cancelled,
}

/// The events that end a job for good, by name. A dead letter is no such end: an operator may still put it back.
pub const ENDS: [&str; 3] = ["completed", "failed", "cancelled"];

/// The events that put a job into a queue, by name, and which queue: what the workers' consumers are given.
pub const QUEUED_BY: [(&str, Priority); 3] =
    [("requested", Priority::Normal), ("expedited", Priority::High), ("redriven", Priority::Normal)];

impl JobStatus {
    /// Every status there is.
    pub const ALL: [Self; 9] = [
        Self::Scheduled,
        Self::Queued,
        Self::Running,
        Self::Retrying,
        Self::Completed,
        Self::Failed,
        Self::DeadLettered,
        Self::Cancelling,
        Self::Cancelled,
    ];

    /// The status as JSON, SQL and metrics spell it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Scheduled => "scheduled",
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Retrying => "retrying",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::DeadLettered => "dead_lettered",
            Self::Cancelling => "cancelling",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether nothing more can happen, whoever wishes it: such a job may leave the log for the archive.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Cancelled)
    }

    /// Whether nothing more happens by itself. A dead letter may still be redriven by an operator.
    #[must_use]
    pub const fn is_terminal(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::DeadLettered | Self::Cancelled)
    }
}

/// A plan job, folded. `None` inside [`JobState`] before it was requested.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// Whose it is.
    pub athlete_id: AthleteId,
    /// Names the body of its request.
    pub fingerprint: String,
    /// What was asked; gone with its events once they are in the archive.
    pub requested: Option<Requested>,
    /// Where it stands.
    pub status: JobStatus,
    /// Attempts in all; the number of the newest one.
    pub attempts: u32,
    /// Attempts since the request or the last redrive: what the budget counts.
    pub attempts_in_budget: u32,
    /// The queue whose workers take it up.
    pub lane: Priority,
    /// Its own event has put it into the queue of high priority.
    pub put_forward: bool,
    /// The plan, once there is one.
    pub plan_id: Option<PlanId>,
    /// The piece of the archive that holds its events, once they went there.
    pub archived_in: Option<String>,
}

/// The state of the decider.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct JobState(pub Option<Job>);

impl Job {
    pub(super) fn new(requested: &Requested) -> Self {
        Self {
            athlete_id: requested.athlete_id.clone(),
            fingerprint: requested.fingerprint.clone(),
            requested: Some(requested.clone()),
            status: if requested.not_before.is_some() { JobStatus::Scheduled } else { JobStatus::Queued },
            attempts: 0,
            attempts_in_budget: 0,
            lane: requested.priority,
            put_forward: false,
            plan_id: None,
            archived_in: None,
        }
    }

    /// A job of which the log holds no more than that its events are in the archive.
    pub(super) fn of_archive(archived: &Archived) -> Self {
        Self {
            athlete_id: archived.athlete_id.clone(),
            fingerprint: archived.fingerprint.clone(),
            requested: None,
            status: archived.status,
            attempts: archived.attempts,
            attempts_in_budget: 0,
            lane: Priority::Normal,
            put_forward: false,
            plan_id: archived.plan_id.clone(),
            archived_in: Some(archived.segment.clone()),
        }
    }

    /// The moment before which no attempt may begin, while it still waits for that.
    #[must_use]
    pub fn not_before(&self) -> Option<OffsetDateTime> {
        self.requested.as_ref().filter(|_| self.status == JobStatus::Scheduled)?.not_before
    }

    /// The moment by which it must be finished.
    #[must_use]
    pub fn deadline(&self) -> Option<OffsetDateTime> {
        self.requested.as_ref()?.deadline
    }

    /// Its deadline, if that has passed.
    #[must_use]
    pub fn passed_deadline(&self, now: OffsetDateTime) -> Option<OffsetDateTime> {
        self.deadline().filter(|deadline| now > *deadline)
    }

    pub(super) fn evolve(mut self, event: &JobEvent) -> Self {
        match event {
            JobEvent::Requested(_) | JobEvent::Progressed(_) | JobEvent::Requeued(_) => {}
            JobEvent::Expedited(_) => {
                self.lane = Priority::High;
                self.put_forward = true;
                if self.status == JobStatus::Scheduled {
                    self.status = JobStatus::Queued;
                }
            }
            JobEvent::Started(started) => {
                self.status = JobStatus::Running;
                self.attempts = started.attempt;
                self.attempts_in_budget += 1;
            }
            JobEvent::AttemptFailed(_) => self.status = JobStatus::Retrying,
            JobEvent::Completed(completed) => {
                self.status = JobStatus::Completed;
                if completed.begun.is_some() {
                    self.attempts = completed.attempt;
                    self.attempts_in_budget += 1;
                }
                self.plan_id = Some(completed.plan_id.clone());
            }
            JobEvent::Failed(_) => self.status = JobStatus::Failed,
            JobEvent::DeadLettered(_) => self.status = JobStatus::DeadLettered,
            JobEvent::Redriven(_) => {
                // A redrive is an ordinary event: the ordinary workers get it.
                self.status = JobStatus::Queued;
                self.lane = Priority::Normal;
                self.attempts_in_budget = 0;
            }
            JobEvent::CancelRequested(_) => self.status = JobStatus::Cancelling,
            JobEvent::Cancelled(_) => self.status = JobStatus::Cancelled,
            JobEvent::Archived(archived) => self.archived_in = Some(archived.segment.clone()),
        }
        self
    }
}
