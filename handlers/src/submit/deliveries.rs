//! What goes to endpoints by an operator's wish: a ping, and what was sent before, once more.

use std::time::{Duration, Instant};

use ally_domain::envelope::Position;
use ally_domain::ids::{AggregateKind, AggregateRef, CommandId, DeliveryId, EndpointId};
use ally_domain::ports::{History, StoreError};
use ally_domain::webhook::{
    Delivery, DeliveryCommand, DeliveryDecider, DeliveryEvent, DeliveryRefusal, DeliveryStatus, MessageType,
    WebhookMessage,
};
use serde_json::json;
use time::OffsetDateTime;

use super::{Origin, Submissions};
use crate::execute::{ExecuteError, Executed, replay};

/// The most attempts that are shown of one delivery, the newest.
const MAX_ATTEMPTS: usize = 100;

/// A delivery, without its message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliverySummary {
    /// Its id.
    pub delivery_id: DeliveryId,
    /// To which endpoint.
    pub endpoint_id: EndpointId,
    /// The id by which the receiver tells a repeat.
    pub message_id: String,
    /// What the message is about.
    pub message_type: MessageType,
    /// Where it stands.
    pub status: DeliveryStatus,
    /// The round of attempts, from 1.
    pub round: u32,
    /// The attempts of this round that ended.
    pub attempts: u32,
    /// When it was queued.
    pub queued_at: OffsetDateTime,
    /// When the last round ended; absent while it goes on.
    pub ended_at: Option<OffsetDateTime>,
    /// When the next attempt is due, where one failed and another follows.
    pub retry_at: Option<OffsetDateTime>,
    /// The HTTP status of the last attempt, where there was an answer.
    pub last_status: Option<u16>,
    /// Why the last attempt failed, or why nobody tries any more.
    pub last_reason: Option<String>,
    /// Its last event.
    pub position: Position,
}

/// One attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryAttempt {
    /// In which round, from 1.
    pub round: u32,
    /// Which attempt of the round, from 1.
    pub attempt: u32,
    /// When it ended.
    pub at: OffsetDateTime,
    /// The HTTP status, where there was an answer.
    pub status: Option<u16>,
    /// Why it failed; absent where the endpoint took the message.
    pub reason: Option<String>,
    /// How long it took, in milliseconds.
    pub millis: u64,
}

/// A delivery whole.
#[derive(Debug, Clone, PartialEq)]
pub struct DeliveryRecord {
    /// Where it stands.
    pub summary: DeliverySummary,
    /// The message.
    pub message: WebhookMessage,
    /// Its newest attempts, of all rounds, the oldest first.
    pub attempts: Vec<DeliveryAttempt>,
}

/// A delivery that waits to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueuedDelivery {
    /// Its id.
    pub delivery_id: DeliveryId,
    /// Where it stands: a ping that was asked for before may have been delivered since.
    pub status: DeliveryStatus,
    /// A read that names this position sees it.
    pub position: Position,
    /// False when the same request had been made before.
    pub new: bool,
}

/// What became of several deliveries that were to be sent again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Replayed {
    /// How many are sent again.
    pub replayed: usize,
    /// How many were looked at: fewer than were named where the time was up.
    pub seen: usize,
}

/// Why nothing is sent to an endpoint.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// There is no such endpoint.
    #[error("there is no endpoint {0}")]
    NoEndpoint(EndpointId),
    /// The endpoint gets nothing.
    #[error("the endpoint {0} is disabled and gets nothing; enable it first")]
    Disabled(EndpointId),
    /// There is no such delivery to this endpoint.
    #[error("there is no delivery {0} to this endpoint")]
    NoDelivery(DeliveryId),
    /// The delivery refused, or the log did.
    #[error(transparent)]
    Execute(#[from] ExecuteError<DeliveryRefusal>),
}

impl From<StoreError> for SendError {
    fn from(error: StoreError) -> Self {
        Self::Execute(error.into())
    }
}

impl Submissions {
    /// Queues a test for an endpoint. A key names its ping for ever.
    ///
    /// # Errors
    /// No such endpoint, one that is disabled, or why the log could not be asked.
    pub async fn ping_endpoint(
        &self,
        endpoint_id: &EndpointId,
        key: Option<&str>,
        origin: &Origin,
    ) -> Result<QueuedDelivery, SendError> {
        self.must_be_enabled(endpoint_id).await?;
        let mut context = self.context(origin);
        if let Some(key) = key {
            context.command_id = CommandId::caused_by(endpoint_id.as_str(), &format!("ping {key}"));
        }
        let message = WebhookMessage {
            id: context.command_id.to_string(),
            message_type: MessageType::Ping,
            timestamp: context.at,
            data: json!({ "endpointId": endpoint_id }),
        };
        let delivery_id = DeliveryId::of(endpoint_id, &message.id);
        let command = DeliveryCommand::Queue { endpoint_id: endpoint_id.clone(), message };
        let executed = self.executor.execute::<DeliveryDecider>(&(&delivery_id).into(), &command, &context).await?;
        Ok(queued(delivery_id, executed)?)
    }

    /// A delivery to an endpoint as the log holds it; `None` when there is none (any more).
    ///
    /// # Errors
    /// When the log does not answer.
    pub async fn delivery(
        &self,
        endpoint_id: &EndpointId,
        id: &DeliveryId,
    ) -> Result<Option<DeliveryRecord>, StoreError> {
        let aggregate = AggregateRef { kind: AggregateKind::Delivery, id: id.into() };
        let history = self.executor.store().load(&aggregate).await?;
        let record = record_of(id, &history)?;
        Ok(record.filter(|record| record.summary.endpoint_id == *endpoint_id))
    }

    /// Sends a message again that was delivered or given up.
    ///
    /// # Errors
    /// No such delivery to this endpoint, one that is on its way, an endpoint that is disabled, or why the log could not be asked.
    pub async fn replay_delivery(
        &self,
        endpoint_id: &EndpointId,
        id: &DeliveryId,
        origin: &Origin,
    ) -> Result<QueuedDelivery, SendError> {
        self.must_be_enabled(endpoint_id).await?;
        self.replay_one(endpoint_id, id, origin).await
    }

    /// Sends several messages again, one behind the other, for no longer than a bound. Those that are on their way already are left alone.
    ///
    /// # Errors
    /// An endpoint that is disabled or not there, or why the log could not be asked; those that were put back before then are sent.
    pub async fn replay_deliveries(
        &self,
        endpoint_id: &EndpointId,
        ids: &[DeliveryId],
        bound: Duration,
        origin: &Origin,
    ) -> Result<Replayed, SendError> {
        self.must_be_enabled(endpoint_id).await?;
        let (begun, mut done) = (Instant::now(), Replayed::default());
        for id in ids {
            if begun.elapsed() > bound {
                break;
            }
            match self.replay_one(endpoint_id, id, origin).await {
                Ok(_) => done.replayed += 1,
                // The view that named it was behind.
                Err(SendError::NoDelivery(_) | SendError::Execute(ExecuteError::Refused(_))) => {}
                Err(error) => return Err(error),
            }
            done.seen += 1;
        }
        Ok(done)
    }

    async fn replay_one(
        &self,
        endpoint_id: &EndpointId,
        id: &DeliveryId,
        origin: &Origin,
    ) -> Result<QueuedDelivery, SendError> {
        let (known, _) = self.executor.load_known::<DeliveryDecider>(&id.into()).await?;
        if known.state.0.as_ref().is_none_or(|delivery| delivery.endpoint_id != *endpoint_id) {
            return Err(SendError::NoDelivery(id.clone()));
        }
        let (command, context) = (DeliveryCommand::Replay, self.context(origin));
        let executed = self.executor.execute_on::<DeliveryDecider>(&id.into(), Some(known), &command, &context).await?;
        Ok(queued(id.clone(), executed)?)
    }

    async fn must_be_enabled(&self, id: &EndpointId) -> Result<(), SendError> {
        let record = self.endpoint(id).await?.ok_or_else(|| SendError::NoEndpoint(id.clone()))?;
        if record.endpoint.is_enabled() { Ok(()) } else { Err(SendError::Disabled(id.clone())) }
    }
}

fn queued(
    delivery_id: DeliveryId,
    executed: Executed<DeliveryDecider>,
) -> Result<QueuedDelivery, ExecuteError<DeliveryRefusal>> {
    let new = !executed.events.is_empty();
    let unknown = ExecuteError::Refused(DeliveryRefusal::Unknown);
    match (executed.state.0, executed.position) {
        (Some(delivery), Some(position)) => Ok(QueuedDelivery { delivery_id, status: delivery.status, position, new }),
        _ => Err(unknown),
    }
}

/// A delivery from its events, oldest first; none where the log does not hold its beginning (any more).
fn record_of(id: &DeliveryId, history: &History) -> Result<Option<DeliveryRecord>, StoreError> {
    let (Some(delivery), Some(first), Some(last)) =
        (replay::<DeliveryDecider>(history)?.0, history.events.first(), history.events.last())
    else {
        return Ok(None);
    };
    let Delivery { endpoint_id, message, status, round, attempts } = *delivery;
    let mut summary = DeliverySummary {
        delivery_id: id.clone(),
        endpoint_id,
        message_id: message.id.clone(),
        message_type: message.message_type,
        status,
        round,
        attempts,
        queued_at: first.at,
        ended_at: None,
        retry_at: None,
        last_status: None,
        last_reason: None,
        position: last.position.clone(),
    };
    let mut attempts = Vec::new();
    for recorded in &history.events {
        // All of them were decoded for the state.
        let Ok(event) = recorded.decode::<DeliveryEvent>() else { continue };
        attempts.extend(attempt_of(&event, recorded.at));
        take(&mut summary, event, recorded.at);
    }
    let surplus = attempts.len().saturating_sub(MAX_ATTEMPTS);
    attempts.drain(..surplus);
    Ok(Some(DeliveryRecord { summary, message, attempts }))
}

fn attempt_of(event: &DeliveryEvent, at: OffsetDateTime) -> Option<DeliveryAttempt> {
    match event {
        DeliveryEvent::Delivered(it) => Some(DeliveryAttempt {
            round: it.round,
            attempt: it.attempt,
            at,
            status: Some(it.status),
            reason: None,
            millis: it.millis,
        }),
        DeliveryEvent::AttemptFailed(it) => Some(DeliveryAttempt {
            round: it.round,
            attempt: it.attempt,
            at,
            status: it.status,
            reason: Some(it.reason.clone()),
            millis: it.millis,
        }),
        DeliveryEvent::Queued(_) | DeliveryEvent::Replayed(_) | DeliveryEvent::GivenUp(_) => None,
    }
}

/// What an event says of a delivery beside its state.
fn take(summary: &mut DeliverySummary, event: DeliveryEvent, at: OffsetDateTime) {
    match event {
        DeliveryEvent::Queued(_) => {}
        DeliveryEvent::Replayed(_) => (summary.ended_at, summary.retry_at) = (None, None),
        DeliveryEvent::Delivered(it) => {
            (summary.ended_at, summary.retry_at) = (Some(at), None);
            (summary.last_status, summary.last_reason) = (Some(it.status), None);
        }
        DeliveryEvent::AttemptFailed(it) => {
            summary.retry_at = it.retry_at;
            (summary.last_status, summary.last_reason) = (it.status, Some(it.reason));
        }
        DeliveryEvent::GivenUp(it) => {
            (summary.ended_at, summary.retry_at) = (Some(at), None);
            summary.last_reason = Some(it.reason);
        }
    }
}
