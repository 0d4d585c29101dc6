//! Endpoints and deliveries as people and programs see them, with the names that the API gives their fields.

use ally_domain::webhook::Endpoint;
use ally_handlers::{DeliveryAttempt, DeliveryRecord, DeliverySummary, EndpointRecord};
use ally_telemetry::names::endpoint_state;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::cli::events::moment;

/// An endpoint.
pub(super) fn endpoint(record: &EndpointRecord) -> Value {
    let it = &record.endpoint;
    without_nulls(json!({
        "endpointId": record.endpoint_id,
        "app": it.app,
        "url": it.url,
        "types": it.types,
        "description": it.description,
        "enabled": it.is_enabled(),
        "disabledCause": it.disabled,
        "failingSince": it.failing_since.map(text_of),
        "registeredAt": text_of(record.registered_at),
        "position": record.position.to_string(),
    }))
}

/// How an endpoint stands, for people.
pub(super) fn state(endpoint: &Endpoint) -> String {
    match (endpoint.disabled, endpoint.failing_since) {
        (Some(cause), _) => format!("{} ({})", endpoint_state::DISABLED, cause.as_str()),
        (None, Some(since)) => format!("{} since {}", endpoint_state::FAILING, moment(since)),
        (None, None) => endpoint_state::HEALTHY.to_owned(),
    }
}

/// A delivery, without its message.
pub(super) fn delivery(it: &DeliverySummary) -> Value {
    without_nulls(json!({
        "deliveryId": it.delivery_id,
        "endpointId": it.endpoint_id,
        "messageId": it.message_id,
        "type": it.message_type,
        "status": it.status.as_str(),
        "round": it.round,
        "attempts": it.attempts,
        "queuedAt": text_of(it.queued_at),
        "endedAt": it.ended_at.map(text_of),
        "nextAttemptAt": it.retry_at.map(text_of),
        "lastStatus": it.last_status,
        "lastReason": it.last_reason,
        "position": it.position.to_string(),
    }))
}

/// A delivery whole.
pub(super) fn whole_delivery(record: &DeliveryRecord) -> anyhow::Result<Value> {
    let mut object = delivery(&record.summary);
    object["message"] = serde_json::from_str(&record.message.body()?)?;
    object["history"] = record.attempts.iter().map(attempt).collect();
    Ok(object)
}

fn attempt(it: &DeliveryAttempt) -> Value {
    without_nulls(json!({
        "round": it.round,
        "attempt": it.attempt,
        "at": text_of(it.at),
        "status": it.status,
        "reason": it.reason,
        "durationMs": it.millis,
    }))
}

/// A moment, as JSON has it.
pub(super) fn text_of(at: OffsetDateTime) -> String {
    at.format(&Rfc3339).unwrap_or_default()
}

/// What is not there is left out.
fn without_nulls(mut object: Value) -> Value {
    if let Some(fields) = object.as_object_mut() {
        fields.retain(|_, value| !value.is_null());
    }
    object
}
