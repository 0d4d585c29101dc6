//! Answers in, 202 out.

use std::time::Instant;

use ally_domain::engine::answers::{Answers, Step};
use ally_domain::engine::profile::Day;
use ally_domain::job::JobStatus;
use ally_handlers::{Onboarded, SubmittedJob};
use ally_telemetry::names::{self, attr, label};
use ally_telemetry::series;
use poem_openapi::{ApiResponse, OpenApi};
use serde_json::Value;
use time::OffsetDateTime;

use super::refused::{Refusals, Refused};
use super::submit::replay_mark;
use super::{Chapter, Desk, origin};
use crate::auth::{Authenticated, Caller};
use crate::body::{Body, Readable};
use crate::problem::Problem;
use crate::schema::{AnswersSchema, JobStatusChoice};
use crate::wire::{Accepted, Answer, Links, OnboardingAnswerBody, job_path};

/// How soon a poll makes sense.
pub(super) const POLL_SECONDS: u64 = 1;
/// How late a poll of a scheduled job may come at most: it may be put forward or cancelled before its time.
const LONGEST_POLL_SECONDS: u64 = 60;
/// The label of a step when one request answers all six.
const ALL_STEPS: &str = "all";

pub(crate) struct Onboarding(pub Desk);

#[derive(ApiResponse)]
pub(crate) enum OnboardingAnswer {
    /// The profile is complete and its plan is on the way. The same answers again give the same job.
    #[oai(status = 202)]
    Complete(
        Answer<OnboardingAnswerBody>,
        /// Where the job is read.
        #[oai(header = "Location")]
        String,
        /// Seconds until a poll makes sense.
        #[oai(header = "Retry-After")]
        u64,
        /// `true` where the answers changed nothing: the job had been promised before.
        #[oai(header = "Idempotent-Replayed")]
        Option<bool>,
    ),
    /// The answers are stored and steps are still open.
    #[oai(status = 200)]
    Incomplete(Answer<OnboardingAnswerBody>),
}

pub(crate) struct Answering;

impl Refusals for Answering {
    const STATUSES: &'static [u16] = &[400, 408, 409, 415, 422];
}

impl Readable for Answers {
    type Shape = AnswersSchema;

    /// Days of the week are taken in any case.
    fn unify(answers: &mut Value) {
        if let Some(Value::Array(days)) = answers.get_mut("availabilityDays") {
            days.iter_mut().for_each(lowercase_day);
        }
        if let Some(Value::Array(schedules)) = answers.get_mut("fixedSchedules") {
            schedules.iter_mut().filter_map(|schedule| schedule.get_mut("day")).for_each(lowercase_day);
        }
    }
}

fn lowercase_day(day: &mut Value) {
    if let Value::String(name) = day
        && Day::ALL.iter().any(|known| known.as_str().eq_ignore_ascii_case(name))
    {
        name.make_ascii_lowercase();
    }
}

#[OpenApi(prefix_path = "/api/v1", tag = "Chapter::Onboarding")]
impl Onboarding {
    /// Answer onboarding
    ///
    /// Takes answers of the six steps, some of them or all at once, in any order, and of the seven questions about health;
    /// the answer says which of these are open. Once all six are answered there is a
    /// profile, and the job that makes its first plan is accepted. Answers that change a complete profile make its next
    /// revision and a job for it; answers that change nothing give the job that is there.
    #[oai(path = "/onboarding", method = "post", operation_id = "answerOnboarding")]
    async fn answer(
        &self,
        Authenticated(caller): Authenticated,
        Body(answers): Body<Answers>,
    ) -> Result<OnboardingAnswer, Refused<Answering>> {
        let started = Instant::now();
        self.0.gate.admit().await?;
        let (submissions, from, athlete) = (self.0.submissions.clone(), origin(&caller), caller.athlete.clone());
        let onboarded = self.0.gate.run(async move { submissions.answer(&athlete, answers, &from).await }).await?;
        count(&onboarded, started);
        match onboarded {
            Onboarded::Incomplete { missing, answered, open_questions, position, .. } => {
                let position = position.map(|position| position.to_string());
                let body = OnboardingAnswerBody::incomplete(missing, answered, open_questions, position);
                Ok(OnboardingAnswer::Incomplete(Answer(body)))
            }
            Onboarded::Complete { revision, job, open_questions, clearance, .. } => {
                let (location, replayed) = (job_path(&job.job_id), replay_mark(job.new));
                let accepted = accepted(&self.0, &caller, job).await?;
                let body = OnboardingAnswerBody::complete(accepted, revision, open_questions, clearance);
                Ok(OnboardingAnswer::Complete(Answer(body), location, POLL_SECONDS, replayed))
            }
        }
    }
}

/// A job as a 202 tells of it: queued or scheduled when it is new, and where it stands when it was there before.
pub(super) async fn accepted(desk: &Desk, caller: &Caller, job: SubmittedJob) -> Result<Accepted, Problem> {
    tracing::Span::current().record(attr::JOB_ID, job.job_id.as_str());
    let known = if job.new { None } else { desk.lookup.job(&caller.athlete, &job.job_id, None).await? };
    let new = if job.not_before.is_some() { JobStatus::Scheduled } else { JobStatus::Queued };
    let status = known.as_ref().map_or(new, |known| known.status);
    let plan = known.as_ref().and_then(|known| known.plan_id.as_ref());
    Ok(Accepted {
        status: JobStatusChoice(status),
        position: job.position.to_string(),
        links: Links::of_job(&job.job_id, status, plan),
        job_id: job.job_id.into(),
    })
}

/// How soon a poll makes sense of a job that must not begin before a moment.
pub(super) fn poll_seconds(not_before: Option<OffsetDateTime>, now: OffsetDateTime) -> u64 {
    let wait = not_before.map_or(0, |not_before| (not_before - now).whole_seconds());
    u64::try_from(wait).unwrap_or(0).clamp(POLL_SECONDS, LONGEST_POLL_SECONDS)
}

/// Shows at zero what is counted of onboardings and of admission.
pub(crate) fn begin_series() {
    series::begin(names::ADMISSION_UNMEASURED_TOTAL, &[]);
    series::begin(names::ONBOARDING_REQUESTS_TOTAL, &[]);
    series::begin(names::ONBOARDING_COMPLETIONS_TOTAL, &[]);
    let steps: Vec<_> = Step::ALL.into_iter().map(Step::as_str).chain([ALL_STEPS]).collect();
    series::begin(names::ONBOARDING_STEP_DURATION_SECONDS, &[(label::STEP, &steps)]);
}

fn count(onboarded: &Onboarded, started: Instant) {
    let (completed_now, begun, completed) = match onboarded {
        Onboarded::Incomplete { answered, completed_now, .. } => {
            (completed_now, !completed_now.is_empty() && answered == completed_now, false)
        }
        Onboarded::Complete { revision, new, completed_now, .. } => {
            (completed_now, completed_now.len() == Step::ALL.len(), *new && *revision == 1)
        }
    };
    if begun {
        metrics::counter!(names::ONBOARDING_REQUESTS_TOTAL).increment(1);
    }
    if completed {
        metrics::counter!(names::ONBOARDING_COMPLETIONS_TOTAL).increment(1);
    }
    let took = started.elapsed().as_secs_f64();
    let step = |step: &'static str| {
        metrics::histogram!(names::ONBOARDING_STEP_DURATION_SECONDS, label::STEP => step).record(took);
    };
    match completed_now.as_slice() {
        all if all.len() == Step::ALL.len() => step(ALL_STEPS),
        some => some.iter().for_each(|done| step(done.as_str())),
    }
}
