//! From the SDK to the memory: every span that ends, whether it leaves the process or not.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use opentelemetry::trace::{SpanId, SpanKind as OtelKind, Status};
use opentelemetry::{Context, KeyValue, Value};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{Span, SpanData, SpanProcessor};

use super::SpanMemory;
use crate::names::attr;
use crate::span_export::tidy;
use crate::trace_span::{AttributeValue, Attributes, SpanKind, SpanStatus, TraceSpan};

/// Writes to a [`SpanMemory`] what ends under a resource.
#[derive(Debug)]
pub(crate) struct MemoryProcessor {
    memory: SpanMemory,
    resource: BTreeMap<String, String>,
}

impl MemoryProcessor {
    pub(crate) const fn new(memory: SpanMemory) -> Self {
        Self { memory, resource: BTreeMap::new() }
    }
}

impl SpanProcessor for MemoryProcessor {
    fn on_start(&self, _: &mut Span, _: &Context) {}

    fn on_end(&self, mut span: SpanData) {
        tidy(&mut span);
        self.memory.keep(&trace_span(span, &self.resource));
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.resource = resource.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect();
    }
}

fn trace_span(span: SpanData, resource: &BTreeMap<String, String>) -> TraceSpan {
    TraceSpan {
        service: resource.get(attr::SERVICE_NAME).cloned().unwrap_or_default(),
        resource: resource.clone(),
        trace_id: span.span_context.trace_id().to_string(),
        span_id: span.span_context.span_id().to_string(),
        parent_span_id: (span.parent_span_id != SpanId::INVALID).then(|| span.parent_span_id.to_string()),
        name: span.name.into_owned(),
        kind: kind(&span.span_kind),
        start_unix_ns: unix_ns(span.start_time),
        end_unix_ns: unix_ns(span.end_time),
        attributes: attributes(&span.attributes),
        links: span
            .links
            .iter()
            .map(|link| (link.span_context.trace_id().to_string(), link.span_context.span_id().to_string()))
            .collect(),
        events: span.events.iter().map(|event| (event.name.to_string(), attributes(&event.attributes))).collect(),
        status: match span.status {
            Status::Unset => SpanStatus::Unset,
            Status::Ok => SpanStatus::Ok,
            Status::Error { description } => SpanStatus::Error(description.into_owned()),
        },
    }
}

const fn kind(kind: &OtelKind) -> SpanKind {
    match kind {
        OtelKind::Server => SpanKind::Server,
        OtelKind::Client => SpanKind::Client,
        OtelKind::Producer => SpanKind::Producer,
        OtelKind::Consumer => SpanKind::Consumer,
        OtelKind::Internal => SpanKind::Internal,
    }
}

fn attributes(pairs: &[KeyValue]) -> Attributes {
    pairs.iter().map(|pair| (pair.key.to_string(), value(&pair.value))).collect()
}

fn value(value: &Value) -> AttributeValue {
    match value {
        Value::I64(number) => AttributeValue::Integer(*number),
        Value::F64(number) => AttributeValue::Float(*number),
        Value::Bool(answer) => AttributeValue::Bool(*answer),
        other => AttributeValue::Text(other.as_str().into_owned()),
    }
}

fn unix_ns(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| u64::try_from(since.as_nanos()).unwrap_or(u64::MAX))
}
