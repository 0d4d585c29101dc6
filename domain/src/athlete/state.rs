//! What the events of an athlete add up to.

use time::Date;

use super::reported::Reported;
use crate::engine::Flag;
use crate::engine::answers::Answers;
use crate::engine::profile::{Availability, Proficiency, Profile, Purpose, Season};
use crate::engine::workout::PainReport;
use crate::ids::JobId;

/// The profile that counts.
#[derive(Debug, Clone, PartialEq)]
pub struct CurrentProfile {
    /// Its revision, from 1.
    pub revision: u32,
    /// The profile as it was when the answers made it.
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
    /// What was reported of pain, and mentioned in notes.
    pub reported: Reported,
    /// What a professional said yes to: all that called for it when the yes was given, as long as it lasts.
    pub covered: Vec<Flag>,
    /// Answers came since the newest profile: where they make another one, and an append was stored in part, it is still to come.
    pub answers_are_newer: bool,
}

impl AthleteState {
    /// Whether a completed onboarding of this athlete promised this job.
    #[must_use]
    pub fn promised(&self, job: &JobId) -> bool {
        self.current.as_ref().is_some_and(|current| current.job_id == *job) || self.earlier_jobs.contains(job)
    }

    /// The athlete as they are on a day: the answers with what was reported since. A professional's yes stands in it only where
    /// it covers everything. `None` while onboarding is not complete.
    #[must_use]
    pub fn profile_on(&self, today: Date) -> Option<Profile> {
        let mut profile = self.reported.apply(Profile::from_answers(&self.answers)?, Some(today));
        let covered = profile.cleared_by_professional && Flag::all_of(&profile).iter().all(|flag| self.covers(flag));
        profile.cleared_by_professional = covered;
        Some(profile)
    }

    /// What answers have said since of places whose pain was reported, for the logs of plans.
    #[must_use]
    pub fn settled_pain(&self) -> Vec<PainReport> {
        self.reported.settled(&self.answers)
    }

    /// Whether a professional's yes was given to this.
    #[must_use]
    pub fn covers(&self, flag: &Flag) -> bool {
        self.answers.cleared_by_professional == Some(true) && self.covered.iter().any(|yes| yes.covers(flag))
    }

    /// Everything that calls for a yes, however old a report of it is.
    pub(super) fn flags(&self) -> Vec<Flag> {
        so_far(&self.answers).map(|profile| Flag::all_of(&self.reported.apply(profile, None))).unwrap_or_default()
    }
}

/// The profile that answers make so far, with nothing particular where a step is open.
pub(super) fn so_far(answers: &Answers) -> Option<Profile> {
    let answers = answers.clone();
    Profile::from_answers(&Answers {
        purpose: answers.purpose.or(Some(Purpose::GeneralFitness)),
        proficiency: answers.proficiency.or(Some(Proficiency::Beginner)),
        season: answers.season.or(Some(Season::Offseason)),
        availability_days: answers.availability_days.or(Some(Availability::Count(1))),
        weekly_goal_days: answers.weekly_goal_days.or(Some(1)),
        equipment: answers.equipment.or_else(|| Some(Vec::new())),
        recovery_habits: answers.recovery_habits.or_else(|| Some(Vec::new())),
        ..answers
    })
}
