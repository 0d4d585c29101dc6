//! Spans kept in this process, for a program that shows its own traces (`ally demo`) without a collector.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use opentelemetry::trace::{SpanId, SpanKind as OtelKind, Status};
use opentelemetry::{KeyValue, Value};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SpanData, SpanExporter};

use crate::names::attr;
use crate::span_export::mask;
use crate::trace_tree::{SpanKind, SpanStatus, TraceSpan};

/// Spans beyond this many are dropped: what keeps them is meant for a look at a few requests.
const MAX_SPANS: usize = 20_000;

/// Spans that ended in this process. Clones share them; each role may have one of its own or all the same.
#[derive(Clone, Default)]
pub struct SpanMemory(Arc<Mutex<Vec<TraceSpan>>>);

impl SpanMemory {
    /// The spans of one trace that have ended so far, in the order in which they ended.
    #[must_use]
    pub fn trace(&self, trace_id: &str) -> Vec<TraceSpan> {
        let spans = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        spans.iter().filter(|span| span.trace_id == trace_id).cloned().collect()
    }

    fn keep(&self, ended: impl Iterator<Item = TraceSpan>) {
        let mut spans = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let free = MAX_SPANS.saturating_sub(spans.len());
        spans.extend(ended.take(free));
    }
}

impl fmt::Debug for SpanMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SpanMemory").finish_non_exhaustive()
    }
}

/// Writes to a [`SpanMemory`] what ends under a resource.
#[derive(Debug)]
pub(crate) struct MemoryExporter {
    memory: SpanMemory,
    resource: BTreeMap<String, String>,
}

impl MemoryExporter {
    pub(crate) const fn new(memory: SpanMemory) -> Self {
        Self { memory, resource: BTreeMap::new() }
    }
}

impl SpanExporter for MemoryExporter {
    async fn export(&self, mut batch: Vec<SpanData>) -> OTelSdkResult {
        batch.iter_mut().for_each(mask);
        self.memory.keep(batch.into_iter().map(|span| trace_span(span, &self.resource)));
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

fn attributes(pairs: &[KeyValue]) -> BTreeMap<String, String> {
    let text = |value: &Value| value.as_str().into_owned();
    pairs.iter().map(|pair| (pair.key.to_string(), text(&pair.value))).collect()
}

fn unix_ns(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| u64::try_from(since.as_nanos()).unwrap_or(u64::MAX))
}
