//! What the outside may ask for.

mod batch;
mod deliveries;
mod endpoints;
mod health;
mod job;
mod moments;
mod onboarding;
mod profiles;
mod replan;
mod retry;
mod training;

use std::sync::Arc;

use ally_domain::athlete::{AthleteDecider, AthleteState};
use ally_domain::envelope::{Actor, CommandContext, Position, TraceContext};
use ally_domain::ids::AthleteId;
use ally_domain::ports::{Clock, StoreError};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::execute::Executor;

use profiles::Profiles;

pub use batch::KeyedWish;
pub use deliveries::{DeliveryAttempt, DeliveryRecord, DeliverySummary, QueuedDelivery, Replayed, SendError};
pub use endpoints::{EndpointChange, EndpointRecord};
pub use job::{CancelError, PlanWish, RequestPlanError, SubmittedJob};
pub use onboarding::Onboarded;
pub use replan::ReplanError;
pub use retry::{RetryError, retry_key};
pub use training::LoggedEntry;

/// Where a command comes from.
#[derive(Debug, Clone)]
pub struct Origin {
    /// Who asks.
    pub actor: Actor,
    /// Shared by all that follows from this request; the request's id.
    pub correlation: String,
    /// The trace of the request.
    pub trace: TraceContext,
}

/// The commands of the outside.
#[derive(Clone)]
pub struct Submissions {
    executor: Executor,
    clock: Arc<dyn Clock>,
    profiles: Arc<Profiles>,
}

impl Submissions {
    /// Commands on a log.
    pub fn new(executor: Executor, clock: Arc<dyn Clock>) -> Self {
        Self { executor, clock, profiles: Arc::default() }
    }

    /// The athlete's record straight from the log.
    ///
    /// # Errors
    /// When the log does not answer.
    pub async fn athlete(&self, athlete: &AthleteId) -> Result<(AthleteState, Option<Position>), StoreError> {
        self.executor.load::<AthleteDecider>(&athlete.into()).await
    }

    /// Now, by the clock that commands are stamped with.
    #[must_use]
    pub fn now(&self) -> OffsetDateTime {
        self.clock.now()
    }

    fn context(&self, origin: &Origin) -> CommandContext {
        CommandContext {
            command_id: Uuid::now_v7().into(),
            correlation: origin.correlation.clone(),
            causation: None,
            actor: origin.actor.clone(),
            at: self.clock.now(),
            trace: origin.trace.clone(),
        }
    }
}
