//! What surrounds a fact: who caused it, when, in which trace, and where in the log it stands.

use std::fmt;
use std::str::FromStr;

use time::OffsetDateTime;

use crate::event_data::{EncodingError, EventData, EventType};
use crate::ids::{AggregateRef, CommandId};

/// Who did it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// A person or program behind a token: the athlete's id.
    Athlete(String),
    /// An operator: the subject of their token, or the login behind the command line.
    Operator(String),
    /// A part of Ally: `planner`, `onboarding`.
    System(&'static str),
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Athlete(id) => write!(f, "athlete:{id}"),
            Self::Operator(id) => write!(f, "operator:{id}"),
            Self::System(part) => write!(f, "system:{part}"),
        }
    }
}

/// The W3C trace context, as its two headers carry it. The domain only passes it on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TraceContext {
    /// `00-<trace id>-<span id>-<flags>`
    pub traceparent: Option<String>,
    /// Vendors' own additions, opaque.
    pub tracestate: Option<String>,
}

impl TraceContext {
    /// The trace id, 32 hex digits, for people who look a job up in a trace viewer.
    #[must_use]
    pub fn trace_id(&self) -> Option<&str> {
        let is_id = |id: &&str| id.len() == 32 && id.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
        self.traceparent.as_deref()?.split('-').nth(1).filter(is_id)
    }
}

/// Where a stored event stands: which stream, and which sequence number in it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Position {
    /// The stream's name without the deployment's prefix: `PLANS`.
    pub stream: String,
    /// Its sequence in that stream, from 1.
    pub sequence: u64,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.stream, self.sequence)
    }
}

/// A text that names no position.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a position: write STREAM:SEQUENCE, for example PLANS:42, as a 202 answer carries it")]
pub struct InvalidPosition {
    text: String,
}

impl FromStr for Position {
    type Err = InvalidPosition;

    fn from_str(text: &str) -> Result<Self, InvalidPosition> {
        let wrong = || InvalidPosition { text: text.to_owned() };
        let (stream, sequence) = text.split_once(':').ok_or_else(wrong)?;
        let named = !stream.is_empty() && stream.bytes().all(|b| b.is_ascii_uppercase() || b == b'_');
        let sequence = sequence.parse().map_err(|_| wrong())?;
        if named { Ok(Self { stream: stream.to_owned(), sequence }) } else { Err(wrong()) }
    }
}

/// What a command brings along and each of its events keeps.
#[derive(Debug, Clone)]
pub struct CommandContext {
    /// The command; a retry carries the same id and is therefore stored once.
    pub command_id: CommandId,
    /// Everything that follows from one request shares its correlation.
    pub correlation: String,
    /// The event that this command answers, if an event caused it.
    pub causation: Option<String>,
    /// Who asked.
    pub actor: Actor,
    /// When it was asked.
    pub at: OffsetDateTime,
    /// The trace it belongs to.
    pub trace: TraceContext,
}

/// A stored event as read back: the fact, undecoded, and everything around it.
#[derive(Debug, Clone)]
pub struct Recorded {
    /// `<command id>:<n>`, unique for ever.
    pub event_id: String,
    /// What it happened to.
    pub aggregate: AggregateRef,
    /// Which event, in which version it was written.
    pub event_type: EventType,
    /// Where it stands.
    pub position: Position,
    /// When it was decided.
    pub at: OffsetDateTime,
    /// Shared by all that follows from one request.
    pub correlation: String,
    /// The event before it, if one caused it.
    pub causation: Option<String>,
    /// `athlete:amy`, `system:planner`.
    pub actor: String,
    /// The trace in which it was appended.
    pub trace: TraceContext,
    /// The event's data, already upcast to the newest version.
    pub data: String,
}

impl Recorded {
    /// The fact itself.
    ///
    /// # Errors
    /// When the type is of another aggregate or newer than this program, or the data does not fit.
    pub fn decode<E: EventData>(&self) -> Result<E, EncodingError> {
        E::decode(&self.event_type, &self.data)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_reads_back_as_written() {
        let position = Position { stream: "PLANS".into(), sequence: 42 };
        assert_eq!("PLANS:42".parse(), Ok(position.clone()));
        assert_eq!(position.to_string(), "PLANS:42");
        for wrong in ["", "PLANS", "PLANS:", ":1", "PLANS:-1", "plans:1", "A B:1"] {
            assert!(wrong.parse::<Position>().is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn the_trace_id_is_the_second_part() {
        let trace = TraceContext {
            traceparent: Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".into()),
            tracestate: None,
        };
        assert_eq!(trace.trace_id(), Some("0af7651916cd43dd8448eb211c80319c"));
        assert_eq!(TraceContext::default().trace_id(), None);
        for broken in ["", "00-1-1-01", "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01"] {
            let trace = TraceContext { traceparent: Some(broken.to_owned()), tracestate: None };
            assert_eq!(trace.trace_id(), None, "{broken:?}");
        }
    }
}
