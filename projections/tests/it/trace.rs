//! One trace runs from the request to the row.

use std::sync::{Arc, Mutex};

use ally_projections::job_status;
use opentelemetry::trace::{SpanKind, Status, TracerProvider};
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SdkTracerProvider, SpanData, SpanExporter};
use tracing_subscriber::layer::SubscriberExt;

use crate::support::{MemoryLog, Running, Story, TestDatabase, athlete, caught_up, trace, until};

#[derive(Debug, Clone, Default)]
struct Collected(Arc<Mutex<Vec<SpanData>>>);

impl SpanExporter for Collected {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        self.0.lock().unwrap().extend(batch);
        Ok(())
    }
}

fn attribute(span: &SpanData, key: &str) -> Option<String> {
    span.attributes.iter().find(|pair| pair.key.as_str() == key).map(|pair| pair.value.to_string())
}

#[tokio::test]
async fn an_event_s_trace_goes_on_to_its_rows_and_the_batch_links_to_it() {
    let collected = Collected::default();
    let provider = SdkTracerProvider::builder().with_simple_exporter(collected.clone()).build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("test"));
    let _guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(layer));

    let (database, log) = (TestDatabase::migrated().await, MemoryLog::default());
    let pool = database.pool();
    let mut sampled = Story::new(&athlete("amy"), "k");
    sampled.trace = trace(0xabc);
    let mut unsampled = Story::new(&athlete("amy"), "quiet");
    unsampled.trace = trace(0xdef);
    unsampled.trace.traceparent = unsampled.trace.traceparent.map(|parent| parent.replace("-01", "-00"));
    log.append("PLANS", unsampled.request().remove(0));
    log.append("PLANS", sampled.request().remove(0));
    let running = Running::start(&pool, &log);
    caught_up(&pool, &log).await;
    assert!(job_status::get(&pool, &sampled.job).await.unwrap().is_some());
    running.stop().await;

    let trace_id = format!("{:032x}", 0xabc + 1);
    let parent = format!("{:016x}", 0xabc + 7);
    let spans = until("all spans are there", || async {
        let spans = collected.0.lock().unwrap().clone();
        spans.iter().any(|span| span.name == "project PLANS").then_some(spans)
    })
    .await;
    let of_trace =
        |id: &str| spans.iter().filter(|span| span.span_context.trace_id().to_string() == id).collect::<Vec<_>>();
    let ours = of_trace(&trace_id);
    let process = ours.iter().find(|span| span.name == "process plan_job.requested.v1").expect("a span for the event");
    assert_eq!((process.span_kind.clone(), process.parent_span_id.to_string()), (SpanKind::Consumer, parent));
    for view in ["job_status", "job_timeline"] {
        let name = format!("UPSERT {view}");
        let statement = ours.iter().find(|span| span.name == name).expect("a span for the rows");
        assert_eq!(statement.parent_span_id, process.span_context.span_id());
        assert_eq!(statement.span_kind, SpanKind::Client);
        assert_eq!(attribute(statement, "db.system.name").as_deref(), Some("postgresql"));
        assert_eq!(attribute(statement, "db.query.summary"), Some(name));
        assert_eq!(attribute(statement, "db.namespace").as_deref(), Some(database.name.as_str()));
        assert!(statement.end_time <= process.end_time);
    }
    assert!(of_trace(&format!("{:032x}", 0xdef + 1)).is_empty(), "a trace that is not recorded gets no spans");

    let batch = spans.iter().find(|span| span.name == "project PLANS").unwrap();
    let linked = batch.links.iter().map(|link| link.span_context.trace_id().to_string()).collect::<Vec<_>>();
    assert_eq!(linked, [trace_id]);
    let commit = spans.iter().find(|span| span.name == "UPDATE projection_checkpoint").expect("the batch's statements");
    assert_eq!(commit.parent_span_id, batch.span_context.span_id());
}

#[tokio::test]
async fn a_refused_statement_shows_its_sqlstate() {
    let collected = Collected::default();
    let provider = SdkTracerProvider::builder().with_simple_exporter(collected.clone()).build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("test"));
    let _guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(layer));
    let recorder = metrics_exporter_prometheus::PrometheusBuilder::new().build_recorder();
    let _metrics = metrics::set_default_local_recorder(&recorder);

    let database = TestDatabase::migrated().await;
    let pool = database.pool();
    database.client().await.batch_execute("DROP TABLE job_status").await.unwrap();
    job_status::get(&pool, &Story::new(&athlete("amy"), "k").job).await.unwrap_err();

    let spans = collected.0.lock().unwrap().clone();
    let span = spans.iter().find(|span| span.name == "SELECT job_status").unwrap();
    assert_eq!(attribute(span, "db.response.status_code").as_deref(), Some("42P01"));
    assert!(matches!(span.status, Status::Error { .. }));
    let metrics = recorder.handle().render();
    assert!(
        metrics.contains(r#"database_queries_total{operation="SELECT",table="job_status",outcome="error"} 1"#),
        "{metrics}"
    );
    assert!(
        metrics.contains(r#"database_query_duration_seconds_count{operation="SELECT",table="job_status"} 1"#),
        "{metrics}"
    );
}
