//! What one may wish of a plan.

use crate::engine::plan::Plan;
use crate::ids::{AthleteId, JobId};

/// Everything one may wish of a plan.
#[derive(Debug, Clone)]
pub enum PlanCommand {
    /// Keep the plan that a job made.
    Create {
        /// The job.
        job_id: JobId,
        /// Whose plan.
        athlete_id: AthleteId,
        /// The plan.
        plan: Box<Plan>,
    },
}
