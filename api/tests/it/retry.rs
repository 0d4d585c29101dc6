//! A failed job, asked for again.

use std::time::Duration;

use ally_domain::job::{FailureCode, JobCommand};
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Ally, body, header, problem};

/// A job of Amy's that failed; what it was asked is its request.
async fn failed(ally: &Ally) -> String {
    ally.onboarded("amy").await;
    let wish = json!({"weeks": 6, "seed": 9, "startDate": "2026-11-23"});
    let job = body(ally.post("/api/v1/plans/generate", "amy", &wish).await).await["jobId"].as_str().unwrap().to_owned();
    ally.begin(&job).await;
    let fail = JobCommand::Fail { attempt: 1, code: FailureCode::Infeasible, reason: "no plan fits".into() };
    ally.work(&job, fail).await;
    job
}

async fn retry(ally: &Ally, job: &str, athlete: &str) -> reqwest::Response {
    ally.request(Method::POST, &format!("/api/v1/jobs/{job}/retry"), athlete).send().await.unwrap()
}

fn requests(ally: &Ally) -> Vec<Value> {
    let events = ally.store.events("PLANS").into_iter();
    let requested = events.filter(|event| event.event_type.to_string().contains("requested"));
    requested.map(|event| serde_json::from_str(event.data.as_ref()).unwrap()).collect()
}

#[tokio::test]
async fn a_failed_job_is_asked_for_again_once() {
    let ally = Ally::start().await;
    let job = failed(&ally).await;
    let failed = body(ally.get(&format!("/api/v1/jobs/{job}"), "amy").await).await;
    assert_eq!(failed["links"]["retry"], format!("/api/v1/jobs/{job}/retry"));
    let accepted = retry(&ally, &job, "amy").await;
    assert_eq!(accepted.status(), 202);
    let location = header(&accepted, "location").unwrap().to_owned();
    let again = body(accepted).await;
    assert_ne!(again["jobId"], job, "it is a job of its own");
    assert_eq!(location, format!("/api/v1/jobs/{}", again["jobId"].as_str().unwrap()));
    let [.., first, second] = requests(&ally).try_into().map(|all: [Value; 3]| all).unwrap();
    assert_eq!(first["request"], second["request"], "for what was asked then");

    // On another day too, when what was asked would be read otherwise.
    ally.clock.forward(Duration::from_secs(10 * 86_400));
    let same = retry(&ally, &job, "amy").await;
    assert_eq!(same.status(), 202);
    assert_eq!(body(same).await["jobId"], again["jobId"]);
    assert_eq!(requests(&ally).len(), 3);
}

#[tokio::test]
async fn many_retries_at_once_are_one() {
    let ally = Ally::start().await;
    let job = failed(&ally).await;
    let answers = futures::future::join_all((0..16).map(|_| retry(&ally, &job, "amy"))).await;
    let mut ids = Vec::new();
    for answer in answers {
        assert_eq!(answer.status(), 202);
        ids.push(body(answer).await["jobId"].clone());
    }
    ids.dedup();
    assert_eq!(ids.len(), 1);
    assert_eq!(requests(&ally).len(), 3);
}

#[tokio::test]
async fn a_first_day_that_has_passed_is_asked_for_no_more() {
    let ally = Ally::start().await;
    let job = failed(&ally).await;
    ally.clock.forward(Duration::from_secs(20 * 86_400));
    assert_eq!(retry(&ally, &job, "amy").await.status(), 202);
    let last = requests(&ally).pop().unwrap();
    assert_eq!((&last["request"]["weeks"], &last["request"]["seed"]), (&json!(6), &json!(9)));
    assert!(last["request"]["start"].as_str().unwrap() > "2026-12-09", "{last}");
}

#[tokio::test]
async fn only_a_bad_end_of_ones_own_is_tried_again() {
    let ally = Ally::start().await;
    let job = failed(&ally).await;
    problem(retry(&ally, &job, "eve").await, 404, "not-found").await;
    problem(retry(&ally, "unknown", "amy").await, 404, "not-found").await;
    let open = body(retry(&ally, &job, "amy").await).await["jobId"].as_str().unwrap().to_owned();
    let told = problem(retry(&ally, &open, "amy").await, 409, "job-state").await;
    assert!(told["detail"].as_str().unwrap().contains("queued"), "{told:#}");
    ally.begin(&open).await;
    ally.complete(&open, "amy").await;
    problem(retry(&ally, &open, "amy").await, 409, "job-state").await;
    let completed = body(ally.get(&format!("/api/v1/jobs/{open}"), "amy").await).await;
    assert!(completed["links"].get("retry").is_none());
}
