//! What is answered while a part is away, and what becomes of a caller who hangs up.

use reqwest::Method;
use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::harness::{Ally, all_answers, body, header, problem, token};

#[tokio::test]
async fn without_the_log_nothing_is_accepted() {
    let ally = Ally::start().await;
    ally.onboarded("amy").await;
    ally.store.set_outage(Some("connection to nats lost"));
    for (path, sent) in [("/api/v1/onboarding", all_answers()), ("/api/v1/plans/generate", json!({}))] {
        let response = ally.post(path, "amy", &sent).await;
        assert_eq!(header(&response, "retry-after"), Some("2"));
        let document = problem(response, 503, "unavailable").await;
        assert!(!document.to_string().contains("nats"), "causes are for the log");
    }
    ally.store.set_outage(None);
    assert_eq!(ally.post("/api/v1/plans/generate", "amy", &json!({})).await.status(), 202);
}

#[tokio::test]
async fn a_full_log_is_told_with_a_name_of_its_own_and_is_read_all_the_same() {
    let ally = Ally::start().await;
    let job = ally.onboarded("amy").await;
    ally.store.set_full(true);
    let response = ally.post("/api/v1/plans/generate", "amy", &json!({})).await;
    assert_eq!(header(&response, "retry-after"), Some("30"));
    problem(response, 503, "store-full").await;
    assert_eq!(ally.get(&format!("/api/v1/jobs/{job}"), "amy").await.status(), 200);
    ally.store.set_full(false);
    assert_eq!(ally.post("/api/v1/plans/generate", "amy", &json!({})).await.status(), 202);
}

#[tokio::test]
async fn without_the_database_the_log_answers() {
    let ally = Ally::start().await;
    let job = ally.onboarded("amy").await;
    ally.begin(&job).await;
    let plan = ally.complete(&job, "amy").await;
    ally.views.fail(Some("connection to postgres refused"));
    assert_eq!(body(ally.get(&format!("/api/v1/jobs/{job}"), "amy").await).await["status"], "completed");
    assert_eq!(body(ally.get(&format!("/api/v1/plans/{plan}"), "amy").await).await["planId"], plan);
    assert_eq!(body(ally.get("/api/v1/profile", "amy").await).await["revision"], 1);
    assert_eq!(ally.post("/api/v1/plans/generate", "amy", &json!({})).await.status(), 202);
    let response = ally.get("/api/v1/plans", "amy").await;
    assert_eq!(header(&response, "retry-after"), Some("2"));
    problem(response, 503, "unavailable").await;
}

/// The admission count had held every request for as long as the database hung.
#[tokio::test]
async fn a_database_that_hangs_keeps_no_job_from_being_accepted() {
    let ally = Ally::start().await;
    ally.onboarded("amy").await;
    ally.views.hang(true);
    for _ in 0..3 {
        let begun = std::time::Instant::now();
        assert_eq!(ally.post("/api/v1/plans/generate", "amy", &json!({})).await.status(), 202);
        assert!(begun.elapsed() < std::time::Duration::from_secs(1), "{:?}", begun.elapsed());
    }
    ally.views.hang(false);
    assert_eq!(ally.post("/api/v1/plans/generate", "amy", &json!({})).await.status(), 202);
}

#[tokio::test]
async fn without_both_nothing_is_made_up() {
    let ally = Ally::start().await;
    let job = ally.onboarded("amy").await;
    ally.views.fail(Some("away"));
    ally.store.set_outage(Some("away"));
    for path in [format!("/api/v1/jobs/{job}"), "/api/v1/profile".to_owned(), "/api/v1/plans/x".to_owned()] {
        problem(ally.get(&path, "amy").await, 503, "unavailable").await;
    }
}

#[tokio::test]
async fn a_command_outlives_a_caller_who_hangs_up() {
    let ally = Ally::start().await;
    let sent = all_answers().to_string();
    let request = format!(
        "POST /api/v1/onboarding HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n{sent}",
        token(&ally.clock, "amy"),
        sent.len()
    );
    let mut stream = TcpStream::connect(ally.server.address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    drop(stream);
    // The drain waits for every command that has begun; whether this one had is the race that a caller loses fairly.
    ally.server.stop.cancel();
    ally.server.served.await.unwrap();
    let stored = ally.store.events("ONBOARDING").len();
    assert!(stored == 0 || stored == 2, "all of it or nothing, not {stored}");
}

#[tokio::test]
async fn a_head_request_has_no_body() {
    let ally = Ally::start().await;
    let response = ally.server.request(Method::HEAD, "/health").send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert!(response.bytes().await.unwrap().is_empty());
}
