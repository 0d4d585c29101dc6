//! What the gateway answers about traces, as far as it is read here.

use std::collections::BTreeMap;

use ally_telemetry::trace_tree::{AttributeValue, SpanKind, SpanStatus, TraceSpan};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

#[derive(Debug, Deserialize)]
pub struct Traces {
    pub traces: Vec<Summary>,
}

/// A trace in one line.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    pub trace_id: String,
    pub name: String,
    pub service: String,
    pub started_at: String,
    pub duration_ms: f64,
    pub spans: u32,
    pub errors: u32,
    pub job_ids: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub struct Trace {
    pub spans: Vec<Span>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Span {
    pub trace_id: String,
    pub span_id: String,
    parent_span_id: Option<String>,
    name: String,
    kind: String,
    service: String,
    started_at: String,
    duration_ms: f64,
    error: Option<String>,
    attributes: BTreeMap<String, Value>,
    links: Vec<Link>,
    resource: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Link {
    trace_id: String,
    span_id: String,
}

impl From<Span> for TraceSpan {
    fn from(it: Span) -> Self {
        let start_unix_ns = unix_ns(&it.started_at);
        Self {
            service: it.service,
            resource: it.resource,
            trace_id: it.trace_id,
            span_id: it.span_id,
            parent_span_id: it.parent_span_id,
            name: it.name,
            kind: kind(&it.kind),
            start_unix_ns,
            end_unix_ns: start_unix_ns + (it.duration_ms * 1e6) as u64,
            attributes: it.attributes.into_iter().map(|(key, value)| (key, attribute(value))).collect(),
            links: it.links.into_iter().map(|link| (link.trace_id, link.span_id)).collect(),
            events: Vec::new(),
            status: it.error.map_or(SpanStatus::Unset, SpanStatus::Error),
        }
    }
}

/// A span for programs.
pub fn object(span: &TraceSpan) -> Value {
    let attributes: BTreeMap<_, _> = span.attributes.iter().map(|(key, value)| (key, value.to_string())).collect();
    json!({
        "traceId": span.trace_id, "spanId": span.span_id, "parentSpanId": span.parent_span_id, "name": span.name,
        "kind": span.kind.as_str(), "service": span.service, "startUnixNano": span.start_unix_ns,
        "endUnixNano": span.end_unix_ns, "attributes": attributes, "links": span.links, "resource": span.resource,
        "error": match &span.status { SpanStatus::Error(why) => Some(why), SpanStatus::Unset | SpanStatus::Ok => None },
    })
}

fn kind(text: &str) -> SpanKind {
    match text {
        "server" => SpanKind::Server,
        "client" => SpanKind::Client,
        "producer" => SpanKind::Producer,
        "consumer" => SpanKind::Consumer,
        _ => SpanKind::Internal,
    }
}

fn attribute(value: Value) -> AttributeValue {
    match value {
        Value::String(text) => AttributeValue::Text(text),
        Value::Bool(answer) => AttributeValue::Bool(answer),
        Value::Number(number) => match number.as_i64() {
            Some(number) => AttributeValue::Integer(number),
            None => AttributeValue::Float(number.as_f64().unwrap_or_default()),
        },
        other => AttributeValue::Text(other.to_string()),
    }
}

fn unix_ns(moment: &str) -> u64 {
    let moment = OffsetDateTime::parse(moment, &Rfc3339).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    u64::try_from(moment.unix_timestamp_nanos()).unwrap_or(0)
}
