//! Traces of a process over HTTP: found, read whole, and shown to operators alone.

use ally_telemetry::export::SpanMemory;
use ally_telemetry::trace_tree::{SpanKind, SpanStatus, TraceSpan};
use reqwest::{Method, Response};
use serde_json::json;

use crate::harness::{Ally, Setup, body, problem};
use crate::operator::as_kim;

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const BATCH: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

async fn get(ally: &Ally, path: &str) -> Response {
    as_kim(ally, ally.server.request(Method::GET, path)).send().await.unwrap()
}

fn span(trace: &str, id: &str, parent: Option<&str>, name: &str) -> TraceSpan {
    TraceSpan {
        service: "planning-engine".into(),
        resource: [("service.name".to_owned(), "planning-engine".to_owned())].into(),
        trace_id: trace.into(),
        span_id: id.into(),
        parent_span_id: parent.map(str::to_owned),
        name: name.into(),
        start_unix_ns: 1_700_000_000_000_000_000,
        end_unix_ns: 1_700_000_000_012_345_678,
        attributes: [
            ("job_id".to_owned(), "0b6d4c3e-6a3f-5f0e-9d53-1f0c2f6a7b21".into()),
            ("job.attempt".to_owned(), 2.into()),
        ]
        .into(),
        ..TraceSpan::default()
    }
}

#[tokio::test]
async fn an_operator_finds_and_reads_traces() {
    let traces = SpanMemory::default();
    traces.keep(&span(TRACE, "00f067aa0ba902b7", None, "POST /api/v1/onboarding"));
    traces.keep(&TraceSpan {
        kind: SpanKind::Consumer,
        status: SpanStatus::Error("no answer".into()),
        ..span(TRACE, "00f067aa0ba902b8", Some("00f067aa0ba902b7"), "process")
    });
    let mut batch = span(BATCH, "00f067aa0ba902b9", None, "project PLANS");
    batch.links = vec![(TRACE.to_owned(), "00f067aa0ba902b7".to_owned())];
    batch.attributes.clear();
    traces.keep(&batch);
    let ally = Ally::with(Setup { traces: Some(traces), ..Setup::default() }).await;

    let found = body(
        get(&ally, "/api/v1/operator/traces?jobId=0b6d4c3e-6a3f-5f0e-9d53-1f0c2f6a7b21&errors=true&order=slowest")
            .await,
    )
    .await;
    let [trace] = found["traces"].as_array().unwrap().as_slice() else { panic!("{found}") };
    assert_eq!(trace["traceId"], TRACE);
    assert_eq!((&trace["spans"], &trace["errors"], &trace["durationMs"]), (&json!(2), &json!(1), &json!(12.345)));
    assert_eq!(trace["jobIds"], json!(["0b6d4c3e-6a3f-5f0e-9d53-1f0c2f6a7b21"]));
    assert_eq!(found["kept"]["traces"], 2);

    let whole = body(get(&ally, &format!("/api/v1/operator/traces/{TRACE}")).await).await;
    let spans = whole["spans"].as_array().unwrap();
    assert_eq!(spans.len(), 3, "the batch that links to it comes along: {whole}");
    let process = spans.iter().find(|span| span["name"] == "process").unwrap();
    assert_eq!((&process["kind"], &process["error"]), (&json!("consumer"), &json!("no answer")));
    assert_eq!(process["attributes"], json!({"job_id": "0b6d4c3e-6a3f-5f0e-9d53-1f0c2f6a7b21", "job.attempt": 2}));

    problem(get(&ally, "/api/v1/operator/traces/0").await, 404, "not-found").await;
    problem(get(&ally, "/api/v1/operator/traces?order=best&errors=perhaps").await, 400, "validation").await;
    for path in ["/api/v1/operator/traces".to_owned(), format!("/api/v1/operator/traces/{TRACE}")] {
        problem(ally.get(&path, "amy").await, 403, "forbidden").await;
    }
}

#[tokio::test]
async fn a_process_that_keeps_none_says_where_they_are() {
    let ally = Ally::with(Setup { traces: None, ..Setup::default() }).await;
    let told = problem(get(&ally, "/api/v1/operator/traces").await, 404, "not-found").await;
    assert!(told["detail"].as_str().unwrap().contains("OTEL_EXPORTER_OTLP_ENDPOINT"), "{told}");
}
