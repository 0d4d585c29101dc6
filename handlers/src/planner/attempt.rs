//! One attempt at a job. It holds what is known of the job from the delivery on, and the log is read only when an append says
//! that this is behind (ADR 0063).
//!
//! An attempt that lasts, and every one of a job that was delivered before, is counted by an event while or before it works, so
//! that it counts even when its worker dies on it. What ends sooner is counted together with its end.

use std::pin::pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use ally_domain::decider::Decider;
use ally_domain::engine::plan::Plan;
use ally_domain::envelope::{CommandContext, Recorded};
use ally_domain::ids::{JobId, PlanId};
use ally_domain::job::{Job, JobCommand, JobDecider, JobEvent, JobRefusal, JobState, JobStatus, Requested};
use ally_domain::outcome::Outcome;
use ally_domain::ports::{Appended, PlanOrder, ProviderError, StopWish, StoreError};
use ally_telemetry::names::{attempt_outcome, attr, span};
use futures::future::{Either, select};
use time::OffsetDateTime;
use tracing::Instrument;

use super::PlannerHandler;
use super::progress;
use super::schedule;
use crate::execute::{ExecuteError, Executor, Known};
use crate::metrics;

/// An attempt that takes longer is counted while it works. The engine is done well before.
const UNCOUNTED: Duration = Duration::from_millis(50);

/// A job in this worker's hands.
pub(super) struct Attempt {
    pub job_id: JobId,
    /// What was asked.
    pub requested: Requested,
    /// When it began.
    pub begun_at: OffsetDateTime,
    held: Mutex<Held>,
}

/// What an attempt knows of its job.
#[derive(Clone)]
pub(super) struct Held {
    pub job: Job,
    /// The sequence of the job's last event.
    pub sequence: u64,
    /// When the job was requested.
    pub since: Option<OffsetDateTime>,
    /// The attempt's number, once the log says that it has begun: whatever else is appended, it stays this one.
    pub number: Option<u32>,
}

impl Held {
    /// `None` when nobody ever requested the job.
    pub(super) fn of(known: Known<JobDecider>, number: Option<u32>) -> Option<Self> {
        let Known { state, sequence, since } = known;
        state.0.map(|job| Self { job, sequence, since, number })
    }
}

/// The events that end an attempt, and what they are decided on.
pub(super) struct Decided {
    pub events: Vec<JobEvent>,
    /// What the append must expect.
    pub sequence: u64,
    /// The job with them.
    pub job: Job,
}

impl Decided {
    /// Whether the job is completed by them.
    pub(super) fn completes(&self) -> bool {
        self.job.status == JobStatus::Completed
    }
}

/// What came of the work.
#[allow(clippy::large_enum_variant, reason = "there is one an attempt, and it is taken apart at once")]
enum Made {
    Plan(Result<Plan, ProviderError>),
    /// The job is not this attempt's, or the log did not answer.
    Over(Outcome),
}

impl Attempt {
    pub(super) fn new(job_id: JobId, requested: Requested, begun_at: OffsetDateTime, held: Held) -> Self {
        Self { job_id, requested, begun_at, held: Mutex::new(held) }
    }

    pub(super) fn held(&self) -> MutexGuard<'_, Held> {
        // It is replaced whole, so that who panicked left the one before.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the log says that it has begun.
    pub(super) fn is_counted(&self) -> bool {
        self.held().number.is_some()
    }

    /// Its number: what every later command of it carries. An attempt that is not counted yet will have the next one.
    pub(super) fn number(&self) -> u32 {
        let held = self.held();
        held.number.unwrap_or(held.job.attempts + 1)
    }

    /// Decides commands on what is held, one after the other. Whoever wanted the job stopped has it stopped by its beginning: then
    /// nothing follows.
    pub(super) fn decide(&self, commands: &[JobCommand]) -> Result<Decided, JobRefusal> {
        let Held { job, sequence, .. } = self.held().clone();
        let mut state = JobState(Some(job));
        let mut events = Vec::new();
        for command in commands {
            if !events.is_empty() && state.0.as_ref().is_none_or(|job| job.status != JobStatus::Running) {
                break;
            }
            let more = JobDecider::decide(&state, command)?;
            state = more.iter().fold(state, JobDecider::evolve);
            events.extend(more);
        }
        let job = state.0.ok_or(JobRefusal::Unknown)?;
        Ok(Decided { events, sequence, job })
    }

    /// Holds what the log has stored of an end that was decided on what was held, and counts it.
    pub(super) fn end(&self, executor: &Executor, decided: Decided, appended: &Appended, at: OffsetDateTime) {
        let since = self.held().since;
        let state = JobState(Some(decided.job));
        let known = Known::<JobDecider> { state, sequence: appended.position.sequence, since };
        if !appended.duplicate {
            executor.count(&(&self.job_id).into(), &known, &decided.events, at);
        }
        let mut held = self.held();
        if let Some(after) = Held::of(known, held.number) {
            *held = after;
        }
    }

    /// How the attempt ended that has handed in its plan.
    fn handed_in(&self, outcome: &Outcome) -> &'static str {
        match outcome {
            Outcome::Done => match self.held().job.status {
                JobStatus::Completed => attempt_outcome::MADE,
                // Its deadline has passed meanwhile.
                JobStatus::Failed => attempt_outcome::FAILED,
                _ => over(outcome),
            },
            outcome => over(outcome),
        }
    }

    /// Executes a command on what is held, and holds what it made of it.
    pub(super) async fn execute(
        &self,
        executor: &Executor,
        command: &JobCommand,
        context: &CommandContext,
    ) -> Result<JobStatus, ExecuteError<JobRefusal>> {
        let Held { job, sequence, since, number } = self.held().clone();
        let known = Known { state: JobState(Some(job)), sequence, since };
        let executed = executor.execute_on::<JobDecider>(&(&self.job_id).into(), Some(known), command, context).await?;
        let Some(job) = executed.state.0 else { return Err(ExecuteError::Refused(JobRefusal::Unknown)) };
        let status = job.status;
        let sequence = executed.position.map_or(sequence, |position| position.sequence);
        *self.held() = Held { job, sequence, since, number };
        Ok(status)
    }

    /// Reads the job anew: somebody has appended to it.
    pub(super) async fn reload(&self, executor: &Executor) -> Result<(), StoreError> {
        let (known, _) = executor.load_known::<JobDecider>(&(&self.job_id).into()).await?;
        let mut held = self.held();
        if let Some(newer) = Held::of(known, held.number) {
            *held = newer;
        }
        Ok(())
    }
}

impl PlannerHandler {
    pub(super) fn start_command(&self) -> JobCommand {
        JobCommand::Start {
            lane: self.config.lane,
            worker: self.config.worker.clone(),
            max_attempts: self.config.max_attempts,
            at: self.clock.now(),
        }
    }

    /// Counts an attempt in the log. The error is what becomes of a delivery whose job is not to be worked on.
    pub(super) async fn count(&self, attempt: &Attempt, event: &Recorded) -> Result<(), Outcome> {
        match attempt.execute(&self.executor, &self.start_command(), &self.context(event)).await {
            Ok(JobStatus::Running) => {
                let mut held = attempt.held();
                held.number = Some(held.job.attempts);
                Ok(())
            }
            Ok(_) => Err(Outcome::Done),
            Err(ExecuteError::Refused(refusal)) if super::ended(&refusal) => Err(Outcome::Done),
            Err(ExecuteError::Refused(refusal @ JobRefusal::Exhausted { .. })) => Err(Outcome::give_up(refusal)),
            Err(ExecuteError::Refused(JobRefusal::TooEarly { not_before })) => {
                Err(schedule::too_early(not_before, self.clock.now()))
            }
            Err(error) => Err(error.outcome()),
        }
    }

    /// Makes the plan within the deadline and hands it in, unless somebody wants the job stopped meanwhile: then the
    /// provider's work is dropped where it stands.
    pub(super) async fn work(&self, attempt: Attempt, event: &Recorded, stop: StopWish) -> Outcome {
        if let Some(replan) = attempt.requested.replan.clone() {
            // The engine takes milliseconds: a wish to stop is met at the hand-in.
            return self.revise(&attempt, &replan, event).await;
        }
        let provider = self.provider.name();
        let begun = Instant::now();
        let made = tokio::select! {
            biased;
            made = self.make_and_count(&attempt, event) => made,
            () = stop => {
                metrics::attempt_ended(provider, attempt_outcome::CANCELLED, begun.elapsed());
                return self.stopped(&attempt, event).await;
            }
        };
        let took = begun.elapsed();
        match made {
            Made::Plan(Ok(plan)) => {
                let outcome = self.hand_in(&attempt, plan, event).await;
                metrics::attempt_ended(provider, attempt.handed_in(&outcome), took);
                outcome
            }
            Made::Plan(Err(ProviderError::Permanent { code, reason })) => {
                metrics::attempt_ended(provider, attempt_outcome::FAILED, took);
                let fail = |attempt| JobCommand::Fail { attempt, code, reason: reason.clone() };
                self.end(&attempt, fail, event, Outcome::Done).await
            }
            Made::Plan(Err(ProviderError::Transient { reason, after })) => {
                metrics::attempt_ended(provider, attempt_outcome::TRANSIENT, took);
                self.postpone(&attempt, reason, after, event).await
            }
            Made::Over(outcome) => {
                metrics::attempt_ended(provider, over(&outcome), took);
                outcome
            }
        }
    }

    /// Makes the plan; an attempt that lasts is counted meanwhile, and then tells how far it is.
    async fn make_and_count(&self, attempt: &Attempt, event: &Recorded) -> Made {
        let (said, heard) = progress::channel();
        let mut make = pin!(self.make(attempt, &said));
        if !attempt.is_counted() {
            if let Ok(made) = tokio::time::timeout(UNCOUNTED, &mut make).await {
                return Made::Plan(made);
            }
            let count = pin!(self.count(attempt, event));
            match select(count, make).await {
                Either::Left((Ok(()), rest)) => make = rest,
                Either::Left((Err(outcome), _)) => return Made::Over(outcome),
                // Dropped half-way it might be in the log and not be known here.
                Either::Right((made, count)) => match count.await {
                    Ok(()) => return Made::Plan(made),
                    Err(outcome) => return Made::Over(outcome),
                },
            }
        }
        tokio::select! {
            biased;
            made = make => Made::Plan(made),
            never = self.report(attempt, event, heard) => match never {},
        }
    }

    /// How long the attempt may take: no plan counts that comes behind the job's deadline.
    fn time_for(&self, attempt: &Attempt) -> Duration {
        let left = attempt.requested.deadline.map(|deadline| deadline - self.clock.now());
        let left = left.map_or(Duration::MAX, |left| Duration::try_from(left).unwrap_or_default());
        left.min(self.config.attempt_deadline)
    }

    async fn make(&self, attempt: &Attempt, said: &progress::Said) -> Result<Plan, ProviderError> {
        let order = order(attempt);
        let generation = tracing::info_span!(
            span::GENERATE_PLAN,
            otel.status_code = tracing::field::Empty,
            otel.status_description = tracing::field::Empty,
            { attr::ERROR_TYPE } = tracing::field::Empty,
            { attr::JOB_ID } = attempt.job_id.as_str(),
            { attr::JOB_ATTEMPT } = i64::from(attempt.number()),
            { attr::PLAN_ID } = order.plan_id.as_str(),
            { attr::PLAN_PROVIDER } = self.provider.name(),
            { attr::PLAN_COMPLEXITY } = sessions(&order),
            { attr::PLAN_EQUIPMENT_COUNT } = order.profile.equipment.len(),
            { attr::PLAN_AVAILABILITY_DAYS } = order.profile.availability_days.days_a_week(),
        );
        let deadline = self.time_for(attempt);
        let made = tokio::time::timeout(deadline, self.provider.make_with_progress(&order, said))
            .instrument(generation.clone())
            .await;
        let made = made.unwrap_or_else(|_| {
            let reason = format!("the attempt took longer than the {} ms that there were", deadline.as_millis());
            Err(ProviderError::Transient { reason, after: None })
        });
        if let Err(error) = &made {
            generation.record(attr::OTEL_STATUS_CODE, span::status::ERROR);
            generation.record(attr::OTEL_STATUS_DESCRIPTION, error.to_string());
            generation.record(attr::ERROR_TYPE, kind_of(error));
        }
        made
    }
}

/// How an attempt ended whose job was not its own any more, or whose end the log did not take.
const fn over(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Done => attempt_outcome::CANCELLED,
        Outcome::Retry { .. } | Outcome::Defer { .. } | Outcome::Superseded { .. } | Outcome::GiveUp { .. } => {
            attempt_outcome::LOST
        }
    }
}

/// The sessions that are asked for: what makes a plan large.
fn sessions(order: &PlanOrder) -> i64 {
    i64::from(order.request.weeks) * i64::from(order.profile.weekly_goal_days)
}

fn kind_of(error: &ProviderError) -> &'static str {
    match error {
        ProviderError::Permanent { code, .. } => code.as_str(),
        ProviderError::Transient { .. } => "transient",
    }
}

fn order(attempt: &Attempt) -> PlanOrder {
    let requested = &attempt.requested;
    PlanOrder {
        plan_id: PlanId::for_job(&attempt.job_id),
        athlete: requested.athlete_id.clone(),
        profile_revision: requested.profile_revision,
        profile: requested.profile.clone(),
        request: requested.request.clone(),
    }
}
