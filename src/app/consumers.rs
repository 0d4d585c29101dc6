//! The workers' consumers, for operators: which there are, how they stand, and pausing one.

use std::time::Duration;

use ally_api::{ConsumerDesk, ConsumerState};
use ally_domain::ports::StoreError;
use ally_nats::names::{StreamName, durable};
use ally_nats::{ConsumerFigures, JetStream};
use async_trait::async_trait;

use super::clock::SystemClock;
use super::operator::Operator;

/// Every consumer of workers, with its stream.
pub const CONSUMERS: [(&str, StreamName); 5] = [
    (durable::PLANNER, StreamName::Plans),
    (durable::PLANNER_EXPRESS, StreamName::Plans),
    (durable::ONBOARDING, StreamName::Onboarding),
    (durable::WEBHOOKS, StreamName::Deliveries),
    (durable::WEBHOOK_NOTICES, StreamName::Webhooks),
];

/// The consumers of a deployment.
pub struct Consumers(pub JetStream);

impl Consumers {
    /// How one stands; `None` when no worker has made it yet.
    async fn state(&self, name: &str, stream: StreamName) -> Result<Option<ConsumerState>, StoreError> {
        if !self.0.has_consumer(stream, name).await? {
            return Ok(None);
        }
        let figures = self.0.consumer_figures(stream, name, &SystemClock).await?;
        Ok(Some(state(name, &figures)))
    }
}

#[async_trait]
impl ConsumerDesk for Consumers {
    async fn list(&self) -> Result<Vec<ConsumerState>, StoreError> {
        let mut states = Vec::new();
        for (name, stream) in CONSUMERS {
            states.extend(self.state(name, stream).await?);
        }
        Ok(states)
    }

    async fn pause(
        &self,
        name: &str,
        length: Option<Duration>,
        operator: &str,
    ) -> Result<Option<ConsumerState>, StoreError> {
        let Some((name, stream)) = CONSUMERS.into_iter().find(|(known, _)| *known == name) else { return Ok(None) };
        if !self.0.has_consumer(stream, name).await? {
            return Ok(None);
        }
        match length {
            Some(length) => {
                let by = Operator::new(operator).actor().to_string();
                self.0.pause_consumer(stream, name, length, &by, &SystemClock).await?;
            }
            None => self.0.resume_consumer(stream, name).await?,
        }
        // No event and no message tells of it: this line is the audit.
        let seconds = length.map(|length| length.as_secs());
        tracing::warn!(consumer = name, operator, seconds, "deliveries were stopped or let go on by hand");
        self.state(name, stream).await
    }
}

fn state(name: &str, figures: &ConsumerFigures) -> ConsumerState {
    ConsumerState {
        name: name.to_owned(),
        paused: figures.paused.then_some(figures.pause_left),
        paused_by: figures.paused_by.clone(),
        pending: figures.pending,
        in_hand: figures.ack_pending,
        redelivered: figures.redelivered,
        free_pulls: figures.waiting_pulls,
        oldest_age: figures.oldest_age,
    }
}
