//! What the events of a plan add up to.

use crate::ids::JobId;

/// A plan, folded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PlanState {
    /// Its newest version; 0 before it exists.
    pub version: u32,
    /// The job that made it.
    pub job_id: Option<JobId>,
}
