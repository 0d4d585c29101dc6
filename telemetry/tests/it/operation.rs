//! The example for everybody who adds a span of their own: a business operation, traced.

use std::future::pending;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use ally_telemetry::names::attr;
use ally_telemetry::operation::Operation;
use ally_telemetry::testing::OtlpReceiver;
use ally_telemetry::trace_tree::SpanStatus;
use tracing::instrument::WithSubscriber;

use crate::support::{DEADLINE, as_role, exporting, has, named};

#[derive(Debug, thiserror::Error)]
#[error("the plan has no weeks")]
struct EmptyPlan;

async fn export_plan(athlete: &str, plan: &[u8]) -> Result<usize, EmptyPlan> {
    Operation::new("export_plan")
        .user(athlete)
        .size_bytes(plan.len())
        .run(async { if plan.is_empty() { Err(EmptyPlan) } else { Ok(plan.len()) } })
        .await
}

#[tokio::test]
async fn it_says_what_for_whom_how_much_and_how_it_ended() {
    let receiver = OtlpReceiver::start().await.unwrap();
    let (telemetry, _) = exporting("gateway-bff", &receiver);
    let good = export_plan("amy", b"weeks").with_subscriber(telemetry.dispatch()).await;
    assert_eq!(good.unwrap(), 5);
    telemetry.flush();
    let spans = receiver.wait_for(has(&["business.export_plan"]), DEADLINE).await.unwrap();
    let span = named(&spans, "business.export_plan");
    assert_eq!(span.attributes[attr::OPERATION_TYPE], "export_plan");
    assert_eq!(span.attributes[attr::USER_ID], "amy");
    assert_eq!(span.attributes[attr::OPERATION_SIZE_BYTES], 5);
    assert_eq!(span.status, SpanStatus::Ok);
}

#[tokio::test]
async fn a_failure_is_recorded_and_handed_on() {
    let receiver = OtlpReceiver::start().await.unwrap();
    let (telemetry, _) = exporting("gateway-bff", &receiver);
    let bad = export_plan("amy", b"").with_subscriber(telemetry.dispatch()).await;
    assert!(matches!(bad, Err(EmptyPlan)));
    telemetry.flush();
    let spans = receiver.wait_for(has(&["business.export_plan"]), DEADLINE).await.unwrap();
    let span = named(&spans, "business.export_plan");
    assert_eq!(span.status, SpanStatus::Error("the plan has no weeks".into()));
    let [(name, exception)] = span.events.as_slice() else { panic!("one event: {span:?}") };
    assert_eq!(name, "exception");
    assert!(exception[attr::EXCEPTION_TYPE].to_string().ends_with("EmptyPlan"));
    assert_eq!(exception[attr::EXCEPTION_MESSAGE], "the plan has no weeks");
}

#[tokio::test]
async fn it_ends_when_its_future_is_dropped_and_when_its_work_panics() {
    let receiver = OtlpReceiver::start().await.unwrap();
    let (telemetry, _) = exporting("gateway-bff", &receiver);
    let cancelled = async { Operation::new("cancelled").run(pending::<Result<(), EmptyPlan>>()).await };
    let timed_out =
        tokio::time::timeout(Duration::from_millis(1), cancelled.with_subscriber(telemetry.dispatch())).await;
    assert!(timed_out.is_err());
    let panicked = std::panic::catch_unwind(AssertUnwindSafe(|| {
        as_role(&telemetry, || {
            Operation::new("panicked").run_blocking(|| -> Result<(), EmptyPlan> { panic!("on purpose") })
        })
    }));
    assert!(panicked.is_err());
    telemetry.flush();
    let spans = receiver.wait_for(has(&["business.cancelled", "business.panicked"]), DEADLINE).await.unwrap();
    for name in ["cancelled", "panicked"] {
        let span = named(&spans, &format!("business.{name}"));
        assert!(matches!(span.status, SpanStatus::Error(_)), "{span:?}");
        assert_eq!(span.events[0].1[attr::EXCEPTION_TYPE], name);
    }
}
