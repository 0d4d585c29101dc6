//! A `/metrics` page held against the list of names.

use std::collections::BTreeSet;

use crate::exposition::samples;
use crate::names;

/// What a `/metrics` page (Prometheus' text format) shows that the list of names does not declare: `series` for an unknown
/// metric, `series{label}` for an unknown label. Empty when the page keeps to the list.
#[must_use]
pub fn undeclared(metrics: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for sample in samples(metrics) {
        let Some(metric) = names::metric(sample.name) else {
            found.insert(sample.name.to_owned());
            continue;
        };
        for label in sample.labels.keys() {
            if *label != "le" && !metric.labels.contains(label) {
                found.insert(format!("{}{{{label}}}", sample.name));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_labels_that_nobody_declared_are_found() {
        let page = "# HELP jobs Jobs by status.\n\
            jobs{status=\"a \\\"quoted\\\" , user=\\\\\",user_id=\"amy\"} 1\n\
            api_response_time_seconds_bucket{method=\"GET\",route=\"/\",le=\"0.1\"} 4\n\
            api_response_time_seconds_bucket_total 1\n\
            build_info{version=\"1\",service=\"projector\"} 1\n\
            invented_total 3\n";
        let expected = ["jobs{user_id}", "api_response_time_seconds_bucket_total", "invented_total"];
        assert_eq!(undeclared(page), expected.map(str::to_owned).into());
    }
}
