//! The drill: something breaks for real, and somebody on call is called with the right alert within two minutes, the doctor names
//! the cause in its first line within seconds, and the runbook has a part about it. While nothing is broken nobody is called.
//!
//! `make test` plays it small, with short pauses before an alert; `make drill` plays all of it with the rules as they are.

mod breaks;
mod pager;
mod site;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use breaks::Break;
use pager::Pager;
use serde_json::Value;
use site::Site;
use tempfile::TempDir;

use crate::operator::bench::runbook;
use crate::prometheus::{Prometheus, RULES};
use crate::system::eventually;

/// Somebody is called within this time.
const CALLED_WITHIN: Duration = Duration::from_secs(120);
/// The doctor has looked at everything within this time; beside all other tests on two cores everything takes longer.
const LOOKED_WITHIN: Duration = Duration::from_secs(5);
const LOOKED_WITHIN_BESIDE_OTHERS: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_breaks_is_told_with_its_cause() {
    match minutes() {
        None => {
            let (rules, _folder) = hasty_rules();
            let breaks = [Break::PostgresStopped, Break::PlannerStopped, Break::QueuesPaused, Break::CollectorGone];
            drill(&rules, Some("1s"), Duration::from_secs(20), &breaks, LOOKED_WITHIN_BESIDE_OTHERS).await;
        }
        Some(healthy) => drill(RULES, None, healthy, &Break::ALL, LOOKED_WITHIN).await,
    }
}

/// How long nothing breaks at first in `make drill`; none in `make test`.
#[allow(clippy::disallowed_methods, reason = "make says how long the drill is")]
fn minutes() -> Option<Duration> {
    let minutes: u64 = std::env::var("ALLY_DRILL_MINUTES").ok()?.parse().unwrap();
    Some(Duration::from_secs(minutes * 60))
}

/// The rules as they are, but for how long something must last: ten seconds.
fn hasty_rules() -> (String, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    for file in std::fs::read_dir(RULES).unwrap() {
        let file = file.unwrap().path();
        let text = std::fs::read_to_string(&file).unwrap();
        let line = |line: &str| match line.trim_start().starts_with("for: ") {
            true => format!("{}for: 10s\n", &line[..line.len() - line.trim_start().len()]),
            false => format!("{line}\n"),
        };
        std::fs::write(folder.path().join(file.file_name().unwrap()), text.lines().map(line).collect::<String>())
            .unwrap();
    }
    (folder.path().to_str().unwrap().to_owned(), folder)
}

async fn drill(rules: &str, group_wait: Option<&str>, healthy: Duration, breaks: &[Break], looked_within: Duration) {
    let mut site = Site::open().await;
    let pager = Pager::start(group_wait).await;
    let targets = site.targets();
    let by_job: BTreeMap<&str, Vec<&str>> = targets.iter().map(|(job, target)| (*job, vec![target.as_str()])).collect();
    let _prometheus = Prometheus::start(&by_job, rules, Some(&pager.address)).await;
    well(&site).await;
    assert!(runbook(&site.system, "doctor", &[]).starts_with("✔ all is well"));
    let released = runbook(&site.system, "release", &[]);
    assert!(released.starts_with("✔ all is well"), "{released}");
    let none = pager.call(healthy, Instant::now(), |call| call.alert != "Watchdog").await;
    assert!(none.is_none(), "nothing is broken, and somebody is called: {none:?}");
    for it in breaks {
        let struck = Instant::now();
        it.strike(&mut site).await;
        let line = cause(&site, *it, looked_within).await;
        let call = pager.call(CALLED_WITHIN, struck, |call| it.is_told_by(call)).await;
        let call = call.unwrap_or_else(|| panic!("{it:?}: nobody is called; called were {:#?}", pager.calls()));
        println!("{it:?}: {} after {:.1} s; {line}", call.alert, call.at.duration_since(struck).as_secs_f64());
        assert_leads_to_runbook(&call.runbook);
        it.mend(&mut site).await;
        if *it != Break::CollectorGone {
            well(&site).await;
        }
    }
}

/// The doctor's first line names the cause; a queue that waits or a circuit that opens takes a moment.
async fn cause(site: &Site, it: Break, looked_within: Duration) -> String {
    eventually(&format!("the doctor names {:?}", it.cause()), async || {
        let begun = Instant::now();
        let looked = site.command(&["doctor"]).await;
        assert!(begun.elapsed() < looked_within, "{it:?}: the doctor took {:?}", begun.elapsed());
        let text = String::from_utf8(looked.stdout).unwrap();
        let first = text.lines().next().unwrap_or_default().to_owned();
        let is_named = it.cause().iter().all(|part| first.contains(part));
        (looked.status.code() == Some(1) && is_named).then_some(first)
    })
    .await
}

/// Everything is well again, by the doctor's own word: but for what was given up meanwhile.
async fn well(site: &Site) {
    let told = Mutex::new(String::new());
    eventually("all is well", async || {
        let looked = site.command(&["doctor", "--json"]).await;
        let lines = String::from_utf8(looked.stdout).unwrap();
        let findings = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let unwell: Vec<_> = findings.filter(|it| it["well"] == false && it["what"] != "dead letters").collect();
        let Some(first) = unwell.first() else { return Some(()) };
        let first = format!("not well yet: {}: {}", first["what"], first["found"]);
        let mut told = told.lock().unwrap();
        if *told != first {
            println!("{first}");
            *told = first;
        }
        None
    })
    .await;
}

fn assert_leads_to_runbook(link: &str) {
    let (file, anchor) = link.split_once('#').unwrap_or_else(|| panic!("{link} names no heading"));
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap();
    let is_there = text.lines().filter_map(|line| line.strip_prefix("## ")).any(|heading| {
        let kept: String =
            heading.to_lowercase().chars().filter(|c| c.is_alphanumeric() || [' ', '-'].contains(c)).collect();
        kept.replace(' ', "-") == anchor
    });
    assert!(is_there, "{link} leads nowhere");
}
