//! Jobs that no consumer holds: told by the doctor, found and put back by hand as the runbook says, and by the projector.

use ally_domain::ids::{AggregateKind, AggregateRef};
use ally_domain::ports::EventStore;
use async_nats::jetstream::{self, consumer::pull};
use futures::StreamExt;
use serde_json::Value;

use super::bench::{objects, runbook, said, text};
use crate::system::{RoleProcess, System, answers, eventually, server};

/// Takes all that a consumer has to deliver, acknowledges it and does nothing about it. How much it was.
async fn swallow(system: &System, stream: &str, consumer: &str) -> usize {
    let nats = jetstream::new(async_nats::connect(server("ALLY_TEST_NATS_URL")).await.unwrap());
    let stream = nats.get_stream(format!("{}_{stream}", system.variable("ALLY_PREFIX"))).await.unwrap();
    let consumer = stream.get_consumer::<pull::Config>(consumer).await.unwrap();
    let mut messages = consumer.fetch().max_messages(100).messages().await.unwrap();
    let mut swallowed = 0;
    while let Some(message) = messages.next().await {
        message.unwrap().double_ack().await.unwrap();
        swallowed += 1;
    }
    swallowed
}

/// A gateway and a projector, and consumers that were made by workers which are gone.
async fn without_workers(every_seconds: &str) -> (System, [RoleProcess; 2]) {
    let mut system = System::new();
    system.set("RECONCILE_EVERY_SECONDS", every_seconds);
    let [planner, onboarding, gateway, projector] =
        system.start_ready(["planner", "onboarding", "gateway", "projector"]).await;
    for worker in [planner, onboarding] {
        assert_eq!(worker.terminate().await, Some(0));
    }
    (system, [gateway, projector])
}

fn run(system: &System, arguments: &[&str]) -> Vec<Value> {
    let output = system.command(&[arguments, &["--json"]].concat()).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", said(&output));
    objects(&output)
}

fn doctor(system: &System) -> Value {
    let found = objects(&system.command(&["doctor", "--json"]).output().unwrap());
    found.into_iter().find(|finding| finding["what"] == "orphaned jobs").unwrap()
}

async fn history(system: &System, job: &str) -> Vec<(String, String)> {
    let job = AggregateRef { kind: AggregateKind::Job, id: job.parse().unwrap() };
    let events = system.log().await.load(&job).await.unwrap().events;
    events.into_iter().map(|event| (event.event_type.name, event.actor)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn orphaned_jobs_are_told_by_the_doctor_and_put_back_as_the_runbook_says() {
    // The projector's own first look is at an empty log.
    let (system, [gateway, projector]) = without_workers("3600").await;
    let amy = system.client(&gateway, "amy");
    let promised = amy.onboard(&answers()).await;
    assert_eq!(swallow(&system, "ONBOARDING", "onboarding").await, 1);
    let job = amy.generate("key-1").await;
    let waiting = amy.generate("key-2").await;
    assert_eq!(doctor(&system)["well"], false, "the promise was lost");
    assert_eq!(run(&system, &["jobs", "requeue", "--all", "--dry-run"]).len(), 1, "the others wait for a worker");
    assert_eq!(run(&system, &["jobs", "requeue", &waiting, "--note", "why"]), Vec::<Value>::new());
    assert_eq!(swallow(&system, "PLANS", "planner").await, 2);
    let told = doctor(&system);
    assert!(text(&told, "found").starts_with("3 open jobs"), "{told}");
    assert!(text(&told, "remedy").contains("ally jobs requeue --all"), "{told}");

    let shown = runbook(&system, "orphans", &[("JOB", &job)]);
    for says in ["would be put back", "would be requested", "stands before its consumer again", "is requested"] {
        assert!(shown.contains(says), "{says}: {shown}");
    }
    assert_eq!(doctor(&system)["well"], true);
    let again = system.command(&["jobs", "requeue", &job, "--note", "again"]).output().unwrap();
    assert_eq!(again.status.code(), Some(0), "{}", said(&again));
    assert!(String::from_utf8_lossy(&again.stdout).contains("no orphan"), "{again:?}");
    let unknown = system.command(&["jobs", "requeue", "nobody-s", "--note", "why"]).output().unwrap();
    assert_eq!(unknown.status.code(), Some(2), "{}", said(&unknown));

    let [planner] = system.start_ready(["planner"]).await;
    for job in [&promised, &job, &waiting] {
        assert_eq!(amy.ended(job).await.status, "completed", "{job}");
    }
    // An attempt that lasts is counted by an event of its own; whether it does is the machine's matter.
    let names = history(&system, &job).await.into_iter().map(|(name, _)| name).filter(|name| name != "started");
    assert_eq!(names.collect::<Vec<_>>(), ["requested", "requeued", "completed"]);
    let by = history(&system, &job).await.into_iter().find(|(name, _)| name == "requeued").unwrap().1;
    assert_eq!(by, "operator:kim");
    for role in [gateway, projector, planner] {
        assert_eq!(role.terminate().await, Some(0));
    }
    system.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_projector_brings_orphans_back_by_itself() {
    let (system, [gateway, projector]) = without_workers("1").await;
    let amy = system.client(&gateway, "amy");
    let promised = amy.onboard(&answers()).await;
    assert_eq!(swallow(&system, "ONBOARDING", "onboarding").await, 1);
    let job = amy.generate("key-1").await;
    let requeued = eventually("the message put back", async || {
        swallow(&system, "PLANS", "planner").await;
        let history = history(&system, &job).await;
        history.into_iter().find(|(name, _)| name == "requeued")
    })
    .await;
    assert_eq!(requeued.1, "system:reconciler");
    let [planner] = system.start_ready(["planner"]).await;
    for job in [&promised, &job] {
        assert_eq!(amy.ended(job).await.status, "completed", "{job}");
    }
    eventually("no job orphaned, as the metrics tell it", async || {
        let metrics = projector.metrics().await;
        let treated = metrics.contains(r#"jobs_reconciled_total{outcome="put_back"}"#)
            && metrics.contains(r#"jobs_reconciled_total{outcome="requested"} 1"#);
        (treated && metrics.lines().any(|line| line == "jobs_orphaned 0")).then_some(())
    })
    .await;
    assert_eq!(doctor(&system)["well"], true);
    for role in [gateway, projector, planner] {
        assert_eq!(role.terminate().await, Some(0));
    }
    system.remove().await;
}
