//! The planner killed in the middle of its work: every job completes, each with exactly one plan.

use std::collections::BTreeMap;
use std::time::Duration;

use ally_domain::ports::EventLog;
use futures::StreamExt;
use futures::stream;

use crate::system::{System, answers, eventually};

const JOBS: usize = 500;
/// Enough done to be in the middle, and far from the end.
const KILLED_AFTER: usize = 100;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_planner_loses_no_job_and_doubles_none() {
    let mut system = System::new();
    system.set("ACK_WAIT_MS", "2000");
    let [gateway, _projector] = system.start_ready(["gateway", "projector"]).await;
    let client = system.client(&gateway, "amy");
    client.onboard(&answers()).await;
    let jobs: Vec<String> = stream::iter(0..JOBS)
        .map(|n| {
            let client = client.clone();
            async move { client.generate(&format!("key-{n}")).await }
        })
        .buffer_unordered(16)
        .collect()
        .await;
    assert_eq!(jobs.len(), JOBS);

    let log = system.log().await;
    let planner = system.start("planner").await;
    eventually("a hundred plans", async || (plans_by_job(&log).await.len() >= KILLED_AFTER).then_some(())).await;
    planner.kill();
    let before = plans_by_job(&log).await.len();
    assert!(before < JOBS, "the planner was too quick to be killed in the middle");
    let planner = system.start("planner").await;
    planner.ready().await;

    for job in &jobs {
        let ended = client.ended(job).await;
        assert_eq!(ended.status, "completed", "{ended:?}");
        assert!(ended.plan_id.is_some());
    }
    let plans = plans_by_job(&log).await;
    assert_eq!(plans.len(), JOBS, "each job has a plan");
    assert!(plans.values().all(|plans| *plans == 1), "no job has two: {plans:?}");
    eventually("nothing pending", async || {
        let queue: serde_json::Value =
            crate::system::get(format!("{}/queue/status", planner.http)).await.ok()?.json().await.ok()?;
        (queue["running"] == 0 && queue["retrying"] == 0).then_some(())
    })
    .await;
    assert_eq!(planner.terminate().await, Some(0), "the planner drains");
    system.remove().await;
}

/// How many plans the log holds for each job.
async fn plans_by_job(log: &dyn EventLog) -> BTreeMap<String, usize> {
    let end = log.last_sequence("PLANS").await.unwrap();
    let mut reader = log.open("PLANS", 0).await.unwrap();
    let (mut plans, mut read) = (BTreeMap::new(), 0);
    while read < end {
        let batch = reader.next(1_000, Duration::from_secs(5)).await.unwrap();
        for event in batch.events {
            read = event.position.sequence;
            if event.event_type.to_string() == "plan.created.v1" {
                let created: serde_json::Value = serde_json::from_str(&event.data).unwrap();
                *plans.entry(created["jobId"].as_str().unwrap().to_owned()).or_insert(0) += 1;
            }
        }
        if batch.pending == 0 {
            break;
        }
    }
    plans
}
