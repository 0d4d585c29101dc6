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
    /// Stores the plan and the job's completion together. Both are in the log or neither is, but for a store that fills up between
    /// the two: then the plan is, and the completion follows it (ADR 0050).
    pub(super) async fn hand_in(&self, attempt: &Attempt, plan: Plan, event: &Recorded) -> Outcome {
        for tries in 0..MAX_HAND_INS {
            match self.hand_in_once(attempt, &plan, event, tries > 0).await {
                Ok(()) => return Outcome::Done,
                Err(ExecuteError::Store(StoreError::Conflict { .. })) => {}
                Err(ExecuteError::Refused(JobRefusal::NotPossible(JobStatus::Cancelling))) => {
                    return self.end(attempt, &JobCommand::ConfirmCancel, event, Outcome::Done).await;
                }
                Err(ExecuteError::Refused(refusal)) if super::ended(&refusal) => return super::outcome_of(&refusal),
                // The log said no for good (a plan too large for a message): another attempt would say the same.
                Err(ExecuteError::Store(error @ StoreError::Rejected { .. })) => return Outcome::give_up(error),
                Err(error) => return error.outcome(),
            }
        }
        Outcome::retry(format!("job {} kept changing while its plan was handed in", attempt.job_id))
    }

    async fn hand_in_once(
        &self,
        attempt: &Attempt,
        plan: &Plan,
        event: &Recorded,
        again: bool,
    ) -> Result<(), ExecuteError<JobRefusal>> {
        let store = self.patient.store();
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
        // A job that is not completed has no plan yet, unless a full store has torn the two apart: that is looked into on a conflict.
        let created = PlanDecider::decide(&PlanState::default(), &create)
            .map_err(|refusal| StoreError::Rejected { what: "a plan".into(), reason: refusal.to_string() })?;
        let plan = AggregateRef { kind: AggregateKind::Plan, id: (&plan.plan_id).into() };
        let context = self.context(event);
        let mut later = context.clone();
        later.command_id = uuid::Uuid::now_v7().into();
        let completion = execute::encode(&job, history.last_sequence(), &completed, &later)?;
        // A store that becomes full in the midst of a batch keeps its first messages: an earlier attempt's plan, made for
        // this very job, is then there without the job's completion.
        let appends: Vec<Append> = if again && store.load(&plan).await?.last_sequence() > 0 {
            vec![completion]
        } else {
            vec![execute::encode(&plan, 0, &created, &context)?, completion]
        };
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
        match self.patient.execute::<JobDecider>(&job_id, &confirmed, &self.context(event)).await {
            Ok(_) => Outcome::Done,
            // The wish was told late, for an attempt before a redrive: this one begins anew.
            Err(ExecuteError::Refused(JobRefusal::NotPossible(JobStatus::Running))) => {
                Outcome::retry(format!("job {} was told to stop and is running", attempt.job_id))
            }
            Err(ExecuteError::Refused(refusal)) if super::ended(&refusal) => super::outcome_of(&refusal),
            Err(error) => error.outcome(),
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
        match self.patient.execute::<JobDecider>(&(&attempt.job_id).into(), command, &context).await {
            Ok(_) => outcome,
            Err(ExecuteError::Refused(JobRefusal::NotPossible(JobStatus::Cancelling))) => {
                let confirmed = JobCommand::ConfirmCancel;
                match self.patient.execute::<JobDecider>(&(&attempt.job_id).into(), &confirmed, &context).await {
                    Ok(_) | Err(ExecuteError::Refused(_)) => Outcome::Done,
                    Err(error) => error.outcome(),
                }
            }
            Err(ExecuteError::Refused(refusal)) if super::ended(&refusal) => super::outcome_of(&refusal),
            Err(error) => error.outcome(),
        }
    }
}
