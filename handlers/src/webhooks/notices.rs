//! What happens to an endpoint, queued for the other endpoints of its app that want to know.

use std::sync::Arc;

use ally_domain::envelope::Recorded;
use ally_domain::event_data::EncodingError;
use ally_domain::ids::EndpointId;
use ally_domain::outcome::Outcome;
use ally_domain::ports::{Clock, DeliveryContext, EventHandler, StoreError};
use ally_domain::webhook::{EndpointDecider, EndpointEvent, EndpointState, MessageType, WebhookMessage};
use async_trait::async_trait;
use serde_json::{Value, json};

use super::directory::Directory;
use super::queue::queue;
use crate::execute::{self, Executor};

/// Answers every event of endpoints. A process manager: doing it twice queues once.
pub struct NoticeHandler {
    executor: Executor,
    directory: Directory,
    clock: Arc<dyn Clock>,
}

impl NoticeHandler {
    /// A process manager on a log.
    #[must_use]
    pub const fn new(executor: Executor, directory: Directory, clock: Arc<dyn Clock>) -> Self {
        Self { executor, directory, clock }
    }
}

/// What an event says to the other endpoints, and what it adds to the message.
fn notice_of(event: &EndpointEvent) -> Option<(MessageType, Value)> {
    Some(match event {
        EndpointEvent::EndpointFailing(_) => (MessageType::WebhookFailing, Value::Null),
        EndpointEvent::EndpointRecovered(_) => (MessageType::WebhookRecovered, Value::Null),
        EndpointEvent::EndpointDisabled(disabled) => (MessageType::WebhookDisabled, disabled.cause.as_str().into()),
        EndpointEvent::EndpointRegistered(_)
        | EndpointEvent::EndpointUpdated(_)
        | EndpointEvent::SecretRotated(_)
        | EndpointEvent::EndpointEnabled(_)
        | EndpointEvent::EndpointRemoved(_) => return None,
    })
}

#[async_trait]
impl EventHandler for NoticeHandler {
    async fn handle(&self, event: &Recorded, _: &DeliveryContext) -> Outcome {
        let (message_type, cause) = match event.decode::<EndpointEvent>() {
            Ok(known) => match notice_of(&known) {
                Some(notice) => notice,
                None => return Outcome::Done,
            },
            Err(EncodingError::Unknown { .. }) => return execute::outcome_of(&StoreError::newer(event)),
            Err(error) => return Outcome::give_up(error),
        };
        let id = EndpointId::from(&event.aggregate.id);
        if let Err(error) = self.directory.catch_up().await {
            return execute::outcome_of(&error);
        }
        let state = match self.executor.load::<EndpointDecider>(&event.aggregate.id).await {
            Ok((state, _)) => state,
            Err(error) => return execute::outcome_of(&error),
        };
        let EndpointState::There(endpoint) = state else { return Outcome::Done };
        let others = self.directory.of_app(&endpoint.app, message_type).into_iter().filter(|other| *other != id);
        let mut data = json!({
            "endpointId": id.as_str(),
            "app": endpoint.app.as_str(),
            "position": event.position.to_string(),
        });
        if !cause.is_null() {
            data["cause"] = cause;
        }
        let message = WebhookMessage { id: event.event_id.clone(), message_type, timestamp: event.at, data };
        queue(&self.executor, &*self.clock, event, &message, others.collect()).await
    }

    async fn parked(&self, event: &Recorded, reason: &str, _: &str) -> Result<(), StoreError> {
        tracing::error!(endpoint_id = %event.aggregate.id, reason, "what happened to an endpoint was not queued for the others");
        Ok(())
    }
}
