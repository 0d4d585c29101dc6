//! Many requests in one body.

use ally_api::{Limits, Rate};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Ally, Setup, body, fields, generous, header, problem};

const BATCH: &str = "/api/v1/jobs/batch";

async fn send(ally: &Ally, key: Option<&str>, sent: &Value) -> reqwest::Response {
    let mut request = ally.request(Method::POST, BATCH, "amy").json(sent);
    if let Some(key) = key {
        request = request.header("idempotency-key", key);
    }
    request.send().await.unwrap()
}

async fn answered(ally: &Ally, key: Option<&str>, sent: &Value) -> Value {
    let response = send(ally, key, sent).await;
    assert_eq!(response.status(), StatusCode::OK);
    body(response).await
}

fn each<'a>(answer: &'a Value, field: &str) -> Vec<&'a Value> {
    answer["items"].as_array().unwrap().iter().map(|item| &item[field]).collect()
}

#[tokio::test]
async fn each_request_is_answered_by_itself_and_the_same_batch_again_in_the_same_way() {
    let ally = Ally::start().await;
    ally.onboarded("amy").await;
    let sent = json!({"items": [
        {"idempotencyKey": "a", "request": {"weeks": 6}},
        {"idempotencyKey": "b", "request": {"deadline": "2026-11-19T08:00:00Z"}},
        {"idempotencyKey": "c", "request": {"notBefore": "2026-12-01T08:00:00Z"}},
        {"idempotencyKey": "d"},
        {"idempotencyKey": "e", "request": {"priority": "high"}},
        {"idempotencyKey": "a", "request": {"weeks": 7}},
    ]});
    let first = answered(&ally, None, &sent).await;
    assert_eq!((&first["accepted"], &first["refused"]), (&json!(3), &json!(3)));
    assert_eq!(each(&first, "status"), [202, 422, 202, 202, 403, 422]);
    assert_eq!(each(&first, "index"), [0, 1, 2, 3, 4, 5]);
    assert_eq!(each(&first, "idempotencyKey"), ["a", "b", "c", "d", "e", "a"]);
    assert_eq!(fields(&first["items"][1]["problem"]), ["deadline"]);
    assert_eq!(first["items"][5]["problem"]["type"], "/problems/idempotency-key-reused");
    assert_eq!(first["items"][2]["job"]["status"], "scheduled");
    assert_eq!(each(&first, "replayed").iter().filter(|replayed| replayed.is_boolean()).count(), 0);
    for item in first["items"].as_array().unwrap() {
        assert_eq!(item["job"].is_object(), item["problem"].is_null(), "{item}");
        if let Some(location) = item["location"].as_str() {
            let job = body(ally.get(location, "amy").await).await;
            assert_eq!(job["jobId"], item["job"]["jobId"]);
        }
    }
    let stored = ally.store.events("PLANS").len();
    let second = answered(&ally, None, &sent).await;
    let jobs = |answer: &Value| -> Vec<Value> {
        answer["items"].as_array().unwrap().iter().map(|item| item["job"]["jobId"].clone()).collect()
    };
    assert_eq!(jobs(&second), jobs(&first));
    assert_eq!(each(&second, "status"), each(&first, "status"));
    assert_eq!(each(&second, "replayed").iter().filter(|replayed| **replayed == true).count(), 3);
    assert_eq!(ally.store.events("PLANS").len(), stored);
    // The key of a batch's request is the key of a single one.
    let single = ally.request(Method::POST, "/api/v1/plans/generate", "amy").header("idempotency-key", "d");
    assert_eq!(body(single.send().await.unwrap()).await["jobId"], first["items"][3]["job"]["jobId"]);
}

#[tokio::test]
async fn the_key_of_the_batch_names_requests_without_one() {
    let ally = Ally::start().await;
    ally.onboarded("amy").await;
    let sent = json!({"items": [{}, {"request": {"weeks": 3}}, {"idempotencyKey": "own"}]});
    let first = answered(&ally, Some("monday"), &sent).await;
    assert_eq!(first["accepted"], 3);
    assert!(first["items"][0].get("idempotencyKey").is_none());
    let second = answered(&ally, Some("monday"), &sent).await;
    for place in 0..3 {
        assert_eq!(second["items"][place]["job"]["jobId"], first["items"][place]["job"]["jobId"]);
    }
    let other = answered(&ally, Some("tuesday"), &sent).await;
    assert_ne!(other["items"][0]["job"]["jobId"], first["items"][0]["job"]["jobId"]);
    assert_eq!(other["items"][2]["job"]["jobId"], first["items"][2]["job"]["jobId"]);
}

#[tokio::test]
async fn a_batch_that_is_not_valid_is_refused_whole() {
    let ally = Ally::start().await;
    ally.onboarded("amy").await;
    let before = ally.store.events("PLANS").len();
    let many: Vec<Value> = (0..101).map(|n| json!({"idempotencyKey": format!("k{n}")})).collect();
    for (sent, wrong) in [
        (json!({"items": []}), vec!["items"]),
        (json!({"items": many}), vec!["items"]),
        (json!({"items": [{"idempotencyKey": "a b"}, {}]}), vec!["items[0].idempotencyKey", "items[1].idempotencyKey"]),
        (json!({"items": [{"idempotencyKey": "a", "request": {"weeks": 17}}]}), vec!["items[0].request.weeks"]),
        (json!({"items": [{"idempotencyKey": "a", "weeks": 4}]}), vec!["items[0].weeks"]),
    ] {
        let refused = problem(send(&ally, None, &sent).await, 400, "validation").await;
        assert_eq!(fields(&refused), wrong);
    }
    let keyless = json!({"items": [{"idempotencyKey": "a"}, {}, {"request": {}}]});
    let refused = problem(send(&ally, None, &keyless).await, 422, "contradiction").await;
    assert_eq!(fields(&refused), ["items[1].idempotencyKey", "items[2].idempotencyKey"]);
    assert_eq!(ally.store.events("PLANS").len(), before);
}

#[tokio::test]
async fn each_request_of_a_batch_counts_in_the_limits() {
    let rate = Rate { per_minute: 1, burst: 5 };
    let ally = Ally::with(Setup { limits: Limits { per_athlete: rate, ..generous() }, ..Setup::default() }).await;
    // The onboarding is the first of five.
    ally.onboarded("amy").await;
    let items: Vec<Value> = (0..6).map(|n| json!({"idempotencyKey": format!("k{n}")})).collect();
    let response = send(&ally, None, &json!({"items": items})).await;
    let left = header(&response, "ratelimit").unwrap().to_owned();
    assert!(left.starts_with("\"athlete\";r=0;") && !left.contains(','), "{left}");
    let answer = body(response).await;
    assert_eq!(each(&answer, "status"), [202, 202, 202, 202, 429, 429]);
    assert!(answer["items"][5]["retryAfter"].as_u64().unwrap() >= 1);
    problem(send(&ally, None, &json!({"items": [{"idempotencyKey": "k0"}]})).await, 429, "rate-limited").await;
}

#[tokio::test]
async fn a_batch_takes_no_more_room_than_the_queue_has() {
    let ally = Ally::with(Setup { max_queued_jobs: 3, ..Setup::default() }).await;
    ally.onboarded("amy").await;
    let items: Vec<Value> = (0..6).map(|n| json!({"idempotencyKey": format!("k{n}")})).collect();
    let answer = answered(&ally, None, &json!({"items": items})).await;
    // The job of the onboarding is among those that wait once the views are asked again.
    let accepted = answer["accepted"].as_u64().unwrap();
    assert!((2..=3).contains(&accepted), "{answer:#}");
    for item in &answer["items"].as_array().unwrap()[accepted as usize..] {
        assert_eq!((&item["status"], &item["problem"]["type"]), (&json!(503), &json!("/problems/queue-full")));
        assert!(item["retryAfter"].as_u64().unwrap() >= 1);
    }
}

#[tokio::test]
async fn without_a_profile_each_request_says_what_is_missing() {
    let ally = Ally::start().await;
    let answer = answered(&ally, Some("k"), &json!({"items": [{}, {}]})).await;
    assert_eq!(each(&answer, "status"), [409, 409]);
    assert_eq!(answer["items"][1]["problem"]["type"], "/problems/no-profile");
}
