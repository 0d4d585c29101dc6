//! A wish in, 202 out.

use ally_domain::ids::JobId;
use ally_handlers::{Origin, PlanWish, SubmittedJob};
use ally_projections::job_status::Request;
use poem::http::HeaderMap;
use poem_openapi::param::Header;
use poem_openapi::{ApiResponse, OpenApi};
use serde::Deserialize;
use time::Date;

use super::onboarding::{POLL_SECONDS, accepted};
use super::refused::{Refusals, Refused};
use super::{Chapter, Desk, origin};
use crate::auth::{Authenticated, Caller};
use crate::body::{Body, Readable};
use crate::problem::Problem;
use crate::schema::WishSchema;
use crate::wire::{Accepted, Answer, job_path};

time::serde::format_description!(iso_date, Date, "[year]-[month]-[day]");

const IDEMPOTENCY_KEY: &str = "Idempotency-Key";
/// The most characters of an idempotency key.
const MAX_KEY_CHARS: usize = 128;

pub(crate) struct Submit(pub Desk);

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
        /// `true` where the same request had been made before, and nothing was stored now.
        #[oai(header = "Idempotent-Replayed")]
        Option<bool>,
    ),
}

pub(crate) struct Submitting;

impl Refusals for Submitting {
    const STATUSES: &'static [u16] = &[400, 408, 409, 415, 422];
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
}

#[OpenApi(prefix_path = "/api/v1", tag = "Chapter::Jobs")]
impl Submit {
    /// Request a plan
    ///
    /// Requests a plan for the athlete's newest profile, with the pain that was reported since. With an `Idempotency-Key` the request names its job for ever:
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
            self.0.repeated(&caller, key.as_deref()).await?.then_some(()).ok_or(full)?;
        }
        let wish = PlanWish { start: wish.start_date, weeks: wish.weeks, seed: wish.seed };
        let (submissions, from, athlete) = (self.0.submissions.clone(), origin(&caller), caller.athlete.clone());
        let request = from.clone();
        let submit = async move { submissions.request_plan(&athlete, key.as_deref(), &wish, &request).await };
        let job = self.0.gate.run(submit).await?;
        self.0.remember(&caller, &from, &job);
        let (location, replayed) = (job_path(&job.job_id), replay_mark(job.new));
        Ok(Submitted::Accepted(Answer(accepted(&self.0, &caller, job).await?), location, POLL_SECONDS, replayed))
    }
}

impl Desk {
    /// What this process has appended need not be read to be answered.
    pub(super) fn remember(&self, caller: &Caller, origin: &Origin, job: &SubmittedJob) {
        if !job.new {
            return;
        }
        let request = Request {
            at: job.at,
            trace_id: origin.trace.trace_id().map(ToOwned::to_owned),
            correlation: origin.correlation.clone(),
            position: job.position.clone(),
        };
        self.lookup.remember_request(&caller.athlete, &job.job_id, request);
    }

    /// Whether a key names a job that is there: to repeat a request asks for no more room in the queue.
    pub(super) async fn repeated(&self, caller: &Caller, key: Option<&str>) -> Result<bool, Problem> {
        let Some(key) = key else { return Ok(false) };
        let id = JobId::for_key(&caller.athlete, key);
        Ok(self.lookup.job(&caller.athlete, &id, None).await?.is_some())
    }
}

/// What `Idempotent-Replayed` says: only that a request was made before.
pub(super) fn replay_mark(is_new: bool) -> Option<bool> {
    (!is_new).then_some(true)
}

pub(super) fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let mut keys = headers.get_all(IDEMPOTENCY_KEY).iter();
    let Some(key) = keys.next() else { return Ok(None) };
    let visible = key.as_bytes().iter().all(u8::is_ascii_graphic);
    let expected = format!("once, with 1 to {MAX_KEY_CHARS} visible ASCII characters");
    if keys.next().is_some() {
        return Err(Problem::field(IDEMPOTENCY_KEY, "is there more than once", expected));
    }
    match key.to_str() {
        Ok(key) if visible && (1..=MAX_KEY_CHARS).contains(&key.len()) => Ok(Some(key.to_owned())),
        _ => Err(Problem::field(IDEMPOTENCY_KEY, format!("has {} bytes or an unfit character", key.len()), expected)),
    }
}
