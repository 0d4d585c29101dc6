//! What the events of a plan add up to.

use std::collections::BTreeMap;

use super::event::PlanEvent;
use crate::engine::plan::Plan;
use crate::engine::workout::TrainingLog;
use crate::ids::{AthleteId, JobId, LogEntryId};

/// A plan, folded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PlanState {
    /// Its newest version; 0 before it exists.
    pub version: u32,
    /// The job that made its first version.
    pub job_id: Option<JobId>,
    /// Whose it is.
    pub athlete_id: Option<AthleteId>,
    /// The newest version, whole.
    pub plan: Option<Box<Plan>>,
    /// What was done and what hurt.
    pub log: TrainingLog,
    /// Every entry of the log that was ever made, with the request that made it.
    pub entries: BTreeMap<LogEntryId, String>,
    /// The versions that jobs have made.
    pub made_by: BTreeMap<JobId, u32>,
}

impl PlanState {
    pub(super) fn evolve(mut self, event: &PlanEvent) -> Self {
        match event {
            PlanEvent::Created(created) => {
                self.job_id = Some(created.job_id.clone());
                self.keep(&created.job_id, &created.athlete_id, &created.plan);
            }
            PlanEvent::Revised(revised) => self.keep(&revised.job_id, &revised.athlete_id, &revised.plan),
            PlanEvent::WorkoutLogged(logged) => {
                self.entries.insert(logged.entry_id.clone(), logged.fingerprint.clone());
                self.log.log(logged.workout.clone());
            }
            PlanEvent::PainReported(reported) => {
                self.entries.insert(reported.entry_id.clone(), reported.fingerprint.clone());
                self.log.report(reported.report.clone());
            }
        }
        self
    }

    fn keep(&mut self, job: &JobId, athlete: &AthleteId, plan: &Plan) {
        self.version = plan.version;
        self.athlete_id = Some(athlete.clone());
        self.made_by.insert(job.clone(), plan.version);
        self.plan = Some(Box::new(plan.clone()));
    }
}
