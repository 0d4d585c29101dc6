//! What happens to a delivery: facts, past tense, versioned.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::ids::EndpointId;
use crate::webhook::WebhookMessage;

/// A message is to be sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Queued {
    /// To which endpoint.
    pub endpoint_id: EndpointId,
    /// The message.
    pub message: WebhookMessage,
}

/// It is to be sent again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Replayed {
    /// The number of the round of attempts that begins; the first one is 1.
    pub round: u32,
}

/// The endpoint took it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Delivered {
    /// In which round.
    pub round: u32,
    /// At which attempt of the round, from 1.
    pub attempt: u32,
    /// The HTTP status of the answer.
    pub status: u16,
    /// How long the attempt took, in milliseconds.
    pub millis: u64,
}

/// An attempt failed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AttemptFailed {
    /// In which round.
    pub round: u32,
    /// Which attempt of the round, from 1.
    pub attempt: u32,
    /// The HTTP status, where there was an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Why, for people.
    pub reason: String,
    /// How long the attempt took, in milliseconds.
    pub millis: u64,
    /// When the next one is due; absent where none follows.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "time::serde::rfc3339::option")]
    pub retry_at: Option<OffsetDateTime>,
}

/// Nobody tries any more.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GivenUp {
    /// In which round.
    pub round: u32,
    /// Why, for people.
    pub reason: String,
}

crate::events! {
    /// Everything that can happen to a delivery.
    #[allow(clippy::large_enum_variant, reason = "events are decoded one at a time and never kept in numbers")]
    pub enum DeliveryEvent, DeliveryEventKind of "webhook_delivery" {
        /// A message is to be sent.
        Queued = "queued" v 1,
        /// It is to be sent again.
        Replayed = "replayed" v 1,
        /// The endpoint took it.
        Delivered = "delivered" v 1,
        /// An attempt failed.
        AttemptFailed = "attempt_failed" v 1,
        /// Nobody tries any more.
        GivenUp = "given_up" v 1,
    }
}
