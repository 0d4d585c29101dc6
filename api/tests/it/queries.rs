//! What a query says is read or refused, by every operation of the document: nothing is passed over in silence.

use std::time::Duration;

use ally_domain::ports::Clock as _;
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};

use crate::harness::{Ally, auth, body, fields, problem};

struct Operation {
    method: Method,
    path: String,
    /// Its query parameters, and whether each may be given more than once.
    query: Vec<(String, bool)>,
}

fn operations() -> Vec<Operation> {
    let document: Value = serde_json::from_str(&ally_api::openapi_json()).unwrap();
    let mut all = Vec::new();
    for (template, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            let of_query = parameters.filter(|parameter| parameter["in"] == "query");
            let query = of_query.map(|parameter| {
                (parameter["name"].as_str().unwrap().to_owned(), parameter["schema"]["type"] == "array")
            });
            let path = template.replace("{id}", "some-id").replace("{session}", "w1d1").replace("{name}", "planner");
            all.push(Operation { method: method.to_uppercase().parse().unwrap(), path, query: query.collect() });
        }
    }
    assert!(all.len() > 30, "{}", all.len());
    all
}

impl Operation {
    /// Asks with a query, as an operator, so that no role stands before it.
    async fn ask(&self, ally: &Ally, query: &str) -> Response {
        let roles = ["operator".to_owned()];
        let token = ally_api::mint(&auth(), "kim", ally.clock.now(), Duration::from_secs(60), &roles).unwrap();
        let path = format!("{}?{query}", self.path);
        let request: RequestBuilder = ally.server.request(self.method.clone(), &path).bearer_auth(token);
        request.json(&json!({})).send().await.unwrap()
    }

    fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

#[tokio::test]
async fn a_parameter_that_nobody_reads_is_refused_by_every_operation() {
    let ally = Ally::start().await;
    for operation in operations() {
        let told = problem(operation.ask(&ally, "surprise=1&surprise=2").await, 400, "validation").await;
        assert_eq!(fields(&told), ["surprise"], "{}", operation.name());
        let expected = told["errors"][0]["expected"].as_str().unwrap();
        match operation.query.as_slice() {
            [] => assert!(expected.contains("takes none"), "{}: {expected}", operation.name()),
            known => known.iter().for_each(|(name, _)| assert!(expected.contains(name.as_str()), "{expected}")),
        }
    }
}

#[tokio::test]
async fn a_misspelt_parameter_is_answered_with_the_nearest_one() {
    let ally = Ally::start().await;
    let mut asked = 0;
    for operation in operations() {
        for (name, _) in operation.query.iter().filter(|(name, _)| name.len() > 3) {
            let misspelt = format!("{name}x");
            let told = problem(operation.ask(&ally, &format!("{misspelt}=1")).await, 400, "validation").await;
            let near = format!("did you mean {name}?");
            assert!(told["detail"].as_str().unwrap().contains(&near), "{}: {told:#}", operation.name());
            asked += 1;
        }
    }
    assert!(asked > 20, "{asked}");
    let told = problem(ally.get("/api/v1/plans/status?jobid=x", "amy").await, 400, "validation").await;
    assert!(told["detail"].as_str().unwrap().contains("did you mean jobId?"), "{told:#}");
}

#[tokio::test]
async fn a_parameter_that_is_given_twice_is_refused_unless_it_is_a_list() {
    let ally = Ally::start().await;
    let (mut refused, mut lists) = (0, 0);
    for operation in operations() {
        for (name, is_list) in &operation.query {
            let response = operation.ask(&ally, &format!("{name}=1&{name}=1")).await;
            let status = response.status();
            let told = body(response).await;
            let errors = told["errors"].as_array().cloned().unwrap_or_default();
            let twice = errors
                .iter()
                .any(|error| error["field"] == **name && error["problem"].as_str().unwrap().contains("more than once"));
            assert_eq!(twice, !is_list, "{name} of {}: {told:#}", operation.name());
            assert!(*is_list || status == 400, "{name} of {}", operation.name());
            *(if *is_list { &mut lists } else { &mut refused }) += 1;
        }
    }
    assert!(refused > 15 && lists > 3, "{refused} {lists}");
}

#[tokio::test]
async fn names_are_read_as_they_are_meant_and_not_as_they_are_written() {
    let ally = Ally::start().await;
    assert_eq!(ally.get("/api/v1/plans?li%6dit=1", "amy").await.status(), 200);
    let told = problem(ally.get("/api/v1/plans?limit=1&li%6dit=1", "amy").await, 400, "validation").await;
    assert_eq!(fields(&told), ["limit"]);
    for nothing in ["/api/v1/plans?", "/api/v1/plans?&&"] {
        assert_eq!(ally.get(nothing, "amy").await.status(), 200, "{nothing}");
    }
    let long = "x".repeat(300);
    let told = problem(ally.get(&format!("/api/v1/plans?{long}=1"), "amy").await, 400, "validation").await;
    assert!(fields(&told)[0].len() < 60, "no more is said back than helps");
    let head = ally.request(Method::HEAD, "/api/v1/plans?surprise=1", "amy").send().await.unwrap();
    assert_eq!(head.status(), 400);
}

/// What the framework says of what it does not take is for the log.
#[tokio::test]
async fn no_word_of_the_framework_reaches_a_caller() {
    let ally = Ally::start().await;
    let long = "k".repeat(129);
    let ask = |method: Method, path: &str| ally.request(method, path, "amy");
    for request in [
        ask(Method::POST, "/api/v1/plans/generate").header("idempotency-key", &long),
        ask(Method::POST, "/api/v1/plans/generate").header("idempotency-key", ""),
        ask(Method::POST, "/api/v1/workouts").header("idempotency-key", "a b"),
        ask(Method::POST, "/api/v1/plans/generate").header("content-type", "application/xml").body("<a/>"),
        ask(Method::GET, "/api/v1/plans/%ff"),
        ask(Method::GET, "/api/v1/workouts"),
        ask(Method::GET, "/api/v1/workouts?planId=%ff&position=%00"),
        ask(Method::PATCH, "/api/v1/plans"),
        ask(Method::GET, "/api/v1/nothing/here"),
    ] {
        let text = request.send().await.unwrap().text().await.unwrap();
        for word in ["verification failed", "minLength", "failed to parse", "parse parameter", "Bad Request", "poem"] {
            assert!(!text.contains(word), "{word:?} in {text}");
        }
        assert!(text.contains("\"detail\""), "{text}");
    }
}
