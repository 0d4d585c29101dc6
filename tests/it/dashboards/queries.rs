//! What dashboards and rules ask, as Prometheus is asked it here: with Grafana's variables filled in and no bound to stay above.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::Value;

const COMPOSE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/compose");
/// Long enough that whatever happened since the run began is within it.
const RATE_INTERVAL: &str = "10m";

/// A query, and where it stands.
pub struct Query {
    pub place: String,
    pub expression: String,
}

fn files(folder: &str, extension: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(format!("{COMPOSE}/{folder}")).unwrap().map(|entry| entry.unwrap().path());
    let mut found: Vec<_> = entries.filter(|path| path.extension().is_some_and(|end| end == extension)).collect();
    assert!(!found.is_empty(), "{folder} holds no file");
    found.sort();
    found
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// The queries of one dashboard to Prometheus.
pub fn of_dashboard(file: &str) -> Vec<Query> {
    let json = std::fs::read_to_string(format!("{COMPOSE}/grafana/dashboards/{file}")).unwrap();
    let dashboard: Value = serde_json::from_str(&json).unwrap();
    let panels = dashboard["panels"].as_array().unwrap().iter();
    let panels = panels.filter(|panel| panel["datasource"]["uid"] == "prometheus");
    let queries = panels.flat_map(|panel| {
        let targets = panel["targets"].as_array().unwrap().iter();
        targets.map(|target| Query {
            place: format!("{file}, {}", text(&panel["title"])),
            expression: filled(&text(&target["expr"])),
        })
    });
    queries.collect()
}

/// The queries of all dashboards.
pub fn of_dashboards() -> Vec<Query> {
    let files = files("grafana/dashboards", "json");
    files.iter().flat_map(|file| of_dashboard(file.file_name().unwrap().to_str().unwrap())).collect()
}

fn rules() -> Vec<Value> {
    let groups = files("prometheus/rules", "yml").into_iter().flat_map(|file| {
        let parsed: Value = serde_saphyr::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
        parsed["groups"].as_array().unwrap().clone()
    });
    groups.flat_map(|group| group["rules"].as_array().unwrap().clone()).collect()
}

/// The expressions of all alerts and recording rules. An alert's bound becomes a value, 0 or 1: what is asked is whether there is
/// something to compare.
pub fn of_rules() -> Vec<Query> {
    let all = rules().into_iter().map(|rule| {
        let alert = rule["alert"].as_str();
        let place = alert.or(rule["record"].as_str()).unwrap().to_owned();
        let expression = text(&rule["expr"]);
        Query { place, expression: if alert.is_some() { unbound(&expression) } else { expression } }
    });
    all.collect()
}

fn unbound(expression: &str) -> String {
    [" > ", " < ", " == "]
        .iter()
        .fold(expression.to_owned(), |text, bound| text.replace(bound, &format!("{bound}bool ")))
}

/// Variables of Grafana with everything chosen; and what is recorded a few times an hour, by what it is recorded from.
fn filled(query: &str) -> String {
    let mut query = query.replace("$__rate_interval", RATE_INTERVAL);
    for variable in ["$job", "$instance"] {
        query = query.replace(variable, ".+");
    }
    let recorded =
        rules().into_iter().filter_map(|rule| Some((rule["record"].as_str()?.to_owned(), text(&rule["expr"]))));
    let recorded: BTreeMap<_, _> = recorded.filter(|(name, _)| name.contains(':')).collect();
    // The longest name first, since one may begin like another.
    for (name, expression) in recorded.iter().rev() {
        query = query.replace(name.as_str(), &format!("({expression})"));
    }
    query
}

#[test]
fn variables_are_filled_in_and_bounds_become_values() {
    let query = filled("rate(x{job=~\"$job\"}[$__rate_interval]) / jobs:failed:ratio_rate30d");
    assert!(query.starts_with("rate(x{job=~\".+\"}[10m]) / (sum("), "{query}");
    assert_eq!(unbound("a > 1 and b{c!=\"d\"} == 0"), "a > bool 1 and b{c!=\"d\"} == bool 0");
}
