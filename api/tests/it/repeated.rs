//! What is said twice is refused: a second answer would silently take the place of the first.

use reqwest::Method;
use serde_json::Value;

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

/// Every query parameter of the document that is not a list is refused when it is there twice.
#[tokio::test]
async fn a_parameter_that_is_given_twice_is_refused() {
    let ally = Ally::start().await;
    let document: Value = serde_json::from_str(&ally_api::openapi_json()).unwrap();
    let mut asked = 0;
    for (path, operations) in document["paths"].as_object().unwrap() {
        for parameter in operations["get"]["parameters"].as_array().into_iter().flatten() {
            let name = parameter["name"].as_str().unwrap();
            if parameter["in"] != "query" || parameter["schema"]["type"] == "array" {
                continue;
            }
            let path = path.replace("{id}", "some-id").replace("{session}", "w1d1");
            let token = ally_api::mint(
                &crate::harness::auth(),
                "kim",
                ally_domain::ports::Clock::now(&*ally.clock),
                std::time::Duration::from_secs(60),
                &["operator".to_owned()],
            )
            .unwrap();
            let response = ally.server.request(Method::GET, &format!("{path}?{name}=1&{name}=1")).bearer_auth(token);
            let response = response.send().await.unwrap();
            assert_eq!(response.status(), 400, "{name} of {path}");
            let told = body(response).await;
            let twice =
                told["errors"].as_array().unwrap().iter().any(|error| {
                    error["field"] == name && error["problem"].as_str().unwrap().contains("more than once")
                });
            assert!(twice, "{name} of {path}: {told:#}");
            asked += 1;
        }
    }
    assert!(asked > 15, "{asked}");
}
