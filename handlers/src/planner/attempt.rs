//! One attempt: taken up by an event in the log, so that it counts even when its worker dies on it.

use std::time::Instant;

use ally_domain::engine::plan::Plan;
use ally_domain::envelope::Recorded;
use ally_domain::ids::{JobId, PlanId};
use ally_domain::job::{Job, JobCommand, JobDecider, JobRefusal, JobStatus, Requested};
use ally_domain::outcome::Outcome;
use ally_domain::ports::{PlanOrder, ProviderError, StopWish};
use ally_telemetry::names::{attr, span};
use tracing::Instrument;

use super::PlannerHandler;
use super::progress::{self, Said};
use crate::execute::ExecuteError;
use crate::metrics;

/// A job in this worker's hands.
pub(super) struct Attempt {
    pub job_id: JobId,
    /// Its number; every later command of this attempt carries it.
    pub number: u32,
    pub job: Job,
    /// What was asked.
    pub requested: Requested,
}

/// What there was to take up.
pub(super) enum Taken {
    /// Work.
    Attempt(Box<Attempt>),
    /// Nothing: the job has ended, or ended just now.
    Nothing,
}

impl PlannerHandler {
    pub(super) async fn take_up(&self, job_id: &JobId, event: &Recorded) -> Result<Taken, ExecuteError<JobRefusal>> {
        let command = JobCommand::Start {
            lane: self.config.lane,
            worker: self.config.worker.clone(),
            max_attempts: self.config.max_attempts,
        };
        let context = self.context(event);
        let started = match self.executor.execute::<JobDecider>(&job_id.into(), &command, &context).await {
            Ok(started) => started,
            Err(ExecuteError::Refused(refusal)) if super::ended(&refusal) => return Ok(Taken::Nothing),
            Err(error) => return Err(error),
        };
        let running = started.state.0.filter(|job| job.status == JobStatus::Running);
        let asked = running.and_then(|job| Some((job.requested.clone()?, job)));
        Ok(asked.map_or(Taken::Nothing, |(requested, job)| {
            if let Ok(wait) = (context.at - event.at).try_into() {
                metrics::job_waited(wait);
            }
            Taken::Attempt(Box::new(Attempt { job_id: job_id.clone(), number: job.attempts, job, requested }))
        }))
    }

    /// Makes the plan within the deadline and hands it in, unless somebody wants the job stopped meanwhile: then the
    /// provider's work is dropped where it stands.
    pub(super) async fn work(&self, attempt: Box<Attempt>, event: &Recorded, stop: StopWish) -> Outcome {
        if let Some(replan) = attempt.requested.replan.clone() {
            // The engine takes milliseconds: a wish to stop is met at the hand-in.
            return self.revise(&attempt, &replan, event).await;
        }
        let provider = self.provider.name();
        let begun = Instant::now();
        metrics::plan_requested();
        let (said, heard) = progress::channel();
        let made = tokio::select! {
            biased;
            made = self.make(&attempt, &said) => made,
            never = self.report(&attempt, event, heard) => match never {},
            () = stop => {
                metrics::plan_failed(provider, "cancelled", begun.elapsed());
                return self.stopped(&attempt, event).await;
            }
        };
        let took = begun.elapsed();
        match made {
            Ok(plan) => {
                let outcome = self.hand_in(&attempt, plan, event).await;
                match outcome {
                    Outcome::Done => metrics::plan_made(provider, took),
                    Outcome::Retry { .. }
                    | Outcome::Defer { .. }
                    | Outcome::Superseded { .. }
                    | Outcome::GiveUp { .. } => metrics::plan_failed(provider, "lost", took),
                }
                outcome
            }
            Err(ProviderError::Permanent { code, reason }) => {
                metrics::plan_failed(provider, code.as_str(), took);
                let command = JobCommand::Fail { attempt: attempt.number, code, reason };
                self.end(&attempt, &command, event, Outcome::Done).await
            }
            Err(ProviderError::Transient { reason, after }) => {
                metrics::plan_failed(provider, "transient", took);
                self.postpone(&attempt, reason, after, event).await
            }
        }
    }

    async fn make(&self, attempt: &Attempt, said: &Said) -> Result<Plan, ProviderError> {
        let order = order(attempt);
        let generation = tracing::info_span!(
            span::GENERATE_PLAN,
            otel.status_code = tracing::field::Empty,
            otel.status_description = tracing::field::Empty,
            { attr::JOB_ID } = attempt.job_id.as_str(),
            { attr::JOB_ATTEMPT } = attempt.number,
            { attr::PLAN_ID } = order.plan_id.as_str(),
            { attr::PLAN_PROVIDER } = self.provider.name(),
            { attr::PLAN_COMPLEXITY } = order.profile.proficiency.as_str(),
            { attr::PLAN_EQUIPMENT_COUNT } = order.profile.equipment.len(),
            { attr::PLAN_AVAILABILITY_DAYS } = order.profile.availability_days.days_a_week(),
        );
        let deadline = self.config.attempt_deadline;
        let made = tokio::time::timeout(deadline, self.provider.make_with_progress(&order, said))
            .instrument(generation.clone())
            .await;
        let made = made.unwrap_or_else(|_| {
            let reason = format!("the attempt took longer than {} ms", deadline.as_millis());
            Err(ProviderError::Transient { reason, after: None })
        });
        if let Err(error) = &made {
            generation.record(attr::OTEL_STATUS_CODE, span::status::ERROR);
            generation.record(attr::OTEL_STATUS_DESCRIPTION, error.to_string());
        }
        made
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
