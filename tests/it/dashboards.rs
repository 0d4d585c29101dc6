//! Everything that dashboards, alerts and recording rules ask, over a real Prometheus that scraped one run with faults: each query
//! returns data, and no metric of the list is missing. What cannot in such a run is listed, with why.

pub mod queries;
mod run;

use std::time::{Duration, Instant};

use ally_telemetry::names;

use self::queries::Query;
use self::run::Run;
use crate::prometheus::Prometheus;
use crate::system::POLL;

/// What is measured or kept in the background is there long before.
const PATIENCE: Duration = Duration::from_secs(60);

/// Queries that find nothing here: what they name begins so.
const NOT_HERE: &[(&str, &str)] = &[
    ("gnatsd_", "the exporter of NATS runs in compose/ only"),
    ("jetstream_stream_", "the exporter of NATS runs in compose/ only"),
    ("jetstream_consumer_", "the exporter of NATS runs in compose/ only"),
    ("pg_", "the exporter of PostgreSQL runs in compose/ only"),
    ("absent(", "every role is scraped"),
    ("up{job=~\"nats|postgres\"}", "the exporters run in compose/ only"),
];

/// Metrics whose labels are known only once it happens, and what would have to happen: nothing that a version of its own does.
const NEVER: &[(&str, &str)] = &[
    (names::COMMAND_NEWER_EVENTS_TOTAL, "an event of a newer version in an aggregate"),
    (names::PROJECTION_UNKNOWN_EVENTS_TOTAL, "an event of an unknown type"),
    (names::PROJECTION_FAILURES_TOTAL, "an event that cannot be read"),
];

/// The founding documents' own, word for word.
const FOUNDING: &[&str] = &[
    "histogram_quantile(0.99, rate(presence_heartbeat_latency_bucket[5m]))",
    "histogram_quantile(0.95, rate(presence_operation_duration_bucket[5m]))",
    "presence_connections_active",
    "presence_rooms_active",
    "presence_operation_total{operation=\"join\"}",
    "presence_event_total",
    "presence_error_total",
    "redis_command_duration_bucket",
];

/// What the list of metrics promises: a series of each.
fn of_the_list() -> impl Iterator<Item = Query> {
    let metrics = names::METRICS.iter().filter(|metric| !NEVER.iter().any(|(name, _)| *name == metric.name));
    metrics.map(|metric| {
        let series = if metric.buckets.is_empty() { metric.name.to_owned() } else { format!("{}_count", metric.name) };
        Query { place: "the list of metrics".to_owned(), expression: series }
    })
}

/// Whether a query finds something that can be drawn.
async fn has_data(prometheus: &Prometheus, query: &Query) -> bool {
    prometheus.query(&query.expression).await.iter().any(|value| value.is_finite())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_query_of_every_dashboard_and_every_rule_returns_data() {
    let run = Run::start().await;
    let founding =
        FOUNDING.iter().map(|it| Query { place: "the founding documents".to_owned(), expression: (*it).to_owned() });
    let all = queries::of_dashboards().into_iter().chain(queries::of_rules()).chain(founding).chain(of_the_list());
    let mut left: Vec<_> = all.filter(|it| !NOT_HERE.iter().any(|(part, _)| it.expression.contains(part))).collect();
    assert!(left.len() >= 250, "{} queries", left.len());
    // All at once, so that a failure names all that find nothing.
    let begun = Instant::now();
    while !left.is_empty() && begun.elapsed() < PATIENCE {
        let mut without = Vec::new();
        for query in left {
            if !has_data(&run.prometheus, &query).await {
                without.push(query);
            }
        }
        left = without;
        tokio::time::sleep(POLL).await;
    }
    let left: Vec<_> = left.iter().map(|query| format!("{}: {}", query.place, query.expression)).collect();
    assert!(left.is_empty(), "{} find nothing:\n{}", left.len(), left.join("\n"));
    run.end().await;
}
