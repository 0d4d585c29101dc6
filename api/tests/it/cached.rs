//! What callers may keep, and how they ask whether it still holds.

use reqwest::Method;
use serde_json::json;

use crate::harness::{Ally, Raw, composed, header, problem};

async fn planned(ally: &Ally) -> String {
    let job = ally.onboarded("amy").await;
    ally.begin(&job).await;
    ally.complete_with(&job, "amy", composed).await
}

#[tokio::test]
async fn every_read_is_named_and_answers_304_to_whoever_has_it() {
    let ally = Ally::start().await;
    let id = planned(&ally).await;
    let session = "w1d1";
    for path in [
        format!("/api/v1/plans/{id}"),
        format!("/api/v1/plans/{id}.ics"),
        format!("/api/v1/plans/{id}.zip"),
        format!("/api/v1/plans/{id}/versions"),
        format!("/api/v1/plans/{id}/sessions/{session}"),
        format!("/api/v1/plans/{id}/sessions/{session}.fit"),
        format!("/api/v1/workouts?planId={id}"),
        "/api/v1/plans".to_owned(),
        "/api/v1/profile".to_owned(),
        "/api/v1/exercises".to_owned(),
        "/openapi.json".to_owned(),
        "/docs".to_owned(),
        "/problems/validation".to_owned(),
    ] {
        let first = Raw::of(&ally, "GET", &path, &[]).await;
        assert_eq!(first.status, 200, "{path}");
        let tag = first.header("etag").unwrap_or_else(|| panic!("{path} has no tag"));
        let known = format!("if-none-match: {tag}");
        for method in ["GET", "HEAD"] {
            for lines in
                [&[known.as_str()][..], &["if-none-match: \"x,y\"", &known], &[&known, "accept-encoding: gzip"]]
            {
                let again = Raw::of(&ally, method, &path, lines).await;
                assert_eq!(again.status, 304, "{method} {path} {lines:?}");
                assert!(again.body.is_empty());
                for same in ["etag", "vary", "cache-control"] {
                    assert_eq!(again.header(same), first.header(same), "{same} of {path}");
                }
                for none in ["content-type", "content-encoding", "content-disposition"] {
                    assert_eq!(again.header(none), None, "{none} of {path}");
                }
            }
        }
        let other = Raw::of(&ally, "GET", &path, &["if-none-match: \"other\""]).await;
        assert_eq!((other.status, other.header("etag")), (200, Some(tag)), "{path}: the same names the same");
    }
}

#[tokio::test]
async fn a_tag_changes_with_what_it_names() {
    let ally = Ally::start().await;
    let tag = async |path: &str| Raw::of(&ally, "GET", path, &[]).await.header("etag").unwrap().to_owned();
    let (empty, profile) = (tag("/api/v1/plans").await, tag("/api/v1/profile").await);
    let id = planned(&ally).await;
    assert_ne!(tag("/api/v1/plans").await, empty);
    assert_ne!(tag("/api/v1/profile").await, profile);
    let plan = format!("/api/v1/plans/{id}");
    let mut tags = Vec::new();
    for end in ["", ".ics", ".ics?start=07:00", ".csv", "/sessions/w1d1", "/sessions/w1d1.ics"] {
        tags.push(tag(&format!("{plan}{end}")).await);
    }
    let all = tags.len();
    tags.sort();
    tags.dedup();
    assert_eq!(tags.len(), all, "each form is another answer");
    let by_version = Raw::of(&ally, "GET", &format!("{plan}?version=1"), &[]).await;
    assert_eq!(by_version.header("etag"), Some(tag(&plan).await.as_str()), "the same version in the same form");
}

#[tokio::test]
async fn answers_say_how_long_they_may_be_kept() {
    let ally = Ally::start().await;
    let id = planned(&ally).await;
    let cases = [
        (format!("/api/v1/plans/{id}"), "private, no-cache"),
        (format!("/api/v1/plans/{id}?version=1"), "private, max-age=31536000, immutable"),
        (format!("/api/v1/plans/{id}/sessions/w1d1.md?version=1"), "private, max-age=31536000, immutable"),
        (format!("/api/v1/plans/{id}/versions"), "private, no-cache"),
        ("/api/v1/plans".to_owned(), "private, no-cache"),
        ("/api/v1/exercises".to_owned(), "private, max-age=3600"),
        ("/openapi.json".to_owned(), "no-cache"),
        ("/docs".to_owned(), "no-cache"),
        ("/health".to_owned(), "no-store"),
        ("/api/v1/plans/none".to_owned(), "no-store"),
    ];
    for (path, said) in &cases {
        let answer = Raw::of(&ally, "GET", path, &[]).await;
        assert_eq!(answer.header("cache-control"), Some(*said), "{path}");
        let by_token = answer.header("vary").unwrap().contains("Authorization");
        assert_eq!(by_token, said.contains("immutable"), "{path}: two athletes may share a browser");
        assert_eq!(answer.header("etag").is_none(), *said == "no-store", "{path}");
    }
}

#[tokio::test]
async fn another_athlete_is_told_nothing_by_a_tag() {
    let ally = Ally::start().await;
    let id = planned(&ally).await;
    let path = format!("/api/v1/plans/{id}");
    let tag = header(&ally.get(&path, "amy").await, "etag").unwrap().to_owned();
    for known in [tag.as_str(), "*"] {
        let request = ally.request(Method::GET, &path, "eve").header("if-none-match", known);
        problem(request.send().await.unwrap(), 404, "not-found").await;
    }
    problem(
        ally.server.request(Method::GET, &path).header("if-none-match", "*").send().await.unwrap(),
        401,
        "unauthorized",
    )
    .await;
}

#[tokio::test]
async fn commands_know_no_tags() {
    let ally = Ally::start().await;
    ally.onboarded("amy").await;
    let request = ally.request(Method::POST, "/api/v1/plans/generate", "amy").header("if-none-match", "*");
    let accepted = request.json(&json!({})).send().await.unwrap();
    assert_eq!(accepted.status(), 202);
    assert_eq!(header(&accepted, "etag"), None);
}
