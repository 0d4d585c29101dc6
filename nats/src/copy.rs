//! Copies of an event: put off until it is due, or parked. A copy carries the event's own headers and data, where it
//! came from, and how often it had been delivered.

use std::time::Duration;

use async_nats::jetstream::response::Response;
use async_nats::jetstream::stream::LastRawMessageErrorKind;
use async_nats::{HeaderMap, HeaderValue, Request};
use bytes::Bytes;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::answer;
use crate::codec::{Raw, header_text};
use crate::connection::JetStream;
use crate::consumer::{ConsumerConfig, Given};
use crate::delivery::Delivery;
use crate::error::JetStreamError;
use crate::names::{StreamName, header};

/// The event's headers without those by which the server would judge the copy as it judged the event.
pub(crate) fn headers_of(raw: &Raw, origin: &str, origin_subject: &str, deliveries: u64) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, values) in raw.headers.iter() {
        let name: &str = name.as_ref();
        let dead = name.starts_with("ally-dead-") && name != header::DEAD_BEFORE;
        if let (false, false, Some(value)) = (name.starts_with("Nats-"), dead, values.first()) {
            headers.insert(name, value.as_str());
        }
    }
    headers.insert(header::ORIGIN, header_text(origin).as_ref());
    headers.insert(header::ORIGIN_SUBJECT, header_text(origin_subject).as_ref());
    headers.insert(header::DELIVERIES, HeaderValue::from(deliveries));
    headers
}

/// Keeps a delivery's event in its stream until it is due, without holding an ack slot. Doing it twice replaces the
/// first: the last delay counts.
pub(crate) async fn put_off(
    jetstream: &JetStream,
    delivery: &Delivery,
    ConsumerConfig { name: consumer, given, .. }: &ConsumerConfig,
    due: OffsetDateTime,
) -> Result<(), JetStreamError> {
    let Given::Event(event) = given else {
        let reason = format!("nothing comes back to {consumer}, which gets all events of a kind");
        return Err(JetStreamError::Refused { what: format!("a schedule for {}", delivery.origin()), reason });
    };
    let (names, origin) = (jetstream.names(), delivery.origin());
    let mut headers = headers_of(&delivery.raw, &origin.to_string(), &delivery.origin_subject(), delivery.deliveries());
    let what = || format!("a schedule for {origin}");
    let due =
        due.format(&Rfc3339).map_err(|error| JetStreamError::Refused { what: what(), reason: error.to_string() })?;
    headers.insert(header::SCHEDULE, format!("@at {due}").as_str());
    headers.insert(header::SCHEDULE_TARGET, names.due(delivery.stream, consumer, origin.sequence, event).as_str());
    let subject = names.schedule(delivery.stream, consumer, origin.sequence);
    publish(jetstream, &what(), subject, headers, delivery.raw.payload.clone()).await.map(|_| ())
}

/// What a publish to a stream came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Published {
    /// It is stored.
    Stored,
    /// What it expected does not hold.
    Unexpected,
}

/// Publishes and waits until the stream has it.
pub(crate) async fn publish(
    jetstream: &JetStream,
    what: &str,
    subject: String,
    headers: HeaderMap,
    payload: Bytes,
) -> Result<Published, JetStreamError> {
    let timeout: Duration = jetstream.config().request_timeout;
    let request = Request::new().headers(headers).payload(payload).timeout(Some(timeout));
    let unavailable = |reason: String| JetStreamError::Unavailable { what: what.to_owned(), reason };
    let answer =
        jetstream.client().send_request(subject, request).await.map_err(|error| unavailable(error.to_string()))?;
    match answer::read(&answer.payload).map_err(|error| unavailable(error.to_string()))? {
        Ok(_) => {
            jetstream.capacity().stored();
            Ok(Published::Stored)
        }
        Err(refusal) if refusal.is_stale() => Ok(Published::Unexpected),
        Err(refusal) if refusal.is_for_want_of_room() => {
            jetstream.capacity().refused();
            Err(JetStreamError::Full { what: what.to_owned(), reason: refusal.description })
        }
        Err(refusal) if refusal.is_of_the_server() => Err(unavailable(refusal.description)),
        Err(refusal) => Err(JetStreamError::Refused { what: what.to_owned(), reason: refusal.description }),
    }
}

/// Removes a message for good. One that somebody else has just removed is removed.
pub(crate) async fn delete(jetstream: &JetStream, name: StreamName, sequence: u64) -> Result<(), JetStreamError> {
    let unavailable = |reason| JetStreamError::Unavailable { what: format!("removing {name}:{sequence}"), reason };
    // The client's own call has the server write over the message as well, which costs it more and serves nobody here.
    let asked = format!("STREAM.MSG.DELETE.{}", jetstream.names().stream(name));
    let answer = jetstream.context().request(asked, &json!({ "seq": sequence, "no_erase": true })).await;
    let answer: Response<Value> = answer.map_err(|error| unavailable(error.to_string()))?;
    let Response::Err { error: refusal } = answer else { return Ok(()) };
    // The server answers this and other failures with one code; only a look tells which it was.
    let look = jetstream.stream(name).await?.get_raw_message(sequence).await;
    match look.is_err_and(|missing| missing.kind() == LastRawMessageErrorKind::NoMessageFound) {
        true => Ok(()),
        false => Err(unavailable(refusal.to_string())),
    }
}
