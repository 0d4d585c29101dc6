//! Several roles in one process, each with its own runtime: what a role does stays with the role.

use std::sync::Arc;

use ally_telemetry::export::{Telemetry, TelemetryConfig};
use ally_telemetry::testing::OtlpReceiver;
use ally_telemetry::{names, propagation};
use tokio::sync::Barrier;

use crate::support::{DEADLINE, config, exporting, lines};

/// One place in the code that every role passes, asynchronously and on a blocking thread.
async fn work(role: &'static str, turn: u32, together: Arc<Barrier>) {
    let span = tracing::info_span!("shared work", role, turn);
    let blocking = span.clone();
    span.in_scope(|| tracing::info!(role, "async"));
    together.wait().await;
    metrics::counter!(names::JOB_RETRIES_TOTAL, names::label::PROVIDER => role).increment(1);
    let traced = tokio::task::spawn_blocking(move || {
        let _entered = blocking.enter();
        tracing::debug!(role, "blocking");
        metrics::counter!(names::CONSUMER_STALLS_TOTAL, names::label::CONSUMER => role).increment(1);
        propagation::trace_id()
    });
    assert!(traced.await.unwrap().is_some());
}

#[test]
fn logs_metrics_and_spans_of_two_roles_do_not_mix() {
    const TURNS: u32 = 20;
    let outer = tokio::runtime::Runtime::new().unwrap();
    let receiver = outer.block_on(OtlpReceiver::start()).unwrap();
    let roles = ["gateway-bff", "projector"].map(|role| {
        let (config, logs) = config(role);
        // Different filters at the same call sites: a cached interest must not leak from one role to the other.
        let log_filter = if role == "projector" { "debug" } else { "info" }.to_owned();
        let config = TelemetryConfig { otlp_endpoint: Some(receiver.endpoint()), log_filter, ..config };
        let telemetry = Telemetry::new(config).unwrap();
        let runtime = telemetry.build_runtime(2).unwrap();
        (role, telemetry, logs, runtime)
    });
    let together = Arc::new(Barrier::new(2));
    let mut tasks = Vec::new();
    for turn in 0..TURNS {
        for (role, _, _, runtime) in &roles {
            tasks.push(runtime.spawn(work(role, turn, Arc::clone(&together))));
        }
    }
    for task in tasks {
        outer.block_on(task).unwrap();
    }
    for (_, telemetry, _, _) in &roles {
        telemetry.flush();
    }
    let all = |spans: &[_]| spans.len() == 2 * TURNS as usize;
    let spans = outer.block_on(receiver.wait_for(all, DEADLINE)).unwrap();
    assert!(spans.iter().all(|span| span.text("role") == Some(&span.service)), "{spans:?}");

    for (role, telemetry, logs, runtime) in roles {
        let other = if role == "projector" { "gateway-bff" } else { "projector" };
        let lines = lines(&logs);
        assert!(lines.iter().all(|line| line["service"] == role && line["role"] == role), "{lines:?}");
        let blocking = lines.iter().filter(|line| line["message"] == "blocking").count();
        assert_eq!(blocking, if role == "projector" { TURNS as usize } else { 0 });
        assert_eq!(lines.len() - blocking, TURNS as usize);

        let text = telemetry.render_metrics();
        assert!(text.contains(&format!("job_retries_total{{provider=\"{role}\"}} {TURNS}")), "{text}");
        assert!(text.contains(&format!("consumer_stalls_total{{consumer=\"{role}\"}} {TURNS}")), "{text}");
        assert!(!text.contains(&format!("\"{other}\"")), "{text}");
        assert!(text.contains("tokio_workers 2"), "{text}");
        runtime.shutdown_background();
    }
}

#[test]
fn a_thread_that_enters_belongs_to_the_role() {
    let receiver = tokio::runtime::Runtime::new().unwrap().block_on(OtlpReceiver::start()).unwrap();
    let (telemetry, logs) = exporting("projector", &receiver);
    let entered = telemetry.clone();
    std::thread::spawn(move || {
        entered.enter_thread();
        tracing::info!("from a thread");
        metrics::gauge!(names::DATABASE_CONNECTIONS, names::label::STATE => names::slot::MAX).set(4);
    })
    .join()
    .unwrap();
    tracing::info!("from no role");
    assert_eq!(lines(&logs).len(), 1);
    assert!(telemetry.render_metrics().contains("database_connections{state=\"max\"} 4"));
}

#[test]
fn a_role_that_comes_later_does_not_silence_the_first() {
    // The call site below is first seen by a role that does not want it, then by one that does.
    let say = || tracing::debug!("here");
    let (quiet, quiet_logs) = config("gateway-bff");
    let quiet = Telemetry::new(TelemetryConfig { log_filter: "error".into(), ..quiet }).unwrap();
    crate::support::as_role(&quiet, say);
    let (loud, loud_logs) = config("projector");
    let loud = Telemetry::new(TelemetryConfig { log_filter: "debug".into(), ..loud }).unwrap();
    crate::support::as_role(&loud, say);
    crate::support::as_role(&quiet, say);
    drop(quiet);
    crate::support::as_role(&loud, say);
    assert_eq!((lines(&quiet_logs).len(), lines(&loud_logs).len()), (0, 2));
}
