//! Series that stand at zero before anything happens: `rate()` and alerts see the first event only where a zero was scraped before it.
//!
//! Deliberately not here: labels whose values are not known beforehand (a route, a model); their series begin with their first event.

use metrics::{Label, counter, gauge, histogram};

use crate::names::{self, Kind, label};

/// A label with each value that it can have.
pub type Values<'a> = (&'static str, &'a [&'a str]);

/// Shows a counter or a histogram at zero, for each combination of the values of its labels.
///
/// ```
/// use ally_telemetry::names::{self, label};
/// use ally_telemetry::series;
///
/// series::begin(names::PRESENCE_LEAVES_TOTAL, &[(label::REASON, &["left", "cut"])]);
/// ```
pub fn begin(metric: &'static str, labels: &[Values<'_>]) {
    let known = names::metric(metric);
    debug_assert!(
        known.is_some_and(|known| known.labels.iter().eq(labels.iter().map(|(key, _)| key))),
        "{metric} has other labels"
    );
    let kind = known.map(|known| known.kind);
    for combination in combinations(labels) {
        match kind {
            Some(Kind::Counter) => counter!(metric, combination).increment(0),
            Some(Kind::Histogram) => drop(histogram!(metric, combination)),
            // A gauge tells a state; it has none before it was measured.
            Some(Kind::Gauge) | None => {}
        }
    }
}

/// Shows that figures were measured at this moment, in seconds since 1970. The names are those of `names::figures`.
pub fn measured(figures: &'static str, at: f64) {
    gauge!(names::FIGURES_TIMESTAMP_SECONDS, label::FIGURES => figures).set(at);
}

fn combinations(labels: &[Values<'_>]) -> Vec<Vec<Label>> {
    labels.iter().fold(vec![Vec::new()], |begun, (key, values)| {
        let longer = begun.iter().flat_map(|begun| {
            values.iter().map(move |value| {
                let mut longer = begun.clone();
                longer.push(Label::new(*key, (*value).to_owned()));
                longer
            })
        });
        longer.collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recorder;

    #[test]
    fn each_combination_is_shown_before_the_first_event() {
        let (recorder, page) = recorder::leak();
        metrics::with_local_recorder(recorder, || {
            let operations: &[&str] = &["join", "leave"];
            begin(
                names::PRESENCE_ERROR_TOTAL,
                &[(label::OPERATION, operations), (label::ERROR_TYPE, &["busy", "gone"])],
            );
            begin(names::PRESENCE_HEARTBEAT_LATENCY_SECONDS, &[]);
            counter!(names::PRESENCE_ERROR_TOTAL, label::OPERATION => "join", label::ERROR_TYPE => "busy").increment(1);
        });
        let page = page.render();
        for (series, value) in [
            ("presence_error_total{operation=\"join\",error_type=\"busy\"}", 1),
            ("presence_error_total{operation=\"leave\",error_type=\"gone\"}", 0),
            ("presence_heartbeat_latency_seconds_count", 0),
        ] {
            assert!(page.lines().any(|line| line == format!("{series} {value}")), "{series} in\n{page}");
        }
    }
}
