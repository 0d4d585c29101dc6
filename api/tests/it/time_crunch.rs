//! A session in the minutes that there are, over HTTP.

use reqwest::Response;
use serde_json::{Value, json};

use crate::harness::{Ally, body, composed, fields, problem};

const PATH: &str = "/api/v1/time-crunch/preview";

/// A plan of Amy's and its first session.
async fn planned(ally: &Ally) -> (String, Value) {
    let job = ally.onboarded("amy").await;
    ally.begin(&job).await;
    let id = ally.complete_with(&job, "amy", composed).await;
    let plan = body(ally.get(&format!("/api/v1/plans/{id}"), "amy").await).await;
    (id, plan["plan"]["weeks"][0]["sessions"][0].clone())
}

async fn preview(ally: &Ally, plan: &str, session: &Value, minutes: impl Into<Value>) -> Response {
    let wish = json!({"planId": plan, "sessionId": session["id"], "targetMinutes": minutes.into()});
    ally.post(PATH, "amy", &wish).await
}

#[tokio::test]
async fn a_session_fits_the_minutes_and_says_what_it_gave_up() {
    let ally = Ally::start().await;
    let (plan, session) = planned(&ally).await;
    let estimated = session["estMin"].as_u64().unwrap();
    let target = estimated * 2 / 3;
    let shorter = body(preview(&ally, &plan, &session, target).await).await;
    assert_eq!(shorter["plannedMinutes"], estimated);
    assert_eq!(shorter["targetMinutes"], target);
    assert!(shorter["session"]["estMin"].as_u64().unwrap() <= target);
    assert_eq!(shorter["session"]["id"], session["id"]);
    let given_up = shorter["givenUp"].as_array().unwrap();
    assert!(!given_up.is_empty());
    assert!(given_up.iter().all(|one| one["rule"].as_str().unwrap().starts_with('R') && one["from"] != one["to"]));
    let as_it_is = body(preview(&ally, &plan, &session, estimated).await).await;
    assert_eq!((&as_it_is["session"], &as_it_is["givenUp"]), (&session, &json!([])));
    let unchanged = body(ally.get(&format!("/api/v1/plans/{plan}"), "amy").await).await;
    assert_eq!(unchanged["plan"]["weeks"][0]["sessions"][0], session, "nothing is stored");
}

#[tokio::test]
async fn too_few_minutes_are_told_with_the_fewest_that_do() {
    let ally = Ally::start().await;
    let (plan, session) = planned(&ally).await;
    let refused = problem(preview(&ally, &plan, &session, 5).await, 422, "too-few-minutes").await;
    assert_eq!(fields(&refused), ["targetMinutes"]);
    let expected = refused["errors"][0]["expected"].as_str().unwrap();
    let least: u64 = expected.trim_start_matches("at least ").parse().unwrap();
    problem(preview(&ally, &plan, &session, least - 1).await, 422, "too-few-minutes").await;
    assert_eq!(preview(&ally, &plan, &session, least).await.status(), 200);
}

#[tokio::test]
async fn what_is_not_there_or_not_a_number_of_minutes_is_refused() {
    let ally = Ally::start().await;
    let (plan, session) = planned(&ally).await;
    for minutes in [json!(4), json!(181), json!("30"), json!(30.5), json!(null)] {
        let wrong = problem(preview(&ally, &plan, &session, minutes).await, 400, "validation").await;
        assert_eq!(fields(&wrong), ["targetMinutes"]);
    }
    let wrong = problem(ally.post(PATH, "amy", &json!({"minutes": 30})).await, 400, "validation").await;
    assert_eq!(fields(&wrong), ["minutes", "planId", "sessionId", "targetMinutes"]);
    problem(preview(&ally, "another", &session, 30).await, 404, "not-found").await;
    problem(preview(&ally, &plan, &json!({"id": "w9d9"}), 30).await, 404, "not-found").await;
    let wish = json!({"planId": plan, "sessionId": session["id"], "targetMinutes": 30});
    problem(ally.post(PATH, "eve", &wish).await, 404, "not-found").await;
}

/// Answers the question about the chest.
async fn answer_chest(ally: &Ally, chest_pain: bool) -> Response {
    ally.post("/api/v1/onboarding", "amy", &json!({"screening": {"chestPain": chest_pain}})).await
}

#[tokio::test]
async fn a_shorter_session_is_for_the_athlete_of_today() {
    let ally = Ally::start().await;
    let (plan, session) = planned(&ally).await;
    let estimated = session["estMin"].as_u64().unwrap();
    let report = json!({"pain": [{"bodyPart": "shoulder", "level": 8}]});
    assert_eq!(ally.post(&format!("/api/v1/plans/{plan}/pain"), "amy", &report).await.status(), 201);
    let shorter = body(preview(&ally, &plan, &session, estimated).await).await;
    let given_up = shorter["givenUp"].as_array().unwrap();
    assert!(given_up.iter().any(|one| one["rule"] == "R5" && one["what"] == "exercise"), "{given_up:#?}");

    assert_eq!(answer_chest(&ally, true).await.status(), 202);
    let refused = problem(preview(&ally, &plan, &session, estimated).await, 422, "clearance-required").await;
    assert!(refused["detail"].as_str().unwrap().contains("chest pain"), "{refused:#}");
    assert_eq!(answer_chest(&ally, false).await.status(), 202);
    assert_eq!(preview(&ally, &plan, &session, estimated).await.status(), 200);
}

#[tokio::test]
async fn the_profile_tells_what_reports_and_notes_call_for() {
    let ally = Ally::start().await;
    let (plan, _) = planned(&ally).await;
    let report = json!({"pain": [{"bodyPart": "knee", "level": 9}], "note": "and dizzy afterwards"});
    assert_eq!(ally.post(&format!("/api/v1/plans/{plan}/pain"), "amy", &report).await.status(), 201);
    let profile = body(ally.get("/api/v1/profile", "amy").await).await;
    let expected = json!([
        "pain 9 of 10 in the knee",
        "a note of yours mentions dizziness, and dizzinessOrFainting was not answered since",
    ]);
    assert_eq!(profile["clearance"], expected);
}
