//! Onboarding and profile as callers read them.

use ally_domain::engine::answers::{Answers, Step};
use ally_domain::engine::profile::Profile;
use ally_domain::engine::red_flags;
use ally_domain::engine::screening::Question;
use ally_projections::athlete_profile::AthleteProfileView;
use poem_openapi::Object;

use super::moment::Moment;
use crate::schema::{AnswersSchema, QuestionChoice, Shown, StepChoice};

/// Answers that leave steps open.
#[derive(Object)]
#[oai(rename = "IncompleteOnboarding", rename_all = "camelCase")]
pub(crate) struct Incomplete {
    /// Always `incomplete`.
    pub status: String,
    /// What is missing, in a sentence for people: each open step with the fields that answer it.
    pub message: String,
    /// The open steps, in order.
    pub missing: Vec<StepChoice>,
    /// The answered steps, in order.
    pub answered: Vec<StepChoice>,
    /// The questions about health that are open, to be shown beside step 6.
    pub open_questions: Vec<OpenQuestion>,
    /// Where the newest answer stands in the log.
    #[oai(skip_serializing_if_is_none)]
    pub position: Option<String>,
}

/// A question about health that has no answer yet. Nothing is concluded from that.
#[derive(Object)]
#[oai(rename = "OpenQuestion")]
pub(crate) struct OpenQuestion {
    /// The field of `screening`.
    pub question: QuestionChoice,
    /// The question as an athlete reads it.
    pub asks: String,
}

/// The athlete's onboarding and profile.
#[derive(Object)]
#[oai(rename = "Profile", rename_all = "camelCase")]
pub(crate) struct ProfileBody {
    /// `complete` once all six steps are answered, `incomplete` before.
    pub status: String,
    /// The profile's revision, from 1; null before onboarding is complete.
    #[oai(nullable)]
    pub revision: Option<u32>,
    /// All that was answered, in its newest form.
    pub answers: Shown<AnswersSchema>,
    /// The answered steps, in order.
    pub answered: Vec<StepChoice>,
    /// The open steps, in order.
    pub missing: Vec<StepChoice>,
    /// The questions about health that are open.
    pub open_questions: Vec<OpenQuestion>,
    /// What calls for a professional's yes that was not given, reports of pain and notes included; empty when nothing does.
    pub clearance: Vec<String>,
    /// The job that made the plan of this revision.
    #[oai(nullable)]
    pub job_id: Option<String>,
    /// When it changed last.
    #[oai(nullable)]
    pub updated_at: Option<Moment>,
    /// The newest event that this answer holds.
    #[oai(nullable)]
    pub position: Option<String>,
}

impl ProfileBody {
    /// The athlete's record, or what it is before the first answer. `today` is the profile with what was reported since.
    pub(crate) fn of(view: Option<AthleteProfileView>, today: Option<&Profile>) -> Result<Self, serde_json::Error> {
        let current = view.as_ref().and_then(AthleteProfileView::current);
        let (revision, job_id) = current.map(|current| (current.revision, current.job_id.to_string())).unzip();
        let profile = today.or(current.map(|current| &current.profile));
        let clearance = profile.map(red_flags).unwrap_or_default();
        let none = Answers::default();
        let answers = view.as_ref().map_or(&none, |view| &view.answers);
        Ok(Self {
            status: if revision.is_some() { "complete" } else { "incomplete" }.to_owned(),
            revision,
            answered: steps(answers.answered()),
            missing: steps(answers.missing()),
            open_questions: questions(answers.open_questions()),
            clearance,
            answers: Shown::of(answers)?,
            job_id,
            updated_at: view.as_ref().map(|view| Moment(view.updated_at)),
            position: view.as_ref().map(|view| view.last.to_string()),
        })
    }
}

/// Open steps in words, each with the fields that answer it.
pub(crate) fn open_steps(missing: &[Step]) -> String {
    let described = missing.iter().map(|step| {
        let fields = step.fields().iter().map(|field| format!("`{field}`")).collect::<Vec<_>>().join(" and ");
        let hint = if matches!(step, Step::Equipment | Step::Recovery) { ", an empty list is an answer" } else { "" };
        format!("step {} ({fields}{hint})", Step::ALL.iter().take_while(|known| *known != step).count() + 1)
    });
    described.collect::<Vec<_>>().join(", ")
}

/// Steps as callers read them.
pub(crate) fn steps(steps: Vec<Step>) -> Vec<StepChoice> {
    steps.into_iter().map(StepChoice).collect()
}

/// Open questions as callers read them.
pub(crate) fn questions(open: Vec<Question>) -> Vec<OpenQuestion> {
    let show =
        |question: Question| OpenQuestion { question: QuestionChoice(question), asks: question.asks().to_owned() };
    open.into_iter().map(show).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_open_step_is_said_with_what_answers_it() {
        assert_eq!(
            open_steps(&[Step::Season, Step::Availability, Step::Recovery]),
            "step 3 (`season`), step 4 (`availabilityDays` and `weeklyGoalDays`), step 6 (`recoveryHabits`, an empty list is an answer)"
        );
    }
}
