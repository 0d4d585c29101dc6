//! A job as callers read it: accepted, on its way, cancelled.

use std::time::Duration;

use ally_domain::ids::{JobId, PlanId};
use ally_domain::job::{JobStatus, plain_reason};
use ally_projections::job_status::{JobError, JobStatusView};
use poem_openapi::Object;
use poem_openapi::types::Example;
use time::macros::datetime;

use super::answer::Paged;
use super::moment::Moment;
use super::plan::plan_path;
use super::standing::standing;
use crate::problem::whole_seconds;
use crate::schema::{JobErrorCode, JobPhase, JobStatusChoice};

/// Where a job is read.
pub(crate) fn job_path(id: &JobId) -> String {
    format!("/api/v1/jobs/{id}")
}

/// A job that is safe in the log. Poll `links.self`, or name `position` in any read to see it at once.
#[derive(Object)]
#[oai(rename = "AcceptedJob", rename_all = "camelCase", example = true)]
pub(crate) struct Accepted {
    /// The job that makes the plan; the same for the same request, for ever.
    pub job_id: String,
    /// `queued`, or `scheduled` where it must not begin yet; where the job stands when the same request had been made before.
    pub status: JobStatusChoice,
    /// Where the request stands in the log.
    pub position: String,
    /// Where to go from here.
    pub links: Links,
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
    /// Requests it again as a new job (POST), where it failed.
    #[oai(skip_serializing_if_is_none)]
    pub retry: Option<String>,
}

/// Where a job stands.
#[derive(Object)]
#[oai(rename = "Job", rename_all = "camelCase", example = true)]
pub(crate) struct JobBody {
    /// Which job.
    pub job_id: String,
    /// Where it stands.
    pub status: JobStatusChoice,
    /// Whether nothing more happens by itself: it is `completed`, `failed`, `dead_lettered` or `cancelled`.
    pub ended: bool,
    /// Where it stands, in a sentence for people.
    pub message: String,
    /// Seconds until its end, by how long the jobs took that ended in the last minutes; absent at an end, and while nobody can tell.
    #[oai(skip_serializing_if_is_none)]
    pub estimated_seconds: Option<u64>,
    /// How far the work is, in percent; it survives a retry.
    #[oai(validator(maximum(value = "100")))]
    pub progress: u8,
    /// What is being done, while something is.
    #[oai(skip_serializing_if_is_none)]
    pub phase: Option<JobPhase>,
    /// The plan, once it is there.
    #[oai(skip_serializing_if_is_none)]
    pub plan_id: Option<String>,
    /// The plan's newest version, where the job was to adapt it; the same as before when nothing had to change.
    #[oai(skip_serializing_if_is_none)]
    pub plan_version: Option<u32>,
    /// What became of an adaptation, for people.
    #[oai(skip_serializing_if_is_none)]
    pub note: Option<String>,
    /// How many attempts there were.
    pub attempts: u32,
    /// When it was asked for.
    pub created_at: Moment,
    /// When its first attempt began.
    #[oai(skip_serializing_if_is_none)]
    pub started_at: Option<Moment>,
    /// When it came to an end, whichever.
    #[oai(skip_serializing_if_is_none)]
    pub completed_at: Option<Moment>,
    /// When the next attempt is due, while it waits for one.
    #[oai(skip_serializing_if_is_none)]
    pub next_retry_at: Option<Moment>,
    /// The moment before which its request lets no attempt begin.
    #[oai(skip_serializing_if_is_none)]
    pub not_before: Option<Moment>,
    /// The moment by which it must be finished, or it fails with `deadline_passed`.
    #[oai(skip_serializing_if_is_none)]
    pub deadline: Option<Moment>,
    /// Why there is no plan, or why the last attempt failed.
    #[oai(skip_serializing_if_is_none)]
    pub error: Option<JobFault>,
    /// The trace of the request that made the job.
    #[oai(skip_serializing_if_is_none)]
    pub trace_id: Option<String>,
    /// The newest event that this answer holds.
    pub position: String,
    /// Where to go from here.
    pub links: Links,
}

/// Some of the athlete's jobs, newest first.
#[derive(Object)]
#[oai(rename = "JobList")]
pub(crate) struct JobListBody {
    /// The jobs.
    pub items: Vec<JobBody>,
    /// Send it as `cursor` to get the next page; absent on the last.
    #[oai(skip_serializing_if_is_none)]
    pub next: Option<String>,
}

impl Paged for JobListBody {
    fn next(&self) -> Option<&str> {
        self.next.as_deref()
    }
}

/// Why a job has no plan.
#[derive(Object)]
#[oai(rename = "JobError")]
pub(crate) struct JobFault {
    /// For programs.
    pub code: JobErrorCode,
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
    #[oai(skip_serializing_if_is_none)]
    pub position: Option<String>,
    /// Where to go from here.
    pub links: Links,
}

/// A job that is before others.
#[derive(Object)]
#[oai(rename = "ExpeditedJob", rename_all = "camelCase")]
pub(crate) struct ExpeditedBody {
    /// Which job.
    pub job_id: String,
    /// `queued`: it waits for the express workers.
    pub status: JobStatusChoice,
    /// The newest event of the job.
    #[oai(skip_serializing_if_is_none)]
    pub position: Option<String>,
    /// Where to go from here.
    pub links: Links,
}

impl Links {
    /// From a job in a state.
    pub(crate) fn of_job(id: &JobId, status: JobStatus, plan: Option<&PlanId>) -> Self {
        let stoppable =
            matches!(status, JobStatus::Scheduled | JobStatus::Queued | JobStatus::Running | JobStatus::Retrying);
        let failed = matches!(status, JobStatus::Failed | JobStatus::DeadLettered);
        Self {
            own: job_path(id),
            plan: plan.map(plan_path),
            cancel: stoppable.then(|| format!("{}/cancel", job_path(id))),
            retry: failed.then(|| format!("{}/retry", job_path(id))),
        }
    }
}

impl From<JobStatusView> for JobBody {
    fn from(job: JobStatusView) -> Self {
        Self::estimated(job, None)
    }
}

impl JobBody {
    /// A job, and how long it takes yet, where that is known.
    pub(crate) fn estimated(job: JobStatusView, estimate: Option<Duration>) -> Self {
        Self {
            ended: job.status.is_terminal(),
            message: standing(&job),
            estimated_seconds: estimate.map(whole_seconds),
            links: Links::of_job(&job.job_id, job.status, job.plan_id.as_ref()),
            job_id: job.job_id.into(),
            status: JobStatusChoice(job.status),
            progress: job.progress,
            phase: job.phase.as_deref().and_then(JobPhase::of),
            plan_id: job.plan_id.map(String::from),
            plan_version: job.plan_version,
            note: job.note,
            attempts: job.attempts,
            created_at: Moment(job.created_at),
            started_at: job.started_at.map(Moment),
            completed_at: job.completed_at.map(Moment),
            next_retry_at: job.next_retry_at.map(Moment),
            not_before: job.not_before.map(Moment),
            deadline: job.deadline.map(Moment),
            error: job.error.map(Into::into),
            trace_id: job.trace_id,
            position: job.last.to_string(),
        }
    }
}

impl From<JobError> for JobFault {
    fn from(error: JobError) -> Self {
        // The view has no other code.
        let code = JobErrorCode::of(&error.code).unwrap_or(JobErrorCode("rejected"));
        Self { code, message: plain_reason(&error.message).into_owned() }
    }
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
            links: Links {
                own: format!("/api/v1/jobs/{EXAMPLE_JOB}"),
                plan: None,
                cancel: Some(format!("/api/v1/jobs/{EXAMPLE_JOB}/cancel")),
                retry: None,
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
            ended: true,
            message: "The plan is ready.".to_owned(),
            estimated_seconds: None,
            progress: 100,
            phase: None,
            plan_id: Some(EXAMPLE_PLAN.to_owned()),
            plan_version: None,
            note: None,
            attempts: 1,
            created_at: Moment(datetime!(2026-11-20 08:30 UTC)),
            started_at: at(1),
            completed_at: at(2),
            next_retry_at: None,
            not_before: None,
            deadline: None,
            error: None,
            trace_id: Some("0af7651916cd43dd8448eb211c80319c".to_owned()),
            position: "PLANS:42".to_owned(),
            links: Links {
                own: format!("/api/v1/jobs/{EXAMPLE_JOB}"),
                plan: Some(format!("/api/v1/plans/{EXAMPLE_PLAN}")),
                cancel: None,
                retry: None,
            },
        }
    }
}
