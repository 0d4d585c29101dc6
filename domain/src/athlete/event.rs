//! What happens to an athlete: facts, past tense, versioned.

use serde::{Deserialize, Serialize};

use crate::engine::answers::{Answers, Step};
use crate::engine::profile::Profile;
use crate::ids::JobId;

/// The athlete answered something new.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OnboardingAnswered {
    /// The steps that were done with these answers and not before.
    pub completed_steps: Vec<Step>,
    /// What was answered this time.
    pub answers: Answers,
}

/// All six steps are answered and make a profile that did not exist before.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OnboardingCompleted {
    /// The profile's revision, from 1.
    pub revision: u32,
    /// The profile.
    pub profile: Profile,
    /// The job that will make its first plan: what the 202 answered.
    pub job_id: JobId,
}

crate::events! {
    /// Everything that can happen to an athlete.
    pub enum AthleteEvent, AthleteEventKind of "athlete" {
        /// Something new was answered.
        OnboardingAnswered = "onboarding_answered" v 1,
        /// The answers make a new profile.
        OnboardingCompleted = "onboarding_completed" v 1,
    }
}
