//! Reads that name a position: every one that says so sees it, or says why not.

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Ally, body, fields, header, problem};

/// What reads no log: the catalogue, which changes with the program. And streams, which have ids of their own and read up to the end of
/// the log.
fn needs_none(path: &str) -> bool {
    let is_stream = path == "/api/v1/events" || path.ends_with("/events");
    is_stream || path.starts_with("/api/v1/exercises")
}

/// Every read that takes a position, of a job and its plan.
fn reads(job: &str, plan: &str) -> Vec<String> {
    let document: Value = serde_json::from_str(&ally_api::openapi_json()).unwrap();
    let mut reads = Vec::new();
    // Of what is an operator's only listings of webhooks take one (`webhooks`).
    let paths = document["paths"].as_object().unwrap().iter();
    for (path, operations) in paths.filter(|(path, _)| !path.starts_with("/api/v1/operator/")) {
        let get = &operations["get"];
        let takes = get["parameters"].as_array().into_iter().flatten().any(|one| one["name"] == "position");
        assert_eq!(takes, get.is_object() && !needs_none(path), "{path} takes a position");
        if takes {
            let id = if path.contains("/jobs/") { job } else { plan };
            let query = match path.as_str() {
                "/api/v1/plans/status" => format!("?jobId={job}&"),
                "/api/v1/workouts" => format!("?planId={plan}&"),
                "/api/v1/plans/{id}/diff" => "?from=1&".to_owned(),
                _ => "?".to_owned(),
            };
            reads.push(path.replace("{id}", id).replace("{session}", "w1d1") + &query);
        }
    }
    assert!(reads.len() >= 11, "{reads:?}");
    reads
}

async fn with_a_plan(ally: &Ally) -> (String, String) {
    let job = ally.onboarded("amy").await;
    ally.begin(&job).await;
    let plan = ally.complete_with(&job, "amy", crate::harness::composed).await;
    (job, plan)
}

#[tokio::test]
async fn every_read_that_takes_a_position_refuses_one_that_the_log_does_not_hold() {
    let ally = Ally::start().await;
    let (job, plan) = with_a_plan(&ally).await;
    let end = ally.store.events("PLANS").len();
    for read in reads(&job, &plan) {
        let ask = |position: String| ally.request(Method::GET, &format!("{read}position={position}"), "amy").send();
        let at_the_end = ask(format!("PLANS:{end}")).await.unwrap();
        if read.contains("/diff") {
            // There is one version only; that is said after the position was looked at.
            assert_eq!(fields(&problem(at_the_end, 400, "validation").await), ["from"]);
        } else {
            assert_eq!(at_the_end.status(), 200, "{read}");
        }
        for unknown in [format!("PLANS:{}", end + 1), "NOWHERE:1".to_owned()] {
            let refused = problem(ask(unknown).await.unwrap(), 400, "position-unknown").await;
            assert_eq!(fields(&refused), ["position"], "{read}");
        }
        let wrong = problem(ask("42".to_owned()).await.unwrap(), 400, "validation").await;
        assert_eq!(fields(&wrong), ["position"], "{read}");
    }
}

/// Nothing that is older than the position is ever the answer: the log answers, or the caller is asked to come back.
#[tokio::test]
async fn no_read_answers_with_less_than_its_position() {
    let ally = Ally::start().await;
    ally.views.stick_at(Some(0));
    let (job, plan) = with_a_plan(&ally).await;
    let end = format!("PLANS:{}", ally.store.events("PLANS").len());
    for read in reads(&job, &plan) {
        let response = ally.get(&format!("{read}position={end}"), "amy").await;
        let of_the_views =
            ["/api/v1/jobs?", "/api/v1/plans?"].contains(&read.as_str()) || read.starts_with("/api/v1/plans/current");
        if of_the_views {
            assert_eq!(header(&response, "retry-after"), Some("1"), "{read}");
            let told = problem(response, 503, "unavailable").await;
            assert!(told["detail"].as_str().unwrap().contains(&end), "{told:#}");
        } else if !read.contains("/diff") {
            assert_eq!(response.status(), 200, "{read}");
        }
    }
    ally.views.stick_at(None);
    let jobs = body(ally.get(&format!("/api/v1/jobs?position={end}"), "amy").await).await;
    assert_eq!(jobs["items"][0]["jobId"], job);
}

#[tokio::test]
async fn a_version_that_is_not_there_is_answered_with_those_that_are() {
    let ally = Ally::start().await;
    let (_, plan) = with_a_plan(&ally).await;
    for (path, parameter) in [
        (format!("/api/v1/plans/{plan}?version=9"), "version"),
        (format!("/api/v1/plans/{plan}/sessions/w1d1?version=9"), "version"),
        (format!("/api/v1/plans/{plan}/diff?from=1&to=9"), "to"),
    ] {
        let told = problem(ally.get(&path, "amy").await, 404, "not-found").await;
        assert_eq!(fields(&told), [parameter], "{path}");
        assert!(told["detail"].as_str().unwrap().contains("1, its only version"), "{path}: {told:#}");
        let foreign = problem(ally.get(&path, "eve").await, 404, "not-found").await;
        assert_eq!(foreign["errors"], json!([]), "another athlete reads of no version: {foreign:#}");
    }
    let unknown = problem(ally.get("/api/v1/plans/unknown?version=9", "amy").await, 404, "not-found").await;
    assert_eq!(unknown["errors"], json!([]));
}
