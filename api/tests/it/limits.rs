//! Bounds on everything that a caller controls.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use ally_api::{Limits, Rate, ServeConfig};
use futures::future::join_all;
use reqwest::Method;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::harness::{Ally, Setup, all_answers, body, generous, header, problem, token};

async fn limited(limits: Limits) -> Ally {
    Ally::with(Setup { limits, ..Setup::default() }).await
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_announced_or_not() {
    let ally = limited(Limits { max_body_bytes: 1_000, ..generous() }).await;
    let fits = format!("{{\"purposeDetails\":\"{}\"}}", "x".repeat(1_000 - 21));
    assert_eq!(fits.len(), 1_000);
    let ask = |body: reqwest::Body| {
        ally.request(Method::POST, "/api/v1/onboarding", "amy")
            .header("content-type", "application/json")
            .body(body)
            .send()
    };
    assert_eq!(ask(fits.clone().into()).await.unwrap().status(), 200);
    let over = format!("{fits} ");
    problem(ask(over.clone().into()).await.unwrap(), 413, "payload-too-large").await;

    let chunked = format!(
        "POST /api/v1/onboarding HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\n\
         transfer-encoding: chunked\r\nconnection: close\r\n\r\n{:x}\r\n{over}\r\n0\r\n\r\n",
        token(&ally.clock, "amy"),
        over.len()
    );
    let answer = raw(&ally, &chunked).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    assert!(answer.contains("application/problem+json"), "{answer}");
}

async fn raw(ally: &Ally, request: &str) -> String {
    let mut stream = TcpStream::connect(ally.server.address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

/// A request whose body never comes to its end.
fn half_a_request(ally: &Ally) -> String {
    format!(
        "POST /api/v1/onboarding HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\n\
         content-length: 100\r\n\r\n{{",
        token(&ally.clock, "amy")
    )
}

#[tokio::test]
async fn a_body_that_dawdles_is_given_up() {
    let ally = limited(Limits { body_deadline: Duration::from_millis(50), ..generous() }).await;
    let answer = raw(&ally, &half_a_request(&ally)).await;
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(answer.contains("/problems/body-timeout"), "{answer}");
}

#[tokio::test]
async fn a_head_that_dawdles_is_given_up() {
    let serve = ServeConfig { head_deadline: Duration::from_millis(50), ..ServeConfig::default() };
    let ally = Ally::with(Setup { serve, ..Setup::default() }).await;
    // The server closes the connection, or this test would wait for ever.
    raw(&ally, "GET /health HTTP/1.1\r\nhost: a\r\nx-slow: ").await;
}

#[tokio::test]
async fn an_athlete_has_a_share() {
    let ally = limited(Limits { per_athlete: Rate { per_minute: 1, burst: 3 }, ..generous() }).await;
    for _ in 0..3 {
        assert_eq!(ally.get("/api/v1/profile", "amy").await.status(), 200);
    }
    let response = ally.get("/api/v1/profile", "amy").await;
    let seconds: u64 = header(&response, "retry-after").unwrap().parse().unwrap();
    assert!((1..=60).contains(&seconds), "{seconds}");
    problem(response, 429, "rate-limited").await;
    assert_eq!(ally.get("/api/v1/profile", "bea").await.status(), 200, "others have their own");
}

#[tokio::test]
async fn a_client_has_a_share_even_without_a_token() {
    let limits = Limits { per_client: Rate { per_minute: 1, burst: 2 }, trust_forwarded_for: true, ..generous() };
    let ally = limited(limits).await;
    let ask = |client: &str| {
        let request = ally.server.request(Method::GET, "/api/v1/profile");
        request.header("x-forwarded-for", format!("10.9.9.9, {client}")).send()
    };
    for _ in 0..2 {
        assert_eq!(ask("192.0.2.1").await.unwrap().status(), 401);
    }
    problem(ask("192.0.2.1").await.unwrap(), 429, "rate-limited").await;
    assert_eq!(ask("192.0.2.2").await.unwrap().status(), 401);
    for _ in 0..5 {
        assert_eq!(ally.server.get("/health/live").await.status(), 200, "probes have no share");
    }
}

#[tokio::test]
async fn a_forwarded_address_counts_only_from_a_trusted_proxy() {
    let ally = limited(Limits { per_client: Rate { per_minute: 1, burst: 1 }, ..generous() }).await;
    let ask = |client: &str| ally.server.request(Method::GET, "/docs").header("x-forwarded-for", client).send();
    assert_eq!(ask("192.0.2.1").await.unwrap().status(), 200);
    assert_eq!(ask("192.0.2.2").await.unwrap().status(), 429);
}

#[tokio::test]
async fn long_addresses_and_headers_are_refused() {
    let ally = limited(Limits { max_uri_bytes: 200, max_header_bytes: 2_000, ..generous() }).await;
    problem(ally.get(&format!("/api/v1/jobs/{}", "x".repeat(200)), "amy").await, 414, "uri-too-long").await;
    let request = ally.request(Method::GET, "/api/v1/profile", "amy").header("x-much", "x".repeat(2_000));
    problem(request.send().await.unwrap(), 431, "headers-too-large").await;
}

#[tokio::test]
async fn only_so_many_requests_at_once() {
    let body_deadline = Duration::from_secs(2);
    let ally = limited(Limits { max_concurrent_requests: 1, body_deadline, ..generous() }).await;
    let half = half_a_request(&ally);
    let busy = async {
        // The first request to be refused proves that the half one holds the only slot; then that one is given up.
        loop {
            let response = ally.server.get("/docs").await;
            if response.status() == 503 {
                assert_eq!(header(&response, "retry-after"), Some("1"));
                problem(response, 503, "overloaded").await;
                break;
            }
        }
        assert_eq!(ally.server.get("/health").await.status(), 200, "a busy process still says that it lives");
    };
    let (given_up, ()) = tokio::join!(raw(&ally, &half), busy);
    assert!(given_up.starts_with("HTTP/1.1 408 "), "{given_up}");
}

/// Those who wait for news hold nothing that others need: more wait than may be worked on at once.
#[tokio::test]
async fn who_waits_for_news_holds_no_slot() {
    let ally = limited(Limits { max_concurrent_requests: 1, ..generous() }).await;
    let job = ally.onboarded("amy").await;
    let (path, refused) = (format!("/api/v1/jobs/{job}?wait=20"), &AtomicUsize::new(0));
    let poll = async |_: usize| loop {
        let response = ally.get(&path, "amy").await;
        if response.status() != 503 {
            return body(response).await;
        }
        refused.fetch_add(1, Ordering::Relaxed);
        tokio::task::yield_now().await;
    };
    let end = async {
        // While all of them wait the slot is free, and nobody is refused any more.
        let mut quiet = 0;
        while quiet < 20 {
            let before = refused.load(Ordering::Relaxed);
            let free = ally.server.get("/docs").await.status() == 200;
            quiet = if free && refused.load(Ordering::Relaxed) == before { quiet + 1 } else { 0 };
        }
        ally.begin(&job).await;
        ally.complete(&job, "amy").await;
    };
    let (polls, ()) = tokio::join!(join_all((0..4).map(poll)), end);
    for told in polls {
        assert_eq!(told["status"], "completed");
    }
}

#[tokio::test]
async fn an_answer_has_a_deadline() {
    let ally = limited(Limits { deadline: Duration::from_millis(100), ..generous() }).await;
    let answer = raw(&ally, &half_a_request(&ally)).await;
    assert!(answer.starts_with("HTTP/1.1 504 "), "{answer}");
    assert!(answer.contains("/problems/deadline-exceeded"), "{answer}");
}

#[tokio::test]
async fn a_full_queue_takes_no_more() {
    let ally = Ally::with(Setup { max_queued_jobs: 1, ..Setup::default() }).await;
    let keyed = |key: &'static str| {
        ally.request(Method::POST, "/api/v1/plans/generate", "amy").header("idempotency-key", key).send()
    };
    assert_eq!(ally.post("/api/v1/onboarding", "amy", &all_answers()).await.status(), 202);
    assert_eq!(keyed("k1").await.unwrap().status(), 202);
    let stored = ally.store.events("ONBOARDING").len();
    // The depth is known for a moment; until it is asked again, a few too many may pass.
    let response = loop {
        let response = ally.post("/api/v1/plans/generate", "amy", &json!({})).await;
        if response.status() != 202 {
            break response;
        }
    };
    assert_eq!(header(&response, "retry-after"), Some("5"));
    problem(response, 503, "queue-full").await;
    let response = ally.post("/api/v1/onboarding", "bea", &all_answers()).await;
    problem(response, 503, "queue-full").await;
    assert_eq!(ally.store.events("ONBOARDING").len(), stored);
    assert_eq!(keyed("k1").await.unwrap().status(), 202, "a repeated request needs no room");
    problem(keyed("k2").await.unwrap(), 503, "queue-full").await;
    assert_eq!(body(ally.get("/api/v1/profile", "amy").await).await["revision"], 1, "reads go on");
}
