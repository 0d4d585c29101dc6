//! Plans that were made.

use ally_domain::ids::JobId;
use serde_json::{Value, json};

use crate::harness::{Ally, body, problem};

async fn planned(ally: &Ally, athlete: &str, key: &str) -> String {
    let request = ally.request(reqwest::Method::POST, "/api/v1/plans/generate", athlete).header("idempotency-key", key);
    let job = body(request.send().await.unwrap()).await["jobId"].as_str().unwrap().to_owned();
    ally.begin(&job).await;
    ally.complete(&job, athlete).await
}

#[tokio::test]
async fn a_plan_is_read_whole() {
    let ally = Ally::start().await;
    let job = ally.onboarded("amy").await;
    ally.begin(&job).await;
    let id = ally.complete(&job, "amy").await;
    let path = format!("/api/v1/plans/{id}");
    let document = body(ally.get(&path, "amy").await).await;
    assert_eq!(document["planId"], id);
    assert_eq!(document["jobId"], job);
    assert_eq!(document["version"], 1);
    assert_eq!(document["plan"]["goal"], "muscle_building");
    ally.views.stick_at(Some(0));
    assert_eq!(body(ally.get(&path, "amy").await).await, document, "the log answers what is not projected");
}

#[tokio::test]
async fn another_athletes_plan_is_not_there() {
    let ally = Ally::start().await;
    let job = ally.onboarded("amy").await;
    ally.begin(&job).await;
    let id = ally.complete(&job, "amy").await;
    for id in [id.as_str(), "unknown", "a.b", JobId::for_key(&"amy".parse().unwrap(), "k").as_str()] {
        problem(ally.get(&format!("/api/v1/plans/{id}"), "eve").await, 404, "not-found").await;
    }
}

#[tokio::test]
async fn plans_are_listed_newest_first_a_page_at_a_time() {
    let ally = Ally::start().await;
    ally.onboarded("amy").await;
    ally.onboarded("bea").await;
    let mut made = Vec::new();
    for n in 0..5 {
        made.push(planned(&ally, "amy", &format!("k{n}")).await);
    }
    planned(&ally, "bea", "k").await;
    made.reverse();
    let mut listed = Vec::new();
    let mut cursor = String::new();
    for pages in 1.. {
        let page = body(ally.get(&format!("/api/v1/plans?limit=2{cursor}"), "amy").await).await;
        let plans: Vec<Value> = page["plans"].as_array().unwrap().clone();
        listed.extend(plans.iter().map(|plan| plan["planId"].as_str().unwrap().to_owned()));
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => {
                assert_eq!(pages, 3);
                break;
            }
        }
    }
    assert_eq!(listed, made);
    assert_eq!(body(ally.get("/api/v1/plans", "cleo").await).await, json!({"plans": []}));
}
