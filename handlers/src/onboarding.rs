//! The process manager of onboarding: a completed onboarding requests the plan whose job it promised.

use ally_domain::athlete::AthleteEvent;
use ally_domain::engine::request::{DEFAULT_WEEKS, PlanRequest};
use ally_domain::envelope::{Actor, CommandContext, Recorded};
use ally_domain::event_data::EncodingError;
use ally_domain::fingerprint::fingerprint;
use ally_domain::ids::{AthleteId, CommandId};
use ally_domain::job::{JobCommand, JobDecider, Priority, RequestPlan};
use ally_domain::outcome::Outcome;
use ally_domain::ports::{DeliveryContext, EventHandler, StoreError};
use ally_telemetry::names::attr;
use async_trait::async_trait;
use tracing::Span;

use crate::execute::{self, Executor, Known};

/// Answers `onboarding_completed`. All that it writes is derived from the event, so handling one twice writes once.
pub struct OnboardingHandler {
    executor: Executor,
}

impl OnboardingHandler {
    /// A process manager on a log.
    pub fn new(executor: Executor) -> Self {
        Self { executor }
    }
}

#[async_trait]
impl EventHandler for OnboardingHandler {
    async fn handle(&self, event: &Recorded, _: &DeliveryContext) -> Outcome {
        let completed = match event.decode() {
            Ok(AthleteEvent::OnboardingCompleted(completed)) => completed,
            Ok(AthleteEvent::OnboardingAnswered(_) | AthleteEvent::HealthReported(_)) => return Outcome::Done,
            // A consumer delivers by the name of the event: its version may be a later one.
            Err(EncodingError::Unknown { .. }) => return execute::outcome_of(&StoreError::newer(event)),
            Err(error) => return Outcome::give_up(error),
        };
        let request = PlanRequest {
            start: PlanRequest::monday_after(event.at.date()),
            weeks: DEFAULT_WEEKS,
            seed: u64::from(completed.revision),
        };
        let fingerprint = match fingerprint(&(completed.revision, &request)) {
            Ok(fingerprint) => fingerprint,
            Err(error) => return Outcome::give_up(error),
        };
        let job_id = completed.job_id;
        Span::current().record(attr::JOB_ID, job_id.as_str());
        let command = JobCommand::Request(Box::new(RequestPlan {
            job_id: job_id.clone(),
            athlete_id: AthleteId::from(&event.aggregate.id),
            profile_revision: completed.revision,
            profile: completed.profile,
            request,
            fingerprint,
            replan: None,
            // A new athlete looks at the screen: their first plan goes before the plans of those who have one.
            priority: if completed.revision == 1 { Priority::High } else { Priority::Normal },
            not_before: None,
            deadline: None,
        }));
        let context = CommandContext {
            command_id: CommandId::caused_by(&event.event_id, "first-plan"),
            correlation: event.correlation.clone(),
            causation: Some(event.event_id.clone()),
            actor: Actor::System("onboarding"),
            at: event.at,
            trace: event.trace.clone(),
        };
        match self
            .executor
            .execute_on::<JobDecider>(&(&job_id).into(), Some(Known::default()), &command, &context)
            .await
        {
            Ok(_) => Outcome::Done,
            Err(error) => error.outcome(),
        }
    }

    /// The job was never requested, so there is no job to mark: its status stays `queued` until a redrive.
    async fn parked(&self, event: &Recorded, reason: &str, _: &str) -> Result<(), StoreError> {
        tracing::error!(athlete_id = %event.aggregate.id, event_id = %event.event_id, reason, "a completed onboarding could not request its plan; redrive the dead letter once the cause is gone");
        Ok(())
    }
}
