//! Onboarding and profile as callers read them.

use ally_domain::engine::answers::{Answers, Step};
use ally_domain::engine::profile::Profile;
use ally_domain::engine::red_flags;
use ally_domain::engine::screening::Question;
use ally_projections::athlete_profile::AthleteProfileView;
use poem_openapi::Object;
use poem_openapi::types::Example;

use super::job::{Accepted, Links};
use super::moment::Moment;
use crate::schema::{AnswersSchema, OnboardingAnswerStatus, OnboardingStatus, QuestionChoice, Shown, StepChoice};

/// What has become of the answers: stored while steps are open, and then the job that makes the profile's plan.
#[derive(Object)]
#[oai(rename = "OnboardingAnswer", rename_all = "camelCase", skip_serializing_if_is_none, example = true)]
pub(crate) struct OnboardingAnswerBody {
    /// Whether steps are open, and else where the job stands.
    pub status: OnboardingAnswerStatus,
    /// What is missing, in a sentence for people: each open step with the fields that answer it. Absent once there is a job.
    pub message: Option<String>,
    /// The open steps, in order; none once there is a job.
    pub missing: Vec<StepChoice>,
    /// The answered steps, in order.
    pub answered: Vec<StepChoice>,
    /// The questions about health that are open, to be shown beside step 6.
    pub open_questions: Vec<OpenQuestion>,
    /// Where the newest answer, or the request for the job, stands in the log; absent where nothing was ever answered.
    pub position: Option<String>,
    /// The job that makes the plan; the same for the same answers, for ever. Absent while steps are open, as all below.
    pub job_id: Option<String>,
    /// The revision of the profile that the plan is made for.
    pub profile_revision: Option<u32>,
    /// What calls for a professional's yes that was not given: the job will ask for it.
    pub clearance: Option<Vec<String>>,
    /// Where to go from here.
    pub links: Option<Links>,
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
    /// Whether all six steps are answered.
    pub status: OnboardingStatus,
    /// The profile's revision, from 1; absent before onboarding is complete.
    #[oai(skip_serializing_if_is_none)]
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
    #[oai(skip_serializing_if_is_none)]
    pub job_id: Option<String>,
    /// When it changed last.
    #[oai(skip_serializing_if_is_none)]
    pub updated_at: Option<Moment>,
    /// The newest event that this answer holds.
    #[oai(skip_serializing_if_is_none)]
    pub position: Option<String>,
}

impl OnboardingAnswerBody {
    /// The answers are stored, and steps are open.
    pub(crate) fn incomplete(
        missing: Vec<Step>,
        answered: Vec<Step>,
        open_questions: Vec<Question>,
        position: Option<String>,
    ) -> Self {
        let message = format!(
            "{} of {} steps are answered; to be answered yet: {}.",
            answered.len(),
            Step::ALL.len(),
            open_steps(&missing)
        );
        Self {
            status: OnboardingAnswerStatus("incomplete"),
            message: Some(message),
            missing: steps(missing),
            answered: steps(answered),
            open_questions: questions(open_questions),
            position,
            job_id: None,
            profile_revision: None,
            clearance: None,
            links: None,
        }
    }

    /// All six steps are answered, and a job makes the plan.
    pub(crate) fn complete(
        job: Accepted,
        profile_revision: u32,
        open_questions: Vec<Question>,
        clearance: Vec<String>,
    ) -> Self {
        Self {
            status: OnboardingAnswerStatus(job.status.0.as_str()),
            message: None,
            missing: Vec::new(),
            answered: steps(Step::ALL.to_vec()),
            open_questions: questions(open_questions),
            position: Some(job.position),
            job_id: Some(job.job_id),
            profile_revision: Some(profile_revision),
            clearance: Some(clearance),
            links: Some(job.links),
        }
    }
}

impl Example for OnboardingAnswerBody {
    fn example() -> Self {
        Self::complete(Accepted::example(), 1, Vec::new(), Vec::new())
    }
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
            status: OnboardingStatus(if revision.is_some() { "complete" } else { "incomplete" }),
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
fn steps(steps: Vec<Step>) -> Vec<StepChoice> {
    steps.into_iter().map(StepChoice).collect()
}

/// Open questions as callers read them.
fn questions(open: Vec<Question>) -> Vec<OpenQuestion> {
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
