//! What the events of a delivery add up to.

use super::event::DeliveryEvent;
use crate::ids::EndpointId;
use crate::webhook::WebhookMessage;

/// Where a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeliveryStatus {
    /// It is to be sent, or to be sent again.
    Waiting,
    /// The endpoint took it.
    Delivered,
    /// Nobody tries any more.
    GivenUp,
}

impl DeliveryStatus {
    /// Every status.
    pub const ALL: [Self; 3] = [Self::Waiting, Self::Delivered, Self::GivenUp];

    /// The status as JSON spells it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Delivered => "delivered",
            Self::GivenUp => "given_up",
        }
    }
}

/// A delivery.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivery {
    /// To which endpoint.
    pub endpoint_id: EndpointId,
    /// The message.
    pub message: WebhookMessage,
    /// Where it stands.
    pub status: DeliveryStatus,
    /// The round of attempts, from 1.
    pub round: u32,
    /// The attempts of this round that ended.
    pub attempts: u32,
}

/// A delivery, or none yet.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DeliveryState(pub Option<Box<Delivery>>);

impl DeliveryState {
    pub(super) fn evolve(self, event: &DeliveryEvent) -> Self {
        if let DeliveryEvent::Queued(queued) = event {
            return Self(Some(Box::new(Delivery {
                endpoint_id: queued.endpoint_id.clone(),
                message: queued.message.clone(),
                status: DeliveryStatus::Waiting,
                round: 1,
                attempts: 0,
            })));
        }
        let Some(mut delivery) = self.0 else { return Self(None) };
        match event {
            DeliveryEvent::Queued(_) => {}
            DeliveryEvent::Replayed(replayed) => {
                delivery.status = DeliveryStatus::Waiting;
                delivery.round = replayed.round;
                delivery.attempts = 0;
            }
            DeliveryEvent::Delivered(delivered) => {
                delivery.status = DeliveryStatus::Delivered;
                delivery.attempts = delivered.attempt;
            }
            DeliveryEvent::AttemptFailed(failed) => delivery.attempts = failed.attempt,
            DeliveryEvent::GivenUp(_) => delivery.status = DeliveryStatus::GivenUp,
        }
        Self(Some(delivery))
    }
}
