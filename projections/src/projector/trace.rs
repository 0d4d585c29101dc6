//! What one batch leaves in traces: one span, which links to the span that sent each of its events. Where all of the events are of
//! one trace, the batch is part of that trace: whoever asked sees there when it reached the rows. A batch of many traces is part of
//! none, and is found by its links.

use std::future::Future;

use ally_domain::envelope::TraceContext;
use ally_telemetry::names::{attr, span};
use ally_telemetry::propagation;
use tracing::{Instrument, Span, field};

use super::ProjectorError;
use super::batch::Batch;
use crate::projection::Projection;

/// A batch of more events than this links to the first of them.
const MAX_LINKS: usize = 128;
/// What a batch writes that no view wants.
const CHECKPOINT: &str = "projection_checkpoint";
/// What it does to each table.
const UPSERT: &str = "UPSERT";

/// The span of a batch, open until its transaction has ended; none where no event's trace is recorded.
pub(super) struct Traced(Span);

impl Traced {
    pub(super) fn begin<'a>(
        stream: &str,
        namespace: &str,
        batch: &Batch,
        views: impl Iterator<Item = &'a dyn Projection>,
    ) -> Self {
        let traces = batch.known().iter().map(|event| &event.recorded.trace);
        let sampled: Vec<_> = traces.filter(|trace| propagation::is_sampled(trace.traceparent.as_deref())).collect();
        let Some(first) = sampled.first() else { return Self(Span::none()) };
        let written = views.filter(|view| batch.known().iter().any(|event| view.concerns(&event.fact)));
        let tables: Vec<_> = written.map(|view| view.name()).collect();
        let tables = if tables.is_empty() { CHECKPOINT.to_owned() } else { tables.join(", ") };
        let span = batch_span(stream, namespace, batch, &tables);
        if sampled.iter().all(|trace| trace.trace_id() == first.trace_id()) {
            propagation::set_parent(&span, first.traceparent.as_deref(), first.tracestate.as_deref());
        }
        for TraceContext { traceparent, tracestate } in sampled.into_iter().take(MAX_LINKS) {
            propagation::link(&span, traceparent.as_deref(), tracestate.as_deref());
        }
        Self(span)
    }

    /// Does the batch's work inside its span, which speaks for every statement of the transaction.
    pub(super) async fn inside<T>(&self, work: impl Future<Output = T>) -> T {
        work.instrument(self.0.clone()).await
    }

    /// The transaction has ended: so does the span.
    pub(super) fn end(self, outcome: &Result<(), ProjectorError>) {
        if let Err(error) = outcome {
            self.0.record(attr::OTEL_STATUS_CODE, span::status::ERROR);
            self.0.record(attr::OTEL_STATUS_DESCRIPTION, field::display(error));
        }
    }
}

fn batch_span(stream: &str, namespace: &str, batch: &Batch, tables: &str) -> Span {
    let span = tracing::info_span!(
        parent: None,
        span::PROJECT,
        { attr::OTEL_NAME } = span::project(stream),
        { attr::OTEL_KIND } = span::kind::CONSUMER,
        { attr::OTEL_STATUS_CODE } = field::Empty,
        { attr::OTEL_STATUS_DESCRIPTION } = field::Empty,
        { attr::ERROR_TYPE } = field::Empty,
        { attr::MESSAGING_SYSTEM } = attr::NATS,
        { attr::MESSAGING_OPERATION_NAME } = "process",
        { attr::MESSAGING_OPERATION_TYPE } = "process",
        { attr::MESSAGING_DESTINATION_NAME } = stream,
        { attr::MESSAGING_CONSUMER_GROUP_NAME } = "projector",
        { attr::MESSAGING_BATCH_MESSAGE_COUNT } = batch.known().len() as i64,
        { attr::DB_SYSTEM_NAME } = attr::POSTGRESQL,
        { attr::DB_NAMESPACE } = namespace,
        { attr::DB_OPERATION_NAME } = UPSERT,
        { attr::DB_QUERY_SUMMARY } = span::database(UPSERT, tables),
        { attr::DB_RESPONSE_STATUS_CODE } = field::Empty,
        { attr::DATABASE_OPERATION } = UPSERT,
        { attr::DATABASE_TABLE } = tables,
        { attr::POSITION } = format!("{stream}:{}", batch.last()),
        { attr::JOB_ID } = field::Empty,
    );
    if let Some(job) = batch.only_job() {
        span.record(attr::JOB_ID, job);
    }
    span
}
