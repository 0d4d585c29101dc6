//! The whole bench on real servers of its own, with a handful of jobs.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

#[allow(clippy::disallowed_methods, reason = "tests find their servers by variables")]
fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: run `make test`, which starts the servers"))
}

/// The product; building the workspace's tests builds it as well.
fn ally() -> PathBuf {
    let ally = Path::new(env!("CARGO_BIN_EXE_ally-bench")).with_file_name("ally");
    assert!(ally.exists(), "{} is not built: run `cargo build`", ally.display());
    ally
}

/// A folder that the account of PostgreSQL can pass through.
fn open_folder() -> TempDir {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    folder
}

/// Lets a command find the servers that the tests have.
fn on_servers_of_tests(command: &mut Command) -> &mut Command {
    let nats = PathBuf::from(variable("ALLY_TEST_NATS_SERVER"));
    let path = format!("{}:{}:/usr/bin:/bin", nats.parent().unwrap().display(), variable("ALLY_TEST_POSTGRES_BIN"));
    command.env("ALLY_SERVERS", "path").env("PATH", path)
}

/// Runs the bench with the servers that the tests have.
fn bench(local: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ally-bench"));
    command.args(arguments).args(["--athletes", "3", "--callers", "4", "--deadline-seconds", "120", "--local"]);
    let output = on_servers_of_tests(command.arg(local)).output().unwrap();
    let (shown, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{arguments:?}:\n{shown}\n{errors}");
    output
}

/// What must have been measured, and must be more than nothing.
fn expected() -> Vec<String> {
    let mut names =
        ["constant/requests_per_second", "raw/batches_of_200/messages_per_second"].map(String::from).to_vec();
    for kind in ["engine", "ready"] {
        for closed in [
            "jobs_per_second",
            "accepted_per_second",
            "accept_ms/p50",
            "accept_ms/p99",
            "cpu_ms/all",
            "memory_bytes/ally",
            "memory_bytes/nats-server",
            "memory_bytes/postgres",
            "stream_bytes",
            "wal_bytes",
        ] {
            names.push(format!("{kind}/backlog/8/{closed}"));
        }
        for open in ["accept_ms/p50", "accept_ms/p99", "completed_ms/p50", "completed_ms/p99", "cpu_ms/all"] {
            names.push(format!("{kind}/rate/10/{open}"));
        }
    }
    names
}

#[test]
fn a_small_run_measures_everything_and_every_job_is_done() {
    let folder = open_folder();
    let (local, out) = (folder.path().join("local"), folder.path().join("out"));
    let small = ["--backlog", "8", "--rates", "10", "--seconds", "1", "--requests", "100", "--raw-seconds", "0.1"];
    let where_to = ["--out", out.to_str().unwrap(), "--ally", ally().to_str().unwrap()].map(str::to_owned);
    let mut arguments = vec!["run", "--quick"];
    arguments.extend(small);
    arguments.extend(where_to.iter().map(String::as_str));
    let output = bench(&local, &arguments);

    let report: Value = serde_json::from_slice(&std::fs::read(out.join("results.json")).unwrap()).unwrap();
    assert_eq!((&report["exact"], &report["faults"]), (&true.into(), &Value::Array(Vec::new())), "{report}");
    for name in expected() {
        let figure = &report["figures"][&name];
        let [min, median, max] = ["min", "median", "max"].map(|of| figure[of].as_f64().unwrap_or_default());
        assert!(0.0 < min && min <= median && median <= max, "{name}: {figure}");
        assert_eq!(figure["runs"].as_array().map(Vec::len), Some(1), "{name}: {figure}");
    }
    for (what, of) in
        [("versions", "nats_server"), ("versions", "postgres"), ("versions", "ally"), ("machine", "kernel")]
    {
        assert!(report[what][of].as_str().is_some_and(|text| !text.is_empty()), "{what} {of}: {report}");
    }
    let plot = std::fs::read_to_string(out.join("results.svg")).unwrap();
    let shown = String::from_utf8(output.stdout).unwrap();
    for label in ["ready, backlog of 8", "engine, backlog of 8"] {
        assert!(plot.contains(label) && shown.contains(label), "{label} is not shown:\n{shown}");
    }
    assert!(!local.join("data").exists(), "the data is gone");
}

#[test]
fn two_builds_are_measured_in_turn_and_compared() {
    let folder = open_folder();
    let ally = ally();
    let ally = ally.to_str().unwrap();
    let small = ["--runs", "1", "--jobs", "8", "--rate", "10", "--seconds", "1"];
    let output = bench(folder.path(), &[["compare", "--base", ally, "--with", ally].as_slice(), &small].concat());
    let shown = String::from_utf8(output.stdout).unwrap();
    let outcome: Value = serde_json::from_str(shown.lines().last().unwrap()).unwrap();
    assert_eq!(outcome["exact"], true, "{outcome}");
    for name in ["closed/jobs_per_second", "closed/cpu_ms/all", "open/completed_ms/p99"] {
        let [base, with, ratio] = ["base", "with", "ratios"].map(|of| outcome[of][name]["median"].as_f64().unwrap());
        assert!((with / base - ratio).abs() < 1e-9 && ratio > 0.0, "{name}: {outcome}");
    }
    assert!(shown.contains("POST to completed p99 ms"), "{shown}");
}

/// One step of presence, so that clients, roles, costs and files are all there; what a step measures is seen by its faults.
#[test]
fn a_quick_step_of_presence_measures_by_real_sockets() {
    let folder = open_folder();
    let (local, out) = (folder.path().join("local"), folder.path().join("out"));
    let mut command = Command::new(env!("CARGO_BIN_EXE_ally-bench"));
    command.args(["presence", "--quick", "--only", "storm", "--generators", "2", "--local"]).arg(&local);
    let output = on_servers_of_tests(command.arg("--out").arg(&out).arg("--ally").arg(ally())).output().unwrap();
    let (shown, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{shown}\n{errors}");

    let report: Value = serde_json::from_slice(&std::fs::read(out.join("presence.json")).unwrap()).unwrap();
    assert_eq!(report["faults"], Value::Array(Vec::new()), "{report}");
    let figure = |name: &str| report["figures"][name]["median"].as_f64().unwrap_or_default();
    assert_eq!(figure("storm/reconnect/200/recovered"), 200.0, "{report}");
    for name in ["storm/reconnect/200/settled_seconds", "storm/crowd/200/come_seconds", "storm/crowd/200/join_ms/p99"] {
        assert!(figure(name) > 0.0, "{name}: {report}");
    }
    assert!(shown.contains("| 200 connections break and come back |"), "{shown}");
    assert!(std::fs::read_to_string(out.join("presence.svg")).unwrap().contains("<svg"));
}
