//! The stream of dead letters read as facts, so that a view can be folded from it as from any other stream.
//!
//! An entry is read from the headers that it was parked with, an audit from its JSON.

use ally_domain::dead_letter::{DeadLetterEvent, Ended, Letter, Parked};
use ally_domain::envelope::{Position, Recorded, TraceContext};
use ally_domain::event_data::EventData;
use time::{Duration, OffsetDateTime};

use super::entry::{self, DeadLetter};
use crate::codec::{Raw, Unreadable, plain_text};
use crate::names::{Names, StreamName, header};

/// Reads a message of the stream. `age` is how long the stream keeps it.
pub(crate) fn recorded(names: &Names, age: std::time::Duration, raw: &Raw) -> Result<Recorded, Unreadable> {
    let age = Duration::try_from(age).unwrap_or(Duration::MAX);
    let keep_until = raw.stored_at.checked_add(age).unwrap_or(raw.stored_at);
    // An audit has no headers of a letter.
    let Some(letter) = entry::read(raw) else { return ended(names, raw, keep_until) };
    let text = |name: &'static str| raw.headers.get(name).map(|value| plain_text(value.as_str()).into_owned());
    let trace = TraceContext { traceparent: letter.traceparent.clone(), tracestate: text(header::TRACESTATE) };
    let actor = format!("system:{}", letter.id.consumer);
    let replaces = text(header::DEAD_BEFORE).and_then(|sequence| sequence.parse().ok());
    let parked = Parked { letter: letter_of(names, &letter), replaces, keep_until };
    let (letter, at) = (parked.letter.clone(), letter.parked_at);
    as_recorded(names, raw, parked.into(), &letter, at, actor, trace)
}

fn ended(names: &Names, raw: &Raw, keep_until: OffsetDateTime) -> Result<Recorded, Unreadable> {
    let ended: Ended = serde_json::from_slice(&raw.payload)
        .map_err(|error| Unreadable::Malformed(format!("it is neither a dead letter nor an audit of one: {error}")))?;
    let (letter, at, actor) = (ended.letter.clone(), ended.at, ended.actor.clone());
    let ended = Ended { keep_until: Some(keep_until), ..ended };
    as_recorded(names, raw, ended.into(), &letter, at, actor, TraceContext::default())
}

/// The letter without what only its message tells.
pub(super) fn letter_of(names: &Names, letter: &DeadLetter) -> Letter {
    Letter {
        id: letter.id.to_string(),
        consumer: letter.id.consumer.clone(),
        origin: letter.origin.to_string(),
        subject: letter.subject.clone(),
        about: names.parse_event(&letter.subject).map(|aggregate| aggregate.to_string()),
        event_type: letter.event_type.clone(),
        event_id: letter.event_id.clone(),
        correlation: letter.correlation.clone(),
        reason: letter.reason.clone(),
        fingerprint: letter.fingerprint.clone(),
        deliveries: letter.deliveries,
        parked_at: letter.parked_at,
    }
}

fn as_recorded(
    names: &Names,
    raw: &Raw,
    fact: DeadLetterEvent,
    letter: &Letter,
    at: OffsetDateTime,
    actor: String,
    trace: TraceContext,
) -> Result<Recorded, Unreadable> {
    let encoded = fact.encode().map_err(|error| Unreadable::Malformed(error.to_string()))?;
    let position = Position { stream: StreamName::DeadLetters.as_str().to_owned(), sequence: raw.sequence };
    Ok(Recorded {
        event_id: position.to_string(),
        aggregate: names.parse_event(&letter.subject).ok_or_else(|| Unreadable::Foreign(letter.subject.clone()))?,
        event_type: encoded.event_type,
        position,
        at,
        correlation: letter.correlation.clone().unwrap_or_default(),
        causation: Some(letter.event_id.clone()).filter(|id| !id.is_empty()),
        actor,
        trace,
        data: String::from(Box::<str>::from(encoded.data)),
    })
}
