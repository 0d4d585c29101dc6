//! Answers in a content coding, as bytes.

use reqwest::Method;
use serde_json::Value;

use crate::harness::{Ally, Raw, composed_of, problem};

/// A plan of sixteen weeks.
async fn planned(ally: &Ally) -> String {
    let job = ally.onboarded("amy").await;
    ally.begin(&job).await;
    let id = ally.complete_with(&job, "amy", |id| composed_of(id, 16)).await;
    format!("/api/v1/plans/{id}")
}

#[tokio::test]
async fn a_plan_is_a_tenth_of_itself() {
    let ally = Ally::start().await;
    let path = planned(&ally).await;
    let plain = Raw::of(&ally, "GET", &path, &[]).await;
    assert!(plain.body.len() > 60_000, "{}", plain.body.len());
    assert_eq!(plain.header("content-encoding"), None);
    for coding in ["gzip", "zstd"] {
        let line = format!("accept-encoding: {coding}");
        let coded = Raw::of(&ally, "GET", &path, &[&line]).await;
        assert_eq!(coded.header("content-encoding"), Some(coding));
        assert_eq!(coded.header("content-length"), Some(coded.body.len().to_string().as_str()));
        assert_eq!(coded.header("transfer-encoding"), None);
        assert!(coded.body.len() * 10 < plain.body.len(), "{coding}: {}", coded.body.len());
        assert!(coded.plain() == plain.body, "{coding}");
        for same in ["content-type", "vary", "etag", "cache-control"] {
            assert_eq!(coded.header(same), plain.header(same), "{same}");
        }
        assert!(coded.header("etag").unwrap().starts_with("W/"), "one tag for all codings says what, not which bytes");
    }
    assert_eq!(plain.header("vary"), Some("Accept, Accept-Encoding"));
}

#[tokio::test]
async fn what_the_caller_likes_best_is_sent() {
    let ally = Ally::start().await;
    let path = planned(&ally).await;
    for (accepted, coding) in [
        (&["accept-encoding: gzip, deflate, br, zstd"][..], Some("zstd")),
        (&["accept-encoding: gzip;q=1.0, zstd;q=0.5"], Some("gzip")),
        (&["accept-encoding: zstd;q=0", "accept-encoding: gzip"], Some("gzip")),
        (&["accept-encoding: *"], Some("zstd")),
        (&["accept-encoding: *, zstd;q=0"], Some("gzip")),
        (&["accept-encoding: br"], None),
        (&["accept-encoding: gzip;q=0"], None),
        (&["accept-encoding: identity, gzip;q=0.5"], None),
        (&["accept-encoding:"], None),
    ] {
        let answer = Raw::of(&ally, "GET", &path, accepted).await;
        assert_eq!((answer.status, answer.header("content-encoding")), (200, coding), "{accepted:?}");
    }
}

#[tokio::test]
async fn head_says_what_get_says() {
    let ally = Ally::start().await;
    let path = planned(&ally).await;
    for (path, accepted) in
        [(path.as_str(), "zstd"), (path.as_str(), "identity"), ("/docs", "gzip"), ("/health", "gzip")]
    {
        let line = format!("accept-encoding: {accepted}");
        let (get, head) = (Raw::of(&ally, "GET", path, &[&line]).await, Raw::of(&ally, "HEAD", path, &[&line]).await);
        assert_eq!(head.status, 200);
        assert!(head.body.is_empty(), "{path}");
        for name in ["content-length", "content-encoding", "content-type", "etag", "vary", "cache-control"] {
            assert_eq!(head.header(name), get.header(name), "{name} of {path}");
        }
        assert!(get.header("content-length").is_some(), "{path}");
    }
}

#[tokio::test]
async fn small_answers_and_archives_stay_as_they_are() {
    let ally = Ally::start().await;
    let path = planned(&ally).await;
    for (path, is_small) in [("/api/v1/plans".to_owned(), true), (format!("{path}.zip"), false)] {
        let answer = Raw::of(&ally, "GET", &path, &["accept-encoding: gzip, zstd"]).await;
        assert_eq!(answer.body.len() < 1_024, is_small, "{path}");
        assert_eq!(answer.header("content-encoding"), None, "{path}");
        assert_eq!(answer.header("vary").map(|vary| vary.contains("Accept-Encoding")), Some(true), "{path}");
        let answer = Raw::of(&ally, "GET", &path, &["accept-encoding: gzip, identity;q=0"]).await;
        assert_eq!(answer.header("content-encoding"), Some("gzip"), "{path}: nothing else is acceptable");
    }
}

#[tokio::test]
async fn a_caller_who_accepts_nothing_is_told_before_anything_is_done() {
    let ally = Ally::start().await;
    ally.onboarded("amy").await;
    let events = ally.store.events("PLANS").len();
    for accepted in ["identity;q=0", "*;q=0", "br, identity;q=0"] {
        let request = ally.request(Method::POST, "/api/v1/plans/generate", "amy").header("accept-encoding", accepted);
        let refused = problem(request.send().await.unwrap(), 406, "not-acceptable").await;
        assert!(refused["detail"].as_str().unwrap().contains("identity, zstd, gzip"), "{refused}");
    }
    assert_eq!(ally.store.events("PLANS").len(), events);
}

#[tokio::test]
async fn a_large_problem_is_compressed_like_any_answer() {
    let ally = Ally::start().await;
    let many: Vec<_> = (0..80).map(|n| format!("\"x{n}\":1")).collect();
    let (body, bearer) = (
        format!("{{{}}}", many.join(",")),
        format!("authorization: Bearer {}", crate::harness::token(&ally.clock, "amy")),
    );
    let length = format!("content-length: {}", body.len());
    let head = [
        "POST /api/v1/onboarding HTTP/1.1",
        &bearer,
        &length,
        "content-type: application/json",
        "accept-encoding: gzip",
    ];
    let refused = Raw::send(&ally, &head, body.as_bytes()).await;
    assert_eq!((refused.status, refused.header("content-encoding")), (400, Some("gzip")));
    let document: Value = serde_json::from_slice(&refused.plain()).unwrap();
    assert_eq!(document["errors"].as_array().unwrap().len(), 80);
}
