//! What `/metrics` shows, and that the list of names is well made.

use std::collections::BTreeSet;

use ally_telemetry::export::Telemetry;
use ally_telemetry::names::{self, Kind, Unit, label};

use crate::support::{as_role, config};

fn role() -> Telemetry {
    Telemetry::new(config("planning-engine").0).unwrap()
}

#[test]
fn a_histogram_has_the_buckets_of_its_objective() {
    let telemetry = role();
    as_role(&telemetry, || {
        metrics::histogram!(names::PLAN_GENERATION_DURATION_SECONDS, label::PROVIDER => "builtin", label::OUTCOME => "ok").record(0.3);
        metrics::histogram!(names::PRESENCE_HEARTBEAT_LATENCY_SECONDS).record(0.045);
    });
    let text = telemetry.render_metrics();
    for line in [
        r#"plan_generation_duration_seconds_bucket{provider="builtin",outcome="ok",le="0.5"} 1"#,
        r#"plan_generation_duration_seconds_bucket{provider="builtin",outcome="ok",le="30"} 1"#,
        r#"presence_heartbeat_latency_seconds_bucket{le="0.04"} 0"#,
        r#"presence_heartbeat_latency_seconds_bucket{le="0.05"} 1"#,
        "# HELP presence_heartbeat_latency_seconds Time from a heartbeat's arrival to its answer.",
        "# TYPE presence_heartbeat_latency_seconds histogram",
    ] {
        assert!(text.contains(line), "{line} in:\n{text}");
    }
}

#[test]
fn the_objectives_are_bucket_bounds() {
    // An alert on p95 > 30 s can only be exact when 30 is a bound.
    for (metric, objective) in [
        (names::PLAN_GENERATION_DURATION_SECONDS, 30.0),
        (names::API_RESPONSE_TIME_SECONDS, 2.0),
        (names::LLM_RESPONSE_TIME_SECONDS, 10.0),
        (names::DATABASE_QUERY_DURATION_SECONDS, 1.0),
        (names::PRESENCE_HEARTBEAT_LATENCY_SECONDS, 0.05),
    ] {
        assert!(names::metric(metric).unwrap().buckets.contains(&objective), "{metric}");
    }
}

#[test]
fn the_process_and_the_build_are_shown() {
    let telemetry = role();
    let text = telemetry.render_metrics();
    assert!(
        text.contains(&format!(
            "build_info{{version=\"{}\",service=\"planning-engine\"}} 1",
            env!("CARGO_PKG_VERSION")
        )),
        "{text}"
    );
    let value = |name: &str| -> f64 {
        let line = text
            .lines()
            .find(|line| line.starts_with(&format!("{name} ")))
            .unwrap_or_else(|| panic!("{name} in {text}"));
        line.rsplit(' ').next().unwrap().parse().unwrap()
    };
    assert!(value(names::PROCESS_RESIDENT_MEMORY_BYTES) > 1e6);
    assert!(value(names::PROCESS_VIRTUAL_MEMORY_BYTES) >= value(names::PROCESS_RESIDENT_MEMORY_BYTES));
    assert!(value(names::PROCESS_OPEN_FDS) >= 3.0 && value(names::PROCESS_OPEN_FDS) <= value(names::PROCESS_MAX_FDS));
    assert!(value(names::PROCESS_THREADS) >= 1.0);
    assert!(value(names::PROCESS_START_TIME_SECONDS) > 1.5e9, "a time in this century");
}

#[test]
fn a_page_keeps_to_the_list() {
    let telemetry = role();
    let runtime = telemetry.build_runtime(1).unwrap();
    runtime.block_on(runtime.spawn(async { metrics::counter!("invented_total").increment(1) })).unwrap();
    let expected: BTreeSet<String> = ["invented_total".to_owned()].into();
    assert_eq!(ally_telemetry::testing::undeclared(&telemetry.render_metrics()), expected);
}

#[test]
fn the_list_is_well_made() {
    let mut seen = BTreeSet::new();
    for metric in names::METRICS {
        let name = metric.name;
        assert!(seen.insert(name), "{name} twice");
        assert!(name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'), "{name}");
        assert!(metric.help().ends_with('.') && metric.help().len() > 10, "{name}: {}", metric.help());
        assert_eq!(metric.kind == Kind::Histogram, !metric.buckets.is_empty(), "{name}");
        assert!(metric.buckets.windows(2).all(|pair| pair[0] < pair[1]), "{name}: bounds grow");
        if metric.kind == Kind::Counter {
            assert!(name.ends_with("_total"), "{name}");
        }
        if metric.unit == Unit::Seconds {
            assert!(name.contains("_seconds"), "{name}");
        }
        for unbounded in ["user", "user_id", "athlete", "job_id", "room", "id"] {
            assert!(!metric.labels.contains(&unbounded), "{name}: {unbounded} has no bound");
        }
    }
}

#[test]
fn the_founding_names_are_all_there() {
    let founding = "onboarding_requests_total onboarding_completions_total onboarding_step_duration_seconds \
        plan_generation_requests_total plan_generation_duration_seconds plan_generation_success_total plan_generation_failures_total \
        api_requests_total api_response_time_seconds api_errors_total llm_requests_total llm_response_time_seconds llm_tokens_used_total \
        database_queries_total database_query_duration_seconds presence_connections_active presence_rooms_active presence_operation_total \
        presence_event_total presence_operation_duration_seconds lease_command_duration_seconds presence_heartbeat_latency_seconds \
        presence_error_total messages_published_total messages_consumed_total messages_settled_total message_process_duration_seconds \
        consumer_pending consumer_ack_pending consumer_oldest_age_seconds projection_lag_events projection_lag_seconds append_batch_size \
        append_duration_seconds dead_letters jobs job_wait_seconds http_server_request_duration_seconds build_info";
    for name in founding.split_whitespace() {
        assert!(names::metric(name).is_some(), "{name}");
    }
}
