//! What happens to a plan: facts, past tense, versioned.

use serde::{Deserialize, Serialize};

use crate::engine::plan::Plan;
use crate::engine::workout::{PainReport, Workout};
use crate::ids::{AthleteId, JobId, LogEntryId};

/// The first version of a plan was made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Created {
    /// The job that made it.
    pub job_id: JobId,
    /// Whose plan.
    pub athlete_id: AthleteId,
    /// The plan, whole.
    pub plan: Plan,
}

/// The next version of a plan was made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Revised {
    /// The job that made it.
    pub job_id: JobId,
    /// Whose plan.
    pub athlete_id: AthleteId,
    /// The version, whole; `adapted` says what was decided and why.
    pub plan: Plan,
}

/// A session was done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WorkoutLogged {
    /// Names the entry.
    pub entry_id: LogEntryId,
    /// Who did it.
    pub athlete_id: AthleteId,
    /// The version of the plan that was the newest then.
    pub plan_version: u32,
    /// What was done. A later workout of the same session counts in its place.
    pub workout: Workout,
    /// Names the body of the request, to tell a repeat from another request under the same key.
    pub fingerprint: String,
}

/// Something hurts, or does not any more.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PainReported {
    /// Names the entry.
    pub entry_id: LogEntryId,
    /// Whom it hurts.
    pub athlete_id: AthleteId,
    /// Where and how much.
    pub report: PainReport,
    /// Names the body of the request, to tell a repeat from another request under the same key.
    pub fingerprint: String,
}

crate::events! {
    /// Everything that can happen to a plan.
    pub enum PlanEvent, PlanEventKind of "plan" {
        /// Its first version was made.
        Created = "created" v 1,
        /// Its next version was made.
        Revised = "revised" v 1,
        /// A session was done.
        WorkoutLogged = "workout_logged" v 1,
        /// Something hurts.
        PainReported = "pain_reported" v 1,
    }
}
