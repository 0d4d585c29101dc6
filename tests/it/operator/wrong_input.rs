//! Whatever an operator gets wrong ends with a sentence and exit code 2.

use std::process::Output;

use super::bench::said;
use crate::system::{System, ally};

/// Every subcommand, as it would work.
const COMMANDS: &[&[&str]] = &[
    &["dlq", "list"],
    &["dlq", "show", "planner.PLANS-1"],
    &["dlq", "groups"],
    &["dlq", "redrive", "--all", "--note", "x"],
    &["dlq", "discard", "--all", "--note", "x"],
    &["events", "tail"],
    &["events", "tail", "--follow"],
    &["events", "show", "job", "x"],
    &["events", "replay", "job", "x"],
    &["projections", "status"],
    &["projections", "rebuild", "plan"],
    &["projections", "verify"],
    &["consumers", "list"],
    &["consumers", "pause", "planner"],
    &["consumers", "resume", "planner"],
    &["jobs", "show", "x"],
    &["jobs", "cancel", "x"],
    &["jobs", "expedite", "x"],
    &["webhooks", "list"],
    &["webhooks", "show", "x"],
    &["webhooks", "register", "--app", "coach", "--url", "https://a.example/", "--type", "job.completed"],
    &["webhooks", "enable", "x"],
    &["webhooks", "disable", "x"],
    &["webhooks", "remove", "x"],
    &["webhooks", "rotate", "x"],
    &["webhooks", "ping", "x"],
    &["webhooks", "deliveries", "x"],
    &["webhooks", "delivery", "x"],
    &["webhooks", "replay", "x", "--since", "2026-11-20T08:30:00Z"],
];

fn expect(output: &Output, arguments: &[&str], says: &str) {
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", said(output));
    assert!(said(output).contains(says), "{arguments:?} does not say {says:?}: {}", said(output));
    assert!(output.stdout.is_empty(), "{arguments:?} answers: {}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn an_argument_of_the_wrong_type_is_told_with_what_would_be_right() {
    for (arguments, says) in [
        (&["dlq", "list", "--consumer", "cook"][..], "planner"),
        (&["dlq", "list", "--limit", "many"], "many"),
        (&["dlq", "show", "42"], "planner.PLANS-42"),
        (&["dlq", "redrive", "--note", "x"], "--all"),
        (&["dlq", "redrive", "--all"], "--note"),
        (&["dlq", "redrive", "--all", "--note", " "], "why"),
        (&["dlq", "redrive", "planner.PLANS-1", "--all", "--note", "x"], "--all"),
        (&["dlq", "redrive", "--all", "--note", "x", "--rate", "0"], "1..="),
        (&["dlq", "discard", "--all", "--note", "x", "--as", ""], "kim"),
        (&["events", "tail", "--type", "baked"], "plan_job.started.v1"),
        (&["events", "tail", "--stream", "DLQ"], "ONBOARDING"),
        (&["events", "show", "cake", "x"], "athlete"),
        (&["events", "show", "job", "a.b"], "letters"),
        (&["events", "show", "job", "x", "--at", "PLANS"], "PLANS:42"),
        (&["events", "show", "job", "x", "--at-time", "noon"], "2026-11-20T08:30:00Z"),
        (&["projections", "rebuild", "cake"], "job_status"),
        (&["projections", "verify", "cake"], "athlete_profile"),
        (&["consumers", "pause", "cook"], "planner"),
        (&["consumers", "pause", "planner", "--for", "ever"], "10m"),
        (&["jobs", "show", "a b"], "letters"),
        (&["jobs", "cancel"], "ID"),
        (&["webhooks", "list", "--app", "a b"], "letters"),
        (&["webhooks", "register", "--app", "a", "--url", "https://a.example/"], "--type"),
        (&["webhooks", "register", "--app", "a", "--url", "ftp://a/", "--type", "job.completed"], "https://"),
        (&["webhooks", "register", "--app", "a", "--url", "https://a/", "--type", "webhook.ping"], "job.completed"),
        (&["webhooks", "rotate", "x", "--overlap", "8d"], "7d"),
        (&["webhooks", "deliveries", "x", "--status", "lost"], "given_up"),
        (&["webhooks", "replay", "x"], "--since"),
        (&["webhooks", "replay", "x", "--since", "2026-11-20T08:30:00Z", "--status", "waiting"], "delivered"),
        (&["webhooks", "listen", "--secret", "no secret"], "whsec_"),
    ] {
        expect(&ally(arguments).output().unwrap(), arguments, says);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_id_that_nobody_has_is_told() {
    let system = System::new();
    drop(system.log().await);
    for (arguments, says) in [
        (&["dlq", "show", "planner.PLANS-42"][..], "planner.PLANS-42"),
        (&["dlq", "redrive", "planner.PLANS-42", "--note", "x"], "ally dlq list"),
        (&["dlq", "redrive", "--fingerprint", "f", "--note", "x"], "ally dlq groups"),
        (&["dlq", "discard", "planner.PLANS-42", "--note", "x"], "ally dlq list"),
        (&["events", "show", "job", "nobody"], "nobody"),
        (&["events", "replay", "athlete", "nobody"], "nobody"),
        (&["consumers", "pause", "planner"], "start its role"),
        (&["consumers", "resume", "onboarding"], "start its role"),
        (&["jobs", "show", "nobody"], "nobody"),
        (&["jobs", "cancel", "nobody"], "nobody"),
        (&["jobs", "expedite", "nobody"], "nobody"),
        (&["webhooks", "show", "nobody"], "nobody"),
        (&["webhooks", "enable", "nobody"], "ally webhooks list"),
        (&["webhooks", "remove", "nobody"], "ally webhooks list"),
        (&["webhooks", "rotate", "nobody"], "ally webhooks list"),
        (&["webhooks", "ping", "nobody"], "nobody"),
        (&["webhooks", "delivery", "nobody"], "ally webhooks deliveries"),
        (&["webhooks", "list"], "PostgreSQL"),
        (&["projections", "status"], "PostgreSQL"),
        (&["dlq", "list"], "--from-stream"),
        (&["dlq", "list", "--state", "lost"], "redriven"),
        (&["dlq", "list", "--since", "yesterday"], "2026-"),
    ] {
        expect(&system.command(arguments).output().unwrap(), arguments, says);
    }
    let output = system.command(&["dlq", "list", "--from-stream"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert!(String::from_utf8_lossy(&output.stdout).contains("no dead letters"), "PostgreSQL is not needed for it");
    system.remove().await;
}

#[test]
fn a_server_that_is_not_there_is_told_by_every_subcommand() {
    let run = |arguments: &'static [&'static str]| {
        std::thread::spawn(move || ally(arguments).env("NATS_URL", "nats://127.0.0.1:1").output().unwrap())
    };
    let runs = COMMANDS.iter().map(|arguments| (arguments, run(arguments))).collect::<Vec<_>>();
    for (arguments, run) in runs {
        expect(&run.join().unwrap(), arguments, "NATS_URL");
    }
}

#[test]
fn a_deployment_that_is_not_there_is_told_by_every_subcommand() {
    let system = System::new();
    for arguments in COMMANDS {
        expect(&system.command(arguments).output().unwrap(), arguments, "ALLY_PREFIX");
    }
}
