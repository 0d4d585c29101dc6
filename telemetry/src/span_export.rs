//! The exporter's good manners: it masks secrets, makes numbers of what tracing wrote as text, counts what went and what was
//! lost, and complains about a collector that fails at most once a minute. It runs on the batch processor's own thread, so
//! nobody waits for it.

use std::borrow::Cow;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use metrics::counter;
use opentelemetry::trace::Status;
use opentelemetry::{KeyValue, StringValue, Value};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SpanData, SpanExporter};
use tracing::dispatcher::WeakDispatch;

use crate::names::attr;
use crate::{mask, names, redact};

const COMPLAIN_EVERY: Duration = Duration::from_secs(60);

/// Where the exporter's thread reports to. The dispatch is weak because the dispatch itself owns the exporter.
#[derive(Clone)]
pub(crate) struct Reporter {
    pub(crate) dispatch: Arc<OnceLock<WeakDispatch>>,
    pub(crate) recorder: &'static (dyn metrics::Recorder + Sync),
}

/// An exporter that never troubles the service it reports about.
pub(crate) struct CarefulExporter<E> {
    inner: E,
    /// Where it sends: errors may repeat it.
    endpoint: String,
    reporter: Reporter,
    queued: Queued,
    complaints: Mutex<Complaints>,
}

/// What waits for its export, and what found no room there: known to the queue, which tells nobody, and told by the exporter.
#[derive(Debug, Clone, Default)]
pub(crate) struct Queued(Arc<QueuedCounts>);

#[derive(Debug, Default)]
struct QueuedCounts {
    waiting: AtomicUsize,
    refused: AtomicUsize,
}

impl Queued {
    /// Whether one more may wait where at most so many do. Who may not is counted as lost.
    pub(crate) fn admit(&self, most: usize) -> bool {
        let waiting = self.0.waiting.fetch_add(1, Ordering::Relaxed);
        if waiting >= most {
            self.0.waiting.fetch_sub(1, Ordering::Relaxed);
            self.0.refused.fetch_add(1, Ordering::Relaxed);
        }
        waiting < most
    }

    fn leave(&self, spans: usize) {
        self.0.waiting.fetch_sub(spans, Ordering::Relaxed);
    }

    fn take_refused(&self) -> u64 {
        self.0.refused.swap(0, Ordering::Relaxed) as u64
    }
}

impl<E> CarefulExporter<E> {
    pub(crate) fn new(inner: E, endpoint: String, reporter: Reporter, queued: Queued) -> Self {
        Self { inner, endpoint, reporter, queued, complaints: Mutex::default() }
    }

    fn report(&self, spans: u64, result: &OTelSdkResult) {
        let refused = self.queued.take_refused();
        let (exported, lost) = if result.is_ok() { (spans, refused) } else { (0, spans + refused) };
        metrics::with_local_recorder(self.reporter.recorder, || {
            counter!(names::SPANS_EXPORTED_TOTAL).increment(exported);
            counter!(names::SPANS_LOST_TOTAL).increment(lost);
        });
        if lost == 0 {
            return;
        }
        let mut complaints = self.complaints.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(lost) = complaints.lost(lost, Instant::now()) else { return };
        let error =
            result.as_ref().err().map_or_else(|| "more spans came than it takes".to_owned(), ToString::to_string);
        let error = mask::hide(&error, &self.endpoint);
        if let Some(dispatch) = self.reporter.dispatch.get().and_then(WeakDispatch::upgrade) {
            tracing::dispatcher::with_default(&dispatch, || {
                tracing::warn!(lost_spans = lost, %error, "the trace collector does not take spans; the service goes on without them. Check that OTEL_EXPORTER_OTLP_ENDPOINT is reachable from here");
            });
        }
    }
}

impl<E: std::fmt::Debug> std::fmt::Debug for CarefulExporter<E> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("CarefulExporter").field(&self.inner).finish()
    }
}

impl<E: SpanExporter> SpanExporter for CarefulExporter<E> {
    async fn export(&self, mut batch: Vec<SpanData>) -> OTelSdkResult {
        self.queued.leave(batch.len());
        batch.iter_mut().for_each(tidy);
        let spans = batch.len() as u64;
        let result = self.inner.export(batch).await;
        self.report(spans, &result);
        result
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.inner.shutdown_with_timeout(timeout)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.inner.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.inner.set_resource(resource);
    }
}

/// When to speak up about lost spans, and about how many.
#[derive(Debug, Default)]
struct Complaints {
    last: Option<Instant>,
    unspoken: u64,
}

impl Complaints {
    /// Counts lost spans; answers all that were lost since the last complaint when one is due.
    fn lost(&mut self, spans: u64, now: Instant) -> Option<u64> {
        self.unspoken += spans;
        if self.last.is_some_and(|last| now.duration_since(last) < COMPLAIN_EVERY) {
            return None;
        }
        self.last = Some(now);
        Some(std::mem::take(&mut self.unspoken))
    }
}

/// Masks what looks like a secret, in the name, the attributes, the events and the status, and makes numbers of attributes
/// that are numbers: tracing writes unsigned ones as text.
pub(crate) fn tidy(span: &mut SpanData) {
    mask_text(&mut span.name);
    for attribute in &mut span.attributes {
        mask_attribute(attribute);
        make_number(attribute);
    }
    for event in &mut span.events.events {
        // A log event's message is its name.
        mask_text(&mut event.name);
        event.attributes.iter_mut().for_each(mask_attribute);
    }
    if let Status::Error { description } = &mut span.status {
        mask_text(description);
    }
}

fn mask_text(text: &mut Cow<'static, str>) {
    if let Cow::Owned(masked) = redact::text(text) {
        *text = Cow::Owned(masked);
    }
}

fn mask_attribute(attribute: &mut KeyValue) {
    if redact::is_secret_key(attribute.key.as_str()) {
        attribute.value = Value::String(StringValue::from(mask::MASK));
    } else if let Value::String(text) = &attribute.value
        && let Cow::Owned(masked) = redact::text(text.as_str())
    {
        attribute.value = Value::String(masked.into());
    }
}

fn make_number(attribute: &mut KeyValue) {
    if let Value::String(text) = &attribute.value
        && attr::NUMBERS.contains(&attribute.key.as_str())
        && let Ok(number) = text.as_str().parse::<i64>()
    {
        attribute.value = Value::I64(number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_finds_no_room_is_counted_and_what_leaves_makes_room() {
        let queued = Queued::default();
        assert_eq!([1, 2, 3].map(|_| queued.admit(2)), [true, true, false]);
        queued.leave(2);
        assert!(queued.admit(2));
        assert_eq!((queued.take_refused(), queued.take_refused()), (1, 0));
    }

    #[test]
    fn a_collector_that_fails_is_complained_about_once_a_minute_with_the_sum() {
        let mut complaints = Complaints::default();
        let start = Instant::now();
        assert_eq!(complaints.lost(3, start), Some(3));
        assert_eq!(complaints.lost(4, start + Duration::from_secs(1)), None);
        assert_eq!(complaints.lost(5, start + Duration::from_secs(59)), None);
        assert_eq!(complaints.lost(6, start + COMPLAIN_EVERY), Some(15));
        assert_eq!(complaints.lost(1, start + COMPLAIN_EVERY * 2), Some(1));
    }
}
