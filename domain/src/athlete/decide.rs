//! The rules of onboarding.

use super::command::AthleteCommand;
use super::event::{AthleteEvent, OnboardingAnswered, OnboardingCompleted};
use super::state::{AthleteState, CurrentProfile};
use crate::decider::Decider;
use crate::engine::all_red_flags;
use crate::engine::answers::Answers;
use crate::engine::profile::{self, Profile, Unfit};
use crate::ids::{AggregateKind, JobId};

/// The athlete as a decider.
#[derive(Debug)]
pub struct AthleteDecider;

/// Why an athlete's record refuses a command.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AthleteRefusal {
    /// The answers, together with the earlier ones, make no profile.
    #[error(transparent)]
    Unfit(#[from] Unfit),
}

impl Decider for AthleteDecider {
    type Command = AthleteCommand;
    type Event = AthleteEvent;
    type State = AthleteState;
    type Refusal = AthleteRefusal;

    const KIND: AggregateKind = AggregateKind::Athlete;

    fn name(command: &AthleteCommand) -> &'static str {
        match command {
            AthleteCommand::Answer { .. } => "answer_onboarding",
        }
    }

    /// Repeating answers adds nothing. A professional's yes covers what was known when it was given: when an answer to a
    /// complete profile calls for one anew and brings none, the earlier yes ends. New answers that complete the six steps, or change a complete set, make the
    /// next revision of the profile and promise a job for it.
    fn decide(state: &AthleteState, command: &AthleteCommand) -> Result<Vec<AthleteEvent>, AthleteRefusal> {
        let AthleteCommand::Answer { athlete_id, answers, today } = command;
        let answers = current_yes(state, answers);
        let whole = state.answers.clone().with(answers.clone());
        profile::check(&whole, *today)?;
        if whole == state.answers {
            return Ok(Vec::new());
        }
        let before = state.answers.answered();
        let completed_steps = whole.answered().into_iter().filter(|step| !before.contains(step)).collect();
        let mut events = vec![OnboardingAnswered { completed_steps, answers }.into()];
        let known = state.current.as_ref().map(|current| &current.profile);
        if let Some(profile) = Profile::from_answers(&whole).filter(|profile| known != Some(profile)) {
            let revision = state.current.as_ref().map_or(1, |current| current.revision + 1);
            let job_id = JobId::for_profile(athlete_id, revision);
            events.push(OnboardingCompleted { revision, profile, job_id }.into());
        }
        Ok(events)
    }

    fn evolve(mut state: AthleteState, event: &AthleteEvent) -> AthleteState {
        match event {
            AthleteEvent::OnboardingAnswered(answered) => {
                state.answers = state.answers.with(answered.answers.clone());
            }
            AthleteEvent::OnboardingCompleted(completed) => {
                state.earlier_jobs.extend(state.current.take().map(|current| current.job_id));
                state.current = Some(CurrentProfile {
                    revision: completed.revision,
                    profile: completed.profile.clone(),
                    job_id: completed.job_id.clone(),
                });
            }
        }
        state
    }
}

/// The answers with the end of an earlier yes, where something new calls for a professional and no yes comes with it.
fn current_yes(state: &AthleteState, answers: &Answers) -> Answers {
    let mut answers = answers.clone();
    let Some(current) = state.current.as_ref().filter(|_| answers.cleared_by_professional.is_none()) else {
        return answers;
    };
    let known = all_red_flags(&current.profile);
    let after = Profile::from_answers(&state.answers.clone().with(answers.clone()));
    let is_new = |profile: Profile| all_red_flags(&profile).iter().any(|flag| !known.contains(flag));
    if current.profile.cleared_by_professional && after.is_some_and(is_new) {
        answers.cleared_by_professional = Some(false);
    }
    answers
}
