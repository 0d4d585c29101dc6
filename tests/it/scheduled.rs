//! Scheduled jobs while the roles that work on them are killed and started: each is done once, none before its time, none is left.

use std::collections::BTreeMap;
use std::time::Duration;

use ally_domain::envelope::Recorded;
use ally_domain::job::JobEvent;
use ally_domain::ports::{Clock, EventLog};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::system::{Client, System, SystemClock, answers, eventually};

const JOBS: usize = 30;
/// The first is due so long after it was asked for; time enough to kill and start a planner meanwhile.
const AHEAD: Duration = Duration::from_secs(8);
/// The others follow, each so long after the one before.
const APART: Duration = Duration::from_millis(200);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn scheduled_jobs_are_done_once_and_in_time_whatever_is_killed_meanwhile() {
    let mut system = System::new();
    system.set("ACK_WAIT_MS", "2000").set("RECONCILE_EVERY_SECONDS", "1");
    let [gateway, _projector, planner, onboarding] =
        system.start_ready(["gateway", "projector", "planner", "onboarding"]).await;
    let client = system.client(&gateway, "amy");
    client.onboard(&answers()).await;
    let first = SystemClock.now() + AHEAD;
    let due: Vec<OffsetDateTime> = (0..JOBS as u32).map(|n| first + APART * n).collect();
    let jobs = scheduled(&client, &due).await;

    // While some messages are put off, and before others are.
    planner.kill();
    onboarding.kill();
    let [planner, _onboarding] = system.start_ready(["planner", "onboarding"]).await;
    let job = client.job(&jobs[JOBS - 1]).await;
    assert_eq!((job.status.as_str(), job.attempts), ("scheduled", 0));
    // Once some are done and others are due.
    assert_eq!(client.ended(&jobs[3]).await.status, "completed");
    planner.kill();
    let [planner] = system.start_ready(["planner"]).await;
    for job in &jobs {
        let ended = client.ended(job).await;
        assert_eq!(ended.status, "completed", "{ended:?}");
    }

    let history = history(&system.log().await).await;
    let completed = completed(&history);
    for (job, due) in jobs.iter().zip(&due) {
        assert_eq!(completed.get(job), Some(&1), "job {job} is completed once");
        let begun = begun(&history, job);
        assert!(begun.iter().all(|begun| begun >= due), "job {job} was due at {due} and begun at {begun:?}");
    }
    let plans = history.iter().filter(|event| event.event_type.name == "created").count();
    assert_eq!(plans, completed.len(), "one plan for each job");
    eventually("nothing waits any more", async || {
        let subjects = system.hot_subjects().await;
        let waiting = |subject: &&String| subject.contains(".schedule.") || subject.contains(".due.");
        subjects.iter().find(waiting).is_none().then_some(())
    })
    .await;
    assert_eq!(planner.terminate().await, Some(0), "the planner drains");
    system.remove().await;
}

/// A job whose deadline passes while nobody works on it ends by itself.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_behind_its_deadline_ends_though_no_worker_is_there() {
    let mut system = System::new();
    system.set("RECONCILE_EVERY_SECONDS", "1");
    let [gateway, _projector] = system.start_ready(["gateway", "projector"]).await;
    let client = system.client(&gateway, "amy");
    client.onboard(&answers()).await;
    let deadline = (SystemClock.now() + Duration::from_secs(2)).format(&Rfc3339).unwrap();
    let batch = json!({"items": [{"idempotencyKey": "k", "request": {"weeks": 1, "deadline": deadline}}]});
    let job = accepted(&client, &batch).await.remove(0);
    assert_eq!(client.ended(&job).await.status, "failed");
    // Whoever is given its message afterwards finds nothing to do.
    let [planner] = system.start_ready(["planner"]).await;
    let log = system.log().await;
    assert_eq!(planner.terminate().await, Some(0));
    assert!(begun(&history(&log).await, &job).is_empty());
    system.remove().await;
}

/// Asks for a job for each moment, in one batch.
async fn scheduled(client: &Client, due: &[OffsetDateTime]) -> Vec<String> {
    let items = due.iter().enumerate().map(|(n, due)| {
        json!({"idempotencyKey": format!("k{n}"), "request": {"weeks": 1, "notBefore": due.format(&Rfc3339).unwrap()}})
    });
    accepted(client, &json!({"items": items.collect::<Vec<_>>()})).await
}

async fn accepted(client: &Client, batch: &Value) -> Vec<String> {
    let answer = client.request(Method::POST, "/api/v1/jobs/batch").json(batch).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK, "{}", answer.text().await.unwrap());
    let body: Value = answer.json().await.unwrap();
    let items = body["items"].as_array().unwrap();
    items.iter().map(|item| item["job"]["jobId"].as_str().unwrap_or_else(|| panic!("{item}")).to_owned()).collect()
}

/// Every event of the stream of jobs and plans.
async fn history(log: &dyn EventLog) -> Vec<Recorded> {
    let end = log.last_sequence("PLANS").await.unwrap();
    let mut reader = log.open("PLANS", 0).await.unwrap();
    let mut events = Vec::<Recorded>::new();
    while events.last().is_none_or(|last| last.position.sequence < end) {
        let batch = reader.next(1_000, Duration::from_secs(2)).await.unwrap();
        let is_over = batch.events.is_empty() || batch.pending == 0;
        events.extend(batch.events);
        if is_over {
            break;
        }
    }
    events
}

fn of_jobs(history: &[Recorded]) -> impl Iterator<Item = (&Recorded, JobEvent)> {
    history.iter().filter_map(|event| Some((event, event.decode::<JobEvent>().ok()?)))
}

/// How often each job was completed.
fn completed(history: &[Recorded]) -> BTreeMap<String, u32> {
    let mut completed = BTreeMap::new();
    for (event, fact) in of_jobs(history) {
        if matches!(fact, JobEvent::Completed(_)) {
            *completed.entry(event.aggregate.id.as_str().to_owned()).or_insert(0) += 1;
        }
    }
    completed
}

/// When the attempts of a job began.
fn begun(history: &[Recorded], job: &str) -> Vec<OffsetDateTime> {
    let own = of_jobs(history).filter(|(event, _)| event.aggregate.id.as_str() == job);
    own.filter_map(|(event, fact)| match fact {
        JobEvent::Started(_) => Some(event.at),
        JobEvent::Completed(completed) => completed.begun.map(|begun| begun.at),
        _ => None,
    })
    .collect()
}
