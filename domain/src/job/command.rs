//! What one may wish of a plan job: imperative, with every id and time that its events need.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::event::{FailureCode, Replan};
use crate::engine::profile::Profile;
use crate::engine::request::PlanRequest;
use crate::ids::{AthleteId, JobId, PlanId};

/// Asks for a plan.
#[derive(Debug, Clone)]
pub struct RequestPlan {
    /// The job that will make it.
    pub job_id: JobId,
    /// Whose plan.
    pub athlete_id: AthleteId,
    /// The revision of the profile to plan for.
    pub profile_revision: u32,
    /// That profile.
    pub profile: Profile,
    /// When it starts, how many weeks, which seed.
    pub request: PlanRequest,
    /// Names the body of the request.
    pub fingerprint: String,
    /// Which plan to adapt, if one.
    pub replan: Option<Replan>,
    /// Which workers take it up.
    pub priority: Priority,
    /// No attempt begins before this moment.
    pub not_before: Option<OffsetDateTime>,
    /// No attempt begins, and no plan counts, after this moment.
    pub deadline: Option<OffsetDateTime>,
}

/// Which of two queues a job waits in. Each has workers of its own, so neither can starve the other.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// Somebody waits for it in front of a screen.
    High,
    /// It is done when its turn comes.
    #[default]
    Normal,
}

impl Priority {
    /// Each of them.
    pub const ALL: [Self; 2] = [Self::High, Self::Normal];

    /// The word in JSON and in a token's claim.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::High => "high",
            Self::Normal => "normal",
        }
    }

    /// Whether it is the one that goes without saying.
    #[must_use]
    pub const fn is_normal(&self) -> bool {
        matches!(self, Self::Normal)
    }
}

/// The copy of a job's events in the archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchivedEvents {
    /// The piece of the archive that holds them.
    pub segment: String,
    /// The sequence of the first.
    pub first: u64,
    /// The sequence of the last.
    pub last: u64,
    /// How many there are.
    pub events: u64,
}

/// Everything one may wish of a plan job.
#[derive(Debug, Clone)]
pub enum JobCommand {
    /// Ask for a plan.
    Request(Box<RequestPlan>),
    /// Put a waiting job before others.
    Expedite,
    /// Take the job up.
    Start {
        /// The queue of the worker that takes it up.
        lane: Priority,
        /// Which worker.
        worker: String,
        /// How many attempts a job has between its request (or its redrive) and the dead letters.
        max_attempts: u32,
        /// When.
        at: OffsetDateTime,
    },
    /// Tell how far the work is.
    Progress {
        /// Which attempt tells it.
        attempt: u32,
        /// What is being done.
        phase: String,
        /// 0 to 100.
        percent: u8,
    },
    /// Hand in the plan.
    Complete {
        /// Which attempt made it.
        attempt: u32,
        /// The plan.
        plan_id: PlanId,
        /// Which version of an adapted plan.
        plan_version: Option<u32>,
        /// What became of an adaptation, for people.
        note: Option<String>,
        /// When.
        at: OffsetDateTime,
    },
    /// Take the job up and hand in its plan at once: an attempt that is begun and ended by one event.
    Finish {
        /// The queue of the worker that does it.
        lane: Priority,
        /// Which worker.
        worker: String,
        /// How many attempts a job has between its request (or its redrive) and the dead letters.
        max_attempts: u32,
        /// When the attempt began.
        begun_at: OffsetDateTime,
        /// The plan.
        plan_id: PlanId,
        /// When it is handed in.
        at: OffsetDateTime,
    },
    /// Give this attempt up, not the job.
    FailAttempt {
        /// Which attempt.
        attempt: u32,
        /// Why.
        reason: String,
        /// When to try again.
        retry_at: OffsetDateTime,
        /// How many attempts are left.
        attempts_left: u32,
    },
    /// Give the job up for good.
    Fail {
        /// Which attempt found out.
        attempt: u32,
        /// Why, for programs.
        code: FailureCode,
        /// Why and what would help, for people.
        reason: String,
    },
    /// End the job if its deadline has passed; before that, nothing is done.
    Expire {
        /// Now.
        at: OffsetDateTime,
    },
    /// Record that the job's message is parked.
    DeadLetter {
        /// What the last attempt died of.
        reason: String,
        /// Groups dead letters of one cause.
        fingerprint: String,
    },
    /// Put a dead-lettered job back into the queue.
    Redrive {
        /// Why it will work now.
        note: String,
    },
    /// Record that a copy of the job's lost message goes back before its consumer.
    Requeue {
        /// Why.
        note: String,
    },
    /// Stop the job.
    Cancel,
    /// Acknowledge, as the worker that is on it, that it stopped.
    ConfirmCancel,
    /// Let the archive's copy of the events stand for them, now that the job has ended for good.
    Archive(ArchivedEvents),
}
