//! One attempt: the handler under a span, a deadline and a pulse, and whatever it does never more than an outcome.

use std::panic::AssertUnwindSafe;
use std::time::Instant;

use ally_domain::envelope::Recorded;
use ally_domain::ids::AggregateKind;
use ally_domain::outcome::Outcome;
use ally_domain::ports::DeliveryContext;
use ally_telemetry::names::{self, attr, label, span};
use ally_telemetry::propagation;
use async_nats::Message;
use futures::FutureExt;
use tokio_util::sync::CancellationToken;
use tracing::{Instrument, Span, field};

use super::desk::Desk;
use crate::codec;
use crate::delivery::Delivery;
use crate::panic_text::text_of;
use crate::upcast::Upcasters;

/// How a worker ends: at first nothing waits here any more, later what is still being worked on is handed back.
#[derive(Debug, Clone)]
pub(super) struct Ends {
    pub(super) stop: CancellationToken,
    pub(super) give_back: CancellationToken,
}

/// Works on a message until its delivery is settled, or handed back because the worker ends.
pub(super) async fn work(desk: &Desk, upcasters: &Upcasters, message: Message, ends: &Ends) {
    let (stream, consumer) = (desk.config.stream, desk.config.name.as_str());
    let mut delivery = match Delivery::new(&desk.jetstream, stream, consumer, message) {
        Ok(delivery) => delivery,
        Err(reason) => return tracing::error!(consumer, reason, "a message is no delivery"),
    };
    let event = match codec::decode(desk.jetstream.names(), upcasters, stream, &delivery.raw) {
        Ok(event) if desk.is_deadly(&delivery) => {
            let span = process_span(desk, &delivery, &event);
            span.record(attr::OTEL_STATUS_CODE, span::status::ERROR);
            span.record(attr::ERROR_TYPE, "deadly");
            return desk.give_up_deadly(delivery, Some(&event), &ends.stop).instrument(span).await;
        }
        Ok(event) => event,
        Err(unreadable) => {
            let reason = format!("the message cannot be read: {unreadable}");
            return desk.give_up(delivery, None, reason, &ends.stop).await;
        }
    };
    let event_type = event.event_type.to_string();
    metrics::counter!(names::MESSAGES_CONSUMED_TOTAL, label::STREAM => stream.as_str(),
        label::CONSUMER => consumer.to_owned(), label::TYPE => event_type.clone())
    .increment(1);
    let span = process_span(desk, &delivery, &event);
    async {
        loop {
            let started = Instant::now();
            let outcome = attempt(desk, &delivery, &event, &ends.give_back).await;
            metrics::histogram!(names::MESSAGE_PROCESS_DURATION_SECONDS,
                label::CONSUMER => consumer.to_owned(), label::TYPE => event_type.clone())
            .record(started.elapsed().as_secs_f64());
            let Some(outcome) = outcome else { return desk.hand_back(delivery).await };
            note(&outcome);
            match desk.settle(delivery, &event, outcome, &ends.stop).await {
                Some(kept) => delivery = kept,
                None => return,
            }
        }
    }
    .instrument(span)
    .await;
}

/// The handler's answer; `None` when there was no time left for one. Work that is done and waits for room in the log is not
/// late: the time in which the server refused is added to what is allowed, also when there is room again by the deadline.
async fn attempt(desk: &Desk, delivery: &Delivery, event: &Recorded, give_back: &CancellationToken) -> Option<Outcome> {
    let context = DeliveryContext { consumer: desk.config.name.clone(), delivery: delivery.deliveries() };
    let handled = AssertUnwindSafe(desk.handler.handle(event, &context)).catch_unwind();
    let (allowed, capacity) = (desk.config.attempt_deadline, desk.jetstream.capacity());
    let deadline = tokio::time::sleep(allowed);
    let mut refused = capacity.refused_for();
    let alive = desk.keep_alive(delivery);
    tokio::pin!(handled, deadline, alive);
    loop {
        tokio::select! {
            biased;
            handled = &mut handled => return Some(handled.unwrap_or_else(|panic| Outcome::retry(panic_reason(&*panic)))),
            () = give_back.cancelled() => return None,
            () = &mut deadline => {
                let refused_by_now = capacity.refused_for();
                if refused_by_now <= refused {
                    return Some(Outcome::retry(format!("the attempt took longer than {allowed:?}")));
                }
                deadline.as_mut().reset(tokio::time::Instant::now() + (refused_by_now - refused));
                refused = refused_by_now;
            }
            () = &mut alive => {}
        }
    }
}

fn panic_reason(panic: &(dyn std::any::Any + Send)) -> String {
    let text = text_of(panic);
    tracing::error!(panic = text, "a handler panicked");
    format!("the handler panicked: {text}")
}

/// The child of the context in which the event was sent: one trace runs from the request to the work.
fn process_span(desk: &Desk, delivery: &Delivery, event: &Recorded) -> Span {
    let template = desk.jetstream.names().event_template(event.aggregate.kind, &event.event_type.name);
    let span = tracing::info_span!(
        parent: None, span::PROCESS,
        { attr::OTEL_NAME } = span::process(&template),
        { attr::OTEL_KIND } = span::kind::CONSUMER,
        { attr::OTEL_STATUS_CODE } = field::Empty,
        { attr::OTEL_STATUS_DESCRIPTION } = field::Empty,
        { attr::ERROR_TYPE } = field::Empty,
        { attr::MESSAGING_SYSTEM } = attr::NATS,
        { attr::MESSAGING_OPERATION_NAME } = "process",
        { attr::MESSAGING_OPERATION_TYPE } = "process",
        { attr::MESSAGING_DESTINATION_NAME } = desk.config.stream.as_str(),
        { attr::MESSAGING_DESTINATION_TEMPLATE } = template,
        { attr::MESSAGING_CONSUMER_GROUP_NAME } = desk.config.name,
        { attr::MESSAGING_MESSAGE_ID } = event.event_id,
        { attr::MESSAGING_MESSAGE_CONVERSATION_ID } = event.correlation,
        { attr::MESSAGING_MESSAGE_BODY_SIZE } = delivery.raw.payload.len() as i64,
        { attr::MESSAGING_NATS_STREAM_SEQUENCE } = event.position.sequence as i64,
        { attr::MESSAGING_NATS_DELIVERY_COUNT } = delivery.deliveries() as i64,
        { attr::MESSAGING_NATS_SETTLEMENT } = field::Empty,
        { attr::AGGREGATE_KIND } = event.aggregate.kind.as_str(),
        { attr::AGGREGATE_ID } = event.aggregate.id.as_str(),
        { attr::POSITION } = %event.position,
        { attr::COMMAND_NAME } = field::Empty,
        { attr::CONFLICTS } = field::Empty,
        // Where the event is another aggregate's, its handler says which job it is about.
        { attr::JOB_ID } = field::Empty,
    );
    if event.aggregate.kind == AggregateKind::Job {
        span.record(attr::JOB_ID, event.aggregate.id.as_str());
    }
    propagation::set_parent(&span, event.trace.traceparent.as_deref(), event.trace.tracestate.as_deref());
    span
}

fn note(outcome: &Outcome) {
    let (kind, reason) = match outcome {
        Outcome::Retry { reason, .. } => ("retry", reason),
        Outcome::GiveUp { reason } => ("give_up", reason),
        Outcome::Done | Outcome::Defer { .. } | Outcome::Superseded { .. } => return,
    };
    let span = Span::current();
    span.record(attr::OTEL_STATUS_CODE, span::status::ERROR);
    span.record(attr::OTEL_STATUS_DESCRIPTION, reason.as_str());
    span.record(attr::ERROR_TYPE, kind);
}
