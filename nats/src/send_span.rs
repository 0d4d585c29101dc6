//! The span of each event that is appended: the context in which its message was created, and the parent of all that works on it.
//!
//! Deliberately not here: the batch that carried several appends (`commit`).

use ally_domain::envelope::TraceContext;
use ally_domain::ids::AggregateKind;
use ally_domain::ports::{Append, Appended, StoreError};
use ally_telemetry::job;
use ally_telemetry::names::{attr, span};
use ally_telemetry::propagation;
use tracing::Span;

use crate::commit::Numbers;
use crate::names::{Names, StreamName};

/// One span an event, in their order.
pub(crate) fn open(names: &Names, appends: &[Append]) -> Vec<Span> {
    let mut numbers = Numbers::default();
    let mut spans = Vec::new();
    for append in appends {
        let kind = append.aggregate.kind;
        let own = (kind == AggregateKind::Job).then(|| append.aggregate.id.as_str().to_owned());
        // A plan is appended by whoever works on the job that it is for.
        let job = own.or_else(job::current);
        for (n, event) in append.events.iter().enumerate() {
            // Written only where somebody listens.
            let template = || names.event_template(kind, &event.event_type.name);
            let context = append.context_of(n);
            let number = numbers.next(context.command_id.as_str());
            let span = tracing::info_span!(
                span::SEND,
                { attr::OTEL_NAME } = span::send(&template()),
                { attr::OTEL_KIND } = span::kind::PRODUCER,
                { attr::OTEL_STATUS_CODE } = tracing::field::Empty,
                { attr::ERROR_TYPE } = tracing::field::Empty,
                { attr::MESSAGING_SYSTEM } = attr::NATS,
                { attr::MESSAGING_OPERATION_NAME } = "send",
                { attr::MESSAGING_OPERATION_TYPE } = "send",
                { attr::MESSAGING_DESTINATION_NAME } = StreamName::of(kind).as_str(),
                { attr::MESSAGING_DESTINATION_TEMPLATE } = template(),
                { attr::MESSAGING_MESSAGE_ID } = format!("{}:{number}", context.command_id),
                { attr::MESSAGING_MESSAGE_CONVERSATION_ID } = context.correlation,
                { attr::MESSAGING_MESSAGE_BODY_SIZE } = event.data.get().len() as i64,
                { attr::AGGREGATE_KIND } = kind.as_str(),
                { attr::AGGREGATE_ID } = append.aggregate.id.as_str(),
                { attr::JOB_ID } = job.as_deref(),
                { attr::APPEND_OUTCOME } = tracing::field::Empty,
                { attr::POSITION } = tracing::field::Empty,
            );
            if let Some(own) = append.contexts.get(n) {
                // Several commands in one append: each of them goes on in its own trace.
                propagation::set_parent(&span, own.trace.traceparent.as_deref(), own.trace.tracestate.as_deref());
            }
            spans.push(span);
        }
    }
    spans
}

/// Tells the spans how their append ended. A conflict is an answer and no error: who asked decides again, and loses at most that.
pub(crate) fn close(spans: &[Span], answer: &Result<Appended, StoreError>, outcome: &'static str) {
    for (n, span) in spans.iter().enumerate() {
        span.record(attr::APPEND_OUTCOME, outcome);
        match answer {
            // They stand right behind one another; where they were stored before, only where the last of them stands is known.
            Ok(Appended { position, duplicate }) => {
                let behind = spans.len() - 1 - n;
                if behind == 0 || !duplicate {
                    let sequence = position.sequence.saturating_sub(behind as u64);
                    span.record(attr::POSITION, format!("{}:{sequence}", position.stream));
                }
            }
            Err(StoreError::Conflict { .. }) => {}
            Err(error) => {
                span.record(attr::OTEL_STATUS_CODE, span::status::ERROR);
                span.record(attr::ERROR_TYPE, cause(error));
            }
        }
    }
}

/// The context that an event is sent with; where nothing is traced here, the one that its command brought along.
pub(crate) fn context_of(span: &Span, fallback: &TraceContext) -> TraceContext {
    match propagation::of(span) {
        (None, _) => fallback.clone(),
        (traceparent, tracestate) => TraceContext { traceparent, tracestate },
    }
}

const fn cause(error: &StoreError) -> &'static str {
    match error {
        StoreError::Conflict { .. } => "conflict",
        StoreError::Unavailable { .. } => "unavailable",
        StoreError::Full { .. } => "full",
        StoreError::Rejected { .. } => "rejected",
        StoreError::Corrupt { .. } => "corrupt",
        StoreError::Newer { .. } => "newer",
        StoreError::ArchiveMissing { .. } => "archive_missing",
    }
}
