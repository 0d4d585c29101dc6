//! The rules of onboarding, and of what is reported beside it.

use time::Date;

use super::command::AthleteCommand;
use super::event::{AthleteEvent, HealthReported, OnboardingAnswered, OnboardingCompleted};
use super::state::{AthleteState, CurrentProfile, so_far};
use crate::decider::Decider;
use crate::engine::answers::Answers;
use crate::engine::profile::{self, Unfit};
use crate::engine::{Flag, noted};
use crate::ids::{AggregateKind, AthleteId, JobId};

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
            AthleteCommand::ReportHealth { .. } => "report_health",
        }
    }

    /// Repeating what is known adds nothing. A professional's yes covers what was known when it was given: when an answer calls
    /// for one anew and brings none, the earlier yes ends. New answers that complete the six steps, or change a complete set,
    /// make the next revision of the profile and promise a job for it.
    fn decide(state: &AthleteState, command: &AthleteCommand) -> Result<Vec<AthleteEvent>, AthleteRefusal> {
        match command {
            AthleteCommand::Answer { athlete_id, answers, today } => answer(state, athlete_id, answers, *today),
            AthleteCommand::ReportHealth { at, pain, note } => {
                let mentions = noted(note.as_deref().unwrap_or_default()).into_iter().map(str::to_owned).collect();
                Ok(if_new(state, HealthReported { at: *at, pain: pain.clone(), mentions }.into()).into_iter().collect())
            }
        }
    }

    fn evolve(mut state: AthleteState, event: &AthleteEvent) -> AthleteState {
        match event {
            AthleteEvent::OnboardingAnswered(answered) => {
                state.reported.answer(&state.answers, &answered.answers);
                state.answers = state.answers.with(answered.answers.clone());
                match answered.answers.cleared_by_professional {
                    Some(true) => state.covered = state.flags(),
                    Some(false) => state.covered.clear(),
                    None => {}
                }
                forget_what_passed(&mut state);
                state.answers_are_newer = true;
            }
            AthleteEvent::OnboardingCompleted(completed) => {
                state.answers_are_newer = false;
                state.earlier_jobs.extend(state.current.take().map(|current| current.job_id));
                state.current = Some(CurrentProfile {
                    revision: completed.revision,
                    profile: completed.profile.clone(),
                    job_id: completed.job_id.clone(),
                });
            }
            AthleteEvent::HealthReported(report) => {
                state.reported.add(report, &state.answers);
                forget_what_passed(&mut state);
            }
        }
        state
    }
}

fn answer(
    state: &AthleteState,
    athlete_id: &AthleteId,
    answers: &Answers,
    today: Date,
) -> Result<Vec<AthleteEvent>, AthleteRefusal> {
    let answers = current_yes(state, answers);
    let whole = state.answers.clone().with(answers.clone());
    profile::check(&whole, today)?;
    let before = state.answers.answered();
    let completed_steps = whole.answered().into_iter().filter(|step| !before.contains(step)).collect();
    let answered = if_new(state, OnboardingAnswered { completed_steps, answers }.into());
    if answered.is_none() && !state.answers_are_newer {
        return Ok(Vec::new());
    }
    let mut events: Vec<_> = answered.into_iter().collect();
    let next = events.iter().fold(state.clone(), AthleteDecider::evolve);
    let known = state.current.as_ref().map(|current| &current.profile);
    if let Some(profile) = next.profile_on(today).filter(|profile| known != Some(profile)) {
        let revision = state.current.as_ref().map_or(1, |current| current.revision + 1);
        let job_id = JobId::for_profile(athlete_id, revision);
        events.push(OnboardingCompleted { revision, profile, job_id }.into());
    }
    Ok(events)
}

/// An event, if anything is other after it.
fn if_new(state: &AthleteState, event: AthleteEvent) -> Option<AthleteEvent> {
    let after = AthleteDecider::evolve(state.clone(), &event);
    (AthleteState { answers_are_newer: state.answers_are_newer, ..after } != *state).then_some(event)
}

/// The answers with the end of an earlier yes, where they call for a professional anew and no yes comes with them.
fn current_yes(state: &AthleteState, answers: &Answers) -> Answers {
    let mut answers = answers.clone();
    if answers.cleared_by_professional.is_some() || state.answers.cleared_by_professional != Some(true) {
        return answers;
    }
    let after = so_far(&state.answers.clone().with(answers.clone()));
    let flags = after.map(|profile| Flag::all_of(&profile)).unwrap_or_default();
    if flags.iter().any(|flag| !state.covers(flag)) {
        answers.cleared_by_professional = Some(false);
    }
    answers
}

/// A yes is remembered while its matter lasts, also when it gets better. What comes back after it had passed is new.
fn forget_what_passed(state: &mut AthleteState) {
    if !state.covered.is_empty() {
        let now = state.flags();
        state.covered.retain(|yes| now.iter().any(|flag| yes.is_matter_of(flag)));
    }
}
