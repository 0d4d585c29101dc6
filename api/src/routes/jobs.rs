//! Where a job stands, and how it is stopped.

mod news;

use std::time::Duration;

use ally_domain::ids::JobId;
use ally_domain::job::JobStatus;
use ally_handlers::CancelError;
use ally_telemetry::names::attr;
use poem::http::HeaderMap;
use poem::web::Data;
use poem_openapi::param::{Header, Path, Query};
use poem_openapi::{ApiResponse, OpenApi};

use self::news::{Question, news};
use super::onboarding::POLL_SECONDS;
use super::refused::{Refusals, Refused};
use super::{Chapter, Desk, origin};
use crate::auth::{Authenticated, Caller};
use crate::observe::Waited;
use crate::params::{AtPosition, Faults, Given, JobIdText, Required, WaitSeconds};
use crate::problem::{Kind, Problem};
use crate::schema::JobStatusChoice;
use crate::wire::{Answer, Cancellation, JobBody, Links};

pub(crate) struct Jobs(pub Desk);

#[derive(ApiResponse)]
#[allow(clippy::large_enum_variant, reason = "an answer is made once and rendered at once")]
pub(crate) enum Status {
    /// Where the job stands.
    #[oai(status = 200)]
    Job(
        Answer<JobBody>,
        /// Names this state; send it as If-None-Match to hear only news.
        #[oai(header = "ETag")]
        String,
        /// Seconds until a poll makes sense; absent at an end.
        #[oai(header = "Retry-After")]
        Option<u64>,
        /// The wait that `Prefer` asked for, as it was granted.
        #[oai(header = "Preference-Applied")]
        Option<String>,
    ),
    /// Nothing new since the state that If-None-Match names.
    #[oai(status = 304)]
    NotModified(
        /// Names this state.
        #[oai(header = "ETag")]
        String,
        /// The wait that `Prefer` asked for, as it was granted.
        #[oai(header = "Preference-Applied")]
        Option<String>,
    ),
}

#[derive(ApiResponse)]
pub(crate) enum Cancelled {
    /// The job is cancelled.
    #[oai(status = 200)]
    Done(Answer<Cancellation>),
    /// A worker is on the job and will let go of it.
    #[oai(status = 202)]
    Underway(Answer<Cancellation>),
}

pub(crate) struct Reading;
pub(crate) struct Cancelling;

impl Refusals for Reading {
    const STATUSES: &'static [u16] = &[400, 404];
}

impl Refusals for Cancelling {
    const STATUSES: &'static [u16] = &[404, 409];
}

#[OpenApi(prefix_path = "/api/v1", tag = "Chapter::Jobs")]
impl Jobs {
    /// Read a job's status, by query
    ///
    /// The same answer as `GET /jobs/{id}`, which stands in its place: this is an old name, and no end of it is set.
    #[oai(path = "/plans/status", method = "get", operation_id = "planStatus")]
    #[allow(clippy::too_many_arguments, reason = "each argument is a parameter of the document")]
    async fn status_by_query(
        &self,
        Authenticated(caller): Authenticated,
        /// Which job.
        #[oai(name = "jobId")]
        Query(job_id): Query<Required<JobIdText>>,
        /// See at least the event at this position of the log, as a 202 answer carries it. One that the log does not hold, since
        /// it is beyond its end, is a 400 `position-unknown`.
        Query(position): Query<Option<Given<AtPosition>>>,
        /// Seconds to wait for an end, or, with If-None-Match, for anything new.
        Query(wait): Query<Option<Given<WaitSeconds>>>,
        /// The state that is known already, as an earlier answer named it in ETag.
        #[oai(name = "If-None-Match")]
        _known: Header<Option<String>>,
        /// `wait=10` asks for what the parameter `wait` asks for, where that is not given.
        #[oai(name = "Prefer")]
        _preferred: Header<Option<String>>,
        headers: &HeaderMap,
        waited: Data<&Waited>,
    ) -> Result<Status, Refused<Reading>> {
        let mut faults = Faults::default();
        let job_id = faults.require("jobId", job_id);
        let question = Question::read(faults, position, wait, headers)?;
        self.status(&caller, &job_id.unwrap_or_default(), question, &waited).await
    }

    /// Read a job's status
    ///
    /// Where a job stands. With `wait` the answer comes at its end at the latest; with `If-None-Match` as soon as there
    /// is anything new.
    #[oai(path = "/jobs/:id", method = "get", operation_id = "job")]
    #[allow(clippy::too_many_arguments, reason = "each argument is a parameter of the document")]
    async fn status_by_path(
        &self,
        Authenticated(caller): Authenticated,
        /// Which job.
        Path(id): Path<String>,
        /// See at least the event at this position of the log, as a 202 answer carries it. One that the log does not hold, since
        /// it is beyond its end, is a 400 `position-unknown`.
        Query(position): Query<Option<Given<AtPosition>>>,
        /// Seconds to wait for an end, or, with If-None-Match, for anything new.
        Query(wait): Query<Option<Given<WaitSeconds>>>,
        /// The state that is known already, as an earlier answer named it in ETag.
        #[oai(name = "If-None-Match")]
        _known: Header<Option<String>>,
        /// `wait=10` asks for what the parameter `wait` asks for, where that is not given.
        #[oai(name = "Prefer")]
        _preferred: Header<Option<String>>,
        headers: &HeaderMap,
        waited: Data<&Waited>,
    ) -> Result<Status, Refused<Reading>> {
        let question = Question::read(Faults::default(), position, wait, headers)?;
        self.status(&caller, &id, question, &waited).await
    }

    /// Cancel a job
    ///
    /// Stops a job: at once while it waits, as soon as its worker lets go while it runs. Repeating it changes nothing.
    #[oai(path = "/jobs/:id/cancel", method = "post", operation_id = "cancelJob")]
    async fn cancel(
        &self,
        Authenticated(caller): Authenticated,
        /// Which job.
        Path(id): Path<String>,
    ) -> Result<Cancelled, Refused<Cancelling>> {
        let id = job_id(&id)?;
        let (submissions, from, athlete) = (self.0.submissions.clone(), origin(&caller), caller.athlete.clone());
        let job = id.clone();
        let outcome = self.0.gate.run(async move {
            match submissions.cancel(&athlete, &job, &from).await {
                Err(CancelError::NotFound(_)) => Ok(None),
                outcome => outcome.map(Some),
            }
        });
        let Some((status, position)) = outcome.await? else {
            return Err(self.not_cancellable(&caller, &id).await?.into());
        };
        let answer = Answer(Cancellation {
            job_id: id.to_string(),
            status: JobStatusChoice(status),
            position: position.map(|position| position.to_string()),
            links: Links::of_job(&id, status, None),
        });
        Ok(if status == JobStatus::Cancelled { Cancelled::Done(answer) } else { Cancelled::Underway(answer) })
    }

    /// A job that onboarding has promised is there and not yet in the queue; any other is not there.
    async fn not_cancellable(&self, caller: &Caller, id: &JobId) -> Result<Problem, Problem> {
        let promised = self.0.lookup.job(&caller.athlete, id, None).await?;
        Ok(match promised {
            Some(_) => Problem::new(Kind::JobState, "the job is about to enter the queue; cancel it again in a moment")
                .retry_after(Duration::from_secs(POLL_SECONDS)),
            None => Problem::not_found("job"),
        })
    }

    async fn status(
        &self,
        caller: &Caller,
        id: &str,
        question: Question,
        waited: &Waited,
    ) -> Result<Status, Refused<Reading>> {
        let id = job_id(id)?;
        tracing::Span::current().record(attr::JOB_ID, id.as_str());
        let (job, tag) = news(&self.0, caller, &id, &question, waited).await?;
        let applied = question.granted_preference(self.0.longest_wait);
        if question.knows(&tag) {
            return Ok(Status::NotModified(tag, applied));
        }
        let poll = (!job.status.is_terminal()).then_some(POLL_SECONDS);
        Ok(Status::Job(Answer(job.into()), tag, poll, applied))
    }
}

/// A text that cannot be an id names no job, like any unknown one.
fn job_id(text: &str) -> Result<JobId, Problem> {
    text.parse().map_err(|_| Problem::not_found("job"))
}
