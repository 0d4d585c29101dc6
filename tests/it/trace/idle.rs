//! Nobody asks anything: nothing is traced, whatever the roles look after by themselves.

use std::time::Duration;

use ally_telemetry::testing::OtlpReceiver;
use ally_telemetry::trace_tree::trace_tree;

use crate::system::System;

/// What comes once a minute or once in fifteen seconds comes every second here: this is a quarter of an hour of it.
const IDLE: Duration = Duration::from_secs(15);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_idle_system_makes_no_spans() {
    let receiver = OtlpReceiver::start().await.unwrap();
    let mut system = System::new();
    let archive = format!("file://{}/archive", system.folder().display());
    system.set("OTEL_EXPORTER_OTLP_ENDPOINT", &receiver.endpoint());
    system.set("ARCHIVE_URL", &archive).set("ARCHIVE_EVERY_SECONDS", "1").set("RECONCILE_EVERY_SECONDS", "1");
    system.set("PRESENCE_REAP_EVERY_MS", "200");
    let roles = system.start_ready(["gateway", "onboarding", "planner", "presence", "projector"]).await;
    for role in &roles {
        role.metrics().await;
        role.health().await;
    }
    tokio::time::sleep(IDLE).await;
    for role in roles {
        assert_eq!(role.terminate().await, Some(0));
    }
    let spans = receiver.spans();
    assert!(spans.is_empty(), "{} spans in {IDLE:?}:\n{}", spans.len(), trace_tree(&spans));
    system.remove().await;
}
