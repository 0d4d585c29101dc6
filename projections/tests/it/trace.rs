//! One trace runs from the request to the row.

use std::sync::{Arc, Mutex};

use ally_projections::job_status;
use opentelemetry::trace::{SpanKind, Status, TracerProvider};
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SdkTracerProvider, SpanData, SpanExporter};
use tracing::Instrument;
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
    let [batch] = ours[..] else { panic!("one span a batch, whatever it writes: {spans:#?}") };
    assert_eq!((batch.name.as_ref(), batch.span_kind.clone()), ("project PLANS", SpanKind::Consumer));
    assert_eq!(batch.parent_span_id.to_string(), parent, "all that is recorded in it is of one trace");
    let tables = attribute(batch, "database.table").unwrap();
    assert!(
        ["job_status", "job_timeline"].iter().all(|view| tables.split(", ").any(|table| table == *view)),
        "{tables}"
    );
    assert_eq!(attribute(batch, "db.query.summary"), Some(format!("UPSERT {tables}")));
    assert_eq!(attribute(batch, "db.system.name").as_deref(), Some("postgresql"));
    assert_eq!(attribute(batch, "db.namespace").as_deref(), Some(database.name.as_str()));
    let linked = batch.links.iter().map(|link| link.span_context.trace_id().to_string()).collect::<Vec<_>>();
    assert_eq!(linked, [trace_id]);
    assert!(of_trace(&format!("{:032x}", 0xdef + 1)).is_empty(), "a trace that is not recorded gets no spans");
}

#[tokio::test]
async fn a_batch_of_several_traces_is_part_of_none_and_links_to_each() {
    let collected = Collected::default();
    let provider = SdkTracerProvider::builder().with_simple_exporter(collected.clone()).build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("test"));
    let _guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(layer));

    let (database, log) = (TestDatabase::migrated().await, MemoryLog::default());
    let pool = database.pool();
    for (key, number) in [("one", 0xabc), ("two", 0xdef)] {
        let mut story = Story::new(&athlete("amy"), key);
        story.trace = trace(number);
        log.append("PLANS", story.request().remove(0));
    }
    let running = Running::start(&pool, &log);
    caught_up(&pool, &log).await;
    running.stop().await;
    let spans = until("the batch's span is there", || async {
        let spans = collected.0.lock().unwrap().clone();
        spans.iter().any(|span| span.name == "project PLANS").then_some(spans)
    })
    .await;
    let batches: Vec<_> = spans.iter().filter(|span| span.name == "project PLANS").collect();
    let linked: Vec<_> = batches
        .iter()
        .flat_map(|span| span.links.iter())
        .map(|link| link.span_context.trace_id().to_string())
        .collect();
    assert_eq!(linked, [0xabc, 0xdef].map(|number| format!("{:032x}", number + 1)));
    for batch in batches {
        let one_trace = batch.links.len() == 1;
        assert_eq!(batch.parent_span_id != opentelemetry::trace::SpanId::INVALID, one_trace, "{batch:#?}");
    }
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
    let job = Story::new(&athlete("amy"), "k").job;
    job_status::get(&pool, &job).await.unwrap_err();
    assert!(collected.0.lock().unwrap().is_empty(), "what nobody asked for is no trace");
    job_status::get(&pool, &job).instrument(tracing::info_span!("asked")).await.unwrap_err();

    let spans = collected.0.lock().unwrap().clone();
    let span = spans.iter().find(|span| span.name == "SELECT job_status").unwrap();
    assert_eq!(attribute(span, "db.response.status_code").as_deref(), Some("42P01"));
    assert_eq!(attribute(span, "error.type").as_deref(), Some("42P01"));
    assert!(matches!(span.status, Status::Error { .. }));
    let metrics = recorder.handle().render();
    assert!(
        metrics.contains(r#"database_queries_total{operation="SELECT",table="job_status",outcome="error"} 2"#),
        "{metrics}"
    );
    assert!(
        metrics.contains(r#"database_query_duration_seconds_count{operation="SELECT",table="job_status"} 2"#),
        "{metrics}"
    );
}
