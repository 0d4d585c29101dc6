//! What a log line carries.

use ally_telemetry::export::{LogFormat, Telemetry, TelemetryConfig};
use ally_telemetry::names::attr;
use ally_telemetry::propagation;
use serde_json::Value;

use crate::support::{as_role, config, lines};

#[derive(Debug, thiserror::Error)]
#[error("the append failed")]
struct Outer(#[source] Inner);
#[derive(Debug, thiserror::Error)]
#[error("no answer")]
struct Inner;

#[test]
fn a_json_line_names_the_role_the_trace_and_the_ids_at_hand() {
    let (config, logs) = config("planning-engine");
    let telemetry = Telemetry::new(config).unwrap();
    let (trace_id, span_id) = as_role(&telemetry, || {
        let outer = tracing::info_span!("process", { attr::JOB_ID } = "job-1", { attr::HTTP_ROUTE } = "/not/an/id");
        outer.in_scope(|| {
            let inner = tracing::info_span!("generate", { attr::PLAN_ID } = tracing::field::Empty);
            inner.in_scope(|| {
                inner.record(attr::PLAN_ID, "plan-9");
                let error: &(dyn std::error::Error + 'static) = &Outer(Inner);
                tracing::warn!(error, attempt = 2, fatal = false, share = 0.5, name = ?"two\nlines", "it \"failed\"");
                let (traceparent, _) = propagation::current();
                let traceparent = traceparent.unwrap();
                let parts: Vec<_> = traceparent.split('-').map(str::to_owned).collect();
                (parts[1].clone(), parts[2].clone())
            })
        })
    });
    let [line] = lines(&logs).try_into().unwrap();
    for (key, value) in [
        ("level", Value::from("WARN")),
        ("message", Value::from("it \"failed\"")),
        ("target", Value::from(module_path!())),
        ("service", Value::from("planning-engine")),
        ("trace_id", Value::from(trace_id)),
        ("span_id", Value::from(span_id)),
        ("job_id", Value::from("job-1")),
        ("plan.id", Value::from("plan-9")),
        ("error", Value::from("the append failed: no answer")),
        ("attempt", Value::from(2)),
        ("fatal", Value::from(false)),
        ("share", Value::from(0.5)),
    ] {
        assert_eq!(line[key], value, "{key} in {line}");
    }
    assert!(line["timestamp"].as_str().unwrap().ends_with('Z'), "{line}");
    assert_eq!(line.get(attr::HTTP_ROUTE), None, "only ids are repeated from spans: {line}");
}

#[test]
fn the_innermost_id_wins_and_the_events_own_wins_over_all() {
    let (config, logs) = config("planning-engine");
    let telemetry = Telemetry::new(config).unwrap();
    as_role(&telemetry, || {
        tracing::info_span!("outer", job_id = "outer").in_scope(|| {
            tracing::info_span!("inner", job_id = "inner").in_scope(|| {
                tracing::info!("from the span");
                tracing::info!(job_id = "own", level = "mine", "from the event");
            });
        });
    });
    let lines = lines(&logs);
    assert_eq!(lines[0]["job_id"], "inner");
    assert_eq!(lines[1]["job_id"], "own");
    assert_eq!((&lines[1]["level"], &lines[1]["field.level"]), (&Value::from("INFO"), &Value::from("mine")));
    assert_eq!(logs.text().matches("job_id").count(), 2, "each line names it once");
}

#[test]
fn a_quiet_filter_keeps_trace_and_job_on_what_it_lets_through() {
    let (config, logs) = config("planning-engine");
    let telemetry = Telemetry::new(TelemetryConfig { log_filter: "warn".into(), ..config }).unwrap();
    as_role(&telemetry, || {
        tracing::info_span!("process", job_id = "job-1").in_scope(|| {
            tracing::info!("not logged");
            tracing::warn!("logged");
        });
    });
    let [line] = lines(&logs).try_into().unwrap();
    assert_eq!((&line["message"], &line["job_id"]), (&Value::from("logged"), &Value::from("job-1")));
    assert_eq!(line["trace_id"].as_str().map(str::len), Some(32));
}

#[test]
fn a_filter_can_open_one_target() {
    let (config, logs) = config("planning-engine");
    let telemetry = Telemetry::new(TelemetryConfig { log_filter: "warn,it::logs=debug".into(), ..config }).unwrap();
    as_role(&telemetry, || {
        tracing::debug!("from here");
        tracing::info!(target: "elsewhere", "not from there");
        tracing::warn!(target: "elsewhere", "but this");
    });
    let messages: Vec<_> = lines(&logs).into_iter().map(|line| line["message"].clone()).collect();
    assert_eq!(messages, ["from here", "but this"]);
}

#[test]
fn a_person_reads_one_line_of_text() {
    let (config, logs) = config("gateway-bff");
    let telemetry =
        Telemetry::new(TelemetryConfig { log_format: LogFormat::Text { colour: false }, ..config }).unwrap();
    as_role(&telemetry, || {
        tracing::info_span!("process", job_id = "job-1")
            .in_scope(|| tracing::info!(phase = "composing", why = "two words", percent = 40, "working"));
        tracing::info!("outside of any span");
    });
    let text = logs.text();
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.len(), 2);
    let expected = format!(
        " INFO gateway-bff {}: working phase=composing why=\"two words\" percent=40 job_id=job-1 trace_id=",
        module_path!()
    );
    assert!(lines[0].contains(&expected), "{text}");
    assert!(lines[1].ends_with(": outside of any span"), "{text}");
}
