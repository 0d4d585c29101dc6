//! The workers' queues, for tokens with the operator role: how they stand, pausing one, and putting a job before others.

use std::time::Duration;

use ally_domain::ids::JobId;
use poem_openapi::param::Path;
use poem_openapi::{ApiResponse, OpenApi};
use serde::Deserialize;

use super::super::refused::{Refusals, Refused};
use super::super::{Chapter, Desk, operator_origin};
use super::operator;
use crate::auth::{Authenticated, Caller};
use crate::body::{Body, Readable};
use crate::problem::{Kind, Problem};
use crate::schema::{JobStatusChoice, PauseSchema};
use crate::wire::{Answer, ConsumerBody, ConsumersBody, ExpeditedBody, Links};

/// The longest pause, and what is meant when nothing is said.
const LONGEST_PAUSE: Duration = Duration::from_secs(7 * 24 * 3_600);

pub(crate) struct OperatorQueues(pub Desk);

#[derive(ApiResponse)]
pub(crate) enum Listed {
    /// How each one stands.
    #[oai(status = 200)]
    Consumers(Answer<ConsumersBody>),
}

#[derive(ApiResponse)]
pub(crate) enum Set {
    /// How it stands now.
    #[oai(status = 200)]
    Consumer(Answer<ConsumerBody>),
}

#[derive(ApiResponse)]
pub(crate) enum Expedited {
    /// The job is before others.
    #[oai(status = 200)]
    Job(Answer<ExpeditedBody>),
}

pub(crate) struct Listing;
pub(crate) struct Pausing;
pub(crate) struct Resuming;
pub(crate) struct Expediting;

impl Refusals for Listing {
    const STATUSES: &'static [u16] = &[];
}

impl Refusals for Pausing {
    const STATUSES: &'static [u16] = &[400, 404, 408, 415];
}

impl Refusals for Resuming {
    const STATUSES: &'static [u16] = &[404];
}

impl Refusals for Expediting {
    const STATUSES: &'static [u16] = &[404, 409];
}

/// The length of a pause as the body spells it.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PauseBody {
    seconds: Option<u64>,
}

impl Readable for PauseBody {
    type Shape = PauseSchema;

    fn absent() -> Option<Self> {
        Some(Self::default())
    }
}

#[OpenApi(prefix_path = "/api/v1", tag = "Chapter::Operations")]
impl OperatorQueues {
    /// List the consumers
    ///
    /// The consumers of the workers, and how each one stands. One that no worker has made yet is not among them.
    #[oai(path = "/operator/consumers", method = "get", operation_id = "consumers")]
    async fn list(&self, Authenticated(caller): Authenticated) -> Result<Listed, Refused<Listing>> {
        operator(&caller)?;
        let consumers = self.0.consumers.list().await?;
        Ok(Listed::Consumers(Answer(ConsumersBody { consumers: consumers.into_iter().map(Into::into).collect() })))
    }

    /// Pause a consumer
    ///
    /// Stops deliveries; what is in hand is finished, nothing is lost, and submissions are still accepted.
    #[oai(path = "/operator/consumers/:name/pause", method = "post", operation_id = "pauseConsumer")]
    async fn pause(
        &self,
        Authenticated(caller): Authenticated,
        /// Which one: `planner`.
        Path(name): Path<String>,
        Body(body): Body<PauseBody>,
    ) -> Result<Set, Refused<Pausing>> {
        let length = body.seconds.map_or(LONGEST_PAUSE, Duration::from_secs);
        Ok(self.set(&caller, name, Some(length)).await?)
    }

    /// Resume a consumer
    ///
    /// Lets deliveries go on.
    #[oai(path = "/operator/consumers/:name/resume", method = "post", operation_id = "resumeConsumer")]
    async fn resume(
        &self,
        Authenticated(caller): Authenticated,
        /// Which one: `planner`.
        Path(name): Path<String>,
    ) -> Result<Set, Refused<Resuming>> {
        Ok(self.set(&caller, name, None).await?)
    }

    /// Put a job before others
    ///
    /// A job that waits for its first attempt goes to the express workers, whoever's it is. Repeating it changes nothing.
    #[oai(path = "/operator/jobs/:id/expedite", method = "post", operation_id = "expediteJob")]
    async fn expedite(
        &self,
        Authenticated(caller): Authenticated,
        /// Which job.
        Path(id): Path<String>,
    ) -> Result<Expedited, Refused<Expediting>> {
        let from = operator_origin(&operator(&caller)?);
        let id: JobId = id.parse().map_err(|_| Problem::not_found("job"))?;
        let (submissions, job) = (self.0.submissions.clone(), id.clone());
        let run = self.0.gate.run(async move { submissions.expedite(&job, &from).await });
        let (status, position) = run.await?;
        Ok(Expedited::Job(Answer(ExpeditedBody {
            job_id: id.to_string(),
            status: JobStatusChoice(status),
            position: position.map(|position| position.to_string()),
            links: Links::of_job(&id, status, None),
        })))
    }

    async fn set(&self, caller: &Caller, name: String, length: Option<Duration>) -> Result<Set, Problem> {
        let (who, desk) = (operator(caller)?, self.0.consumers.clone());
        let run = self.0.gate.run(async move { desk.pause(&name, length, &who).await });
        let detail =
            "there is no such consumer, or no worker has made it yet; GET /api/v1/operator/consumers lists them";
        let state = run.await?.ok_or_else(|| Problem::new(Kind::NotFound, detail))?;
        Ok(Set::Consumer(Answer(state.into())))
    }
}
