//! What the events of an athlete add up to.

use crate::engine::answers::Answers;
use crate::engine::profile::Profile;
use crate::ids::JobId;

/// The profile that counts.
#[derive(Debug, Clone, PartialEq)]
pub struct CurrentProfile {
    /// Its revision, from 1.
    pub revision: u32,
    /// The profile.
    pub profile: Profile,
    /// The job that follows from it.
    pub job_id: JobId,
}

/// An athlete, folded.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AthleteState {
    /// All that was answered, newest on top.
    pub answers: Answers,
    /// The newest profile, once onboarding was complete.
    pub current: Option<CurrentProfile>,
    /// The jobs of earlier revisions, oldest first.
    pub earlier_jobs: Vec<JobId>,
}

impl AthleteState {
    /// Whether a completed onboarding of this athlete promised this job.
    #[must_use]
    pub fn promised(&self, job: &JobId) -> bool {
        self.current.as_ref().is_some_and(|current| current.job_id == *job) || self.earlier_jobs.contains(job)
    }
}
