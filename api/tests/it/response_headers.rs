//! Headers that lead on: where what was made is read, the next page, whether a command was repeated, what a path takes.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;

use crate::harness::{Ally, Raw, all_answers, body, composed, header, problem};

#[tokio::test]
async fn a_repeated_command_says_so() {
    let ally = Ally::start().await;
    let job = ally.onboarded("amy").await;
    ally.begin(&job).await;
    let plan = ally.complete_with(&job, "amy", composed).await;
    let pain = json!({"pain": [{"bodyPart": "knee", "level": 3}]});
    for (key, path, sent) in [
        ("a", "/api/v1/plans/generate".to_owned(), json!({})),
        ("b", format!("/api/v1/plans/{plan}/replan"), json!({})),
        ("c", format!("/api/v1/plans/{plan}/pain"), pain),
    ] {
        for replayed in [None, Some("true"), Some("true")] {
            let request = ally.request(Method::POST, &path, "amy").header("idempotency-key", key).json(&sent);
            let answer = request.send().await.unwrap();
            assert!(answer.status().is_success(), "{path}: {}", answer.status());
            assert_eq!(header(&answer, "idempotent-replayed"), replayed, "{path}");
        }
        let other = ally.post(&path, "amy", &sent).await;
        assert_eq!(header(&other, "idempotent-replayed"), None, "{path}: without a key nothing is repeated");
    }
}

#[tokio::test]
async fn answers_that_change_nothing_say_so() {
    let ally = Ally::start().await;
    for replayed in [None, Some("true")] {
        let answer = ally.post("/api/v1/onboarding", "amy", &all_answers()).await;
        assert_eq!((answer.status().as_u16(), header(&answer, "idempotent-replayed")), (202, replayed));
    }
    let mut changed = all_answers();
    changed["weeklyGoalDays"] = json!(2);
    let answer = ally.post("/api/v1/onboarding", "amy", &changed).await;
    assert_eq!((answer.status().as_u16(), header(&answer, "idempotent-replayed")), (202, None), "a job of its own");
}

#[tokio::test]
async fn a_list_of_jobs_links_the_next_page() {
    let ally = Ally::start().await;
    ally.onboarded("amy").await;
    ally.post("/api/v1/plans/generate", "amy", &json!({})).await;
    let page = ally.get("/api/v1/jobs?limit=1", "amy").await;
    let link = header(&page, "link").unwrap().to_owned();
    let (address, rel) = link.strip_prefix('<').unwrap().split_once('>').unwrap();
    assert_eq!(rel, "; rel=\"next\"");
    let last = ally.get(address, "amy").await;
    assert_eq!(header(&last, "link"), None);
    assert_eq!(body(last).await["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn an_entry_says_where_it_is_read() {
    let ally = Ally::start().await;
    let job = ally.onboarded("amy").await;
    ally.begin(&job).await;
    let plan = ally.complete_with(&job, "amy", composed).await;
    let report = json!({"pain": [{"bodyPart": "knee", "level": 3}]});
    let made = ally.post(&format!("/api/v1/plans/{plan}/pain"), "amy", &report).await;
    assert_eq!(made.status(), 201);
    let location = header(&made, "location").unwrap().to_owned();
    let entry = body(made).await;
    let log = body(ally.get(&location, "amy").await).await;
    let entries = log.as_object().unwrap().values().filter_map(|value| value.as_array()).flatten();
    assert!(entries.filter(|one| one["entryId"] == entry["entryId"]).count() == 1, "{location}: {log:#}");
}

#[tokio::test]
async fn a_page_links_the_next_one() {
    let ally = Ally::start().await;
    let mut path = "/api/v1/exercises?limit=100&equipment=bands".to_owned();
    let (mut pages, mut seen) = (0, 0);
    let total = loop {
        let page = ally.get(&path, "amy").await;
        let link = header(&page, "link").map(str::to_owned);
        let page = body(page).await;
        (pages, seen) = (pages + 1, seen + page["exercises"].as_array().unwrap().len());
        assert_eq!(link.is_some(), page["next"].is_string());
        let Some(link) = link else { break page["total"].as_u64().unwrap() };
        let (address, rel) = link.strip_prefix('<').unwrap().split_once('>').unwrap();
        assert_eq!(rel, "; rel=\"next\"");
        assert!(address.starts_with("/api/v1/exercises?limit=100&equipment=bands&cursor="), "{address}");
        path = address.to_owned();
    };
    assert!(pages > 1 && seen as u64 == total, "{seen} of {total} on {pages} pages");
}

#[tokio::test]
async fn a_wait_may_be_preferred() {
    let ally = Ally::start().await;
    let job = ally.onboarded("amy").await;
    let path = format!("/api/v1/jobs/{job}");
    let ask = |path: &str, prefer: &'static str| ally.request(Method::GET, path, "amy").header("prefer", prefer).send();
    let granted = ask(&path, "respond-async, wait=1").await.unwrap();
    assert_eq!((granted.status().as_u16(), header(&granted, "preference-applied")), (200, Some("wait=1")));
    assert_eq!(body(granted).await["status"], "queued");
    let capped = tokio::spawn(ask(&path, "wait=86400"));
    ally.begin(&job).await;
    ally.complete_with(&job, "amy", composed).await;
    let capped = capped.await.unwrap().unwrap();
    assert_eq!(header(&capped, "preference-applied"), Some("wait=30"), "no longer than anybody may");
    assert_eq!(body(capped).await["status"], "completed", "it waited for the end");
    let demanded = ask(&format!("{path}?wait=0"), "wait=9").await.unwrap();
    assert_eq!(header(&demanded, "preference-applied"), None, "the parameter counts before the preference");
    let tag = header(&demanded, "etag").unwrap().to_owned();
    let known = ally.request(Method::GET, &path, "amy").header("if-none-match", "\"x\"").header("if-none-match", &tag);
    let known = known.header("prefer", "wait=0").timeout(Duration::from_secs(5)).send().await.unwrap();
    assert_eq!((known.status().as_u16(), header(&known, "preference-applied")), (304, Some("wait=0")));
}

#[tokio::test]
async fn options_are_answered_on_every_path() {
    let ally = Ally::start().await;
    let document: serde_json::Value = serde_json::from_str(&ally_api::openapi_json()).unwrap();
    for (path, operations) in document["paths"].as_object().unwrap() {
        let path = path.replace("{id}", "some-id").replace("{session}", "w1d1");
        let answer = ally.server.request(Method::OPTIONS, &path).send().await.unwrap();
        assert_eq!(answer.status(), 204, "{path}");
        let allowed = header(&answer, "allow").unwrap();
        for method in operations.as_object().unwrap().keys() {
            assert!(allowed.split(", ").any(|one| one.eq_ignore_ascii_case(method)), "{method} of {path}: {allowed}");
        }
        assert!(allowed.ends_with("OPTIONS"), "{allowed}");
    }
    let health = Raw::send(&ally, &["OPTIONS /health HTTP/1.1"], b"").await;
    assert_eq!((health.status, health.header("allow")), (204, Some("GET, HEAD, OPTIONS")));
    assert!(health.body.is_empty());
    problem(ally.server.request(Method::OPTIONS, "/nothing").send().await.unwrap(), 404, "not-found").await;
}
