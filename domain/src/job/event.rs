//! What happens to a plan job: facts, past tense, versioned.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::command::Priority;
use super::state::JobStatus;
use crate::engine::profile::Profile;
use crate::engine::request::PlanRequest;
use crate::ids::{AthleteId, JobId, PlanId};

/// A plan was asked for. It carries all that the work needs, so that a worker reads nothing else.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Requested {
    /// This job.
    pub job_id: JobId,
    /// Whose plan.
    pub athlete_id: AthleteId,
    /// The revision of the profile it is made from.
    pub profile_revision: u32,
    /// That profile.
    pub profile: Profile,
    /// What is asked: when it starts, how many weeks, which seed.
    pub request: PlanRequest,
    /// Names the body of the request, to tell a repeat from another request under the same key.
    pub fingerprint: String,
    /// Absent where a new plan is asked for; otherwise which plan is to be adapted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replan: Option<Replan>,
    /// Which workers take it up at first.
    #[serde(default, skip_serializing_if = "Priority::is_normal")]
    pub priority: Priority,
    /// No attempt begins before this moment; absent where it may begin at once.
    #[serde(default, with = "time::serde::rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub not_before: Option<OffsetDateTime>,
    /// The job fails if it is not finished by this moment; absent where it may take its time.
    #[serde(default, with = "time::serde::rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub deadline: Option<OffsetDateTime>,
}

/// A next version of a plan is asked for, made from what was done and what hurt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Replan {
    /// Which plan.
    pub plan_id: PlanId,
    /// The newest version when it was asked. If another one comes in between, that one is adapted.
    pub base_version: u32,
    /// Why, in the athlete's own words. Data, never instructions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// The job goes before others: the express workers take it up, and the ordinary ones leave it to them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Expedited {}

/// A worker took the job up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Started {
    /// From 1, never reset: it fences a worker that comes back late.
    pub attempt: u32,
    /// Which worker.
    pub worker: String,
}

/// The work came along.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Progressed {
    /// Which attempt.
    pub attempt: u32,
    /// What is being done: `composing`, `validating`.
    pub phase: String,
    /// 0 to 100.
    pub percent: u8,
}

/// An attempt failed in a way that may pass.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AttemptFailed {
    /// Which attempt.
    pub attempt: u32,
    /// Why.
    pub reason: String,
    /// When the next one is due.
    #[serde(with = "time::serde::rfc3339")]
    pub retry_at: OffsetDateTime,
    /// How many attempts are left before the dead letters; unknown in events that were written as v1.
    pub attempts_left: Option<u32>,
}

/// The beginning of an attempt that ended so soon that it was not written down by itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Begun {
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// Which worker took the job up.
    pub worker: String,
}

/// The plan is there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Completed {
    /// Which attempt made it.
    pub attempt: u32,
    /// The plan.
    pub plan_id: PlanId,
    /// Which version of it; absent for a first one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan_version: Option<u32>,
    /// What became of an adaptation, for people; absent for a first version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The attempt's beginning; absent where an event of its own tells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub begun: Option<Begun>,
}

/// Why a job can never work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureCode {
    /// No plan meets the rules for these answers.
    Infeasible,
    /// The answers call for a professional's yes first.
    ClearanceRequired,
    /// A provider refused for good.
    Rejected,
    /// It was not finished by its deadline. Events of version 1 do not have it.
    DeadlinePassed,
}

impl FailureCode {
    /// The code as JSON, metrics and spans spell it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Infeasible => "infeasible",
            Self::ClearanceRequired => "clearance_required",
            Self::Rejected => "rejected",
            Self::DeadlinePassed => "deadline_passed",
        }
    }
}

/// The job cannot work, now or later.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Failed {
    /// Which attempt found out; 0 where none had begun.
    pub attempt: u32,
    /// Why, for programs.
    pub code: FailureCode,
    /// Why and what would help, for people.
    pub reason: String,
}

/// All attempts were used up; the message is parked for an operator.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DeadLettered {
    /// How many attempts there were.
    pub attempts: u32,
    /// What the last one died of.
    pub reason: String,
    /// Groups dead letters of one cause.
    pub fingerprint: String,
}

/// An operator put a dead-lettered job back into the queue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Redriven {
    /// Why it will work now, in the operator's words.
    pub note: String,
}

/// No consumer held the job's message any more; a copy of it was put back before its consumer. Nothing else changes: what
/// was begun counts as an attempt, and what is still at work may finish.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Requeued {
    /// Why: an operator's words, or what the reconciler found.
    pub note: String,
}

/// Somebody wants the job stopped while a worker is on it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CancelRequested {}

/// The job is stopped; no plan will come of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cancelled {}

/// The events before this one went to the archive, and this one stands for them in the log. It says what every later
/// command on the job is decided by, so that none of them has to read the archive.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Archived {
    /// Whose job.
    pub athlete_id: AthleteId,
    /// Names the body of the request.
    pub fingerprint: String,
    /// How it ended.
    pub status: JobStatus,
    /// Attempts in all.
    pub attempts: u32,
    /// The plan, where there is one.
    pub plan_id: Option<PlanId>,
    /// The piece of the archive that holds its events.
    pub segment: String,
    /// The sequence of its first event there.
    pub first: u64,
    /// The sequence of its last event there.
    pub last: u64,
    /// How many events it has there.
    pub events: u64,
}

crate::events! {
    /// Everything that can happen to a plan job.
    #[allow(clippy::large_enum_variant, reason = "events are decoded one at a time and never kept in numbers")]
    pub enum JobEvent, JobEventKind of "plan_job" {
        /// A plan was asked for.
        Requested = "requested" v 1,
        /// It goes before others.
        Expedited = "expedited" v 1,
        /// A worker took it up.
        Started = "started" v 1,
        /// The work came along.
        Progressed = "progressed" v 1,
        /// An attempt failed and another will follow.
        AttemptFailed = "attempt_failed" v 2,
        /// The plan is there.
        Completed = "completed" v 1,
        /// It can never work.
        Failed = "failed" v 2,
        /// All attempts were used up.
        DeadLettered = "dead_lettered" v 1,
        /// An operator put it back.
        Redriven = "redriven" v 1,
        /// Its lost message was put back.
        Requeued = "requeued" v 1,
        /// Somebody wants it stopped.
        CancelRequested = "cancel_requested" v 1,
        /// It is stopped.
        Cancelled = "cancelled" v 1,
        /// Its events went to the archive.
        Archived = "archived" v 1,
    }
}
