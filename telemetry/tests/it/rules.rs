//! Alerts, by the programs that they are written for: each is fired and kept quiet, names what exists, and leads to a part of the runbook.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use ally_telemetry::names;
use ally_telemetry::testing::tool;
use serde_json::Value;

use crate::promql;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

fn files(folder: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join(folder)).unwrap().map(|entry| entry.unwrap().path());
    let found: Vec<_> = entries.filter(|path| path.extension().is_some_and(|end| end == "yml")).collect();
    assert!(!found.is_empty(), "{folder} holds no file");
    found
}

fn run(program: &str, arguments: &[&str], file: &Path) {
    let output = Command::new(tool(program)).args(arguments).arg(file).output().unwrap();
    let said = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
    assert!(output.status.success(), "{program} {arguments:?} {}: {said}", file.display());
}

/// Every rule of every file.
fn rules() -> Vec<Value> {
    let parsed = files("compose/prometheus/rules").into_iter().map(|file| {
        let parsed: Value = serde_saphyr::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
        parsed["groups"].as_array().unwrap().clone()
    });
    let rules = parsed.flatten().map(|group| group["rules"].as_array().unwrap().clone());
    rules.flatten().collect()
}

fn alerts() -> Vec<Value> {
    rules().into_iter().filter(|rule| rule["alert"].is_string()).collect()
}

#[test]
fn prometheus_and_alertmanager_take_their_files() {
    for file in files("compose/prometheus/rules") {
        run("promtool", &["check", "rules"], &file);
    }
    for file in files("compose/prometheus") {
        run("promtool", &["check", "config"], &file);
    }
    for file in files("compose/alertmanager") {
        run("amtool", &["check-config"], &file);
    }
}

/// The alert that fires whatever happens, so that its absence is seen.
const ALWAYS: &str = "Watchdog";

#[test]
fn every_alert_is_fired_and_kept_quiet() {
    let (mut fired, mut quiet) = (BTreeSet::new(), BTreeSet::new());
    for file in files("compose/prometheus/tests") {
        run("promtool", &["test", "rules"], &file);
        let parsed: Value = serde_saphyr::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
        let tests = parsed["tests"].as_array().unwrap().iter();
        for case in tests.flat_map(|test| test["alert_rule_test"].as_array().unwrap().clone()) {
            let is_quiet = case["exp_alerts"].as_array().is_none_or(Vec::is_empty);
            let seen = if is_quiet { &mut quiet } else { &mut fired };
            seen.insert(case["alertname"].as_str().unwrap().to_owned());
        }
    }
    for alert in alerts() {
        let name = alert["alert"].as_str().unwrap();
        assert!(
            fired.contains(name) && (quiet.contains(name) || name == ALWAYS),
            "{name} has no test that it fires, or none that it does not"
        );
    }
}

/// The series that rules record.
pub fn recorded() -> BTreeSet<String> {
    rules().iter().filter_map(|rule| rule["record"].as_str().map(str::to_owned)).collect()
}

/// What an alert is raised by.
pub fn expression(alert: &str) -> String {
    let found = alerts().into_iter().find(|rule| rule["alert"] == alert).unwrap_or_else(|| panic!("no alert {alert}"));
    found["expr"].as_str().unwrap().to_owned()
}

/// The parts of the runbook, as links name them.
pub fn anchors() -> BTreeSet<String> {
    let runbook = fs::read_to_string(root().join("docs/runbook.md")).unwrap();
    runbook.lines().filter_map(|line| line.strip_prefix("## ")).map(anchor).collect()
}

#[test]
fn every_rule_names_metrics_and_labels_that_exist() {
    let recorded = recorded();
    for rule in rules() {
        let query = rule["expr"].as_str().unwrap();
        let found = promql::named(query);
        let mut labels = vec!["job".to_owned(), "instance".to_owned(), "le".to_owned()];
        for series in found.series.iter().filter(|series| *series != "up" && !recorded.contains(*series)) {
            let metric = names::metric(series).unwrap_or_else(|| panic!("{series} is no metric, in {query}"));
            labels.extend(metric.labels.iter().map(|label| (*label).to_owned()));
        }
        for label in &found.labels {
            assert!(labels.contains(label), "{label} is no label of what {query} names");
        }
    }
}

#[test]
fn every_alert_says_what_it_means_and_what_to_do() {
    let (runbook, anchors) = (fs::read_to_string(root().join("docs/runbook.md")).unwrap(), anchors());
    for alert in alerts() {
        let (name, notes) = (alert["alert"].as_str().unwrap(), &alert["annotations"]);
        for note in ["summary", "description"] {
            assert!(notes[note].as_str().is_some_and(|text| text.len() > 10), "{name} has no {note}");
        }
        let severity = alert["labels"]["severity"].as_str().unwrap();
        assert!(["page", "ticket"].contains(&severity) || name == ALWAYS, "{name}");
        let link = notes["runbook_url"].as_str().unwrap_or_else(|| panic!("{name} has no runbook_url"));
        let (file, to) = link.split_once('#').unwrap();
        assert!(file == "docs/runbook.md" && anchors.contains(to), "{name} leads to {link}, which is not there");
        assert!(runbook.contains(&format!("`{name}`")), "the runbook does not name {name}");
    }
}

/// A heading's anchor, as it is made where the runbook is read.
fn anchor(heading: &str) -> String {
    let kept =
        heading.to_lowercase().chars().filter(|c| c.is_alphanumeric() || [' ', '-'].contains(c)).collect::<String>();
    kept.replace(' ', "-")
}
