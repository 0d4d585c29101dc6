//! The plan worker: a requested job becomes an attempt, an attempt becomes a plan, a later try or an end.

mod attempt;
mod finish;
mod progress;
mod quarantine;
mod revise;
mod schedule;
mod shares;
mod today;

use std::sync::Arc;
use std::time::Duration;

use ally_domain::decider::Decider;
use ally_domain::envelope::{Actor, CommandContext, Recorded};
use ally_domain::ids::{CommandId, JobId};
use ally_domain::job::{Job, JobCommand, JobDecider, JobEvent, JobRefusal, JobState, JobStatus, Priority};
use ally_domain::outcome::Outcome;
use ally_domain::plan::PlanDecider;
use ally_domain::ports::{Cancellations, Clock, DeliveryContext, EventHandler, PlanProvider, RetryClock, StoreError};
use async_trait::async_trait;
use uuid::Uuid;

use crate::execute::{self, ExecuteError, Executor, Known};
use crate::full_log::Patient;
use crate::metrics;
use attempt::{Attempt, Held};
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
        let patient = executor.on(Arc::new(Patient(executor.store().clone())));
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
    async fn place_for(&self, job_id: &JobId, job: &Job, delivery: &DeliveryContext) -> Place {
        // What was never delivered before was never lost.
        if delivery.delivery > 1 && job.status == JobStatus::Running {
            tracing::warn!(%job_id, attempt = job.attempts, "the last attempt was lost with its worker; this one is worked on alone");
            return self.quarantine.alone().await;
        }
        self.quarantine.beside().await
    }

    /// What is known of a job, and where its last event stands. A request that is delivered for the first time is all that there is
    /// to know, or the append will say otherwise; where another event puts the job into the queue, and where something may have
    /// been begun, the log is read. `None` when nobody ever requested it.
    async fn known(
        &self,
        job_id: &JobId,
        event: &Recorded,
        delivery: &DeliveryContext,
    ) -> Result<Option<Held>, StoreError> {
        if delivery.delivery <= 1
            && let Ok(requested @ JobEvent::Requested(_)) = event.decode()
        {
            let state = JobDecider::evolve(JobState::default(), &requested);
            return Ok(Held::of(Known { state, sequence: event.position.sequence, since: Some(event.at) }, None));
        }
        let (known, _) = self.executor.load_known::<JobDecider>(&job_id.into()).await?;
        Ok(Held::of(known, None))
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
        let held = match self.known(&job_id, event, delivery).await {
            Ok(Some(held)) => held,
            Ok(None) => return Outcome::Done,
            Err(error) => return execute::outcome_of(&error),
        };
        let job = &held.job;
        let now = self.clock.now();
        if let Some(outcome) = self.not_now(&job_id, job, event, now).await {
            return outcome;
        }
        // An end, or the other queue's: nothing to do, and nothing of the job's request may be left to read.
        let Some(requested) = job.requested.clone().filter(|_| job.lane == self.config.lane) else {
            return Outcome::Done;
        };
        // Before the attempt begins: a plan that only a newer version can revise costs the job none.
        if let Some(replan) = &requested.replan
            && let Err(error @ StoreError::Newer { .. }) =
                self.executor.load::<PlanDecider>(&(&replan.plan_id).into()).await
        {
            return execute::outcome_of(&error);
        }
        let athlete = &job.athlete_id;
        let Some(_share) = self.shares.enter(athlete) else {
            let reason =
                format!("athlete {athlete} has {} jobs in hand here, as many as one may", self.config.max_per_athlete);
            return Outcome::Defer { reason, after: DEFERRED };
        };
        let _place = self.place_for(&job_id, job, delivery).await;
        // Before the attempt begins, so that no wish to stop it falls between the two.
        let stop = self.cancellations.watch(&job_id);
        let now = self.clock.now();
        if let Some(wait) = schedule::wait(job, event, delivery, now) {
            metrics::job_waited(wait);
        }
        let first = delivery.delivery <= 1 && job.status == JobStatus::Queued && requested.replan.is_none();
        let requested = match self.of_today(requested, event, delivery, now).await {
            Ok(requested) => requested,
            Err(error) => return execute::outcome_of(&error),
        };
        let attempt = Attempt::new(job_id, requested, now, held);
        if !first && let Err(outcome) = self.count(&attempt, event).await {
            return outcome;
        }
        self.work(attempt, event, stop).await
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
