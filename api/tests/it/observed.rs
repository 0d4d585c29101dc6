//! What a request leaves behind: a span, figures, a line in the log when the server failed.

use std::sync::Arc;
use std::time::Duration;

use ally_api::{Drain, metrics};
use ally_telemetry::export::{LogBuffer, LogFormat, LogOutput, Telemetry, TelemetryConfig};
use ally_telemetry::testing::{OtlpReceiver, undeclared};
use ally_telemetry::trace_tree::{SpanKind, TraceSpan};
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Ally, all_answers, body, header, problem, token};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

/// A role whose telemetry is this thread's: the tests' runtimes have one thread.
async fn observed() -> (OtlpReceiver, Telemetry, LogBuffer) {
    let receiver = OtlpReceiver::start().await.unwrap();
    let logs = LogBuffer::default();
    let telemetry = Telemetry::new(TelemetryConfig {
        otlp_endpoint: Some(receiver.endpoint()),
        log_format: LogFormat::Json,
        log_output: LogOutput::Memory(logs.clone()),
        log_filter: "trace".to_owned(),
        ..TelemetryConfig::development("gateway-bff")
    })
    .unwrap();
    telemetry.enter_thread();
    (receiver, telemetry, logs)
}

async fn spans_of(receiver: &OtlpReceiver, telemetry: &Telemetry, name: &str) -> Vec<TraceSpan> {
    let flushing = telemetry.clone();
    tokio::task::spawn_blocking(move || flushing.flush()).await.unwrap();
    let there = |spans: &[TraceSpan]| spans.iter().any(|span| span.name == name);
    receiver.wait_for(there, Duration::from_secs(20)).await.unwrap()
}

#[tokio::test]
async fn a_request_is_a_server_span_in_the_callers_trace() {
    let (receiver, telemetry, logs) = observed().await;
    let ally = Ally::start().await;
    let token = token(&ally.clock, "amy");
    // Refused, and what it says is for nobody's log either.
    assert_eq!(ally.get("/api/v1/profile?x=secret-query", "amy").await.status(), 400);
    let request = ally.server.request(Method::POST, "/api/v1/onboarding").bearer_auth(&token);
    let request = request.header("traceparent", format!("00-{TRACE}-b7ad6b7169203331-01"));
    let response = request.header("user-agent", "tests/1").json(&all_answers()).send().await.unwrap();
    assert_eq!(header(&response, "x-trace-id"), Some(TRACE));
    let returned = header(&response, "traceresponse").unwrap().to_owned();
    assert_eq!(ally.server.get("/health").await.headers().get("traceresponse"), None, "probes are not traced");

    let spans = spans_of(&receiver, &telemetry, "POST /api/v1/onboarding").await;
    let servers: Vec<_> = spans.iter().filter(|span| span.kind == SpanKind::Server && span.trace_id == TRACE).collect();
    let [span] = servers[..] else { panic!("{servers:#?}") };
    assert_eq!(span.parent_span_id.as_deref(), Some("b7ad6b7169203331"));
    assert_eq!(returned, format!("00-{TRACE}-{}-01", span.span_id));
    for (key, value) in [
        ("http.request.method", "POST"),
        ("http.route", "/api/v1/onboarding"),
        ("url.path", "/api/v1/onboarding"),
        ("client.address", "127.0.0.1"),
        ("user_agent.original", "tests/1"),
        ("user.id", "amy"),
    ] {
        assert_eq!(span.text(key), Some(value), "{key}");
    }
    assert_eq!(span.attributes["http.response.status_code"], 202);
    let event = &ally.store.events("ONBOARDING")[1];
    assert_eq!(event.trace.trace_id(), Some(TRACE), "what is stored belongs to the trace");
    let parent = event.trace.traceparent.as_deref().unwrap().split('-').nth(2).unwrap();
    assert!(spans.iter().any(|span| span.span_id == parent), "{parent} of {spans:#?}");
    let told = format!("{spans:?}{}", logs.text());
    for secret in [token.as_str(), "secret-query", "good_sleep"] {
        assert!(!told.contains(secret), "{secret} appears in what is exported or logged");
    }
}

#[tokio::test]
async fn an_error_tells_its_trace() {
    let (_receiver, _telemetry, _logs) = observed().await;
    let ally = Ally::start().await;
    let response = ally.server.get("/api/v1/profile").await;
    let trace = header(&response, "x-trace-id").unwrap().to_owned();
    assert_eq!(problem(response, 401, "unauthorized").await["traceId"], trace);
}

/// Sends trace headers; the trace that the answer tells.
async fn trace_of(ally: &Ally, headers: &[(&str, &str)]) -> String {
    let request = headers
        .iter()
        .fold(ally.server.request(Method::GET, "/docs"), |request, (name, value)| request.header(*name, *value));
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 200);
    header(&response, "x-trace-id").unwrap().to_owned()
}

#[tokio::test]
async fn a_trace_header_counts_by_the_grammar_of_the_specification() {
    let (_receiver, _telemetry, _logs) = observed().await;
    let ally = Ally::start().await;
    let good = format!("00-{TRACE}-b7ad6b7169203331-01");
    for parent in [good.clone(), good.replace("00-", "cc-"), good.replace("00-", "cc-") + "-more", format!(" {good} ")]
    {
        assert_eq!(trace_of(&ally, &[("traceparent", &parent)]).await, TRACE, "{parent:?}");
    }
    for broken in [
        "",
        "x",
        "00-0-0-00",
        "00-1-1-01",
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        &format!("{good}-"),
        &format!("{good}-more"),
        &good.replace("00-", "ff-"),
        &good.replace("00-", "+1-"),
        &good.replace("00-", "cc-").replace("-01", "-01.more"),
        &good.to_uppercase(),
        &good.replace("-01", "-1"),
        &good.replace("b7ad6b7169203331", "b7"),
    ] {
        let trace = trace_of(&ally, &[("traceparent", broken)]).await;
        assert!(trace.len() == 32 && trace.strip_prefix("000").is_none(), "{broken:?} gave {trace}");
        assert_ne!(trace, TRACE, "{broken:?}");
    }
    let twice = [("traceparent", good.as_str()), ("traceparent", good.as_str())];
    assert_ne!(trace_of(&ally, &twice).await, TRACE, "nobody can tell which of two is meant");
}

#[tokio::test]
async fn several_lists_of_vendors_are_one() {
    let (_receiver, _telemetry, _logs) = observed().await;
    let ally = Ally::start().await;
    let long = format!("long={}", "v".repeat(140));
    let entries = ["a", "b", "c", "d"].map(|key| format!("{key}={}", "v".repeat(98)));
    for (athlete, sent, stored) in [
        ("ann", vec!["a=1,b=2", "", "c=3"], Some("a=1,b=2,c=3".to_owned())),
        ("bea", vec!["a=1", "A=2"], None),
        ("cat", vec![long.as_str(), &entries[0], &entries[1], &entries[2], &entries[3]], Some(entries.join(","))),
    ] {
        let request = ally.request(Method::POST, "/api/v1/onboarding", athlete).json(&all_answers());
        let request = request.header("traceparent", format!("00-{TRACE}-b7ad6b7169203331-01"));
        let request = sent.iter().fold(request, |request, value| request.header("tracestate", *value));
        assert_eq!(request.send().await.unwrap().status(), 202);
        let events = ally.store.events("ONBOARDING");
        assert_eq!(events.last().unwrap().trace.tracestate, stored, "{sent:?}");
    }
}

#[tokio::test]
async fn a_servers_fault_is_logged_once_with_its_cause() {
    let (_receiver, _telemetry, logs) = observed().await;
    let ally = Ally::start().await;
    ally.store.set_outage(Some("no route to nats"));
    let response = ally.post("/api/v1/onboarding", "amy", &all_answers()).await;
    let trace = header(&response, "x-trace-id").unwrap().to_owned();
    problem(response, 503, "unavailable").await;
    let lines: Vec<Value> = logs.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let told: Vec<_> = lines.iter().filter(|line| line.to_string().contains("no route to nats")).collect();
    let [line] = told[..] else { panic!("{told:#?}") };
    assert_eq!(line["level"], "WARN");
    assert!(line.to_string().contains(&trace), "{line}");
}

#[tokio::test]
async fn requests_are_counted_by_route_and_onboarding_by_step() {
    let (_receiver, telemetry, _logs) = observed().await;
    let ally = Ally::start().await;
    ally.post("/api/v1/onboarding", "amy", &json!({"purpose": "weight_loss"})).await;
    ally.post("/api/v1/onboarding", "amy", &all_answers()).await;
    ally.post("/api/v1/onboarding", "bea", &all_answers()).await;
    ally.post("/api/v1/onboarding", "bea", &all_answers()).await;
    ally.post("/api/v1/onboarding", "bea", &json!({"age": 40})).await;
    ally.get("/api/v1/jobs/some-id", "amy").await;
    ally.get("/api/v1/jobs/another-id", "amy").await;
    ally.server.get("/no/such/path").await;
    ally.server.request("BREW".parse().unwrap(), "/docs").send().await.unwrap();
    ally.store.set_outage(Some("away"));
    ally.post("/api/v1/onboarding", "amy", &json!({})).await;

    let server = crate::harness::served(
        metrics(Arc::new(move || telemetry.render_metrics()), None, crate::harness::generous()).unwrap(),
        ally_api::ServeConfig::default(),
        Drain::default(),
    )
    .await;
    let page = server.get("/metrics").await.text().await.unwrap();
    for line in [
        "api_requests_total{method=\"POST\",route=\"/api/v1/onboarding\",status_code=\"202\"} 4",
        "api_requests_total{method=\"GET\",route=\"/api/v1/jobs/{id}\",status_code=\"404\"} 2",
        "api_errors_total{method=\"POST\",route=\"/api/v1/onboarding\",status_code=\"503\"} 1",
        "api_response_time_seconds_count{method=\"POST\",route=\"/api/v1/onboarding\"} 6",
        "http_server_request_duration_seconds_count{method=\"GET\",route=\"_unmatched\",status_code=\"404\"} 1",
        "http_server_request_duration_seconds_count{method=\"_OTHER\",route=\"/docs\",status_code=\"405\"} 1",
        "onboarding_requests_total 2",
        "onboarding_completions_total 2",
        "onboarding_step_duration_seconds_count{step=\"purpose\"} 1",
        "onboarding_step_duration_seconds_count{step=\"recovery\"} 1",
        "onboarding_step_duration_seconds_count{step=\"all\"} 1",
    ] {
        assert!(page.lines().any(|shown| shown == line), "{line}\n{page}");
    }
    assert!(page.lines().any(|line| line.starts_with("http_server_active_requests ")), "{page}");
    assert!(!page.contains("api_requests_total{method=\"GET\",route=\"/health"), "health is no API");
    assert_eq!(undeclared(&page), std::collections::BTreeSet::default());
}

#[tokio::test]
async fn a_long_poll_is_no_slow_answer() {
    let (_receiver, telemetry, _logs) = observed().await;
    let ally = Ally::start().await;
    let job = ally.onboarded("amy").await;
    body(ally.get(&format!("/api/v1/jobs/{job}?wait=2"), "amy").await).await;
    let page = telemetry.render_metrics();
    let quick = "api_response_time_seconds_bucket{method=\"GET\",route=\"/api/v1/jobs/{id}\",le=\"1\"} 1";
    assert!(page.lines().any(|line| line == quick), "{page}");
}
