//! `athlete_profile` as a pure fold of events.

use ally_domain::athlete::AthleteEvent;
use ally_domain::engine::answers::{Answers, Step};
use ally_domain::engine::profile::Profile;
use ally_domain::envelope::{Position, Recorded};
use ally_domain::event_data::EncodingError;
use ally_domain::ids::{AthleteId, JobId};
use time::OffsetDateTime;

use crate::fact::Fact;
use crate::projection::at;

/// One revision of a profile.
#[derive(Debug, Clone, PartialEq)]
pub struct ProfileRevision {
    /// From 1.
    pub revision: u32,
    /// The profile.
    pub profile: Profile,
    /// The job that makes a plan for it.
    pub job_id: JobId,
    /// When the answers made it.
    pub completed_at: OffsetDateTime,
}

/// An athlete's record.
#[derive(Debug, Clone, PartialEq)]
pub struct AthleteProfileView {
    /// Whose.
    pub athlete_id: AthleteId,
    /// All answers, newest on top.
    pub answers: Answers,
    /// Every revision of the profile, oldest first; the last one counts. Empty before onboarding is complete.
    pub revisions: Vec<ProfileRevision>,
    /// When it last changed.
    pub updated_at: OffsetDateTime,
    /// The newest event in it.
    pub last: Position,
}

impl AthleteProfileView {
    /// The steps of onboarding that are still open.
    #[must_use]
    pub fn missing(&self) -> Vec<Step> {
        self.answers.missing()
    }

    /// The revision that counts.
    #[must_use]
    pub fn current(&self) -> Option<&ProfileRevision> {
        self.revisions.last()
    }

    /// The revisions before it, oldest first.
    #[must_use]
    pub fn earlier(&self) -> &[ProfileRevision] {
        self.revisions.split_last().map_or(&[], |(_, earlier)| earlier)
    }
}

/// Folds one event of one athlete; `None` is an athlete who has answered nothing. An event that is not about athletes, of a
/// type that this version does not know, or already folded, changes nothing.
///
/// # Errors
/// When the event's data does not fit its type.
pub fn fold(view: Option<AthleteProfileView>, event: &Recorded) -> Result<Option<AthleteProfileView>, EncodingError> {
    match Fact::read(event) {
        Ok(Fact::Athlete(fact)) => Ok(Some(fold_fact(view, event, &fact))),
        Ok(_) | Err(EncodingError::Unknown { .. }) => Ok(view),
        Err(error) => Err(error),
    }
}

pub(super) fn fold_fact(view: Option<AthleteProfileView>, event: &Recorded, fact: &AthleteEvent) -> AthleteProfileView {
    let is_new = view.as_ref().is_none_or(|view| view.last.sequence < event.position.sequence);
    let mut view = view.unwrap_or_else(|| AthleteProfileView {
        athlete_id: AthleteId::from(&event.aggregate.id),
        answers: Answers::default(),
        revisions: Vec::new(),
        updated_at: at(event),
        last: event.position.clone(),
    });
    if !is_new {
        return view;
    }
    view.updated_at = at(event);
    view.last = event.position.clone();
    match fact {
        AthleteEvent::OnboardingAnswered(answered) => view.answers = view.answers.with(answered.answers.clone()),
        AthleteEvent::OnboardingCompleted(completed) => view.revisions.push(ProfileRevision {
            revision: completed.revision,
            profile: completed.profile.clone(),
            job_id: completed.job_id.clone(),
            completed_at: at(event),
        }),
        // It is no answer: what it binds is decided from the log.
        AthleteEvent::HealthReported(_) => {}
    }
    view
}
