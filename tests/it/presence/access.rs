//! Who may come in, and what bad input gets: a typed error or a cut with a reason, and nothing happens to the others.

use serde_json::json;

use super::quick;
use super::socket::Socket;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_token_says_who_one_is() {
    let system = quick();
    let [node, _projector] = system.start_ready(["presence", "projector"]).await;
    let token = system.token("amy");
    let mut socket = Socket::open(&node, None).await;
    let refused = socket.ask(json!({"type": "join", "room": "lobby"})).await;
    assert_eq!(refused["error"]["code"], "unauthorized", "{refused}");
    let refused = socket.ask(json!({"type": "hello", "token": "no.such.token"})).await;
    assert_eq!(refused["error"]["code"], "unauthorized", "{refused}");
    assert_eq!(socket.ask(json!({"type": "hello", "token": token})).await["ok"], true);
    let refused = socket.ask(json!({"type": "join", "room": "lobby", "userId": "bob"})).await;
    assert_eq!(refused["error"]["code"], "wrong_user", "{refused}");
    let joined = socket.ask(json!({"type": "join", "room": "lobby", "userId": "amy"})).await;
    assert_eq!(joined["self"]["userId"], "amy", "{joined}");
    let again = socket.ask(json!({"type": "join", "room": "other"})).await;
    assert_eq!(again["error"]["code"], "already_joined", "{again}");
    system.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bad_input_gets_a_typed_error() {
    let system = quick();
    let [node, _projector] = system.start_ready(["presence", "projector"]).await;
    let mut socket = Socket::open(&node, Some(&system.token("amy"))).await;
    for (message, code) in [
        (json!({"type": "dance"}), "unknown_type"),
        (json!({"type": "join"}), "malformed"),
        (json!({"type": "join", "room": ""}), "malformed"),
        (json!({"type": "join", "room": "a\nb"}), "malformed"),
        (json!({"type": "join", "room": "lobby", "state": "calm"}), "malformed"),
        (json!({"type": "join", "room": "lobby", "state": {"a": "x".repeat(5_000)}}), "state_too_large"),
        (json!({"type": "heartbeat"}), "not_joined"),
        (json!({"type": "leave"}), "not_joined"),
        (json!({"type": "members"}), "not_joined"),
        (json!({"type": "resume", "resume": "nonsense"}), "unresumable"),
        (json!({"type": "observe", "room": "lobby", "position": "42"}), "malformed"),
    ] {
        let refused = socket.ask(message.clone()).await;
        assert_eq!((&refused["ok"], &refused["error"]["code"]), (&json!(false), &json!(code)), "{message}: {refused}");
        assert!(refused["error"]["message"].as_str().is_some_and(|text| text.len() > 20), "{refused}");
    }
    for text in ["{", "[]", "null"] {
        socket.send(text).await;
        let refused = socket.until("the refusal", |frame| frame["type"] == "ack").await;
        assert_eq!(refused["error"]["code"], "malformed", "{text}");
    }
    let joined = socket.ask(json!({"type": "join", "room": "lobby"})).await;
    assert_eq!(joined["ok"], true, "the connection is as good as before: {joined}");
    socket.send(&format!("\"{}\"", "x".repeat(20_000))).await;
    let end = socket.until("the end", |frame| frame["type"] == "end").await;
    assert_eq!(end["reason"], "message_too_large");
    system.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_is_slowed_and_then_cut_off() {
    let mut system = quick();
    system.set("PRESENCE_MESSAGES_PER_SECOND", "1").set("PRESENCE_MESSAGES_BURST", "3");
    let [node, _projector] = system.start_ready(["presence", "projector"]).await;
    let mut calm = Socket::joined(&node, &system.token("bob"), "lobby", json!({})).await;
    let mut socket = Socket::open(&node, Some(&system.token("amy"))).await;
    for _ in 0..400 {
        socket.send(r#"{"type":"leave"}"#).await;
    }
    let refused = socket.until("a refusal", |frame| frame["error"]["code"] == "rate_limited").await;
    assert_eq!(refused["ok"], false);
    let end = socket.until("the end", |frame| frame["type"] == "end").await;
    assert_eq!(end["reason"], "flood");
    assert_eq!(calm.ask(json!({"type": "heartbeat"})).await["ok"], true, "the others are untouched");
    system.remove().await;
}
