//! Whether a stream is still the one that a view was made from.
//!
//! A position says nothing about another stream of the same name: a view that read on there would have a hole, and nobody
//! would know. Two things are kept beside the position: which stream it is in, for one that was made anew, and which event
//! stands there, for one that was put back from an older copy or has lost its end.

use std::fmt;
use std::time::Duration;

use ally_domain::ports::{EventLog, StoreError, StreamIdentity};
use tokio_postgres::Row;

use crate::projection::PROJECTIONS;

/// How long the event at a position is waited for; it may be gone, and then says nothing.
const PEEK_WAIT: Duration = Duration::from_secs(1);

/// Where a view stands in a stream, and in which one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Stand {
    pub(crate) position: u64,
    pub(crate) identity: Option<String>,
    pub(crate) last_event_id: Option<String>,
}

impl Stand {
    /// From the columns `position`, `stream_identity` and `last_event_id`.
    pub(crate) fn from_row(row: &Row) -> Self {
        Self {
            position: row.get::<_, i64>("position").unsigned_abs(),
            identity: row.get("stream_identity"),
            last_event_id: row.get("last_event_id"),
        }
    }
}

/// A stream that is not the one that a view was made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replaced {
    /// Which stream.
    pub stream: &'static str,
    /// How that is known.
    pub why: String,
}

impl fmt::Display for Replaced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { stream, why } = self;
        let fed = PROJECTIONS.iter().filter(|known| known.streams.contains(stream)).map(|known| known.name);
        let fed = fed.collect::<Vec<_>>().join(", ");
        write!(
            f,
            "stream {stream} is not the one that the views were made from: {why}. What they hold of it may be all that is left. \
             Put the stream back from a copy, or have the views follow this one: `ally projections rebuild NAME \
             --accept-new-stream` for each of {fed}"
        )
    }
}

/// Whether a view must not read on in a stream; `now` is the stream's identity of this moment.
///
/// # Errors
/// When the log does not answer.
pub(crate) async fn replaced(
    log: &dyn EventLog,
    stream: &'static str,
    now: &StreamIdentity,
    stand: &Stand,
) -> Result<Option<Replaced>, StoreError> {
    let Stand { position, identity, last_event_id } = stand;
    let replaced = |why| Ok(Some(Replaced { stream, why }));
    if *position == 0 {
        return Ok(None);
    }
    if let Some(before) = identity.as_ref().filter(|before| **before != now.0) {
        return replaced(format!("it was made at {now}, theirs at {before}"));
    }
    let last = log.last_sequence(stream).await?;
    if last < *position {
        return replaced(format!("it ends at {last}, and they have read up to {position}"));
    }
    let Some(known) = last_event_id else { return Ok(None) };
    // An event that cannot be read, or is not there any more, says nothing against the stream.
    let Ok(mut reader) = log.open(stream, position - 1).await else { return Ok(None) };
    let Ok(batch) = reader.next(1, PEEK_WAIT).await else { return Ok(None) };
    match batch.events.first() {
        Some(event) if event.position.sequence == *position && event.event_id != *known => replaced(format!(
            "at {position} it holds the event {}, where they have read {known}: it was put back from an older copy, or lost its end",
            event.event_id
        )),
        _ => Ok(None),
    }
}
