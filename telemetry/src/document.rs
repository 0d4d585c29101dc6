//! The page that lists every metric, written from the one list: `docs/metrics.md`.

use std::fmt::Write as _;

use crate::names::{Kind, METRICS, Metric, Unit, label, service, values};

/// The page's beginning.
const HEAD: &str = "# Metrics

Every metric of every role, as `/metrics` shows it on the role's own port. This page is written by `ally metrics` from the list in
[`telemetry/src/names/metric.rs`](../telemetry/src/names/metric.rs); `make metrics` renews it, and a test compares it.

A counter or a histogram stands at zero for each value of its labels before its first event, so that `rate()` and alerts see that one;
the exceptions, labels whose values nobody knows beforehand, stand in [`tests/it/series.rs`](../tests/it/series.rs). A gauge tells
what was measured last: `figures_timestamp_seconds` says when. A gauge of several roles is the same thing seen from several places:
take its `max`, never its `sum`; counters of several roles count different things, and their sum is all of them.
";

/// The page.
#[must_use]
pub fn metrics_page() -> String {
    let mut page = HEAD.to_owned();
    page.push_str(
        "\n## By name\n\n| metric | kind | unit | labels | roles | meaning |\n| --- | --- | --- | --- | --- | --- |\n",
    );
    for metric in METRICS {
        row(&mut page, metric);
    }
    page.push_str("\n## Labels\n\nNo label takes a value without a bound: ids of people, jobs and messages stand on spans and in logs.\n\n");
    page.push_str("| label | values |\n| --- | --- |\n");
    for label in label::LABELS {
        let _ = writeln!(page, "| `{}` | {} |", label.key, label.help());
    }
    page
}

fn row(page: &mut String, metric: &Metric) {
    let kind = match metric.kind {
        Kind::Counter => "counter",
        Kind::Gauge => "gauge",
        Kind::Histogram => "histogram",
    };
    let unit = match metric.unit {
        Unit::Count => "",
        Unit::Seconds => "s",
        Unit::Bytes => "bytes",
    };
    let labels: Vec<String> = metric.labels.iter().map(|label| described(metric, label)).collect();
    let roles = if metric.roles == service::ALL { "every".to_owned() } else { metric.roles.join(", ") };
    let (name, labels, help) = (metric.name, labels.join("; "), metric.help());
    let _ = writeln!(page, "| `{name}` | {kind} | {unit} | {labels} | {roles} | {help} |");
}

fn described(metric: &Metric, label: &str) -> String {
    let values = values(metric.name, label);
    if values.is_empty() { format!("`{label}`") } else { format!("`{label}`: {}", values.join(", ")) }
}
