//! POST /plans/generate, POST /jobs/{id}/retry.
//!
//! Deliberately not here: many requests at once (`batch`).

mod wish;

use ally_domain::ids::JobId;
use ally_handlers::{Origin, SubmittedJob, retry_key};
use ally_projections::job_status::Request;
use poem_openapi::param::Path;
use poem_openapi::{ApiResponse, OpenApi};

use super::onboarding::{accepted, poll_seconds};
use super::refused::{Refusals, Refused};
use super::{Chapter, Desk, origin};
use crate::auth::{Authenticated, Caller};
use crate::body::Body;
use crate::params::IdempotencyKey;
use crate::problem::Problem;
use crate::wire::{Accepted, Answer, job_path};

pub(super) use wish::WishBody;

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
pub(crate) struct Retrying;

impl Refusals for Submitting {
    const STATUSES: &'static [u16] = &[400, 408, 409, 415, 422];
}

impl Refusals for Retrying {
    const STATUSES: &'static [u16] = &[400, 404, 409, 422];
}

#[OpenApi(prefix_path = "/api/v1", tag = "Chapter::Jobs")]
impl Submit {
    /// Request a plan
    ///
    /// Requests a plan for the athlete's newest profile, with the pain that was reported since. With an `Idempotency-Key` the request names its job for ever:
    /// the same key with the same body is the same job, with another body it is refused. With `notBefore` it is made later, with
    /// `deadline` in time or not at all, with `priority` before others where the token allows it.
    #[oai(path = "/plans/generate", method = "post", operation_id = "generatePlan")]
    async fn generate(
        &self,
        Authenticated(caller): Authenticated,
        /// 1 to 128 visible ASCII characters, chosen by the client, one for each plan it wants.
        #[oai(name = "Idempotency-Key")]
        IdempotencyKey(key): IdempotencyKey,
        Body(wish): Body<WishBody>,
    ) -> Result<Submitted, Refused<Submitting>> {
        let wish = wish.of(&caller)?;
        if let Err(full) = self.0.gate.admit().await {
            self.0.repeated(&caller, key.as_deref()).await?.then_some(()).ok_or(full)?;
        }
        let (submissions, from, athlete) = (self.0.submissions.clone(), origin(&caller), caller.athlete.clone());
        let request = from.clone();
        let submit = async move { submissions.request_plan(&athlete, key.as_deref(), &wish, &request).await };
        let job = self.0.gate.run(submit).await?;
        Ok(self.0.submitted(&caller, &from, job).await?)
    }

    /// Try a job again
    ///
    /// Requests once more what a failed or dead-lettered job was to make, as a job of its own, for the athlete as they are now. The job
    /// names its retry for ever: the same request again gives the same new job, and a retry that failed is tried again by its own id.
    #[oai(path = "/jobs/:id/retry", method = "post", operation_id = "retryJob")]
    async fn retry(
        &self,
        Authenticated(caller): Authenticated,
        /// Which job.
        Path(id): Path<String>,
    ) -> Result<Submitted, Refused<Retrying>> {
        let id: JobId = id.parse().map_err(|_| Problem::not_found("job"))?;
        if let Err(full) = self.0.gate.admit().await {
            self.0.repeated(&caller, Some(&retry_key(&id))).await?.then_some(()).ok_or(full)?;
        }
        let (submissions, from, athlete) = (self.0.submissions.clone(), origin(&caller), caller.athlete.clone());
        let request = from.clone();
        let job = self.0.gate.run(async move { submissions.retry(&athlete, &id, &request).await }).await?;
        Ok(self.0.submitted(&caller, &from, job).await?)
    }
}

impl Desk {
    /// The 202 of a job.
    pub(super) async fn submitted(
        &self,
        caller: &Caller,
        from: &Origin,
        job: SubmittedJob,
    ) -> Result<Submitted, Problem> {
        self.remember(caller, from, &job);
        let (location, replayed) = (job_path(&job.job_id), replay_mark(job.new));
        let poll = poll_seconds(job.not_before, self.submissions.now());
        Ok(Submitted::Accepted(Answer(accepted(self, caller, job).await?), location, poll, replayed))
    }

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
            not_before: job.not_before,
            deadline: job.deadline,
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
