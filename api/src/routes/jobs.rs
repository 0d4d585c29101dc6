//! Submit, status, cancel.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use ally_domain::envelope::Position;
use ally_domain::fingerprint::fingerprint;
use ally_domain::ids::JobId;
use ally_domain::job::JobStatus;
use ally_handlers::{CancelError, PlanWish};
use ally_projections::job_status::JobStatusView;
use ally_telemetry::names::attr;
use poem::http::{HeaderMap, header};
use poem::web::Data;
use poem_openapi::param::{Header, Path, Query};
use poem_openapi::{ApiResponse, OpenApi};
use serde::Deserialize;
use time::Date;

use super::onboarding::{POLL_SECONDS, accepted};
use super::refused::{Refusals, Refused};
use super::{Chapter, Desk, origin};
use crate::auth::{Authenticated, Caller};
use crate::body::{Body, Readable};
use crate::observe::Waited;
use crate::params::{AtPosition, Faults, Given, WaitSeconds};
use crate::problem::{Kind, Problem};
use crate::schema::{JobStatusChoice, Schema, WishSchema};
use crate::wire::{Accepted, Answer, Cancellation, JobBody, Links, job_path};

time::serde::format_description!(iso_date, Date, "[year]-[month]-[day]");

const IDEMPOTENCY_KEY: &str = "idempotency-key";
/// The most characters of an idempotency key.
const MAX_KEY_CHARS: usize = 128;
/// The first pause of a long poll and the longest; each is half again as long as the one before.
const PAUSE: (Duration, Duration) = (Duration::from_millis(40), Duration::from_millis(800));

pub(crate) struct Jobs(pub Desk);

#[derive(ApiResponse)]
pub(crate) enum Submitted {
    /// The request is safe in the log and its plan is on the way.
    #[oai(status = 202)]
    Accepted(
        Answer<Accepted>,
        /// Where the job is read.
        #[oai(header = "Location")]
        String,
        /// Seconds until a poll makes sense.
        #[oai(header = "Retry-After")]
        u64,
    ),
}

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
    ),
    /// Nothing new since the state that If-None-Match names.
    #[oai(status = 304)]
    NotModified(
        /// Names this state.
        #[oai(header = "ETag")]
        String,
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

pub(crate) struct Submitting;
pub(crate) struct Reading;
pub(crate) struct Cancelling;

impl Refusals for Submitting {
    const STATUSES: &'static [u16] = &[400, 408, 409, 413, 415, 422];
}

impl Refusals for Reading {
    const STATUSES: &'static [u16] = &[400, 404];
}

impl Refusals for Cancelling {
    const STATUSES: &'static [u16] = &[404, 409];
}

/// A wish as the body spells it.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(crate) struct WishBody {
    #[serde(with = "iso_date::option")]
    start_date: Option<Date>,
    weeks: Option<u8>,
    seed: Option<u64>,
}

impl Readable for WishBody {
    type Shape = WishSchema;

    fn absent() -> Option<Self> {
        Some(Self::default())
    }

    fn shape() -> &'static Schema {
        static SHAPE: LazyLock<Schema> = LazyLock::new(Schema::of::<WishSchema>);
        &SHAPE
    }
}

/// What a status request asks beside the job.
struct Question {
    position: Option<Position>,
    wait: Duration,
    known: Option<String>,
}

#[OpenApi(prefix_path = "/api/v1", tag = "Chapter::Jobs")]
impl Jobs {
    /// Request a plan
    ///
    /// Requests a plan for the athlete's newest profile. With an `Idempotency-Key` the request names its job for ever:
    /// the same key with the same body is the same job, with another body it is refused.
    #[oai(path = "/plans/generate", method = "post", operation_id = "generatePlan")]
    async fn generate(
        &self,
        Authenticated(caller): Authenticated,
        /// 1 to 128 visible ASCII characters, chosen by the client, one for each plan it wants.
        #[oai(name = "Idempotency-Key", validator(min_length = 1, max_length = 128))]
        _documented: Header<Option<String>>,
        headers: &HeaderMap,
        Body(wish): Body<WishBody>,
    ) -> Result<Submitted, Refused<Submitting>> {
        let key = idempotency_key(headers)?;
        if let Err(full) = self.0.gate.admit().await {
            self.repeated(&caller, key.as_deref()).await?.then_some(()).ok_or(full)?;
        }
        let wish = PlanWish { start: wish.start_date, weeks: wish.weeks, seed: wish.seed };
        let (submissions, from, athlete) = (self.0.submissions.clone(), origin(&caller), caller.athlete.clone());
        let submit = async move { submissions.request_plan(&athlete, key.as_deref(), &wish, &from).await };
        let job = self.0.gate.run(submit).await?;
        let location = job_path(&job.job_id);
        Ok(Submitted::Accepted(Answer(accepted(&self.0, &caller, job, None).await?), location, POLL_SECONDS))
    }

    /// Read a job's status, by query
    ///
    /// The same answer as `GET /jobs/{id}`.
    #[oai(path = "/plans/status", method = "get", operation_id = "planStatus")]
    async fn status_by_query(
        &self,
        Authenticated(caller): Authenticated,
        /// Which job.
        #[oai(name = "jobId")]
        Query(job_id): Query<Option<String>>,
        /// See at least the event at this position of the log, as a 202 answer carries it.
        Query(position): Query<Option<Given<AtPosition>>>,
        /// Seconds to wait for an end, or, with If-None-Match, for anything new.
        Query(wait): Query<Option<Given<WaitSeconds>>>,
        headers: &HeaderMap,
        waited: Data<&Waited>,
    ) -> Result<Status, Refused<Reading>> {
        let mut faults = Faults::default();
        if job_id.is_none() {
            faults.missing("jobId", "the job id that a 202 answer carried");
        }
        let question = question(faults, position, wait, headers)?;
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
        /// See at least the event at this position of the log, as a 202 answer carries it.
        Query(position): Query<Option<Given<AtPosition>>>,
        /// Seconds to wait for an end, or, with If-None-Match, for anything new.
        Query(wait): Query<Option<Given<WaitSeconds>>>,
        headers: &HeaderMap,
        waited: Data<&Waited>,
    ) -> Result<Status, Refused<Reading>> {
        let question = question(Faults::default(), position, wait, headers)?;
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

    /// Whether a key names a job that is there: to repeat a request asks for no more room in the queue.
    async fn repeated(&self, caller: &Caller, key: Option<&str>) -> Result<bool, Problem> {
        let Some(key) = key else { return Ok(false) };
        let id = JobId::for_key(&caller.athlete, key);
        Ok(self.0.lookup.job(&caller.athlete, &id, None).await?.is_some())
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
        let (job, tag) = self.news(caller, &id, &question, waited).await?;
        if question.known.as_deref().is_some_and(|known| names(known, &tag)) {
            return Ok(Status::NotModified(tag));
        }
        let poll = (!job.status.is_terminal()).then_some(POLL_SECONDS);
        Ok(Status::Job(Answer(job.into()), tag, poll))
    }

    /// The job as it is, or as it is once there is news or the wait is over.
    async fn news(
        &self,
        caller: &Caller,
        id: &JobId,
        question: &Question,
        waited: &Waited,
    ) -> Result<(JobStatusView, String), Problem> {
        let started = Instant::now();
        let (mut pause, longest) = PAUSE;
        loop {
            let found = self.0.lookup.job(&caller.athlete, id, question.position.as_ref()).await?;
            let job = found.ok_or_else(|| Problem::not_found("job"))?;
            let tag = tag(&job)?;
            let fresh = question.known.as_deref().is_some_and(|known| !names(known, &tag));
            let left = question.wait.saturating_sub(started.elapsed());
            if fresh || job.status.is_terminal() || left.is_zero() || self.0.draining.is_cancelled() {
                return Ok((job, tag));
            }
            let paused = Instant::now();
            tokio::select! {
                () = tokio::time::sleep(pause.min(left)) => {}
                () = self.0.draining.cancelled() => {}
            }
            waited.add(paused.elapsed());
            pause = (pause + pause / 2).min(longest);
        }
    }
}

fn question(
    mut faults: Faults,
    position: Option<Given<AtPosition>>,
    wait: Option<Given<WaitSeconds>>,
    headers: &HeaderMap,
) -> Result<Question, Problem> {
    let position = faults.read("position", position);
    let wait = faults.read("wait", wait).unwrap_or_default();
    faults.check()?;
    let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok()).map(ToOwned::to_owned);
    Ok(Question { position, wait, known })
}

/// A text that cannot be an id names no job, like any unknown one.
fn job_id(text: &str) -> Result<JobId, Problem> {
    text.parse().map_err(|_| Problem::not_found("job"))
}

/// The state's name: weak, since it stands for what the body says and not for its bytes.
fn tag(job: &JobStatusView) -> Result<String, Problem> {
    let state = (job.status, job.progress, &job.phase, job.attempts, &job.last.stream, job.last.sequence);
    let print = fingerprint(&state).map_err(Problem::internal)?;
    Ok(format!("W/\"{}\"", &print[..16]))
}

/// Whether an If-None-Match names a tag, compared weakly (RFC 9110, section 13.1.2).
fn names(if_none_match: &str, tag: &str) -> bool {
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    if_none_match.split(',').any(|known| known.trim() == "*" || opaque(known) == opaque(tag))
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let mut keys = headers.get_all(IDEMPOTENCY_KEY).iter();
    let Some(key) = keys.next() else { return Ok(None) };
    let visible = key.as_bytes().iter().all(u8::is_ascii_graphic);
    let expected = format!("once, with 1 to {MAX_KEY_CHARS} visible ASCII characters");
    if keys.next().is_some() {
        return Err(Problem::field("Idempotency-Key", "is there more than once", expected));
    }
    match key.to_str() {
        Ok(key) if visible && (1..=MAX_KEY_CHARS).contains(&key.len()) => Ok(Some(key.to_owned())),
        _ => Err(Problem::field("Idempotency-Key", format!("has {} bytes or an unfit character", key.len()), expected)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn if_none_match_is_compared_weakly() {
        for same in ["\"a\"", "W/\"a\"", "\"b\", W/\"a\"", "*"] {
            assert!(names(same, "W/\"a\""), "{same}");
        }
        for other in ["", "\"b\"", "a", "\"a"] {
            assert!(!names(other, "W/\"a\""), "{other}");
        }
    }
}
