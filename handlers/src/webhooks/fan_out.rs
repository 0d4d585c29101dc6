//! What happens to jobs, queued for the endpoints that want it.

use std::sync::Arc;
use std::time::Duration;

use ally_domain::envelope::Recorded;
use ally_domain::event_data::EncodingError;
use ally_domain::ids::AggregateKind;
use ally_domain::job::{JobDecider, JobEvent};
use ally_domain::outcome::Outcome;
use ally_domain::ports::{Clock, DeliveryContext, EventHandler, StoreError};
use async_trait::async_trait;

use super::directory::Directory;
use super::message;
use super::queue::queue;
use crate::execute::{self, Executor};

/// Answers every event of jobs. A process manager: doing it twice queues once.
pub struct FanOutHandler {
    executor: Executor,
    directory: Directory,
    clock: Arc<dyn Clock>,
}

/// Deliveries are kept for so long, and what is older is not queued again.
const KEPT_FOR: Duration = Duration::from_secs(30 * 24 * 3_600);

impl FanOutHandler {
    /// A process manager on a log.
    #[must_use]
    pub const fn new(executor: Executor, directory: Directory, clock: Arc<dyn Clock>) -> Self {
        Self { executor, directory, clock }
    }
}

#[async_trait]
impl EventHandler for FanOutHandler {
    async fn handle(&self, event: &Recorded, _: &DeliveryContext) -> Outcome {
        if event.aggregate.kind != AggregateKind::Job {
            return Outcome::Done;
        }
        // A consumer that was made anew begins long ago, and what was queued then may be forgotten.
        if self.clock.now() - event.at > KEPT_FOR {
            return Outcome::Done;
        }
        let message_type = match event.decode::<JobEvent>() {
            Ok(known) => match message::type_of(&known) {
                Some(message_type) => message_type,
                None => return Outcome::Done,
            },
            // Whoever knows it says what it is to the outside.
            Err(EncodingError::Unknown { .. }) => return execute::outcome_of(&StoreError::newer(event)),
            Err(error) => {
                tracing::error!(position = %event.position, %error, "an event of a job cannot be read, and makes no webhook");
                return Outcome::Done;
            }
        };
        if let Err(error) = self.directory.catch_up().await {
            return execute::outcome_of(&error);
        }
        let endpoints = self.directory.taking(message_type, event.position.sequence);
        if endpoints.is_empty() {
            return Outcome::Done;
        }
        let (state, _) = match self.executor.load::<JobDecider>(&event.aggregate.id).await {
            Ok(loaded) => loaded,
            Err(error) => return execute::outcome_of(&error),
        };
        let Some(job) = state.0 else { return Outcome::Done };
        match message::of_job(event, &job.athlete_id) {
            Ok(Some(message)) => queue(&self.executor, &*self.clock, event, &message, endpoints).await,
            Ok(None) | Err(_) => Outcome::Done,
        }
    }

    async fn parked(&self, event: &Recorded, reason: &str, _: &str) -> Result<(), StoreError> {
        tracing::error!(position = %event.position, reason, "an event of a job was not queued for the endpoints that want it");
        Ok(())
    }
}
