//! The exporter's good manners: it masks secrets, counts what went and what was lost, and complains about a collector that
//! fails at most once a minute. It runs on the batch processor's own thread, so nobody waits for it.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use metrics::counter;
use opentelemetry::trace::Status;
use opentelemetry::{KeyValue, StringValue, Value};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SpanData, SpanExporter};
use tracing::dispatcher::WeakDispatch;

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
    complaints: Mutex<Complaints>,
}

impl<E> CarefulExporter<E> {
    pub(crate) fn new(inner: E, endpoint: String, reporter: Reporter) -> Self {
        Self { inner, endpoint, reporter, complaints: Mutex::default() }
    }

    fn report(&self, spans: u64, result: &OTelSdkResult) {
        metrics::with_local_recorder(self.reporter.recorder, || {
            let name = if result.is_ok() { names::SPANS_EXPORTED_TOTAL } else { names::SPANS_LOST_TOTAL };
            counter!(name).increment(spans);
        });
        let mut complaints = self.complaints.lock().unwrap_or_else(PoisonError::into_inner);
        let Err(error) = result else { return };
        let Some(lost) = complaints.lost(spans, Instant::now()) else { return };
        let error = error.to_string();
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
        batch.iter_mut().for_each(mask);
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

/// Masks what looks like a secret, in the name, the attributes, the events and the status.
pub(crate) fn mask(span: &mut SpanData) {
    mask_text(&mut span.name);
    span.attributes.iter_mut().for_each(mask_attribute);
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

#[cfg(test)]
mod tests {
    use super::*;

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
