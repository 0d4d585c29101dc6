//! The port that takes messages of others: their bytes as they came, whichever path they come by.

use std::sync::{Arc, Mutex};

use ally_api::{Drain, Receive, ServeConfig, receiver};
use poem::http::HeaderMap;
use reqwest::{Method, StatusCode};

use crate::harness::{generous, problem, served};

/// A header of a request that came, and its body.
type Seen = (Option<String>, Vec<u8>);

#[tokio::test]
async fn a_message_is_handed_on_as_it_came_and_answered_as_it_was_judged() {
    let seen: Arc<Mutex<Vec<Seen>>> = Arc::default();
    let kept = seen.clone();
    let receive: Receive = Arc::new(move |headers: &HeaderMap, body: &[u8]| {
        let id = headers.get("webhook-id").map(|id| id.to_str().unwrap().to_owned());
        kept.lock().unwrap().push((id, body.to_vec()));
        body.starts_with(b"{")
    });
    let server = served(receiver(receive, generous()).unwrap(), ServeConfig::default(), Drain::default()).await;
    let post = |path: &str, body: &'static str| {
        server.request(Method::POST, path).header("webhook-id", "m1").body(body).send()
    };
    for path in ["/", "/hooks/ally?x=1"] {
        assert_eq!(post(path, "{ }").await.unwrap().status(), StatusCode::NO_CONTENT, "{path}");
    }
    problem(post("/", "no").await.unwrap(), 400, "validation").await;
    problem(server.get("/").await, 405, "method-not-allowed").await;
    let seen = seen.lock().unwrap().clone();
    let wanted = ["{ }", "{ }", "no"].map(|body| (Some("m1".to_owned()), body.as_bytes().to_vec()));
    assert_eq!(seen, wanted);
}

#[tokio::test]
async fn a_body_over_the_limit_is_not_handed_on() {
    let receive: Receive = Arc::new(|_: &HeaderMap, _: &[u8]| -> bool { panic!("it was handed on") });
    let server = served(receiver(receive, generous()).unwrap(), ServeConfig::default(), Drain::default()).await;
    let sent = server.request(Method::POST, "/").body("x".repeat(generous().max_body_bytes + 1)).send().await;
    problem(sent.unwrap(), 413, "payload-too-large").await;
}
