//! A trace that crosses a message, and one unit of work for many traces.

use ally_telemetry::export::Telemetry;
use ally_telemetry::propagation;
use ally_telemetry::testing::OtlpReceiver;

use crate::support::{DEADLINE, as_role, config, exporting, has, named};

const TRACEPARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

#[tokio::test]
async fn a_message_carries_the_trace_from_role_to_role() {
    let receiver = OtlpReceiver::start().await.unwrap();
    let (gateway, _) = exporting("gateway-bff", &receiver);
    let (planner, _) = exporting("planning-engine", &receiver);
    let (traceparent, tracestate) =
        as_role(&gateway, || tracing::info_span!("send", otel.kind = "producer").in_scope(propagation::current));
    let trace_id = as_role(&planner, || {
        let process = tracing::info_span!("process", otel.kind = "consumer");
        propagation::set_parent(&process, traceparent.as_deref(), tracestate.as_deref());
        process.in_scope(|| {
            tracing::info_span!("append").in_scope(|| ());
            propagation::trace_id().unwrap()
        })
    });
    gateway.flush();
    planner.flush();
    let spans = receiver.wait_for(has(&["send", "process", "append"]), DEADLINE).await.unwrap();
    let (send, process, append) = (named(&spans, "send"), named(&spans, "process"), named(&spans, "append"));
    assert_eq!(process.parent_span_id.as_ref(), Some(&send.span_id));
    assert_eq!(append.parent_span_id.as_ref(), Some(&process.span_id));
    assert_eq!([&send.trace_id, &process.trace_id, &append.trace_id], [&trace_id; 3]);
    assert_eq!((send.service.as_str(), process.service.as_str()), ("gateway-bff", "planning-engine"));
}

#[tokio::test]
async fn a_batch_links_to_each_of_its_messages() {
    let receiver = OtlpReceiver::start().await.unwrap();
    let (projector, _) = exporting("projector", &receiver);
    let other = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    as_role(&projector, || {
        let batch = tracing::info_span!("project job_status");
        propagation::link(&batch, Some(TRACEPARENT), None);
        propagation::link(&batch, Some("not a traceparent"), None);
        // Also when it has begun.
        batch.in_scope(|| propagation::link(&batch, Some(other), None));
    });
    projector.flush();
    let spans = receiver.wait_for(has(&["project job_status"]), DEADLINE).await.unwrap();
    let batch = named(&spans, "project job_status");
    assert_eq!(batch.parent_span_id, None);
    let expected = [TRACEPARENT, other].map(|parent| {
        let parts: Vec<_> = parent.split('-').collect();
        (parts[1].to_owned(), parts[2].to_owned())
    });
    assert_eq!(batch.links, expected);
}

#[test]
fn ids_and_vendor_state_pass_through_also_when_nothing_is_exported() {
    let telemetry = Telemetry::new(config("gateway-bff").0).unwrap();
    as_role(&telemetry, || {
        let span = tracing::info_span!("work");
        propagation::set_parent(&span, Some(TRACEPARENT), Some("vendor=opaque"));
        span.in_scope(|| {
            assert_eq!(propagation::trace_id().as_deref(), Some("0af7651916cd43dd8448eb211c80319c"));
            let (traceparent, tracestate) = propagation::current();
            assert!(traceparent.unwrap().starts_with("00-0af7651916cd43dd8448eb211c80319c-"));
            assert_eq!(tracestate.as_deref(), Some("vendor=opaque"));
        });
    });
}
