//! An event as a message, and back: CloudEvents 1.0 in binary mode. Headers carry everything around the fact, the
//! payload is the fact's JSON, byte for byte as the domain wrote it, packed where it is long (`codec/body.rs`).
//!
//! Deliberately not here: expectations and batches (`commit`), and copies of messages (`schedule`, `dead_letter`), which
//! only add headers to what this file wrote.

mod body;

use std::borrow::Cow;
use std::sync::Arc;

use ally_domain::envelope::{CommandContext, Position, Recorded, TraceContext};
use ally_domain::event_data::{EncodedEvent, EventType};
use ally_domain::ids::AggregateRef;
use async_nats::{HeaderMap, HeaderName, HeaderValue, Message, Subject};
use bytes::Bytes;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::names::{Names, StreamName, header};
use crate::upcast::Upcasters;

const SOURCE: &str = "/ally";

/// An event ready to be sent. Its headers are written for each trip: the client takes them for good, and keeping a copy for
/// trips that are hardly ever made costs as much as writing them.
#[derive(Debug, Clone)]
pub(crate) struct Outgoing {
    pub(crate) subject: Subject,
    pub(crate) payload: Bytes,
    /// How the payload is packed, if it is.
    encoding: Option<&'static str>,
    pub(crate) message_id: String,
    /// Where its aggregate must stand, and the filter that says which aggregate that is.
    pub(crate) expected: Option<(u64, Arc<str>)>,
    event_type: EventType,
    aggregate: String,
    at: String,
    context: Arc<CommandContext>,
    trace: TraceContext,
}

impl Outgoing {
    pub(crate) fn header_map(&self) -> HeaderMap {
        let mut map = HeaderMap::new();
        let mut set = |name, value: &str| {
            map.insert(HeaderName::from_static(name), HeaderValue::from(header_text(value).as_ref()));
        };
        set(header::MESSAGE_ID, &self.message_id);
        set(header::CE_ID, &self.message_id);
        set(header::CE_TYPE, &self.event_type.to_string());
        set(header::CE_SOURCE, SOURCE);
        set(header::CE_SUBJECT, &self.aggregate);
        set(header::CE_TIME, &self.at);
        set(header::CE_SPECVERSION, "1.0");
        set(header::CONTENT_TYPE, "application/json");
        set(header::CORRELATION, &self.context.correlation);
        set(header::ACTOR, &self.context.actor.to_string());
        let optional = [
            (header::CAUSATION, &self.context.causation),
            (header::TRACEPARENT, &self.trace.traceparent),
            (header::TRACESTATE, &self.trace.tracestate),
        ];
        for (name, value) in optional {
            if let Some(value) = value {
                set(name, value);
            }
        }
        if let Some(encoding) = self.encoding {
            set(header::CONTENT_ENCODING, encoding);
        }
        if let Some((sequence, filter)) = &self.expected {
            set(header::EXPECTED_SEQUENCE, &sequence.to_string());
            set(header::EXPECTED_FILTER, filter);
        }
        map
    }
}

/// A message as some read path brought it.
#[derive(Debug, Clone)]
pub(crate) struct Raw {
    pub(crate) subject: String,
    pub(crate) sequence: u64,
    pub(crate) headers: HeaderMap,
    pub(crate) payload: Bytes,
    pub(crate) stored_at: OffsetDateTime,
}

impl Raw {
    /// A message as a consumer delivered it.
    pub(crate) fn delivered(message: Message, sequence: u64, stored_at: OffsetDateTime) -> Self {
        let (subject, headers) = (message.subject.into_string(), message.headers.unwrap_or_default());
        Self { subject, sequence, headers, payload: message.payload, stored_at }
    }

    /// The sequence of its aggregate's event before it, 0 for the first: the first message of an append says it, and the others
    /// stand right behind one another.
    pub(crate) fn follows(&self) -> u64 {
        let expected = self.headers.get(header::EXPECTED_SEQUENCE).and_then(|text| text.as_str().parse().ok());
        expected.unwrap_or_else(|| self.sequence.saturating_sub(1))
    }

    pub(crate) fn message_id(&self) -> Option<&str> {
        self.headers.get(header::MESSAGE_ID).map(async_nats::HeaderValue::as_str)
    }
}

/// Why a message is no event for this program.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unreadable {
    /// Another kind of aggregate, from a later version or another program: kept, skipped, counted.
    #[error("the subject {0:?} is none of this version's")]
    Foreign(String),
    /// On one of our subjects, but not as we write.
    #[error("{0}")]
    Malformed(String),
}

pub(crate) fn encode(
    names: &Names,
    aggregate: &AggregateRef,
    event: EncodedEvent,
    context: &Arc<CommandContext>,
    message_id: String,
    trace: &TraceContext,
) -> Result<Outgoing, time::error::Format> {
    let (payload, encoding) = body::pack(String::from(Box::<str>::from(event.data)));
    Ok(Outgoing {
        subject: Subject::from(names.event(aggregate, &event.event_type.name)),
        payload,
        encoding,
        message_id,
        expected: None,
        event_type: event.event_type,
        aggregate: [aggregate.kind.as_str(), "/", aggregate.id.as_str()].concat(),
        at: context.at.format(&Rfc3339)?,
        context: Arc::clone(context),
        trace: trace.clone(),
    })
}

/// The JSON of a message that carries an event or a copy of one.
pub(crate) fn data(raw: &Raw) -> Result<String, Unreadable> {
    body::unpack(&raw.payload, raw.headers.get(header::CONTENT_ENCODING).map(HeaderValue::as_str))
}

/// What an event is, told by its headers alone; `None` when they do not tell.
pub(crate) fn event_type(raw: &Raw) -> Option<EventType> {
    let text = raw.headers.get(header::CE_TYPE)?;
    EventType::parse(&plain_text(text.as_str()))
}

/// Reads an event, or the copy of one that was scheduled or parked.
pub(crate) fn decode(
    names: &Names,
    upcasters: &Upcasters,
    stream: StreamName,
    raw: &Raw,
) -> Result<Recorded, Unreadable> {
    let text = |name: &'static str| raw.headers.get(name).map(|value| plain_text(value.as_str()).into_owned());
    let required =
        |name: &'static str| text(name).ok_or_else(|| Unreadable::Malformed(format!("it has no header {name}")));

    let (subject, position) = match (text(header::ORIGIN), text(header::ORIGIN_SUBJECT)) {
        (Some(origin), Some(subject)) => {
            let position =
                origin.parse().map_err(|error| Unreadable::Malformed(format!("{}: {error}", header::ORIGIN)))?;
            (subject, position)
        }
        _ => (raw.subject.clone(), Position { stream: stream.as_str().to_owned(), sequence: raw.sequence }),
    };
    let aggregate = names.parse_event(&subject).ok_or(Unreadable::Foreign(subject))?;

    let written = required(header::CE_TYPE)?;
    let written = EventType::parse(&written)
        .ok_or_else(|| Unreadable::Malformed(format!("{written:?} is not an event type, noun.name.vN")))?;
    let at = required(header::CE_TIME)?;
    let at = OffsetDateTime::parse(&at, &Rfc3339)
        .map_err(|error| Unreadable::Malformed(format!("{at:?} is not a time: {error}")))?;
    let data = data(raw)?;
    let (event_type, data) =
        upcasters.apply(written, data).map_err(|error| Unreadable::Malformed(error.to_string()))?;

    Ok(Recorded {
        event_id: required(header::CE_ID)?,
        aggregate,
        event_type,
        position,
        at,
        correlation: required(header::CORRELATION)?,
        causation: text(header::CAUSATION),
        actor: required(header::ACTOR)?,
        trace: TraceContext { traceparent: text(header::TRACEPARENT), tracestate: text(header::TRACESTATE) },
        data,
    })
}

/// A header's value may be anything that people send us; on the wire it is one line of ASCII.
pub(crate) fn header_text(text: &str) -> Cow<'_, str> {
    let plain = |b: u8| (b' '..=b'~').contains(&b) && b != b'%';
    if text.bytes().all(plain) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for byte in text.bytes() {
        if plain(byte) { out.push(char::from(byte)) } else { out.push_str(&format!("%{byte:02X}")) }
    }
    Cow::Owned(out)
}

/// Undoes [`header_text`]; a text that it cannot have written is returned as it is.
pub(crate) fn plain_text(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let escaped = (byte == b'%').then(|| after.get(..2).and_then(|hex| std::str::from_utf8(hex).ok())).flatten();
        match escaped.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(decoded) => {
                out.push(decoded);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                out.push(byte);
                rest = after;
            }
        }
    }
    String::from_utf8(out).map_or(Cow::Borrowed(text), Cow::Owned)
}

#[cfg(test)]
mod tests {
    use ally_domain::envelope::Actor;
    use ally_domain::ids::AggregateKind;
    use time::macros::datetime;

    use super::*;

    fn event() -> (Names, Outgoing) {
        let names = Names::new("ally").unwrap();
        let aggregate = AggregateRef { kind: AggregateKind::Job, id: "7".parse().unwrap() };
        let context = CommandContext {
            command_id: "c1".parse().unwrap(),
            correlation: "zoë\r\nNats-Rollup: all".to_owned(),
            causation: None,
            actor: Actor::Athlete("amy".to_owned()),
            at: datetime!(2026-01-02 03:04:05 UTC),
            trace: TraceContext::default(),
        };
        let data = serde_json::value::RawValue::from_string(r#"{"attempt": 1}"#.to_owned()).unwrap();
        let event = EncodedEvent { event_type: EventType::new("plan_job", "started", 1), data };
        let trace = TraceContext { traceparent: Some("00-a-b-01".to_owned()), tracestate: None };
        let outgoing = encode(&names, &aggregate, event, &Arc::new(context), "c1:0".to_owned(), &trace).unwrap();
        (names, outgoing)
    }

    fn stored(outgoing: &Outgoing) -> Raw {
        Raw {
            subject: outgoing.subject.to_string(),
            sequence: 42,
            headers: outgoing.header_map(),
            payload: outgoing.payload.clone(),
            stored_at: datetime!(2026-01-02 03:04:06 UTC),
        }
    }

    #[test]
    fn the_message_is_pinned() {
        let (_, outgoing) = event();
        let headers = outgoing.header_map();
        let mut lines: Vec<_> = headers
            .iter()
            .flat_map(|(name, values)| values.iter().map(move |value| format!("{name}: {value}")))
            .collect();
        lines.sort();
        lines.push(outgoing.subject.to_string());
        lines.push(String::from_utf8(outgoing.payload.to_vec()).unwrap());
        insta::assert_snapshot!("message", lines.join("\n"));
    }

    #[test]
    fn an_event_reads_back_as_written() {
        let (names, outgoing) = event();
        let read = decode(&names, &Upcasters::default(), StreamName::Plans, &stored(&outgoing)).unwrap();
        assert_eq!(read.event_id, "c1:0");
        assert_eq!(read.position.to_string(), "PLANS:42");
        assert_eq!(read.event_type.to_string(), "plan_job.started.v1");
        assert_eq!(read.correlation, "zoë\r\nNats-Rollup: all");
        assert_eq!(read.actor, "athlete:amy");
        assert_eq!(read.at, datetime!(2026-01-02 03:04:05 UTC));
        assert_eq!(read.trace.traceparent.as_deref(), Some("00-a-b-01"));
        assert_eq!(read.data, r#"{"attempt": 1}"#);
    }

    #[test]
    fn a_copy_reads_as_the_event_that_it_copies() {
        let (names, outgoing) = event();
        let mut copy = stored(&outgoing);
        copy.subject = names.due(StreamName::Plans, "planner", 42, "started");
        copy.sequence = 99;
        copy.headers.insert(header::ORIGIN, "PLANS:42");
        copy.headers.insert(header::ORIGIN_SUBJECT, outgoing.subject.as_str());
        let read = decode(&names, &Upcasters::default(), StreamName::Plans, &copy).unwrap();
        assert_eq!((read.position.sequence, read.aggregate.id.as_str()), (42, "7"));
    }

    #[test]
    fn what_is_not_ours_is_told_from_what_is_broken() {
        let (names, outgoing) = event();
        let read = |raw: &Raw| decode(&names, &Upcasters::default(), StreamName::Plans, raw);
        let mut foreign = stored(&outgoing);
        foreign.subject = "ally.es.creature.7.joined".to_owned();
        assert!(matches!(read(&foreign), Err(Unreadable::Foreign(_))));
        for (name, value) in [(header::CE_TYPE, "started"), (header::CE_TIME, "yesterday")] {
            let mut broken = stored(&outgoing);
            broken.headers.insert(name, value);
            assert!(matches!(read(&broken), Err(Unreadable::Malformed(_))), "{name}");
        }
        let mut bare = stored(&outgoing);
        bare.headers = HeaderMap::new();
        assert_eq!(read(&bare).unwrap_err().to_string(), "it has no header ce-type");
    }

    #[test]
    fn any_text_survives_a_header() {
        for text in ["", "plain", "100 %", "a%0Ab", "zoë", "\r\n", "%", "%zz", "日本"] {
            let wire = header_text(text);
            assert!(wire.bytes().all(|b| (b' '..=b'~').contains(&b)), "{wire:?}");
            assert_eq!(plain_text(&wire), text);
        }
    }
}
