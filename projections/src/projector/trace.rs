//! What one batch leaves in traces: a span of its own that links to every event's trace, and in each sampled trace a span
//! that says when its event reached the rows. They end, and so leave the process, after the commit.

use std::future::Future;

use ally_domain::envelope::TraceContext;
use ally_telemetry::names::{attr, span};
use ally_telemetry::propagation;
use tracing::{Instrument, Span};

use super::ProjectorError;
use super::batch::Batch;
use crate::database::client_span;
use crate::fact::Known;
use crate::projection::Projection;

/// OpenTelemetry keeps 128 links of a span and drops the rest.
const MAX_LINKS: usize = 128;

/// The spans of a batch, open until its transaction has ended.
pub(super) struct Traced {
    batch: Span,
    /// Of each sampled event: the statements first, so that they end before the span they belong to.
    events: Vec<(Vec<Span>, Span)>,
}

impl Traced {
    pub(super) fn begin<'a>(
        stream: &str,
        namespace: &str,
        batch: &Batch,
        views: impl Iterator<Item = &'a dyn Projection> + Clone,
    ) -> Self {
        let span = tracing::info_span!(
            parent: None,
            span::PROJECT,
            { attr::OTEL_NAME } = span::project(stream),
            { attr::OTEL_KIND } = span::kind::CONSUMER,
            { attr::OTEL_STATUS_CODE } = tracing::field::Empty,
            { attr::MESSAGING_SYSTEM } = attr::NATS,
            { attr::MESSAGING_OPERATION_TYPE } = "process",
            { attr::MESSAGING_DESTINATION_NAME } = stream,
            { attr::MESSAGING_BATCH_MESSAGE_COUNT } = batch.known().len(),
            { attr::POSITION } = format!("{stream}:{}", batch.last()),
        );
        let sampled = batch.known().iter().filter(|event| {
            !span.is_disabled() && propagation::is_sampled(event.recorded.trace.traceparent.as_deref())
        });
        for event in sampled.clone().take(MAX_LINKS) {
            let TraceContext { traceparent, tracestate } = &event.recorded.trace;
            propagation::link(&span, traceparent.as_deref(), tracestate.as_deref());
        }
        let events = sampled.map(|event| spans_of(stream, namespace, event, views.clone())).collect();
        Self { batch: span, events }
    }

    /// Does the batch's work inside its span.
    pub(super) async fn inside<T>(&self, work: impl Future<Output = T>) -> T {
        work.instrument(self.batch.clone()).await
    }

    /// The transaction has ended: so do the spans.
    pub(super) fn end(self, outcome: &Result<(), ProjectorError>) {
        if let Err(error) = outcome {
            let spans = self.events.iter().flat_map(|(statements, event)| statements.iter().chain([event]));
            for span in spans.chain([&self.batch]) {
                span.record(attr::OTEL_STATUS_CODE, span::status::ERROR);
            }
            self.batch.in_scope(|| tracing::debug!(%error, "rolled back"));
        }
        for (statements, event) in self.events {
            drop(statements);
            // A span ends when it was last left, and this one was left when its statements' spans were made.
            event.in_scope(|| ());
        }
    }
}

fn spans_of<'a>(
    stream: &str,
    namespace: &str,
    event: &Known,
    views: impl Iterator<Item = &'a dyn Projection>,
) -> (Vec<Span>, Span) {
    let recorded = &event.recorded;
    let span = tracing::info_span!(
        parent: None,
        span::APPLY,
        { attr::OTEL_NAME } = span::process(&recorded.event_type.to_string()),
        { attr::OTEL_KIND } = span::kind::CONSUMER,
        { attr::OTEL_STATUS_CODE } = tracing::field::Empty,
        { attr::MESSAGING_SYSTEM } = attr::NATS,
        { attr::MESSAGING_OPERATION_NAME } = "process",
        { attr::MESSAGING_OPERATION_TYPE } = "process",
        { attr::MESSAGING_DESTINATION_NAME } = stream,
        { attr::MESSAGING_CONSUMER_GROUP_NAME } = "projector",
        { attr::MESSAGING_MESSAGE_ID } = recorded.event_id,
        { attr::POSITION } = %recorded.position,
        { attr::AGGREGATE_KIND } = recorded.aggregate.kind.as_str(),
        { attr::AGGREGATE_ID } = %recorded.aggregate.id,
    );
    propagation::set_parent(&span, recorded.trace.traceparent.as_deref(), recorded.trace.tracestate.as_deref());
    let views = views.filter(|view| view.concerns(&event.fact));
    // One write covers many events; each trace shows it with the time that it took.
    let statements = views.map(|view| client_span(&span, namespace, "UPSERT", view.name())).collect();
    (statements, span)
}
