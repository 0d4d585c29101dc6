//! What is said twice is refused: a second answer would silently take the place of the first. (Of queries: `queries`.)

use reqwest::Method;

use crate::harness::{Ally, body, fields, problem};

async fn refused(ally: &Ally, path: &str, text: &str, field: &str) {
    let request = ally.request(Method::POST, path, "amy").header("content-type", "application/json");
    let told = problem(request.body(text.to_owned()).send().await.unwrap(), 400, "validation").await;
    assert_eq!(fields(&told), [field], "{text}: {told:#}");
    assert!(told["errors"][0]["problem"].as_str().unwrap().contains("twice"), "{told:#}");
}

#[tokio::test]
async fn a_body_that_says_a_key_twice_is_refused_at_every_level() {
    let ally = Ally::start().await;
    let onboarding = "/api/v1/onboarding";
    refused(&ally, onboarding, r#"{"injuries":[{"bodyPart":"knee","pain":8}],"injuries":[]}"#, "injuries").await;
    refused(&ally, onboarding, r#"{"injuries":[{"bodyPart":"knee","pain":8,"pain":0}]}"#, "injuries[0].pain").await;
    refused(&ally, onboarding, r#"{"age":30,"\u0061ge":31}"#, "age").await;
    refused(&ally, onboarding, r#"{"x":{"y":[1,{"z":1,"z":1}]}}"#, "x.y[1].z").await;
    refused(&ally, "/api/v1/plans/generate", r#"{"weeks":4,"weeks":8}"#, "weeks").await;
    refused(&ally, "/api/v1/plans/p/pain", r#"{"pain":[],"note":"a","note":"b"}"#, "note").await;
    refused(&ally, "/api/v1/plans/p/replan", r#"{"reason":"a","reason":"b"}"#, "reason").await;
    refused(&ally, "/api/v1/time-crunch/preview", r#"{"planId":"a","planId":"b"}"#, "planId").await;
    let profile = body(ally.get("/api/v1/profile", "amy").await).await;
    assert_eq!(profile["answers"], serde_json::json!({}), "nothing was taken");
}
