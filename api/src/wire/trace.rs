//! Traces of this process as operators read them.

use std::collections::BTreeMap;

use ally_telemetry::export::{MemoryUse, TraceSummary};
use ally_telemetry::trace_tree::{AttributeValue, Attributes, SpanKind, SpanStatus, TraceSpan};
use poem_openapi::types::Any;
use poem_openapi::{Enum, Object};
use serde_json::Value;
use time::OffsetDateTime;

use super::moment::Moment;

/// Traces, and how much of them this process keeps.
#[derive(Object)]
#[oai(rename = "Traces")]
pub(crate) struct TracesBody {
    /// Those that were asked for.
    pub traces: Vec<TraceSummaryBody>,
    /// What is kept of all.
    pub kept: KeptBody,
}

/// What a process keeps of its traces.
#[derive(Object)]
#[oai(rename = "TracesKept")]
pub(crate) struct KeptBody {
    /// How many.
    pub traces: u64,
    /// In how many bytes.
    pub bytes: u64,
    /// How many were let go to make room.
    pub evicted: u64,
}

/// A trace in one line.
#[derive(Object)]
#[oai(rename = "TraceSummary", rename_all = "camelCase")]
pub(crate) struct TraceSummaryBody {
    /// 32 hexadecimal digits, as `x-trace-id` carries them.
    pub trace_id: String,
    /// What its first span shows.
    pub name: String,
    /// Which service's span that is.
    pub service: String,
    /// When its first span began.
    pub started_at: Moment,
    /// From then to the end of its last span so far, in milliseconds.
    pub duration_ms: f64,
    /// Spans that are kept.
    pub spans: u32,
    /// Spans that ended badly.
    pub errors: u32,
    /// Spans that are not kept because the trace is too long.
    pub dropped: u32,
    /// The jobs that it is about.
    pub job_ids: Vec<String>,
}

/// A trace, and the traces that it is linked with.
#[derive(Object)]
#[oai(rename = "Trace", rename_all = "camelCase")]
pub(crate) struct TraceBody {
    /// Which was asked for.
    pub trace_id: String,
    /// The spans, in the order in which they began; those of linked traces among them.
    pub spans: Vec<SpanBody>,
}

/// What a span is.
#[derive(Enum, Clone, Copy)]
#[oai(rename = "SpanKind", rename_all = "snake_case")]
pub(crate) enum SpanKindBody {
    /// Work inside a process.
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

/// A span.
#[derive(Object)]
#[oai(rename = "Span", rename_all = "camelCase")]
pub(crate) struct SpanBody {
    /// Its trace.
    pub trace_id: String,
    /// 16 hexadecimal digits.
    pub span_id: String,
    /// The span that it is part of.
    #[oai(skip_serializing_if_is_none)]
    pub parent_span_id: Option<String>,
    /// What it shows.
    pub name: String,
    /// What it is.
    pub kind: SpanKindBody,
    /// Whose it is.
    pub service: String,
    /// When it began.
    pub started_at: Moment,
    /// How long it took, in milliseconds.
    pub duration_ms: f64,
    /// Why it ended badly, where it did.
    #[oai(skip_serializing_if_is_none)]
    pub error: Option<String>,
    /// What is known of it: texts, numbers, yes or no.
    pub attributes: BTreeMap<String, Any<Value>>,
    /// Spans that it also works for.
    pub links: Vec<SpanLinkBody>,
    /// What was said on the way.
    pub events: Vec<SpanEventBody>,
    /// What its process says of itself.
    pub resource: BTreeMap<String, String>,
}

/// A span that another one also works for.
#[derive(Object)]
#[oai(rename = "SpanLink", rename_all = "camelCase")]
pub(crate) struct SpanLinkBody {
    /// Its trace.
    pub trace_id: String,
    /// Its id.
    pub span_id: String,
}

/// Something that was said in a span.
#[derive(Object)]
#[oai(rename = "SpanEvent")]
pub(crate) struct SpanEventBody {
    /// What.
    pub name: String,
    /// What is known of it.
    pub attributes: BTreeMap<String, Any<Value>>,
}

impl From<MemoryUse> for KeptBody {
    fn from(it: MemoryUse) -> Self {
        Self { traces: it.traces as u64, bytes: it.bytes as u64, evicted: it.evicted }
    }
}

impl From<TraceSummary> for TraceSummaryBody {
    fn from(it: TraceSummary) -> Self {
        Self {
            trace_id: it.trace_id,
            name: it.name,
            service: it.service,
            started_at: moment(it.start_unix_ns),
            duration_ms: milliseconds(it.took_ns),
            spans: it.spans,
            errors: it.errors,
            dropped: it.dropped,
            job_ids: it.jobs,
        }
    }
}

impl From<TraceSpan> for SpanBody {
    fn from(it: TraceSpan) -> Self {
        let links = it.links.into_iter().map(|(trace_id, span_id)| SpanLinkBody { trace_id, span_id });
        let event = |(name, known)| SpanEventBody { name, attributes: attributes(known) };
        Self {
            started_at: moment(it.start_unix_ns),
            duration_ms: milliseconds(it.end_unix_ns.saturating_sub(it.start_unix_ns)),
            trace_id: it.trace_id,
            span_id: it.span_id,
            parent_span_id: it.parent_span_id,
            name: it.name,
            kind: it.kind.into(),
            service: it.service,
            error: match it.status {
                SpanStatus::Error(why) => Some(why),
                SpanStatus::Unset | SpanStatus::Ok => None,
            },
            attributes: attributes(it.attributes),
            links: links.collect(),
            events: it.events.into_iter().map(event).collect(),
            resource: it.resource,
        }
    }
}

impl From<SpanKind> for SpanKindBody {
    fn from(kind: SpanKind) -> Self {
        match kind {
            SpanKind::Internal => Self::Internal,
            SpanKind::Server => Self::Server,
            SpanKind::Client => Self::Client,
            SpanKind::Producer => Self::Producer,
            SpanKind::Consumer => Self::Consumer,
        }
    }
}

fn attributes(known: Attributes) -> BTreeMap<String, Any<Value>> {
    let value = |value| match value {
        AttributeValue::Text(text) => text.into(),
        AttributeValue::Integer(number) => number.into(),
        AttributeValue::Float(number) => number.into(),
        AttributeValue::Bool(answer) => answer.into(),
    };
    known.into_iter().map(|(key, known)| (key, Any(value(known)))).collect()
}

fn moment(unix_ns: u64) -> Moment {
    Moment(OffsetDateTime::from_unix_timestamp_nanos(unix_ns.into()).unwrap_or(OffsetDateTime::UNIX_EPOCH))
}

/// With three digits behind the point: microseconds.
fn milliseconds(nanoseconds: u64) -> f64 {
    (nanoseconds / 1_000) as f64 / 1_000.0
}
