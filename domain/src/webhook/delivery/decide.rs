//! The rules of a delivery.

use time::OffsetDateTime;

use super::event::{AttemptFailed, Delivered, DeliveryEvent, GivenUp, Queued, Replayed};
use super::state::{Delivery, DeliveryState, DeliveryStatus};
use crate::decider::Decider;
use crate::ids::{AggregateKind, EndpointId};
use crate::webhook::WebhookMessage;

/// The decider of deliveries.
#[derive(Debug, Clone, Copy)]
pub struct DeliveryDecider;

/// Everything one may wish of a delivery.
#[derive(Debug, Clone)]
pub enum DeliveryCommand {
    /// Send a message to an endpoint.
    Queue {
        /// Which endpoint.
        endpoint_id: EndpointId,
        /// The message.
        message: WebhookMessage,
    },
    /// Send it again, however the last round ended.
    Replay,
    /// Record that the endpoint took it.
    RecordSuccess {
        /// In which round.
        round: u32,
        /// The HTTP status.
        status: u16,
        /// How long the attempt took, in milliseconds.
        millis: u64,
    },
    /// Record that an attempt failed.
    RecordFailure {
        /// In which round.
        round: u32,
        /// The HTTP status, where there was an answer.
        status: Option<u16>,
        /// Why.
        reason: String,
        /// How long the attempt took, in milliseconds.
        millis: u64,
        /// When the next one is due; absent where none follows.
        retry_at: Option<OffsetDateTime>,
    },
    /// Record that nobody tries any more.
    GiveUp {
        /// In which round.
        round: u32,
        /// Why.
        reason: String,
    },
}

/// Why a delivery refuses a command.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeliveryRefusal {
    /// There is none.
    #[error("there is no such delivery")]
    Unknown,
    /// It is on its way: there is nothing to send again.
    #[error("the delivery is on its way; it can be sent again once it is delivered or given up")]
    Waiting,
}

impl Decider for DeliveryDecider {
    type Command = DeliveryCommand;
    type Event = DeliveryEvent;
    type State = DeliveryState;
    type Refusal = DeliveryRefusal;

    const KIND: AggregateKind = AggregateKind::Delivery;

    fn name(command: &DeliveryCommand) -> &'static str {
        match command {
            DeliveryCommand::Queue { .. } => "queue_delivery",
            DeliveryCommand::Replay => "replay_delivery",
            DeliveryCommand::RecordSuccess { .. } => "record_success",
            DeliveryCommand::RecordFailure { .. } => "record_failure",
            DeliveryCommand::GiveUp { .. } => "give_up_delivery",
        }
    }

    fn decide(state: &DeliveryState, command: &DeliveryCommand) -> Result<Vec<DeliveryEvent>, DeliveryRefusal> {
        let delivery = match (&state.0, command) {
            (None, DeliveryCommand::Queue { endpoint_id, message }) => {
                let queued = Queued { endpoint_id: endpoint_id.clone(), message: message.clone() };
                return Ok(vec![queued.into()]);
            }
            (None, _) => return Err(DeliveryRefusal::Unknown),
            (Some(delivery), _) => delivery,
        };
        on(delivery, command).map(|event| event.into_iter().collect())
    }

    fn evolve(state: DeliveryState, event: &DeliveryEvent) -> DeliveryState {
        state.evolve(event)
    }
}

fn on(delivery: &Delivery, command: &DeliveryCommand) -> Result<Option<DeliveryEvent>, DeliveryRefusal> {
    // What comes late of an earlier round, or behind an end, changes nothing.
    let is_current = |round: u32| round == delivery.round && delivery.status == DeliveryStatus::Waiting;
    let attempt = delivery.attempts + 1;
    Ok(match command {
        DeliveryCommand::Queue { .. } => None,
        DeliveryCommand::Replay if delivery.status == DeliveryStatus::Waiting => return Err(DeliveryRefusal::Waiting),
        DeliveryCommand::Replay => Some(Replayed { round: delivery.round + 1 }.into()),
        DeliveryCommand::RecordSuccess { round, status, millis } if is_current(*round) => {
            Some(Delivered { round: *round, attempt, status: *status, millis: *millis }.into())
        }
        DeliveryCommand::RecordFailure { round, status, reason, millis, retry_at } if is_current(*round) => {
            let reason = reason.clone();
            let failed =
                AttemptFailed { round: *round, attempt, status: *status, reason, millis: *millis, retry_at: *retry_at };
            Some(failed.into())
        }
        DeliveryCommand::GiveUp { round, reason } if is_current(*round) => {
            Some(GivenUp { round: *round, reason: reason.clone() }.into())
        }
        DeliveryCommand::RecordSuccess { .. }
        | DeliveryCommand::RecordFailure { .. }
        | DeliveryCommand::GiveUp { .. } => None,
    })
}
