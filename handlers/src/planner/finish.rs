//! The end of an attempt: the plan handed in, the job failed, or the next try announced.

use std::time::Duration;

use ally_domain::dates::moment_after;
use ally_domain::decider::Decider;
use ally_domain::engine::plan::Plan;
use ally_domain::envelope::Recorded;
use ally_domain::ids::{AggregateKind, AggregateRef};
use ally_domain::job::{JobCommand, JobDecider, JobRefusal, JobStatus};
use ally_domain::outcome::Outcome;
use ally_domain::plan::{PlanCommand, PlanDecider, PlanState};
use ally_domain::ports::{Append, StoreError};

use ally_telemetry::names::command_outcome;

use super::PlannerHandler;
use super::attempt::Attempt;
use crate::execute::{self, ExecuteError};
use crate::metrics;

/// How often the end of an attempt is decided anew when somebody (a cancellation) appends to the job at the same moment.
const MAX_ENDS: u32 = 8;

impl PlannerHandler {
    /// Stores the plan, then the job's completion (ADR 0063). What ends between them comes again and finds the plan there; until the
    /// job is completed nobody is shown it.
    pub(super) async fn hand_in(&self, attempt: &Attempt, plan: Plan, event: &Recorded) -> Outcome {
        let plan_id = plan.plan_id.clone();
        let creation = match self.creation(attempt, plan, event) {
            Ok(creation) => creation,
            Err(error) => return error.outcome(),
        };
        let complete = |attempt: &Attempt| {
            let plan_id = plan_id.clone();
            vec![match attempt.is_counted() {
                true => JobCommand::Complete {
                    attempt: attempt.number(),
                    plan_id,
                    plan_version: None,
                    note: None,
                    at: self.clock.now(),
                },
                false => JobCommand::Finish {
                    lane: self.config.lane,
                    worker: self.config.worker.clone(),
                    max_attempts: self.config.max_attempts,
                    begun_at: attempt.begun_at,
                    plan_id,
                    at: self.clock.now(),
                },
            }]
        };
        self.end_with(attempt, Some(&creation), event, Outcome::Done, complete).await
    }

    /// Executes the last command of an attempt, made of its number. A job that ended otherwise meanwhile leaves nothing to do.
    pub(super) async fn end(
        &self,
        attempt: &Attempt,
        command: impl Fn(u32) -> JobCommand + Send + Sync,
        event: &Recorded,
        outcome: Outcome,
    ) -> Outcome {
        let commands = |attempt: &Attempt| match attempt.is_counted() {
            true => vec![command(attempt.number())],
            false => vec![self.start_command(), command(attempt.number())],
        };
        self.end_with(attempt, None, event, outcome, commands).await
    }

    async fn end_with(
        &self,
        attempt: &Attempt,
        creation: Option<&Append>,
        event: &Recorded,
        outcome: Outcome,
        commands: impl Fn(&Attempt) -> Vec<JobCommand> + Send + Sync,
    ) -> Outcome {
        for tries in 0..MAX_ENDS {
            if tries > 0
                && let Err(error) = attempt.reload(&self.patient).await
            {
                return execute::outcome_of(&error);
            }
            match self.end_once(attempt, creation, event, &commands(attempt)).await {
                Ok(()) => return outcome,
                Err(ExecuteError::Store(StoreError::Conflict { .. })) => {}
                Err(ExecuteError::Refused(JobRefusal::NotPossible(JobStatus::Cancelling))) => {
                    return self.stopped(attempt, event).await;
                }
                Err(ExecuteError::Refused(refusal)) if super::ended(&refusal) => return super::outcome_of(&refusal),
                // The log said no for good (a plan too large for a message): another attempt would say the same.
                Err(ExecuteError::Store(error @ StoreError::Rejected { .. })) => return Outcome::give_up(error),
                Err(error) => return error.outcome(),
            }
        }
        Outcome::retry(format!("job {} kept changing while its attempt ended", attempt.job_id))
    }

    async fn end_once(
        &self,
        attempt: &Attempt,
        creation: Option<&Append>,
        event: &Recorded,
        commands: &[JobCommand],
    ) -> Result<(), ExecuteError<JobRefusal>> {
        let decided = attempt.decide(commands).map_err(ExecuteError::Refused)?;
        if decided.events.is_empty() {
            return Ok(());
        }
        // What was made in a moment is made again when there is room; what took long is kept at hand.
        let store = if attempt.is_counted() { self.patient.store() } else { self.executor.store() };
        let job = AggregateRef { kind: AggregateKind::Job, id: (&attempt.job_id).into() };
        let context = self.context(event);
        let end = execute::encode(&job, decided.sequence, &decided.events, &context)?;
        let appended = match creation.filter(|_| decided.completes()) {
            Some(creation) => match store.append_in_order(vec![creation.clone(), end.clone()]).await {
                // Made for this very job, by an attempt that was lost before its completion.
                Err(StoreError::Conflict { aggregate, .. }) if aggregate == creation.aggregate => {
                    store.append(end).await
                }
                appended => appended,
            },
            None => store.append(end).await,
        };
        for command in commands {
            metrics::command(
                JobDecider::name(command),
                match &appended {
                    Ok(_) => command_outcome::APPENDED,
                    Err(StoreError::Conflict { .. }) => command_outcome::CONFLICT,
                    Err(_) => command_outcome::FAILED,
                },
            );
        }
        attempt.end(&self.executor, decided, &appended?, context.at);
        Ok(())
    }

    /// The append that creates the plan.
    fn creation(&self, attempt: &Attempt, plan: Plan, event: &Recorded) -> Result<Append, ExecuteError<JobRefusal>> {
        let aggregate = AggregateRef { kind: AggregateKind::Plan, id: (&plan.plan_id).into() };
        let create = PlanCommand::Create {
            job_id: attempt.job_id.clone(),
            athlete_id: attempt.requested.athlete_id.clone(),
            plan: Box::new(plan),
        };
        let created = PlanDecider::decide(&PlanState::default(), &create)
            .map_err(|refusal| StoreError::Rejected { what: "a plan".into(), reason: refusal.to_string() })?;
        Ok(execute::encode(&aggregate, 0, &created, &self.context(event))?)
    }

    /// Tells the job when it is tried again, or hands its message to the dead letters when the budget is used up.
    pub(super) async fn postpone(
        &self,
        attempt: &Attempt,
        reason: String,
        after: Option<Duration>,
        event: &Recorded,
    ) -> Outcome {
        // What failed is told of: how many attempts there were before is for the log to say.
        if !attempt.is_counted()
            && let Err(outcome) = self.count(attempt, event).await
        {
            return outcome;
        }
        let spent = attempt.held().job.attempts_in_budget;
        let is_late = attempt.held().job.passed_deadline(self.clock.now()).is_some();
        if spent >= self.config.max_attempts && !is_late {
            return Outcome::GiveUp { reason: format!("all {spent} attempts are used up, the last one by: {reason}") };
        }
        let delay = after.unwrap_or_else(|| self.retry.delay_after(spent));
        let retry_at = moment_after(self.clock.now(), delay);
        let attempts_left = self.config.max_attempts.saturating_sub(spent);
        let command = |attempt| JobCommand::FailAttempt { attempt, reason: reason.clone(), retry_at, attempts_left };
        let outcome = Outcome::Retry { reason: reason.clone(), after: Some(delay) };
        let ended = self.end(attempt, command, event, outcome).await;
        // The next one would have come behind the deadline.
        if attempt.held().job.status == JobStatus::Failed && matches!(ended, Outcome::Retry { .. }) {
            return Outcome::Done;
        }
        if matches!(ended, Outcome::Retry { after: Some(after), .. } if after == delay) {
            metrics::job_retried(self.provider.name());
        }
        ended
    }

    /// Acknowledges that the job is stopped.
    pub(super) async fn stopped(&self, attempt: &Attempt, event: &Recorded) -> Outcome {
        let (job_id, confirmed) = ((&attempt.job_id).into(), JobCommand::ConfirmCancel);
        match self.patient.execute::<JobDecider>(&job_id, &confirmed, &self.context(event)).await {
            Ok(_) => Outcome::Done,
            // The wish was told late, for an attempt before a redrive: this one begins anew.
            Err(ExecuteError::Refused(JobRefusal::NotPossible(
                status @ (JobStatus::Scheduled | JobStatus::Queued | JobStatus::Running | JobStatus::Retrying),
            ))) => Outcome::retry(format!("job {} was told to stop and is {}", attempt.job_id, status.as_str())),
            Err(ExecuteError::Refused(refusal)) if super::ended(&refusal) => super::outcome_of(&refusal),
            Err(error) => error.outcome(),
        }
    }
}
