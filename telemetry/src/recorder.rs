//! A role's Prometheus recorder: buckets and descriptions from the list of names. Never installed globally.

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle, PrometheusRecorder};

use crate::names;

/// Builds a recorder and leaks it, once a role: threads hold it for as long as they live.
pub(crate) fn leak() -> (&'static PrometheusRecorder, PrometheusHandle) {
    let mut builder = PrometheusBuilder::new();
    for metric in names::METRICS.iter().filter(|metric| !metric.buckets.is_empty()) {
        // It fails for an empty list only, and those are filtered out.
        builder = match builder.set_buckets_for_metric(Matcher::Full(metric.name.to_owned()), metric.buckets) {
            Ok(builder) => builder,
            Err(_) => unreachable!("{} has buckets", metric.name),
        };
    }
    let recorder = builder.build_recorder();
    names::describe(&recorder);
    let handle = recorder.handle();
    (Box::leak(Box::new(recorder)), handle)
}
