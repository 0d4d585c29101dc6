//! What one may wish of a plan.

use time::{Date, OffsetDateTime};

use crate::engine::plan::Plan;
use crate::engine::workout::{PainReport, Workout};
use crate::ids::{AthleteId, JobId, LogEntryId};

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
    /// Keep the next version that a job made.
    Revise {
        /// The job.
        job_id: JobId,
        /// Whose plan.
        athlete_id: AthleteId,
        /// The version.
        plan: Box<Plan>,
        /// The day it is: what lies before it never changes.
        today: Date,
    },
    /// Write down what was done of a session.
    LogWorkout {
        /// Names the entry; the same for the same key, for ever.
        entry_id: LogEntryId,
        /// Who did it.
        athlete_id: AthleteId,
        /// What was done.
        workout: Box<Workout>,
        /// Names the body of the request.
        fingerprint: String,
        /// Now: nothing is done in the future.
        now: OffsetDateTime,
    },
    /// Write down what hurts.
    ReportPain {
        /// Names the entry; the same for the same key, for ever.
        entry_id: LogEntryId,
        /// Whom it hurts.
        athlete_id: AthleteId,
        /// Where and how much.
        report: Box<PainReport>,
        /// Names the body of the request.
        fingerprint: String,
        /// Now: nothing is felt in the future.
        now: OffsetDateTime,
    },
}
