//! What stands before every operation refuses each of them as the document says. That an answer is documented is checked by
//! the harness; here it is asked for.

use std::collections::HashSet;

use ally_api::{Limits, Rate};
use reqwest::{Method, RequestBuilder};
use serde_json::Value;

use crate::harness::{Ally, Setup, generous, problem};

struct Operation {
    method: Method,
    template: String,
    takes_a_body: bool,
}

impl Operation {
    fn path(&self, id: &str) -> String {
        self.template.replace("{id}", id).replace("{session}", id).replace("{name}", id)
    }

    fn ask(&self, ally: &Ally, athlete: &str) -> RequestBuilder {
        ally.request(self.method.clone(), &self.path("some-id"), athlete)
    }
}

fn operations() -> Vec<Operation> {
    let document: Value = serde_json::from_str(&ally_api::openapi_json()).unwrap();
    let mut all = Vec::new();
    for (template, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let method = method.to_uppercase().parse().unwrap();
            all.push(Operation {
                method,
                template: template.clone(),
                takes_a_body: operation["requestBody"].is_object(),
            });
        }
    }
    all
}

async fn limited(limits: Limits) -> Ally {
    Ally::with(Setup { limits, ..Setup::default() }).await
}

#[tokio::test]
async fn sizes_and_origins_are_refused_of_every_operation() {
    let ally = limited(Limits { max_uri_bytes: 600, max_header_bytes: 3_000, max_body_bytes: 100, ..generous() }).await;
    for operation in operations() {
        let ask = || operation.ask(&ally, "amy");
        let foreign = ask().header("origin", "https://evil.example").send().await.unwrap();
        problem(foreign, 403, "origin-not-allowed").await;
        let large = ask().header("x-much", "x".repeat(3_000)).send().await.unwrap();
        problem(large, 431, "headers-too-large").await;
        let body = ask().header("content-type", "application/json").body("x".repeat(101)).send().await.unwrap();
        problem(body, 413, "payload-too-large").await;
        let long = format!("{}?x={}", operation.path("some-id"), "x".repeat(600));
        let long = ally.request(operation.method.clone(), &long, "amy").send().await.unwrap();
        problem(long, 414, "uri-too-long").await;
    }
}

#[tokio::test]
async fn an_id_that_is_no_text_is_an_unknown_one() {
    let ally = Ally::start().await;
    let mut asked = HashSet::new();
    for operation in operations().iter().filter(|operation| operation.template.contains('{')) {
        let path = operation.path("%ff");
        problem(ally.request(operation.method.clone(), &path, "amy").send().await.unwrap(), 404, "not-found").await;
        asked.insert(path);
    }
    assert!(asked.len() > 10, "{asked:?}");
}

#[tokio::test]
async fn a_body_of_another_type_is_refused_of_every_operation_that_takes_one() {
    let ally = Ally::start().await;
    for operation in operations().iter().filter(|operation| operation.takes_a_body) {
        let request = operation.ask(&ally, "amy").header("content-type", "text/plain").body("x");
        let status = request.send().await.unwrap().status();
        // Some of an operator's operations ask first who it is.
        let early = operation.template.contains("/operator/") && status == 403;
        assert!(early || status == 415, "{} {}: {status}", operation.method, operation.template);
    }
}

#[tokio::test]
async fn shares_are_held_to_in_every_operation() {
    let ally = limited(Limits { per_athlete: Rate { per_minute: 1, burst: 1 }, ..generous() }).await;
    for (n, operation) in operations().iter().enumerate() {
        let athlete = format!("athlete-{n}");
        assert_ne!(operation.ask(&ally, &athlete).send().await.unwrap().status(), 429);
        problem(operation.ask(&ally, &athlete).send().await.unwrap(), 429, "rate-limited").await;
    }
}

#[tokio::test]
async fn a_busy_server_refuses_every_operation() {
    let ally = limited(Limits { max_concurrent_requests: 0, ..generous() }).await;
    for operation in operations() {
        problem(operation.ask(&ally, "amy").send().await.unwrap(), 503, "overloaded").await;
    }
}
