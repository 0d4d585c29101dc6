//! A `/metrics` page held against the list of names.

use std::collections::BTreeSet;

use crate::names;

/// What a `/metrics` page (Prometheus' text format) shows that the list of names does not declare: `series` for an unknown
/// metric, `series{label}` for an unknown label. Empty when the page keeps to the list.
#[must_use]
pub fn undeclared(metrics: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for line in metrics.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let series = &line[..line.find(['{', ' ']).unwrap_or(line.len())];
        let Some(metric) = names::metric(series) else {
            found.insert(series.to_owned());
            continue;
        };
        for label in labels(&line[series.len()..]) {
            if label != "le" && !metric.labels.contains(&label) {
                found.insert(format!("{series}{{{label}}}"));
            }
        }
    }
    found
}

/// The label names of `{a="x",b="y"} 1`, whatever the values hold.
fn labels(text: &str) -> Vec<&str> {
    let mut labels = Vec::new();
    let mut rest = text.strip_prefix('{').unwrap_or_default();
    while let Some((label, value)) = rest.split_once("=\"") {
        labels.push(label.trim_start_matches(','));
        let Some(end) = end_of_value(value) else { break };
        rest = &value[end + 1..];
    }
    labels
}

/// Where a value's closing quote stands; a quote behind a backslash belongs to the value.
fn end_of_value(value: &str) -> Option<usize> {
    let mut escaped = false;
    value.bytes().position(|byte| {
        let closes = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        closes
    })
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
