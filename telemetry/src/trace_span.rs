//! A span as whoever looks at traces sees it: received from a collector's wire, or kept in this process.
//!
//! Deliberately not here: how spans are shown ([`trace_tree`](crate::trace_tree)) and where they are kept.

use std::collections::BTreeMap;
use std::fmt;

/// A span with what a reader of traces looks at.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TraceSpan {
    /// `service.name` of its resource.
    pub service: String,
    /// The whole resource, values as text.
    pub resource: BTreeMap<String, String>,
    /// 32 hex digits.
    pub trace_id: String,
    /// 16 hex digits.
    pub span_id: String,
    /// 16 hex digits; none for a root.
    pub parent_span_id: Option<String>,
    /// What it shows.
    pub name: String,
    /// What it is.
    pub kind: SpanKind,
    /// When it began, in nanoseconds since 1970.
    pub start_unix_ns: u64,
    /// When it ended, in nanoseconds since 1970.
    pub end_unix_ns: u64,
    /// What is known of it.
    pub attributes: Attributes,
    /// Spans it also works for: trace id and span id.
    pub links: Vec<(String, String)>,
    /// Events: name and attributes.
    pub events: Vec<(String, Attributes)>,
    /// How it ended.
    pub status: SpanStatus,
}

/// Attributes by their keys.
pub type Attributes = BTreeMap<String, AttributeValue>;

impl TraceSpan {
    /// An attribute that is a text.
    #[must_use]
    pub fn text(&self, key: &str) -> Option<&str> {
        self.attributes.get(key).and_then(AttributeValue::as_text)
    }

    /// How long it took, in nanoseconds.
    #[must_use]
    pub const fn took_ns(&self) -> u64 {
        self.end_unix_ns.saturating_sub(self.start_unix_ns)
    }

    /// Whether it ended badly.
    #[must_use]
    pub const fn is_error(&self) -> bool {
        matches!(self.status, SpanStatus::Error(_))
    }
}

/// What an attribute says. A number is compared and summed up by whoever asks for spans, so that it matters which it is.
#[derive(Debug, Clone, PartialEq)]
pub enum AttributeValue {
    /// A text.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// Another number.
    Float(f64),
    /// Yes or no.
    Bool(bool),
}

impl AttributeValue {
    /// The text; `None` for what is none.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Integer(_) | Self::Float(_) | Self::Bool(_) => None,
        }
    }
}

impl fmt::Display for AttributeValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Integer(number) => write!(f, "{number}"),
            Self::Float(number) => write!(f, "{number}"),
            Self::Bool(answer) => write!(f, "{answer}"),
        }
    }
}

impl From<&str> for AttributeValue {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<i64> for AttributeValue {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl PartialEq<str> for AttributeValue {
    fn eq(&self, text: &str) -> bool {
        self.as_text() == Some(text)
    }
}

impl PartialEq<&str> for AttributeValue {
    fn eq(&self, text: &&str) -> bool {
        self.as_text() == Some(text)
    }
}

impl PartialEq<i64> for AttributeValue {
    fn eq(&self, number: &i64) -> bool {
        *self == Self::Integer(*number)
    }
}

/// What a span is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SpanKind {
    /// Work inside a process.
    #[default]
    Internal,
    /// Answers a remote caller.
    Server,
    /// Calls something remote.
    Client,
    /// Sends a message.
    Producer,
    /// Works on a message.
    Consumer,
}

impl SpanKind {
    /// Every kind; where it stands here is its number in [`packed`](crate::span_memory) spans.
    pub(crate) const ALL: [Self; 5] = [Self::Internal, Self::Server, Self::Client, Self::Producer, Self::Consumer];

    /// As traces are shown: `CONSUMER`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Internal => "INTERNAL",
            Self::Server => "SERVER",
            Self::Client => "CLIENT",
            Self::Producer => "PRODUCER",
            Self::Consumer => "CONSUMER",
        }
    }
}

impl fmt::Display for SpanKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// How a span ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum SpanStatus {
    /// It does not say.
    #[default]
    Unset,
    /// Well.
    Ok,
    /// Badly, and why.
    Error(String),
}
