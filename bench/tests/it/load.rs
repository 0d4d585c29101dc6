//! The generator against a gateway whose faults are known.

use std::path::Path;
use std::time::Duration;

use serde_json::Value;
use tokio::process::Command;

use crate::fake_gateway::{Behaviour, serve};

/// Runs the generator and reads its report.
async fn load(mode: &str, behaviour: Behaviour, options: &[&str]) -> Value {
    let gateway = serve(behaviour).await;
    let folder = tempfile::tempdir().unwrap();
    let tokens = folder.path().join("tokens");
    std::fs::write(&tokens, "one\ntwo\n").unwrap();
    let mut command = Command::new(Path::new(env!("CARGO_BIN_EXE_ally-bench")));
    command.args(["load", mode, "--address", &gateway.to_string(), "--tokens", tokens.to_str().unwrap()]);
    let output = command.args(options).output().await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// With a generator that waits for an answer before it sends the next request, one job of fifty would have seen the
/// stall and the median would be that of a fast gateway. All bounds are from below, so a slow machine keeps them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_moment_is_seen_by_every_job_that_was_due_in_it() {
    let stall = Duration::from_millis(1_000);
    let behaviour = Behaviour { stall: Some((5, stall)), ..Behaviour::default() };
    let report = load("open", behaviour, &["--rate", "100", "--seconds", "0.5"]).await;
    assert_eq!((&report["exact"], &report["accept"]["count"]), (&true.into(), &50.into()), "{report}");
    // The last job is due 450 ms after the stall begins, and 550 before its end.
    for latency in ["accept", "completed"] {
        let median = report[latency]["p50"].as_f64().unwrap();
        assert!(median >= 500.0, "half of the jobs were due in the stall, and the median is {median} ms: {report}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_lost_or_doubled_is_not_exact() {
    for mode in ["closed", "open"] {
        let options = if mode == "closed" { ["--jobs", "20"] } else { ["--seconds", "0.1"] };
        let whole = load(mode, Behaviour::default(), &options).await;
        assert_eq!((&whole["exact"], &whole["done"]), (&true.into(), &20.into()), "{whole}");

        let lost = Behaviour { lose_one_in: Some(10), ..Behaviour::default() };
        let lost = load(mode, lost, &[options.as_slice(), &["--deadline-seconds", "1"]].concat()).await;
        assert_eq!((&lost["exact"], &lost["unfinished"]), (&false.into(), &2.into()), "{lost}");

        let doubled = Behaviour { double_one_in: Some(10), ..Behaviour::default() };
        let doubled = load(mode, doubled, &options).await;
        assert_eq!((&doubled["exact"], &doubled["distinct_ids"]), (&false.into(), &18.into()), "{doubled}");
    }
}
