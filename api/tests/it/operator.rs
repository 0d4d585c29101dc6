//! Dead letters over HTTP: for operators and nobody else. And a job's timeline, for its athlete and nobody else.

use ally_api::mint;
use ally_domain::job::JobCommand;
use ally_domain::ports::Clock as _;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::harness::{Ally, auth, body, fields, problem};

const LETTER: &str = "/api/v1/operator/dead-letters/planner.PLANS-1";

/// Every operation that needs the role, as it would work.
const OPERATIONS: [(&str, &str); 5] = [
    ("GET", "/api/v1/operator/dead-letters"),
    ("GET", "/api/v1/operator/dead-letter-groups"),
    ("GET", LETTER),
    ("POST", "/api/v1/operator/dead-letters/planner.PLANS-1/redrive"),
    ("POST", "/api/v1/operator/dead-letters/planner.PLANS-1/discard"),
];

fn request(ally: &Ally, method: &str, path: &str) -> RequestBuilder {
    let method: Method = method.parse().unwrap();
    let request = ally.server.request(method.clone(), path);
    if method == Method::POST { request.json(&json!({"note": "fixed"})) } else { request }
}

fn as_kim(ally: &Ally, request: RequestBuilder) -> RequestBuilder {
    let hour = std::time::Duration::from_secs(3_600);
    let token = mint(&auth(), "kim", ally.clock.now(), hour, &["operator".to_owned()]).unwrap();
    request.bearer_auth(token)
}

async fn answer(ally: &Ally, method: &str, path: &str) -> Value {
    let response = as_kim(ally, request(ally, method, path)).send().await.unwrap();
    assert_eq!(response.status(), 200, "{path}");
    body(response).await
}

#[tokio::test]
async fn only_an_operator_is_let_to_the_dead_letters() {
    let ally = Ally::start().await;
    ally.dead_letters.park("planner.PLANS-1", "f1");
    for (method, path) in OPERATIONS {
        problem(request(&ally, method, path).send().await.unwrap(), 401, "unauthorized").await;
        let athlete = request(&ally, method, path).bearer_auth(crate::harness::token(&ally.clock, "amy"));
        let refused = problem(athlete.send().await.unwrap(), 403, "forbidden").await;
        assert!(refused["detail"].as_str().unwrap().contains("operator"), "{refused}");
    }
    assert!(ally.dead_letters.changes().is_empty(), "nothing was done for who may not");
}

#[tokio::test]
async fn dead_letters_are_listed_grouped_and_shown() {
    let ally = Ally::start().await;
    for (id, fingerprint) in [("planner.PLANS-1", "f1"), ("planner.PLANS-2", "f1"), ("planner.PLANS-3", "f2")] {
        ally.dead_letters.park(id, fingerprint);
    }
    assert_eq!(answer(&ally, "GET", OPERATIONS[0].1).await["letters"].as_array().unwrap().len(), 3);
    let one = format!("{}?fingerprint=f1&limit=1", OPERATIONS[0].1);
    assert_eq!(answer(&ally, "GET", &one).await["letters"][0]["id"], "planner.PLANS-1");
    assert_eq!(answer(&ally, "GET", OPERATIONS[1].1).await["groups"][0]["count"], 2);
    let shown = answer(&ally, "GET", LETTER).await;
    assert_eq!((&shown["about"], &shown["deliveries"]), (&json!("job 7"), &json!(5)));
    let wrong = as_kim(&ally, ally.server.request(Method::GET, &format!("{}?limit=many", OPERATIONS[0].1)));
    assert_eq!(fields(&problem(wrong.send().await.unwrap(), 400, "validation").await), ["limit"]);
}

#[tokio::test]
async fn a_change_names_its_operator_and_is_made_once() {
    let ally = Ally::start().await;
    for id in ["planner.PLANS-1", "planner.PLANS-2"] {
        ally.dead_letters.park(id, "f1");
    }
    assert_eq!(answer(&ally, "POST", OPERATIONS[3].1).await["outcome"], "redriven");
    let again = as_kim(&ally, request(&ally, "POST", OPERATIONS[3].1));
    problem(again.send().await.unwrap(), 404, "not-found").await;
    let second = OPERATIONS[4].1.replace("PLANS-1", "PLANS-2");
    assert_eq!(answer(&ally, "POST", &second).await["outcome"], "discarded");
    assert_eq!(
        ally.dead_letters.changes(),
        ["redriven planner.PLANS-1 by kim: fixed", "discarded planner.PLANS-2 by kim: fixed"]
    );
    for bad in [json!({}), json!({"note": ""}), json!({"note": "x".repeat(501)})] {
        let request = as_kim(&ally, ally.server.request(Method::POST, OPERATIONS[3].1)).json(&bad);
        assert_eq!(fields(&problem(request.send().await.unwrap(), 400, "validation").await), ["note"]);
    }
}

#[tokio::test]
async fn a_timeline_tells_what_happened_to_ones_own_job() {
    let ally = Ally::start().await;
    let job = ally.onboarded("amy").await;
    ally.begin(&job).await;
    ally.work(&job, JobCommand::Cancel).await;
    let path = format!("/api/v1/jobs/{job}/timeline");
    let timeline = body(ally.get(&path, "amy").await).await;
    let told = timeline["entries"].as_array().unwrap();
    let types: Vec<_> = told.iter().map(|entry| entry["type"].as_str().unwrap()).collect();
    // A first plan goes before others.
    let happened = ["requested", "expedited", "started", "cancel_requested"];
    assert_eq!(types, happened.map(|name| format!("plan_job.{name}.v1")));
    assert_eq!(told[2]["attempt"], 1);
    assert!(told[2]["summary"].as_str().unwrap().contains("w1"), "{timeline}");
    problem(ally.get(&path, "bob").await, 404, "not-found").await;
    problem(ally.get("/api/v1/jobs/nobody/timeline", "amy").await, 404, "not-found").await;
}
