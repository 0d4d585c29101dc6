//! The athlete's onboarding and profile.

use serde_json::json;

use crate::harness::{Ally, all_answers, body};

const PROFILE: &str = "/api/v1/profile";

#[tokio::test]
async fn an_athlete_who_never_answered_has_everything_open() {
    let ally = Ally::start().await;
    let profile = body(ally.get(PROFILE, "amy").await).await;
    assert_eq!(profile["status"], "incomplete");
    assert_eq!(profile["missing"].as_array().unwrap().len(), 6);
    assert_eq!(profile["answers"], json!({}));
    assert_eq!(profile["revision"], json!(null));
}

#[tokio::test]
async fn a_complete_profile_shows_what_was_answered() {
    let ally = Ally::start().await;
    let job = ally.onboarded("amy").await;
    let profile = body(ally.get(PROFILE, "amy").await).await;
    assert_eq!(profile["status"], "complete");
    assert_eq!(profile["revision"], 1);
    assert_eq!(profile["jobId"], job);
    assert_eq!(profile["answers"], all_answers());
    assert_eq!(profile["missing"], json!([]));
    assert_eq!(profile["updatedAt"], "2026-11-20T08:00:00Z");
    assert_eq!(profile["position"], "ONBOARDING:2");
    assert_eq!(body(ally.get(PROFILE, "eve").await).await["answers"], json!({}));
}

#[tokio::test]
async fn a_named_position_is_seen_though_the_view_is_behind() {
    let ally = Ally::start().await;
    ally.onboarded("amy").await;
    ally.views.stick_at(Some(2));
    ally.post("/api/v1/onboarding", "amy", &json!({"age": 31})).await;
    assert_eq!(body(ally.get(PROFILE, "amy").await).await["answers"]["age"], 30);
    let fresh = body(ally.get(&format!("{PROFILE}?position=ONBOARDING:4"), "amy").await).await;
    assert_eq!(fresh["answers"]["age"], 31);
}
