//! What a dead letter is, as operators see it.

use std::fmt;
use std::str::FromStr;

use ally_domain::envelope::Position;
use async_nats::HeaderMap;
use serde::Serialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::codec::{self, Raw, plain_text};
use crate::names::{StreamName, header};

/// Which dead letter: the consumer that gave up, and the event. Written `planner.PLANS-42`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DeadLetterId {
    /// The durable consumer.
    pub consumer: String,
    /// The event's stream.
    pub stream: StreamName,
    /// The event's sequence there.
    pub sequence: u64,
}

/// A text that names no dead letter.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{text:?} names no dead letter: write CONSUMER.STREAM-SEQUENCE as `ally dlq list` shows it, for example planner.PLANS-42"
)]
pub struct InvalidDeadLetterId {
    text: String,
}

impl fmt::Display for DeadLetterId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}-{}", self.consumer, self.stream, self.sequence)
    }
}

impl FromStr for DeadLetterId {
    type Err = InvalidDeadLetterId;

    fn from_str(text: &str) -> Result<Self, InvalidDeadLetterId> {
        let parse = || {
            let (consumer, place) = text.split_once('.')?;
            let (stream, sequence) = place.split_once('-')?;
            let safe =
                !consumer.is_empty() && consumer.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
            let id =
                Self { consumer: consumer.to_owned(), stream: stream.parse().ok()?, sequence: sequence.parse().ok()? };
            safe.then_some(id)
        };
        parse().ok_or_else(|| InvalidDeadLetterId { text: text.to_owned() })
    }
}

impl Serialize for DeadLetterId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A parked message. It serialises as the command line and the API show it.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DeadLetter {
    /// Which.
    pub id: DeadLetterId,
    /// Where the event stands in the log: `PLANS:42`.
    #[serde(serialize_with = "as_text")]
    pub origin: Position,
    /// The event's subject; its third and fourth token are the aggregate's kind and id.
    pub subject: String,
    /// The event's type; empty when the message had none.
    pub event_type: String,
    /// The event's id; empty when the message had none.
    pub event_id: String,
    /// Shared by all that followed from the same request.
    pub correlation: Option<String>,
    /// The trace that the event was appended in.
    pub traceparent: Option<String>,
    /// Why it was given up.
    pub reason: String,
    /// The group of like causes.
    pub fingerprint: String,
    /// How often it had been delivered.
    pub deliveries: u64,
    /// When it was parked.
    #[serde(with = "time::serde::rfc3339")]
    pub parked_at: OffsetDateTime,
    /// The event's data as it was sent; bytes that are no UTF-8 are replaced.
    pub data: String,
}

fn as_text<T: fmt::Display, S: serde::Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

/// Which dead letters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeadLetterFilter {
    /// Of one consumer.
    pub consumer: Option<String>,
    /// Of one cause.
    pub fingerprint: Option<String>,
    /// Of one event type, `plan_job.requested.v1`.
    pub event_type: Option<String>,
}

impl DeadLetterFilter {
    pub(crate) fn fits(&self, letter: &DeadLetter) -> bool {
        let fits = |wanted: &Option<String>, is: &str| wanted.as_deref().is_none_or(|wanted| wanted == is);
        fits(&self.consumer, &letter.id.consumer)
            && fits(&self.fingerprint, &letter.fingerprint)
            && fits(&self.event_type, &letter.event_type)
    }
}

/// Dead letters of one cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DeadLetterGroup {
    /// The group.
    pub fingerprint: String,
    /// Which consumer gave up.
    pub consumer: String,
    /// What its messages are.
    pub event_type: String,
    /// How many.
    pub count: usize,
    /// One member's reason; the others differ in numbers and ids only.
    pub example: String,
    /// When the first was parked.
    #[serde(with = "time::serde::rfc3339")]
    pub oldest: OffsetDateTime,
    /// When the last was parked.
    #[serde(with = "time::serde::rfc3339")]
    pub newest: OffsetDateTime,
}

/// Reads an entry back. A message on our subjects that is none is left out by the caller.
pub(super) fn read(raw: &Raw) -> Option<DeadLetter> {
    let text = |name: &'static str| text(&raw.headers, name);
    let origin: Position = text(header::ORIGIN)?.parse().ok()?;
    let id = DeadLetterId {
        consumer: text(header::DEAD_CONSUMER)?,
        stream: origin.stream.parse().ok()?,
        sequence: origin.sequence,
    };
    Some(DeadLetter {
        id,
        origin,
        subject: text(header::ORIGIN_SUBJECT)?,
        event_type: text(header::CE_TYPE).unwrap_or_default(),
        event_id: text(header::CE_ID).unwrap_or_default(),
        correlation: text(header::CORRELATION),
        traceparent: text(header::TRACEPARENT),
        reason: text(header::DEAD_REASON)?,
        fingerprint: text(header::DEAD_FINGERPRINT)?,
        deliveries: text(header::DELIVERIES).and_then(|count| count.parse().ok()).unwrap_or(0),
        parked_at: text(header::DEAD_AT)
            .and_then(|at| OffsetDateTime::parse(&at, &Rfc3339).ok())
            .unwrap_or(raw.stored_at),
        data: codec::data(raw).unwrap_or_else(|_| String::from_utf8_lossy(&raw.payload).into_owned()),
    })
}

fn text(headers: &HeaderMap, name: &'static str) -> Option<String> {
    headers.get(name).map(|value| plain_text(value.as_str()).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_as_written() {
        let id = DeadLetterId { consumer: "planner".to_owned(), stream: StreamName::Plans, sequence: 42 };
        assert_eq!(id.to_string().parse(), Ok(id));
        for wrong in [
            "",
            "planner",
            "planner.PLANS",
            "planner.PLAN-1",
            "planner.PLANS-x",
            ".PLANS-1",
            "a.b.PLANS-1",
            "*.PLANS-1",
        ] {
            assert!(wrong.parse::<DeadLetterId>().is_err(), "{wrong:?}");
        }
    }
}
