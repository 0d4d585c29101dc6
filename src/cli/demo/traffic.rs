//! What was published and consumed, by event: from the metrics that every role serves.

use std::collections::BTreeMap;

use ally_telemetry::exposition::samples;
use ally_telemetry::names::{self, label};

use crate::cli::terminal;

#[derive(Default)]
struct Row {
    published: f64,
    consumed: BTreeMap<String, f64>,
}

/// Renders one row an event type, in lines of at most `width` columns.
pub fn render(pages: &[String], width: u16) -> String {
    let mut rows: BTreeMap<(String, String), Row> = BTreeMap::new();
    for sample in pages.iter().flat_map(|page| samples(page)).filter(|sample| sample.value > 0.0) {
        let key = (sample.label(label::STREAM).to_owned(), sample.label(label::TYPE).to_owned());
        match sample.name {
            names::MESSAGES_PUBLISHED_TOTAL => rows.entry(key).or_default().published += sample.value,
            names::MESSAGES_CONSUMED_TOTAL => {
                let consumer = sample.label(label::CONSUMER).to_owned();
                *rows.entry(key).or_default().consumed.entry(consumer).or_default() += sample.value;
            }
            _ => {}
        }
    }
    let head = ["stream", "event", "published", "by workers"].map(str::to_owned);
    let rows = rows.into_iter().map(|((stream, event), row)| {
        let consumers: Vec<_> = row.consumed.iter().map(|(consumer, count)| format!("{consumer} {count}")).collect();
        [stream, event, row.published.to_string(), consumers.join(", ")]
    });
    terminal::columns(std::iter::once(head).chain(rows), width)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_roles_figures_are_added_up_by_event() {
        let pages = [
            "messages_published_total{stream=\"PLANS\",type=\"plan_job.requested.v1\",outcome=\"stored\"} 2\n",
            "messages_published_total{stream=\"PLANS\",type=\"plan_job.requested.v1\",outcome=\"stored\"} 1\n\
             messages_consumed_total{stream=\"PLANS\",consumer=\"planner\",type=\"plan_job.requested.v1\"} 3\n\
             messages_consumed_total{stream=\"PLANS\",consumer=\"job_status\",type=\"plan_job.requested.v1\"} 0\n",
        ];
        let text = render(&pages.map(str::to_owned), 100);
        let line = text.lines().find(|line| line.contains("plan_job.requested.v1")).unwrap();
        let cells: Vec<_> = line.split_whitespace().collect();
        assert_eq!(cells, ["PLANS", "plan_job.requested.v1", "3", "planner", "3"]);
        assert!(text.lines().all(|line| line.chars().count() <= 100));
    }
}
