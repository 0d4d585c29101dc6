//! Onboarding answers: taken in any order, one at a time or all at once.

use ally_domain::athlete::{AthleteCommand, AthleteDecider, AthleteEvent, AthleteRefusal};
use ally_domain::engine::answers::{Answers, Step};
use ally_domain::engine::red_flags;
use ally_domain::engine::screening::Question;
use ally_domain::envelope::Position;
use ally_domain::ids::AthleteId;

use super::{Origin, Submissions, SubmittedJob};
use crate::execute::ExecuteError;

/// What became of onboarding answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Onboarded {
    /// Steps are still open.
    Incomplete {
        /// The open ones.
        missing: Vec<Step>,
        /// The answered ones.
        answered: Vec<Step>,
        /// The questions about health that are open.
        open_questions: Vec<Question>,
        /// The steps that these answers completed.
        completed_now: Vec<Step>,
        /// Where the athlete's last event stands; `None` when nothing was ever answered.
        position: Option<Position>,
    },
    /// There is a profile, and a job that makes a plan for it.
    Complete {
        /// The profile's revision.
        revision: u32,
        /// Its job.
        job: SubmittedJob,
        /// The questions about health that are open.
        open_questions: Vec<Question>,
        /// What calls for a professional's yes that was not given: the job will ask for it.
        clearance: Vec<String>,
        /// The steps that these answers completed.
        completed_now: Vec<Step>,
        /// True when these answers made the revision, false when it was there before.
        new: bool,
    },
}

impl Submissions {
    /// Takes answers, some or all. A set that completes the profile, or changes a complete one, promises a job.
    ///
    /// # Errors
    /// The answers' faults, or why the log could not be asked.
    pub async fn answer(
        &self,
        athlete: &AthleteId,
        answers: Answers,
        origin: &Origin,
    ) -> Result<Onboarded, ExecuteError<AthleteRefusal>> {
        let context = self.context(origin);
        let today = context.at.date();
        let command = AthleteCommand::Answer { athlete_id: athlete.clone(), answers: Box::new(answers), today };
        let executed = self.executor.execute::<AthleteDecider>(&athlete.into(), &command, &context).await?;
        let completed_now = executed
            .events
            .iter()
            .find_map(|event| match event {
                AthleteEvent::OnboardingAnswered(answered) => Some(answered.completed_steps.clone()),
                AthleteEvent::OnboardingCompleted(_) | AthleteEvent::HealthReported(_) => None,
            })
            .unwrap_or_default();
        let new = executed.events.iter().any(|event| matches!(event, AthleteEvent::OnboardingCompleted(_)));
        let open_questions = executed.state.answers.open_questions();
        let clearance = executed.state.profile_on(today).map(|profile| red_flags(&profile)).unwrap_or_default();
        Ok(match (executed.state.current, executed.position) {
            (Some(current), Some(position)) => Onboarded::Complete {
                revision: current.revision,
                job: SubmittedJob {
                    job_id: current.job_id,
                    position,
                    at: context.at,
                    new,
                    not_before: None,
                    deadline: None,
                },
                open_questions,
                clearance,
                completed_now,
                new,
            },
            (_, position) => Onboarded::Incomplete {
                missing: executed.state.answers.missing(),
                answered: executed.state.answers.answered(),
                open_questions,
                completed_now,
                position,
            },
        })
    }
}
