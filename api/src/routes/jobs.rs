//! Where a job stands, and how it is stopped.

mod news;

use std::time::Duration;

use ally_domain::ids::JobId;
use ally_domain::job::JobStatus;
use ally_handlers::CancelError;
use ally_projections::job_status::{JobStatusView, Wanted};
use ally_telemetry::names::attr;
use poem::http::HeaderMap;
use poem::web::Data;
use poem_openapi::param::{Header, Path, Query};
use poem_openapi::{ApiResponse, OpenApi};

use self::news::{Question, news};
use super::onboarding::{POLL_SECONDS, poll_seconds};
use super::refused::{Refusals, Refused};
use super::{Chapter, Desk, origin};
use crate::auth::{Authenticated, Caller};
use crate::cursor::CursorOf;
use crate::observe::Waited;
use crate::params::{
    AtMoment, AtPosition, Cursor, Faults, Given, JobIdText, Page as PageParams, PageLimit, Required, SomeOf,
    WaitSeconds,
};
use crate::problem::{Kind, Problem};
use crate::schema::JobStatusChoice;
use crate::wire::{Answer, Cancellation, JobBody, JobListBody, Links, Page};

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

#[derive(ApiResponse)]
pub(crate) enum Listed {
    /// A page of the athlete's jobs.
    #[oai(status = 200)]
    Page(Page<JobListBody>),
}

pub(crate) struct Listing;
pub(crate) struct Reading;
pub(crate) struct Cancelling;

impl Refusals for Listing {
    const STATUSES: &'static [u16] = &[400];
}

impl Refusals for Reading {
    const STATUSES: &'static [u16] = &[400, 404];
}

impl Refusals for Cancelling {
    const STATUSES: &'static [u16] = &[404, 409];
}

#[OpenApi(prefix_path = "/api/v1", tag = "Chapter::Jobs")]
impl Jobs {
    /// List jobs
    ///
    /// The athlete's jobs, newest first, a page at a time; of those that fit every filter. A job that was requested a moment ago is
    /// in it once the views have it: name the `position` of its 202.
    #[oai(path = "/jobs", method = "get", operation_id = "jobs")]
    #[allow(clippy::too_many_arguments, reason = "each argument is a parameter of the document")]
    async fn list(
        &self,
        Authenticated(caller): Authenticated,
        /// Jobs that stand so: one state or several, repeated or with commas between.
        Query(status): Query<Option<Given<SomeOf<JobStatus>>>>,
        /// Jobs that were requested at or after a moment.
        Query(since): Query<Option<Given<AtMoment>>>,
        /// Jobs that were requested before a moment.
        Query(until): Query<Option<Given<AtMoment>>>,
        /// The most jobs of the page.
        Query(limit): Query<Option<Given<PageLimit>>>,
        /// The `next` of an earlier page.
        Query(cursor): Query<Option<Given<Cursor>>>,
        /// See at least the event at this position of the log, as an answer carries it. One that the log does not hold is a 400
        /// `position-unknown`; one that the views have not come to in time is a 503 with `Retry-After`.
        Query(position): Query<Option<Given<AtPosition>>>,
    ) -> Result<Listed, Refused<Listing>> {
        let (mut faults, athlete) = (Faults::default(), &caller.athlete);
        let wanted = Wanted {
            statuses: faults.read("status", status).unwrap_or_default().into_iter().collect(),
            since: faults.read("since", since),
            until: faults.read("until", until),
            at: None,
        };
        let page = PageParams::read(&mut faults, (limit, cursor), &self.0.cursors, (CursorOf::Jobs, athlete.as_str()));
        let position = faults.read("position", position);
        faults.check()?;
        let behind = (page.behind.as_ref(), page.asked());
        let mut jobs = self.0.lookup.jobs(athlete, &wanted, behind, position.as_ref()).await?;
        let next = page.cut(&mut jobs, JobStatusView::place)?;
        let items = jobs.into_iter().map(|job| self.body(job)).collect();
        Ok(Listed::Page(Page(JobListBody { items, next })))
    }

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
        /// See at least the event at this position of the log, as an answer carries it. One that the log does not hold is a 400
        /// `position-unknown`.
        Query(position): Query<Option<Given<AtPosition>>>,
        /// Seconds to wait for an end, or, with If-None-Match, for anything new. The server waits no longer than leaves it time to
        /// answer within its deadline, and answers then with what there is: a long wait is never a 504.
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
        /// See at least the event at this position of the log, as an answer carries it. One that the log does not hold is a 400
        /// `position-unknown`.
        Query(position): Query<Option<Given<AtPosition>>>,
        /// Seconds to wait for an end, or, with If-None-Match, for anything new. The server waits no longer than leaves it time to
        /// answer within its deadline, and answers then with what there is: a long wait is never a 504.
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

    fn body(&self, job: JobStatusView) -> JobBody {
        let estimate = self.0.lookup.estimate(&job);
        JobBody::estimated(job, estimate)
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
        let not_before = job.not_before.filter(|_| job.status == JobStatus::Scheduled);
        let poll = (!job.status.is_terminal()).then(|| poll_seconds(not_before, self.0.submissions.now()));
        Ok(Status::Job(Answer(self.body(job)), tag, poll, applied))
    }
}

/// A text that cannot be an id names no job, like any unknown one.
fn job_id(text: &str) -> Result<JobId, Problem> {
    text.parse().map_err(|_| Problem::not_found("job"))
}
