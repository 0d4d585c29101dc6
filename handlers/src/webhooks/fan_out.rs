//! What happens to jobs, queued for the endpoints that want it.

use ally_domain::envelope::Recorded;
use ally_domain::ids::AggregateKind;
use ally_domain::job::JobDecider;
use ally_domain::outcome::Outcome;
use ally_domain::ports::{DeliveryContext, EventHandler, StoreError};
use async_trait::async_trait;

use super::directory::Directory;
use super::message;
use super::queue::queue;
use crate::execute::{self, Executor};

/// Answers every event of jobs. A process manager: doing it twice queues once.
pub struct FanOutHandler {
    executor: Executor,
    directory: Directory,
}

impl FanOutHandler {
    /// A process manager on a log.
    #[must_use]
    pub const fn new(executor: Executor, directory: Directory) -> Self {
        Self { executor, directory }
    }
}

#[async_trait]
impl EventHandler for FanOutHandler {
    async fn handle(&self, event: &Recorded, _: &DeliveryContext) -> Outcome {
        if event.aggregate.kind != AggregateKind::Job {
            return Outcome::Done;
        }
        let message_type = match message::type_of_recorded(event) {
            Ok(Some(message_type)) => message_type,
            Ok(None) => return Outcome::Done,
            // A later version says what it is to the outside; nobody waits for this one to learn it.
            Err(error) => {
                tracing::warn!(position = %event.position, %error, "an event of a job makes no webhook here");
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
            Ok(Some(message)) => queue(&self.executor, event, &message, endpoints).await,
            Ok(None) => Outcome::Done,
            Err(error) => Outcome::give_up(error),
        }
    }

    async fn parked(&self, event: &Recorded, reason: &str, _: &str) -> Result<(), StoreError> {
        tracing::error!(position = %event.position, reason, "an event of a job was not queued for the endpoints that want it");
        Ok(())
    }
}
