//! Answers in, 202 out.

use reqwest::StatusCode;
use serde_json::json;

use crate::harness::{Ally, all_answers, body, header};

#[tokio::test]
async fn all_answers_at_once_are_accepted_with_a_job() {
    let ally = Ally::start().await;
    let response = ally.post("/api/v1/onboarding", "amy", &all_answers()).await;
    assert_eq!(response.status(), StatusCode::ACCEPTED);
    let location = header(&response, "location").unwrap().to_owned();
    assert_eq!(header(&response, "retry-after"), Some("1"));
    let accepted = body(response).await;
    let job = accepted["jobId"].as_str().unwrap();
    assert_eq!(location, format!("/api/v1/jobs/{job}"));
    assert_eq!(accepted["status"], "queued");
    assert_eq!(accepted["position"], "ONBOARDING:2");
    assert_eq!(accepted["profileRevision"], 1);
    assert_eq!(accepted["links"]["self"], location);

    let status = ally.get(&location, "amy").await;
    assert_eq!(status.status(), StatusCode::OK, "a promised job is there before anybody requested it");
    assert_eq!(body(status).await["status"], "queued");
}

#[tokio::test]
async fn answers_come_step_by_step() {
    let ally = Ally::start().await;
    let steps = [
        json!({"purpose": "weight_loss"}),
        json!({"proficiency": "advanced"}),
        json!({"season": "inseason"}),
        json!({"availabilityDays": 4, "weeklyGoalDays": 3}),
        json!({"equipment": []}),
    ];
    let names = ["purpose", "proficiency", "season", "availability", "equipment", "recovery"];
    for (n, step) in steps.iter().enumerate() {
        let response = ally.post("/api/v1/onboarding", "amy", step).await;
        assert_eq!(response.status(), StatusCode::OK);
        let answer = body(response).await;
        assert_eq!(answer["status"], "incomplete");
        assert_eq!(answer["answered"], json!(names[..=n]));
        assert_eq!(answer["missing"], json!(names[n + 1..]));
        assert_eq!(answer["position"], format!("ONBOARDING:{}", n + 1));
    }
    let response = ally.post("/api/v1/onboarding", "amy", &json!({"recoveryHabits": []})).await;
    assert_eq!(response.status(), StatusCode::ACCEPTED);
}

/// The founding app has five steps: whoever sends those is told which of the six is open and how it is answered.
#[tokio::test]
async fn a_missing_answer_is_said_in_a_sentence() {
    let ally = Ally::start().await;
    let mut answers = all_answers();
    answers.as_object_mut().unwrap().retain(|field, _| field != "recoveryHabits");
    let answer = body(ally.post("/api/v1/onboarding", "amy", &answers).await).await;
    let expected =
        "5 of 6 steps are answered; to be answered yet: step 6 (`recoveryHabits`, an empty list is an answer).";
    assert_eq!(answer["message"], expected);
}

#[tokio::test]
async fn days_are_taken_in_any_case() {
    let ally = Ally::start().await;
    let mut answers = all_answers();
    answers["availabilityDays"] = json!(["Monday", "WEDNESDAY", "friday"]);
    answers["fixedSchedules"][0]["day"] = json!("Monday");
    let accepted = ally.post("/api/v1/onboarding", "amy", &answers).await;
    assert_eq!(accepted.status(), StatusCode::ACCEPTED);
    let job = body(accepted).await["jobId"].clone();
    let same = body(ally.post("/api/v1/onboarding", "amy", &all_answers()).await).await;
    assert_eq!(same["jobId"], job, "however they are spelled, they are the same answers");
    answers["availabilityDays"] = json!(["Moonday"]);
    let wrong =
        crate::harness::problem(ally.post("/api/v1/onboarding", "amy", &answers).await, 400, "validation").await;
    assert!(wrong["detail"].as_str().unwrap().contains("Moonday"), "what was sent is said back as it was sent");
}

#[tokio::test]
async fn no_answer_at_all_is_an_incomplete_onboarding() {
    let ally = Ally::start().await;
    let response = ally.post("/api/v1/onboarding", "amy", &json!({})).await;
    assert_eq!(response.status(), StatusCode::OK);
    let answer = body(response).await;
    assert_eq!(answer["missing"].as_array().unwrap().len(), 6);
    assert!(answer.get("position").is_none(), "nothing was stored: {answer}");
}

#[tokio::test]
async fn repeating_answers_gives_the_same_job_and_where_it_stands() {
    let ally = Ally::start().await;
    let job = ally.onboarded("amy").await;
    ally.begin(&job).await;
    let response = ally.post("/api/v1/onboarding", "amy", &all_answers()).await;
    assert_eq!(response.status(), StatusCode::ACCEPTED);
    let again = body(response).await;
    assert_eq!(again["jobId"], job);
    assert_eq!(again["status"], "running");
    assert_eq!(ally.store.events("ONBOARDING").len(), 2);
}

#[tokio::test]
async fn a_changed_answer_makes_the_next_revision_and_its_job() {
    let ally = Ally::start().await;
    let job = ally.onboarded("amy").await;
    let response = ally.post("/api/v1/onboarding", "amy", &json!({"minutesPerSession": 30})).await;
    assert_eq!(response.status(), StatusCode::ACCEPTED);
    let changed = body(response).await;
    assert_eq!(changed["profileRevision"], 2);
    assert_ne!(changed["jobId"], job);
}

#[tokio::test]
async fn null_says_no_answer() {
    let ally = Ally::start().await;
    let mut answers = all_answers();
    answers["competitionDate"] = json!(null);
    let response = ally.post("/api/v1/onboarding", "amy", &answers).await;
    assert_eq!(response.status(), StatusCode::ACCEPTED);
}
