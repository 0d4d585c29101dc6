//! OTLP's protobuf → [`TraceSpan`]s.

use std::collections::BTreeMap;

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::trace::v1::{Span, Status, span, status};

use crate::names::attr;
use crate::trace_tree::{SpanKind, SpanStatus, TraceSpan};

pub(super) fn spans(request: ExportTraceServiceRequest) -> Vec<TraceSpan> {
    let mut spans = Vec::new();
    for group in request.resource_spans {
        let resource = attributes(group.resource.map(|resource| resource.attributes).unwrap_or_default());
        for scope in group.scope_spans {
            spans.extend(scope.spans.into_iter().map(|span| one(span, &resource)));
        }
    }
    spans
}

fn one(span: Span, resource: &BTreeMap<String, String>) -> TraceSpan {
    TraceSpan {
        service: resource.get(attr::SERVICE_NAME).cloned().unwrap_or_default(),
        resource: resource.clone(),
        trace_id: hex(&span.trace_id),
        kind: kind(span.kind()),
        span_id: hex(&span.span_id),
        parent_span_id: (!span.parent_span_id.is_empty()).then(|| hex(&span.parent_span_id)),
        name: span.name,
        start_unix_ns: span.start_time_unix_nano,
        end_unix_ns: span.end_time_unix_nano,
        attributes: attributes(span.attributes),
        links: span.links.iter().map(|link| (hex(&link.trace_id), hex(&link.span_id))).collect(),
        events: span.events.into_iter().map(|event| (event.name, attributes(event.attributes))).collect(),
        status: ended(span.status),
    }
}

fn kind(kind: span::SpanKind) -> SpanKind {
    match kind {
        span::SpanKind::Server => SpanKind::Server,
        span::SpanKind::Client => SpanKind::Client,
        span::SpanKind::Producer => SpanKind::Producer,
        span::SpanKind::Consumer => SpanKind::Consumer,
        span::SpanKind::Internal | span::SpanKind::Unspecified => SpanKind::Internal,
    }
}

fn ended(status: Option<Status>) -> SpanStatus {
    let Some(status) = status else { return SpanStatus::Unset };
    match status.code() {
        status::StatusCode::Unset => SpanStatus::Unset,
        status::StatusCode::Ok => SpanStatus::Ok,
        status::StatusCode::Error => SpanStatus::Error(status.message),
    }
}

fn attributes(pairs: Vec<KeyValue>) -> BTreeMap<String, String> {
    pairs.into_iter().map(|pair| (pair.key, pair.value.map(text).unwrap_or_default())).collect()
}

fn text(value: AnyValue) -> String {
    match value.value {
        Some(Value::StringValue(text)) => text,
        Some(Value::BoolValue(value)) => value.to_string(),
        Some(Value::IntValue(value)) => value.to_string(),
        Some(Value::DoubleValue(value)) => value.to_string(),
        Some(Value::ArrayValue(array)) => array.values.into_iter().map(text).collect::<Vec<_>>().join(","),
        Some(Value::BytesValue(bytes)) => hex(&bytes),
        Some(other) => format!("{other:?}"),
        None => String::new(),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
