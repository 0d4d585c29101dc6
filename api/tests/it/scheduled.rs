//! Jobs with a moment before which they must not begin, a deadline, or a priority.

use std::time::Duration;

use ally_api::{Grants, mint};
use ally_domain::job::{JobCommand, Priority};
use ally_domain::ports::Clock as _;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Ally, auth, body, fields, header, problem};
use crate::operator::as_kim;

const GENERATE: &str = "/api/v1/plans/generate";
const HOUR: Duration = Duration::from_secs(3_600);

async fn accepted(ally: &Ally, wish: &Value) -> String {
    let response = ally.post(GENERATE, "amy", wish).await;
    assert_eq!(response.status(), StatusCode::ACCEPTED);
    body(response).await["jobId"].as_str().unwrap().to_owned()
}

async fn job(ally: &Ally, id: &str) -> Value {
    body(ally.get(&format!("/api/v1/jobs/{id}"), "amy").await).await
}

async fn listed(ally: &Ally, status: &str) -> Vec<String> {
    let list = body(ally.get(&format!("/api/v1/jobs?status={status}"), "amy").await).await;
    list["items"].as_array().unwrap().iter().map(|job| job["jobId"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_scheduled_job_says_so_until_its_time_comes() {
    let ally = Ally::start().await;
    ally.onboarded("amy").await;
    let wish = json!({"notBefore": "2026-11-20T10:30:00+02:00", "deadline": "2026-11-20T12:00:00Z"});
    let response = ally.post(GENERATE, "amy", &wish).await;
    assert_eq!(header(&response, "retry-after"), Some("60"), "half an hour ahead, and it may be cancelled before");
    let first = body(response).await;
    assert_eq!(first["status"], "scheduled");
    let id = first["jobId"].as_str().unwrap();
    let response = ally.get(&format!("/api/v1/jobs/{id}"), "amy").await;
    let tag = header(&response, "etag").unwrap().to_owned();
    let shown = body(response).await;
    assert_eq!(shown["status"], "scheduled");
    assert_eq!(shown["message"], "The job is scheduled; it begins at 2026-11-20T08:30:00Z.");
    assert_eq!(
        (&shown["notBefore"], &shown["deadline"]),
        (&json!("2026-11-20T08:30:00Z"), &json!("2026-11-20T12:00:00Z"))
    );
    assert!(shown["links"]["cancel"].is_string() && shown["ended"] == false);
    assert_eq!((listed(&ally, "scheduled").await.len(), listed(&ally, "queued").await.len()), (1, 1));

    ally.clock.forward(HOUR / 2);
    let known = ally.request(Method::GET, &format!("/api/v1/jobs/{id}"), "amy").header("if-none-match", tag);
    let response = known.send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK, "that its time has come is news");
    assert_eq!(header(&response, "retry-after"), Some("1"));
    let shown = body(response).await;
    assert_eq!((&shown["status"], &shown["message"]), (&json!("queued"), &json!("The job waits for a worker.")));
    assert_eq!((listed(&ally, "scheduled").await.len(), listed(&ally, "queued").await.len()), (0, 2));
}

#[tokio::test]
async fn a_scheduled_job_is_cancelled_or_expedited_before_its_time() {
    let ally = Ally::start().await;
    ally.onboarded("amy").await;
    let wish = json!({"notBefore": "2026-12-20T10:00:00Z"});
    let id = accepted(&ally, &wish).await;
    let cancelled = ally.request(Method::POST, &format!("/api/v1/jobs/{id}/cancel"), "amy").send().await.unwrap();
    assert_eq!(cancelled.status(), StatusCode::OK);
    assert_eq!(body(cancelled).await["status"], "cancelled");
    let id = accepted(&ally, &wish).await;
    let path = format!("/api/v1/operator/jobs/{id}/expedite");
    let expedited = as_kim(&ally, ally.server.request(Method::POST, &path)).send().await.unwrap();
    assert_eq!(body(expedited).await["status"], "queued");
    assert_eq!(job(&ally, &id).await["status"], "queued", "now, and not when it was due");
}

#[tokio::test]
async fn moments_that_cannot_be_are_named() {
    let ally = Ally::start().await;
    ally.onboarded("amy").await;
    for (wish, status, kind, wrong) in [
        (json!({"notBefore": "soon"}), 400, "validation", "notBefore"),
        (json!({"deadline": 7}), 400, "validation", "deadline"),
        (json!({"priority": "urgent"}), 400, "validation", "priority"),
        (json!({"notBefore": "2027-02-18T08:00:01Z"}), 422, "contradiction", "notBefore"),
        (json!({"deadline": "2026-11-20T08:00:00Z"}), 422, "contradiction", "deadline"),
        (
            json!({"notBefore": "2026-12-01T00:00:00Z", "deadline": "2026-11-30T00:00:00Z"}),
            422,
            "contradiction",
            "deadline",
        ),
    ] {
        let refused = problem(ally.post(GENERATE, "amy", &wish).await, status, kind).await;
        assert_eq!(fields(&refused), [wrong], "{wish}");
    }
    assert_eq!(accepted(&ally, &json!({"notBefore": "2027-02-18T08:00:00Z"})).await.len(), 36, "90 days ahead");
}

#[tokio::test]
async fn a_job_that_missed_its_deadline_says_why() {
    let ally = Ally::start().await;
    ally.onboarded("amy").await;
    let id = accepted(&ally, &json!({"deadline": "2026-11-20T09:00:00Z"})).await;
    ally.clock.forward(HOUR * 2);
    ally.work(&id, JobCommand::Expire { at: ally.clock.now() }).await;
    let shown = job(&ally, &id).await;
    assert_eq!((&shown["status"], &shown["error"]["code"]), (&json!("failed"), &json!("deadline_passed")));
    assert_eq!(shown["message"], "There is no plan: the job was not finished by its deadline, 2026-11-20T09:00:00Z.");
    assert!(shown["links"]["retry"].is_string());
    let again = ally.request(Method::POST, &format!("/api/v1/jobs/{id}/retry"), "amy").send().await.unwrap();
    let again = body(again).await["jobId"].as_str().unwrap().to_owned();
    assert!(job(&ally, &again).await.get("deadline").is_none(), "a retry takes its time");
}

#[tokio::test]
async fn only_a_token_with_the_claim_lets_a_job_go_before_others() {
    let ally = Ally::start().await;
    ally.onboarded("amy").await;
    let wish = json!({"priority": "high"});
    let refused = problem(ally.post(GENERATE, "amy", &wish).await, 403, "forbidden").await;
    let detail = refused["detail"].as_str().unwrap();
    assert!(detail.contains("claim `priorities`") && detail.contains("--priority high"), "{detail}");
    let grants = Grants { roles: &[], priorities: &[Priority::High] };
    let token = mint(&auth(), "amy", ally.clock.now(), HOUR, grants).unwrap();
    let request = ally.server.request(Method::POST, GENERATE).bearer_auth(token).json(&wish);
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), StatusCode::ACCEPTED);
    let id = body(response).await["jobId"].as_str().unwrap().to_owned();
    let timeline = body(ally.get(&format!("/api/v1/jobs/{id}/timeline"), "amy").await).await;
    let types: Vec<_> = timeline["entries"].as_array().unwrap().iter().map(|entry| entry["type"].clone()).collect();
    assert_eq!(types, ["plan_job.requested.v1", "plan_job.expedited.v1"]);
    assert_eq!(ally.post(GENERATE, "amy", &json!({"priority": "normal"})).await.status(), StatusCode::ACCEPTED);
}
