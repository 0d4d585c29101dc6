//! The dashboards: what their queries name is there, their thresholds are the alerts' numbers, their links lead somewhere.
//! That each query returns data is seen by `tests/it/dashboards.rs`.

use std::collections::BTreeSet;

use ally_telemetry::names;
use serde_json::Value;

use super::{compose, files, text, yaml};
use crate::{promql, rules};

/// Labels that Prometheus itself adds.
const ADDED: &[&str] = &["job", "instance", "le"];
/// What none of Ally's roles records: Prometheus' own, and what the exporters of NATS and PostgreSQL show.
const FOREIGN: &[(&str, &[&str])] = &[
    ("up", &[]),
    ("ALERTS", &["alertname", "alertstate", "severity"]),
    ("gnatsd_varz_connections", &["server_id"]),
    ("gnatsd_varz_slow_consumers", &["server_id"]),
    ("gnatsd_varz_mem", &["server_id"]),
    ("gnatsd_varz_in_msgs", &["server_id"]),
    ("gnatsd_varz_out_msgs", &["server_id"]),
    ("jetstream_stream_total_messages", &["stream_name"]),
    ("jetstream_stream_total_bytes", &["stream_name"]),
    ("jetstream_consumer_num_pending", &["consumer_name"]),
    ("jetstream_consumer_num_redelivered", &["consumer_name"]),
    ("pg_stat_database_numbackends", &["datname"]),
    ("pg_stat_database_xact_commit", &["datname"]),
    ("pg_stat_database_xact_rollback", &["datname"]),
    ("pg_stat_database_deadlocks", &["datname"]),
    ("pg_database_size_bytes", &["datname"]),
    ("pg_settings_max_connections", &[]),
];
/// An alert and the panel that shows how near it is.
const OBJECTIVES: &[(&str, &str, &str)] = &[
    ("RequestsFail", "platform-overview", "Errors"),
    ("RequestsTakeLong", "platform-overview", "Response time p95"),
    ("MemoryHigh", "platform-overview", "Memory"),
    ("ProcessorHigh", "platform-overview", "Processor"),
    ("OnboardingsAreNotCompleted", "business", "Completed within an hour"),
    ("PlansFail", "business", "Failed within 15 minutes"),
    ("PlansTakeLong", "business", "An attempt p95"),
    ("ModelTakesLong", "business", "Answers p95"),
    ("ConsumerStandsStill", "event-bus", "Oldest message"),
    ("WebhooksGivenUp", "event-bus", "Given up, an hour"),
    ("ProjectionLags", "projections-and-storage", "Lag"),
    ("DatabaseTakesLong", "projections-and-storage", "Statement p95"),
    ("StoreFills", "projections-and-storage", "Taken"),
    ("PresenceHeartbeatsSlow", "realtime-presence-service", "Heartbeat latency"),
];

struct Panel {
    board: String,
    json: Value,
}

impl Panel {
    fn title(&self) -> String {
        format!("{}, {}", self.board, self.json["title"].as_str().unwrap())
    }

    fn queries(&self) -> impl Iterator<Item = &str> {
        self.json["targets"].as_array().into_iter().flatten().map(|target| target["expr"].as_str().unwrap())
    }

    fn is_of(&self, source: &str) -> bool {
        self.json["datasource"]["uid"] == source
    }
}

fn boards() -> Vec<(String, Value)> {
    let mut found: Vec<_> = files(&compose("grafana/dashboards"))
        .iter()
        .map(|path| {
            (path.file_stem().unwrap().to_str().unwrap().to_owned(), serde_json::from_str(&text(path)).unwrap())
        })
        .collect();
    found.sort_by(|(one, _): &(String, Value), (other, _)| one.cmp(other));
    found
}

/// Every panel but the headings.
fn panels() -> Vec<Panel> {
    let all = boards().into_iter().flat_map(|(board, json)| {
        let panels = json["panels"].as_array().unwrap().clone();
        panels.into_iter().map(move |json| Panel { board: board.clone(), json })
    });
    all.filter(|panel| panel.json["type"] != "row").collect()
}

#[test]
fn there_are_the_five_dashboards_that_were_asked_for() {
    let boards = boards();
    let titles: Vec<_> = boards.iter().map(|(_, board)| board["title"].as_str().unwrap()).collect();
    let wanted = ["Business", "Event bus", "Platform overview", "Projections and storage", "Realtime Presence Service"];
    assert_eq!(titles, wanted);
    let uids: BTreeSet<_> = boards.iter().map(|(_, board)| board["uid"].as_str().unwrap()).collect();
    assert_eq!(uids.len(), boards.len(), "two dashboards with one uid");
    for (name, board) in &boards {
        let ids: BTreeSet<_> = board["panels"].as_array().unwrap().iter().map(|panel| panel["id"].as_u64()).collect();
        assert_eq!(ids.len(), board["panels"].as_array().unwrap().len(), "{name} has a panel's id twice");
    }
}

#[test]
fn every_query_names_metrics_and_labels_that_exist() {
    let sources = yaml("grafana/provisioning/datasources/datasources.yaml");
    let uids: BTreeSet<_> =
        sources["datasources"].as_array().unwrap().iter().map(|source| source["uid"].as_str().unwrap()).collect();
    let recorded = rules::recorded();
    let mut queries = 0;
    for panel in panels() {
        assert!(uids.contains(panel.json["datasource"]["uid"].as_str().unwrap()), "{}", panel.title());
        for query in panel.queries() {
            if panel.is_of("prometheus") {
                check(query, &recorded, &panel.title());
            }
            queries += 1;
        }
    }
    assert!(queries >= 120, "{queries} queries");
}

fn check(query: &str, recorded: &BTreeSet<String>, title: &str) {
    let found = promql::named(query);
    assert!(!found.series.is_empty(), "{title}: {query} names no metric");
    let mut labels: Vec<&str> = ADDED.to_vec();
    for series in found.series.iter().filter(|series| !recorded.contains(*series)) {
        if let Some((_, own)) = FOREIGN.iter().find(|(name, _)| name == series) {
            labels.extend(*own);
            continue;
        }
        let metric = names::metric(series).unwrap_or_else(|| panic!("{title}: {series} is no metric, in {query}"));
        let is_series = metric.name != series || metric.buckets.is_empty();
        assert!(is_series, "{title}: {series} is a histogram: {query} wants its _bucket, _sum or _count");
        labels.extend(metric.labels);
    }
    for label in &found.labels {
        assert!(labels.contains(&label.as_str()), "{title}: {label} is no label of {:?}, in {query}", found.series);
    }
}

#[test]
fn every_dashboard_can_be_cut_to_a_role_and_an_instance() {
    for (name, board) in boards() {
        let variables: Vec<_> =
            board["templating"]["list"].as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap()).collect();
        assert!(variables.contains(&"instance"), "{name}: {variables:?}");
        assert!(variables.contains(&"job") || name == "realtime-presence-service", "{name}: {variables:?}");
    }
    for panel in panels().iter().filter(|panel| panel.is_of("prometheus")) {
        for query in panel.queries() {
            let named = promql::named(query);
            let cut = query.matches("instance=~\"$instance\"").count();
            let own = named.series.iter().filter(|series| names::metric(series).is_some()).count();
            assert!(cut >= own, "{}: {query} shows every instance, whichever was chosen", panel.title());
        }
    }
}

#[test]
fn thresholds_are_the_numbers_of_the_alerts() {
    let panels = panels();
    for (alert, board, title) in OBJECTIVES {
        let query = rules::expression(alert);
        let bound = query.split(['>', '<']).nth(1).unwrap().split_whitespace().next().unwrap();
        let bound: f64 = bound.parse().unwrap_or_else(|_| panic!("{bound} of {alert}"));
        let panel = panels.iter().find(|panel| panel.board == *board && panel.json["title"] == *title);
        let panel = panel.unwrap_or_else(|| panic!("{board} has no panel {title}"));
        let steps = panel.json["fieldConfig"]["defaults"]["thresholds"]["steps"].as_array().unwrap();
        let shown = steps.iter().filter_map(|step| step["value"].as_f64()).any(|step| (step - bound).abs() < 1e-9);
        assert!(shown, "{alert} is raised at {bound}, and {} shows {steps:?}", panel.title());
    }
}

#[test]
fn every_link_to_the_runbook_leads_to_a_part_of_it() {
    let anchors = rules::anchors();
    let mut links = 0;
    for panel in panels() {
        for link in panel.json["links"].as_array().into_iter().flatten() {
            if let Some(to) = link["url"].as_str().unwrap().strip_prefix("${runbook}#") {
                assert!(anchors.contains(to), "{} leads to #{to}, which is not there", panel.title());
                links += 1;
            }
        }
    }
    assert!(links >= 80, "{links} links");
    for (name, board) in boards() {
        let runbook =
            board["templating"]["list"].as_array().unwrap().iter().find(|it| it["name"] == "runbook").unwrap();
        let path = runbook["query"].as_str().unwrap();
        let mounted = path.strip_prefix("/public/docs/").unwrap_or_else(|| panic!("{name}: {path}"));
        assert!(super::root().join("docs").join(mounted).exists(), "{name}: {path}");
    }
}
