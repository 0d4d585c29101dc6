//! OTLP's protobuf → [`TraceSpan`]s.

use std::collections::BTreeMap;

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::trace::v1::{Span, Status, span, status};

use crate::names::attr;
use crate::trace_span::{AttributeValue, Attributes, SpanKind, SpanStatus, TraceSpan};

pub(super) fn spans(request: ExportTraceServiceRequest) -> Vec<TraceSpan> {
    let mut spans = Vec::new();
    for group in request.resource_spans {
        let resource = group.resource.map(|resource| resource.attributes).unwrap_or_default();
        let resource = attributes(resource).into_iter().map(|(key, value)| (key, value.to_string())).collect();
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

fn attributes(pairs: Vec<KeyValue>) -> Attributes {
    let text = || AttributeValue::Text(String::new());
    pairs.into_iter().map(|pair| (pair.key, pair.value.map_or_else(text, value))).collect()
}

fn value(value: AnyValue) -> AttributeValue {
    match value.value {
        Some(Value::BoolValue(answer)) => AttributeValue::Bool(answer),
        Some(Value::IntValue(number)) => AttributeValue::Integer(number),
        Some(Value::DoubleValue(number)) => AttributeValue::Float(number),
        Some(Value::StringValue(text)) => AttributeValue::Text(text),
        Some(Value::ArrayValue(array)) => {
            let parts: Vec<_> = array.values.into_iter().map(|part| self::value(part).to_string()).collect();
            AttributeValue::Text(parts.join(","))
        }
        Some(Value::BytesValue(bytes)) => AttributeValue::Text(hex(&bytes)),
        Some(other) => AttributeValue::Text(format!("{other:?}")),
        None => AttributeValue::Text(String::new()),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
