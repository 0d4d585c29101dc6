//! The plan worker: a requested job becomes an attempt, an attempt becomes a plan, a later try or an end.

mod attempt;
mod finish;
mod progress;
mod quarantine;
mod revise;
mod shares;

use std::sync::Arc;
use std::time::Duration;

use ally_domain::envelope::{Actor, CommandContext, Recorded};
use ally_domain::ids::{AthleteId, CommandId, JobId, PlanId};
use ally_domain::job::{JobCommand, JobDecider, JobEvent, JobRefusal, JobStatus, Priority, Replan};
use ally_domain::outcome::Outcome;
use ally_domain::plan::PlanDecider;
use ally_domain::ports::{Cancellations, Clock, DeliveryContext, EventHandler, PlanProvider, RetryClock, StoreError};
use async_trait::async_trait;
use uuid::Uuid;

use crate::execute::{self, ExecuteError, Executor};
use crate::full_log::Patient;
use crate::metrics;
use attempt::Taken;
use quarantine::Place;
pub use quarantine::Quarantine;
use shares::Shares;

/// When to look again at a job whose athlete has their share in hand: long for a worker, short for a person.
const DEFERRED: Duration = Duration::from_millis(500);

/// The limits of the worker.
#[derive(Debug, Clone)]
pub struct PlannerConfig {
    /// Names this worker in the log.
    pub worker: String,
    /// The queue whose jobs it takes up.
    pub lane: Priority,
    /// Jobs of one athlete that this worker has in hand at once, at most.
    pub max_per_athlete: usize,
    /// Attempts between a request (or a redrive) and the dead letters.
    pub max_attempts: u32,
    /// How long one attempt may take.
    pub attempt_deadline: Duration,
}

/// Works on jobs. Everything it needs of a job stands in the job's own events.
pub struct PlannerHandler {
    executor: Executor,
    /// Ends attempts that were begun: their work is done, and a full log is waited for.
    patient: Executor,
    provider: Arc<dyn PlanProvider>,
    retry: Arc<dyn RetryClock>,
    clock: Arc<dyn Clock>,
    cancellations: Arc<dyn Cancellations>,
    config: PlannerConfig,
    shares: Shares,
    quarantine: Quarantine,
}

impl PlannerHandler {
    /// A worker on a log, with a provider.
    pub fn new(
        executor: Executor,
        provider: Arc<dyn PlanProvider>,
        retry: Arc<dyn RetryClock>,
        clock: Arc<dyn Clock>,
        cancellations: Arc<dyn Cancellations>,
        config: PlannerConfig,
    ) -> Self {
        let shares = Shares::new(config.max_per_athlete);
        let patient = Executor::new(Arc::new(Patient(executor.store().clone())));
        let quarantine = Quarantine::default();
        Self { executor, patient, provider, retry, clock, cancellations, config, shares, quarantine }
    }

    /// Works in the same room as others in this process: what is suspected of having brought a worker down is worked on
    /// while none of them is at work.
    #[must_use]
    pub fn sharing(mut self, quarantine: Quarantine) -> Self {
        self.quarantine = quarantine;
        self
    }

    /// A place to work on a job: alone when its last attempt began and nobody lived to say how it ended.
    async fn place_for(&self, job_id: &JobId, delivery: &DeliveryContext) -> Result<Place, StoreError> {
        // What was never delivered before was never lost; most jobs are spared the reading.
        if delivery.delivery > 1 {
            let (state, _) = self.executor.load::<JobDecider>(&job_id.into()).await?;
            if let Some(job) = state.0.filter(|job| job.status == JobStatus::Running) {
                tracing::warn!(%job_id, attempt = job.attempts, "the last attempt was lost with its worker; this one is worked on alone");
                return Ok(self.quarantine.alone().await);
            }
        }
        Ok(self.quarantine.beside().await)
    }

    /// Whose job it is and which plan it revises: told by the request itself, or by the job's history where another event
    /// puts it into the queue. `None` when nobody ever requested it.
    async fn asked_of(
        &self,
        job_id: &JobId,
        event: &Recorded,
    ) -> Result<Option<(AthleteId, Option<PlanId>)>, StoreError> {
        let revised = |replan: Option<Replan>| replan.map(|replan| replan.plan_id);
        if let Ok(JobEvent::Requested(requested)) = event.decode() {
            return Ok(Some((requested.athlete_id, revised(requested.replan))));
        }
        let (state, _) = self.executor.load::<JobDecider>(&job_id.into()).await?;
        Ok(state.0.map(|job| (job.athlete_id, revised(job.requested.and_then(|requested| requested.replan)))))
    }

    /// What every command of this worker brings along. The trace is that of the span it runs in.
    fn context(&self, event: &Recorded) -> CommandContext {
        CommandContext {
            command_id: CommandId::from(Uuid::now_v7()),
            correlation: event.correlation.clone(),
            causation: Some(event.event_id.clone()),
            actor: Actor::System("planner"),
            at: self.clock.now(),
            trace: event.trace.clone(),
        }
    }
}

#[async_trait]
impl EventHandler for PlannerHandler {
    async fn handle(&self, event: &Recorded, delivery: &DeliveryContext) -> Outcome {
        let job_id = JobId::from(&event.aggregate.id);
        let (athlete, revised) = match self.asked_of(&job_id, event).await {
            Ok(Some(asked)) => asked,
            Ok(None) => return Outcome::Done,
            Err(error) => return execute::outcome_of(&error),
        };
        // Before the attempt begins: a plan that only a newer version can revise costs the job none.
        if let Some(plan) = revised
            && let Err(error @ StoreError::Newer { .. }) = self.executor.load::<PlanDecider>(&(&plan).into()).await
        {
            return execute::outcome_of(&error);
        }
        let Some(_share) = self.shares.enter(&athlete) else {
            let reason =
                format!("athlete {athlete} has {} jobs in hand here, as many as one may", self.config.max_per_athlete);
            return Outcome::Defer { reason, after: DEFERRED };
        };
        let _place = match self.place_for(&job_id, delivery).await {
            Ok(place) => place,
            Err(error) => return execute::outcome_of(&error),
        };
        // Before the attempt begins, so that no wish to stop it falls between the two.
        let stop = self.cancellations.watch(&job_id);
        match self.take_up(&job_id, event).await {
            Ok(Taken::Attempt(attempt)) => self.work(attempt, event, stop).await,
            Ok(Taken::Nothing) => Outcome::Done,
            Err(ExecuteError::Refused(refusal @ JobRefusal::Exhausted { .. })) => {
                metrics::plan_failed(self.provider.name(), "exhausted", Duration::ZERO);
                Outcome::give_up(refusal)
            }
            Err(error) => error.outcome(),
        }
    }

    async fn parked(&self, event: &Recorded, reason: &str, fingerprint: &str) -> Result<(), StoreError> {
        let job_id = JobId::from(&event.aggregate.id);
        let command = JobCommand::DeadLetter { reason: reason.to_owned(), fingerprint: fingerprint.to_owned() };
        match self.executor.execute::<JobDecider>(&(&job_id).into(), &command, &self.context(event)).await {
            // A job that found another end meanwhile keeps it; one that was never requested has none.
            Ok(_) | Err(ExecuteError::Refused(_)) => Ok(()),
            // The message is safe in the dead letters, and what cannot be decided now will not be in a moment.
            Err(ExecuteError::Store(error @ (StoreError::Corrupt { .. } | StoreError::Newer { .. }))) => {
                tracing::warn!(%job_id, %error, "a job was parked, and its own events cannot say so");
                Ok(())
            }
            Err(ExecuteError::Store(error)) => Err(error),
            Err(error @ (ExecuteError::Contended { .. } | ExecuteError::Encoding(_))) => {
                Err(StoreError::Unavailable { reason: error.to_string() })
            }
        }
    }
}

/// Whether a job that refuses a command is simply not this worker's any more, which is nothing to worry about.
const fn ended(refusal: &JobRefusal) -> bool {
    matches!(refusal, JobRefusal::NotPossible(status) if status.is_terminal() || matches!(status, JobStatus::Cancelling))
        || matches!(refusal, JobRefusal::Fenced { .. } | JobRefusal::OtherLane | JobRefusal::Archived(_))
}

/// What becomes of the delivery when it is not this worker's any more: it is done, unless another worker is at it.
fn outcome_of(refusal: &JobRefusal) -> Outcome {
    match refusal {
        JobRefusal::Fenced { .. } => Outcome::Superseded { reason: refusal.to_string() },
        _ => Outcome::Done,
    }
}
