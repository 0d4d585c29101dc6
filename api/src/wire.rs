//! Bodies out: what callers read, mapped from what the handlers and views answer.

use ally_domain::engine::answers::{Answers, Step};
use ally_domain::ids::{JobId, PlanId};
use ally_domain::job::JobStatus;
use ally_projections::athlete_profile::AthleteProfileView;
use ally_projections::job_status::JobStatusView;
use ally_projections::plan::{PlanSummary, PlanView};
use std::marker::PhantomData;
use std::time::Duration;

use poem::{IntoResponse, Response};
use poem_openapi::Object;
use poem_openapi::payload::Payload;
use poem_openapi::registry::{MetaSchemaRef, Registry};
use poem_openapi::types::{Example, ToJSON, Type};
use serde::Serialize;
use serde_json::value::RawValue;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use time::macros::datetime;

use crate::problem::Problem;
use crate::schema::{AnswersSchema, JobStatusChoice, PlanSchema, Shown, StepChoice};

/// Where a job is read.
pub(crate) fn job_path(id: &JobId) -> String {
    format!("/api/v1/jobs/{id}")
}

/// Where a plan is read.
pub(crate) fn plan_path(id: &PlanId) -> String {
    format!("/api/v1/plans/{id}")
}

/// A job that is safe in the log. Poll `links.self`, or name `position` in any read to see it at once.
#[derive(Object)]
#[oai(rename = "AcceptedJob", rename_all = "camelCase", example = true)]
pub(crate) struct Accepted {
    /// The job that makes the plan; the same for the same request, for ever.
    pub job_id: String,
    /// `queued`; where the job stands when the same request had been made before.
    pub status: JobStatusChoice,
    /// Where the request stands in the log.
    pub position: String,
    /// The revision of the profile that the plan is made for.
    #[oai(skip_serializing_if_is_none)]
    pub profile_revision: Option<u32>,
    /// Where to go from here.
    pub links: Links,
}

/// Answers that leave steps open.
#[derive(Object)]
#[oai(rename = "IncompleteOnboarding", rename_all = "camelCase")]
pub(crate) struct Incomplete {
    /// Always `incomplete`.
    pub status: String,
    /// The open steps, in order.
    pub missing: Vec<StepChoice>,
    /// The answered steps, in order.
    pub answered: Vec<StepChoice>,
    /// Where the newest answer stands in the log.
    #[oai(skip_serializing_if_is_none)]
    pub position: Option<String>,
}

/// Where to go from here.
#[derive(Object, Default)]
#[oai(rename = "Links", rename_all = "camelCase")]
pub(crate) struct Links {
    /// The job.
    #[oai(rename = "self")]
    pub own: String,
    /// The plan, once it is there.
    #[oai(skip_serializing_if_is_none)]
    pub plan: Option<String>,
    /// Stops the job (POST), while it can be stopped.
    #[oai(skip_serializing_if_is_none)]
    pub cancel: Option<String>,
}

/// Where a job stands.
#[derive(Object)]
#[oai(rename = "Job", rename_all = "camelCase", example = true)]
pub(crate) struct JobBody {
    /// Which job.
    pub job_id: String,
    /// Where it stands.
    pub status: JobStatusChoice,
    /// How far the work is, in percent; it survives a retry.
    #[oai(validator(maximum(value = "100")))]
    pub progress: u8,
    /// What is being done, while something is.
    #[oai(nullable)]
    pub phase: Option<String>,
    /// The plan, once it is there.
    #[oai(nullable)]
    pub plan_id: Option<String>,
    /// How many attempts there were.
    pub attempts: u32,
    /// When it was asked for.
    pub created_at: Moment,
    /// When its first attempt began.
    #[oai(nullable)]
    pub started_at: Option<Moment>,
    /// When it came to an end, whichever.
    #[oai(nullable)]
    pub completed_at: Option<Moment>,
    /// When the next attempt is due, while it waits for one.
    #[oai(nullable)]
    pub next_retry_at: Option<Moment>,
    /// Why there is no plan, or why the last attempt failed.
    #[oai(nullable)]
    pub error: Option<JobFault>,
    /// The trace of the request that made the job.
    #[oai(nullable)]
    pub trace_id: Option<String>,
    /// The newest event that this answer holds.
    pub position: String,
    /// Where to go from here.
    pub links: Links,
}

/// Why a job has no plan.
#[derive(Object)]
#[oai(rename = "JobError")]
pub(crate) struct JobFault {
    /// For programs: `attempt_failed`, `attempts_exhausted`, `infeasible`, `clearance_required`, `rejected`.
    pub code: String,
    /// For people, with what would help.
    pub message: String,
}

/// What became of a cancellation.
#[derive(Object)]
#[oai(rename = "Cancellation", rename_all = "camelCase")]
pub(crate) struct Cancellation {
    /// Which job.
    pub job_id: String,
    /// `cancelled`, or `cancelling` while a worker still has to let go.
    pub status: JobStatusChoice,
    /// The newest event of the job.
    #[oai(nullable)]
    pub position: Option<String>,
    /// Where to go from here.
    pub links: Links,
}

/// A plan with what surrounds it.
#[derive(Object)]
#[oai(rename = "PlanDocument", rename_all = "camelCase")]
pub(crate) struct PlanBodySchema {
    /// Which plan.
    plan_id: String,
    /// The job that made it.
    job_id: String,
    /// The version that this is.
    version: u32,
    /// When it was made.
    created_at: Moment,
    /// The plan.
    plan: PlanSchema,
}

/// A plan's answer, shown as [`PlanBodySchema`]; the plan itself is passed on byte for byte as it was made.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PlanBody {
    plan_id: String,
    job_id: String,
    version: u32,
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    plan: Box<RawValue>,
}

/// Some of the athlete's plans, newest first.
#[derive(Object)]
#[oai(rename = "PlanList")]
pub(crate) struct PlanListBody {
    /// The plans.
    pub plans: Vec<PlanSummaryBody>,
    /// Send it as `cursor` to get the next page; absent on the last.
    #[oai(skip_serializing_if_is_none)]
    pub next: Option<String>,
}

/// A plan in a list.
#[derive(Object)]
#[oai(rename = "PlanSummary", rename_all = "camelCase")]
pub(crate) struct PlanSummaryBody {
    /// Which plan.
    pub plan_id: String,
    /// The job that made it.
    pub job_id: String,
    /// Its newest version.
    pub version: u32,
    /// When it was made.
    pub created_at: Moment,
    /// Where it is read.
    pub link: String,
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

/// The job of the document's examples.
const EXAMPLE_JOB: &str = "0b6d4c3e-6a3f-5f0e-9d53-1f0c2f6a7b21";
/// Its plan.
const EXAMPLE_PLAN: &str = "5f1f0f3a-2f0e-5c11-8a53-7a110a3c9a53";

impl Example for Accepted {
    fn example() -> Self {
        Self {
            job_id: EXAMPLE_JOB.to_owned(),
            status: JobStatusChoice(JobStatus::Queued),
            position: "ONBOARDING:2".to_owned(),
            profile_revision: Some(1),
            links: Links {
                own: format!("/api/v1/jobs/{EXAMPLE_JOB}"),
                plan: None,
                cancel: Some(format!("/api/v1/jobs/{EXAMPLE_JOB}/cancel")),
            },
        }
    }
}

impl Example for JobBody {
    fn example() -> Self {
        let at = |second| Some(Moment(datetime!(2026-11-20 08:30 UTC) + Duration::from_secs(second)));
        Self {
            job_id: EXAMPLE_JOB.to_owned(),
            status: JobStatusChoice(JobStatus::Completed),
            progress: 100,
            phase: None,
            plan_id: Some(EXAMPLE_PLAN.to_owned()),
            attempts: 1,
            created_at: Moment(datetime!(2026-11-20 08:30 UTC)),
            started_at: at(1),
            completed_at: at(2),
            next_retry_at: None,
            error: None,
            trace_id: Some("0af7651916cd43dd8448eb211c80319c".to_owned()),
            position: "PLANS:42".to_owned(),
            links: Links {
                own: format!("/api/v1/jobs/{EXAMPLE_JOB}"),
                plan: Some(format!("/api/v1/plans/{EXAMPLE_PLAN}")),
                cancel: None,
            },
        }
    }
}

impl Links {
    /// From a job in a state.
    pub(crate) fn of_job(id: &JobId, status: JobStatus, plan: Option<&PlanId>) -> Self {
        let stoppable = matches!(status, JobStatus::Queued | JobStatus::Running | JobStatus::Retrying);
        Self {
            own: job_path(id),
            plan: plan.map(plan_path),
            cancel: stoppable.then(|| format!("{}/cancel", job_path(id))),
        }
    }
}

impl From<JobStatusView> for JobBody {
    fn from(job: JobStatusView) -> Self {
        Self {
            links: Links::of_job(&job.job_id, job.status, job.plan_id.as_ref()),
            job_id: job.job_id.into(),
            status: JobStatusChoice(job.status),
            progress: job.progress,
            phase: job.phase,
            plan_id: job.plan_id.map(String::from),
            attempts: job.attempts,
            created_at: Moment(job.created_at),
            started_at: job.started_at.map(Moment),
            completed_at: job.completed_at.map(Moment),
            next_retry_at: job.next_retry_at.map(Moment),
            error: job.error.map(|error| JobFault { code: error.code, message: error.message }),
            trace_id: job.trace_id,
            position: job.last.to_string(),
        }
    }
}

impl From<PlanView> for PlanBody {
    fn from(view: PlanView) -> Self {
        Self {
            plan_id: view.summary.plan_id.into(),
            job_id: view.summary.job_id.into(),
            version: view.summary.version,
            created_at: view.summary.created_at,
            plan: view.document,
        }
    }
}

impl From<PlanSummary> for PlanSummaryBody {
    fn from(plan: PlanSummary) -> Self {
        Self {
            link: plan_path(&plan.plan_id),
            plan_id: plan.plan_id.into(),
            job_id: plan.job_id.into(),
            version: plan.version,
            created_at: Moment(plan.created_at),
        }
    }
}

impl ProfileBody {
    /// The athlete's record, or what it is before the first answer.
    pub(crate) fn of(view: Option<AthleteProfileView>) -> Result<Self, serde_json::Error> {
        let current = view.as_ref().and_then(AthleteProfileView::current);
        let (revision, job_id) = current.map(|current| (current.revision, current.job_id.to_string())).unzip();
        let none = Answers::default();
        let answers = view.as_ref().map_or(&none, |view| &view.answers);
        Ok(Self {
            status: if revision.is_some() { "complete" } else { "incomplete" }.to_owned(),
            revision,
            answered: steps(answers.answered()),
            missing: steps(answers.missing()),
            answers: Shown::of(answers)?,
            job_id,
            updated_at: view.as_ref().map(|view| Moment(view.updated_at)),
            position: view.as_ref().map(|view| view.last.to_string()),
        })
    }
}

/// Steps as callers read them.
pub(crate) fn steps(steps: Vec<Step>) -> Vec<StepChoice> {
    steps.into_iter().map(StepChoice).collect()
}

/// A moment in UTC, as RFC 3339 writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Moment(pub OffsetDateTime);

impl Type for Moment {
    const IS_REQUIRED: bool = true;
    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> std::borrow::Cow<'static, str> {
        "date-time".into()
    }

    fn schema_ref() -> poem_openapi::registry::MetaSchemaRef {
        use poem_openapi::registry::{MetaSchema, MetaSchemaRef};
        MetaSchemaRef::Inline(Box::new(MetaSchema {
            example: Some("2026-11-20T08:30:00Z".into()),
            ..MetaSchema::new_with_format("string", "date-time")
        }))
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(std::iter::empty())
    }
}

impl ToJSON for Moment {
    fn to_json(&self) -> Option<serde_json::Value> {
        self.0.format(&Rfc3339).ok().map(Into::into)
    }
}

impl poem_openapi::types::ParseFromJSON for Moment {
    fn parse_from_json(value: Option<serde_json::Value>) -> poem_openapi::types::ParseResult<Self> {
        let value = value.unwrap_or_default();
        let parsed = value.as_str().and_then(|text| OffsetDateTime::parse(text, &Rfc3339).ok());
        parsed.map(Self).ok_or_else(|| poem_openapi::types::ParseError::expected_type(value))
    }
}

/// A JSON answer.
pub(crate) struct Answer<T>(pub T);

impl<T: ToJSON> IntoResponse for Answer<T> {
    fn into_response(self) -> Response {
        json(&self.0.to_json())
    }
}

impl<T: Type> Payload for Answer<T> {
    const CONTENT_TYPE: &'static str = JSON;

    fn schema_ref() -> MetaSchemaRef {
        T::schema_ref()
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}

/// A JSON answer that serde writes and the document shows as `S`.
pub(crate) struct Written<S, T> {
    value: T,
    shape: PhantomData<fn() -> S>,
}

impl<S, T> Written<S, T> {
    pub(crate) const fn of(value: T) -> Self {
        Self { value, shape: PhantomData }
    }
}

impl<S: Type, T: Serialize + Send> IntoResponse for Written<S, T> {
    fn into_response(self) -> Response {
        json(&self.value)
    }
}

impl<S: Type, T: Send> Payload for Written<S, T> {
    const CONTENT_TYPE: &'static str = JSON;

    fn schema_ref() -> MetaSchemaRef {
        S::schema_ref()
    }

    fn register(registry: &mut Registry) {
        S::register(registry);
    }
}

const JSON: &str = "application/json";

fn json(value: &impl Serialize) -> Response {
    match serde_json::to_vec(value) {
        Ok(body) => Response::builder().content_type(JSON).body(body),
        // The layer that finishes answers makes a problem of it.
        Err(error) => poem::Error::from(Problem::internal(error)).into_response(),
    }
}
