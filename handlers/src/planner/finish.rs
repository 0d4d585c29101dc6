//! The end of an attempt: the plan handed in, the job failed, or the next try announced.

use std::time::Duration;

use ally_domain::dates::moment_after;
use ally_domain::decider::Decider;
use ally_domain::engine::plan::Plan;
use ally_domain::envelope::Recorded;
use ally_domain::ids::{AggregateKind, AggregateRef};
use ally_domain::job::{JobCommand, JobDecider, JobRefusal, JobState, JobStatus};
use ally_domain::outcome::Outcome;
use ally_domain::plan::{PlanCommand, PlanDecider, PlanState};
use ally_domain::ports::{Append, StoreError};

use super::PlannerHandler;
use super::attempt::Attempt;
use crate::execute::{self, ExecuteError};
use crate::metrics;

/// How often a hand-in is tried when somebody (a cancellation) appends to the job at the same moment.
const MAX_HAND_INS: u32 = 8;

impl PlannerHandler {
    /// Stores the plan and the job's completion together: either both are in the log or neither is.
    pub(super) async fn hand_in(&self, attempt: &Attempt, plan: Plan, event: &Recorded) -> Outcome {
        for _ in 0..MAX_HAND_INS {
            match self.hand_in_once(attempt, &plan, event).await {
                Ok(()) => return Outcome::Done,
                Err(ExecuteError::Store(StoreError::Conflict { .. })) => {}
                Err(ExecuteError::Refused(JobRefusal::NotPossible(JobStatus::Cancelling))) => {
                    return self.end(attempt, &JobCommand::ConfirmCancel, event, Outcome::Done).await;
                }
                Err(ExecuteError::Refused(refusal)) if super::ended(&refusal) => return Outcome::Done,
                Err(error @ (ExecuteError::Refused(_) | ExecuteError::Encoding(_))) => {
                    return Outcome::give_up(error);
                }
                // The log said no for good (a plan too large for a message): another attempt would say the same.
                Err(ExecuteError::Store(error @ StoreError::Rejected { .. })) => return Outcome::give_up(error),
                Err(error) => return Outcome::retry(error),
            }
        }
        Outcome::retry(format!("job {} kept changing while its plan was handed in", attempt.job_id))
    }

    async fn hand_in_once(
        &self,
        attempt: &Attempt,
        plan: &Plan,
        event: &Recorded,
    ) -> Result<(), ExecuteError<JobRefusal>> {
        let store = self.executor.store();
        let job = AggregateRef { kind: AggregateKind::Job, id: (&attempt.job_id).into() };
        let history = store.load(&job).await?;
        let state: JobState = execute::replay::<JobDecider>(&history)?;
        let complete = JobCommand::Complete {
            attempt: attempt.number,
            plan_id: plan.plan_id.clone(),
            plan_version: None,
            note: None,
        };
        let completed = JobDecider::decide(&state, &complete).map_err(ExecuteError::Refused)?;
        if completed.is_empty() {
            return Ok(());
        }
        let create = PlanCommand::Create {
            job_id: attempt.job_id.clone(),
            athlete_id: attempt.job.athlete_id.clone(),
            plan: Box::new(plan.clone()),
        };
        // Plan and completion are stored together, so a job that is not completed has no plan yet.
        let created = PlanDecider::decide(&PlanState::default(), &create)
            .map_err(|refusal| StoreError::Rejected { what: "a plan".into(), reason: refusal.to_string() })?;
        let plan = AggregateRef { kind: AggregateKind::Plan, id: (&plan.plan_id).into() };
        let context = self.context(event);
        let mut later = context.clone();
        later.command_id = uuid::Uuid::now_v7().into();
        let appends: Vec<Append> = vec![
            execute::encode(&plan, 0, &created, &context)?,
            execute::encode(&job, history.last_sequence(), &completed, &later)?,
        ];
        store.append_together(appends).await?;
        Ok(())
    }

    /// Tells the job when it is tried again, or hands its message to the dead letters when the budget is used up.
    pub(super) async fn postpone(
        &self,
        attempt: &Attempt,
        reason: String,
        after: Option<Duration>,
        event: &Recorded,
    ) -> Outcome {
        let spent = attempt.job.attempts_in_budget;
        if spent >= self.config.max_attempts {
            return Outcome::GiveUp { reason: format!("all {spent} attempts are used up, the last one by: {reason}") };
        }
        metrics::job_retried(self.provider.name());
        let delay = after.unwrap_or_else(|| self.retry.delay_after(spent));
        let retry_at = moment_after(self.clock.now(), delay);
        let attempts_left = self.config.max_attempts - spent;
        let command =
            JobCommand::FailAttempt { attempt: attempt.number, reason: reason.clone(), retry_at, attempts_left };
        self.end(attempt, &command, event, Outcome::Retry { reason, after: Some(delay) }).await
    }

    /// Acknowledges that the job is stopped.
    pub(super) async fn stopped(&self, attempt: &Attempt, event: &Recorded) -> Outcome {
        let (job_id, confirmed) = ((&attempt.job_id).into(), JobCommand::ConfirmCancel);
        match self.executor.execute::<JobDecider>(&job_id, &confirmed, &self.context(event)).await {
            Ok(_) => Outcome::Done,
            // The wish was told late, for an attempt before a redrive: this one begins anew.
            Err(ExecuteError::Refused(JobRefusal::NotPossible(JobStatus::Running))) => {
                Outcome::retry(format!("job {} was told to stop and is running", attempt.job_id))
            }
            Err(ExecuteError::Refused(refusal)) if super::ended(&refusal) => Outcome::Done,
            Err(error @ (ExecuteError::Refused(_) | ExecuteError::Encoding(_))) => Outcome::give_up(error),
            Err(error) => Outcome::retry(error),
        }
    }

    /// Executes the last command of an attempt. A job that ended otherwise meanwhile leaves nothing to do.
    pub(super) async fn end(
        &self,
        attempt: &Attempt,
        command: &JobCommand,
        event: &Recorded,
        outcome: Outcome,
    ) -> Outcome {
        let context = self.context(event);
        match self.executor.execute::<JobDecider>(&(&attempt.job_id).into(), command, &context).await {
            Ok(_) => outcome,
            Err(ExecuteError::Refused(JobRefusal::NotPossible(JobStatus::Cancelling))) => {
                let confirmed = JobCommand::ConfirmCancel;
                match self.executor.execute::<JobDecider>(&(&attempt.job_id).into(), &confirmed, &context).await {
                    Ok(_) | Err(ExecuteError::Refused(_)) => Outcome::Done,
                    Err(error) => Outcome::retry(error),
                }
            }
            Err(ExecuteError::Refused(refusal)) if super::ended(&refusal) => Outcome::Done,
            Err(error @ (ExecuteError::Refused(_) | ExecuteError::Encoding(_))) => Outcome::give_up(error),
            Err(error) => Outcome::retry(error),
        }
    }
}
