//! The queue in front of the exporter: bounded, and what finds no room in it is lost and counted, never waited for.

use std::time::Duration;

use opentelemetry::Context;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{BatchConfigBuilder, BatchSpanProcessor, Span, SpanData, SpanExporter, SpanProcessor};

use crate::span_export::Queued;

/// Spans that wait for their export.
const QUEUE_SPANS: usize = 8192;
const BATCH_SPANS: usize = 512;
const EXPORT_EVERY: Duration = Duration::from_secs(1);

/// Hands sampled spans to an exporter, in batches, on a thread of its own.
#[derive(Debug)]
pub(crate) struct SpanQueue {
    batches: BatchSpanProcessor,
    queued: Queued,
}

impl SpanQueue {
    /// `queued` is shared with the exporter, which tells it what has left.
    pub(crate) fn new(exporter: impl SpanExporter + 'static, queued: Queued) -> Self {
        let config = BatchConfigBuilder::default()
            .with_max_queue_size(QUEUE_SPANS)
            .with_max_export_batch_size(BATCH_SPANS)
            .with_scheduled_delay(EXPORT_EVERY)
            .build();
        Self { batches: BatchSpanProcessor::builder(exporter).with_batch_config(config).build(), queued }
    }
}

impl SpanProcessor for SpanQueue {
    fn on_start(&self, _: &mut Span, _: &Context) {}

    fn on_end(&self, span: SpanData) {
        // A span that is recorded and not sampled is for the memory of this process alone.
        if span.span_context.is_sampled() && self.queued.admit(QUEUE_SPANS) {
            self.batches.on_end(span);
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.batches.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.batches.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.batches.set_resource(resource);
    }
}
