//! What happens to a plan: facts, past tense, versioned.

use serde::{Deserialize, Serialize};

use crate::engine::plan::Plan;
use crate::ids::{AthleteId, JobId};

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

crate::events! {
    /// Everything that can happen to a plan.
    pub enum PlanEvent of "plan" {
        /// Its first version was made.
        Created = "created" v 1,
    }
}
