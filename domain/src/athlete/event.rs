//! What happens to an athlete: facts, past tense, versioned.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::engine::answers::{Answers, Step};
use crate::engine::profile::Profile;
use crate::engine::workout::Pain;
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

/// Something was reported of the athlete's health outside onboarding: it binds every plan, not only the one whose log has it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HealthReported {
    /// When it was felt.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// Where and how much.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pain: Vec<Pain>,
    /// What the note to it mentions that a professional should know of; the note itself stays in the plan's log.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mentions: Vec<String>,
}

crate::events! {
    /// Everything that can happen to an athlete.
    pub enum AthleteEvent, AthleteEventKind of "athlete" {
        /// Something new was answered.
        OnboardingAnswered = "onboarding_answered" v 1,
        /// The answers make a new profile.
        OnboardingCompleted = "onboarding_completed" v 1,
        /// Pain was reported, or a note mentions what a professional should know of.
        HealthReported = "health_reported" v 1,
    }
}
