//! Connections that break: who comes back in time was never gone, and who does not has left, once.

use std::time::Duration;

use serde_json::json;

use super::quick;
use super::socket::{Socket, is_event};

async fn resumed(node: &crate::system::RoleProcess, token: &str, before: &Resumable) -> Socket {
    let mut socket = Socket::open(node, Some(token)).await;
    socket.members = before.members.clone();
    let ask = json!({"type": "resume", "resume": before.resume, "position": before.position});
    let answer = socket.ask(ask).await;
    assert_eq!(answer["ok"], true, "{answer}");
    assert_eq!(answer["self"]["connId"], before.conn.as_str(), "the same member");
    assert_eq!(answer["recovered"], true, "exactly what was missed: {answer}");
    socket
}

/// What a client keeps to come back with.
struct Resumable {
    conn: String,
    resume: String,
    position: Option<String>,
    members: std::collections::BTreeMap<String, serde_json::Value>,
}

impl Resumable {
    fn of(socket: &Socket) -> Self {
        let (conn, resume) = (socket.conn(), socket.resume_token());
        Self { conn, resume, position: socket.position.clone(), members: socket.members.clone() }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_cuts_in_a_row_are_no_event_and_lose_none() {
    let system = quick();
    let [node, other, _projector] = system.start_ready(["presence", "presence", "projector"]).await;
    let (amys, bobs) = (system.token("amy"), system.token("bob"));
    let mut amy = Socket::joined(&node, &amys, "lobby", json!({})).await;
    let mut bob = Socket::joined(&node, &bobs, "lobby", json!({})).await;
    amy.until("bob's join", |frame| is_event(frame, "join", &bob.conn())).await;
    for n in 0..10 {
        let before = Resumable::of(&bob);
        bob.cut();
        // With and without something to miss, on the same node and on the other one.
        if n % 2 == 0 {
            amy.ask(json!({"type": "heartbeat", "patchState": {"n": n}})).await;
        }
        let at = if n % 3 == 0 { &other } else { &node };
        bob = resumed(at, &bobs, &before).await;
        if n % 2 == 0 {
            let update = bob.until("amy's update", |frame| is_event(frame, "update", &amy.conn())).await;
            assert_eq!(update["state"], json!({"n": n}));
        }
        assert_eq!(bob.members.len(), 2);
    }
    let told = amy.within(Duration::from_millis(2_500)).await;
    assert!(told.iter().all(|frame| frame["connId"] != bob.conn().as_str()), "nobody had left: {told:?}");
    let wrong = format!("{}.{}", bob.conn(), "0".repeat(32));
    let mut thief = Socket::open(&node, Some(&bobs)).await;
    for (token, ask) in [(wrong, &mut thief)] {
        let refused = ask.ask(json!({"type": "resume", "resume": token})).await;
        assert_eq!(refused["error"]["code"], "unresumable", "{refused}");
    }
    let mut foreign = Socket::open(&node, Some(&amys)).await;
    let refused = foreign.ask(json!({"type": "resume", "resume": bob.resume_token()})).await;
    assert_eq!(refused["error"]["code"], "unresumable", "another user's secret opens nothing: {refused}");
    system.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cut_right_behind_the_answer_of_a_return_loses_nothing() {
    let system = quick();
    let [node, _projector] = system.start_ready(["presence", "projector"]).await;
    let (amys, bobs) = (system.token("amy"), system.token("bob"));
    let mut amy = Socket::joined(&node, &amys, "lobby", json!({})).await;
    let bob = Socket::joined(&node, &bobs, "lobby", json!({})).await;
    let mut before = Resumable::of(&bob);
    bob.cut();
    amy.ask(json!({"type": "heartbeat", "patchState": {"n": 1}})).await;
    let answered = resumed(&node, &bobs, &before).await;
    // What was missed is still on its way when the connection breaks again.
    before.position = answered.welcome["position"].as_str().map(str::to_owned);
    answered.cut();
    let mut bob = resumed(&node, &bobs, &before).await;
    let update = bob.until("amy's update", |frame| is_event(frame, "update", &amy.conn())).await;
    assert_eq!(update["state"], json!({"n": 1}));
    system.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_socket_is_fenced_by_the_one_that_resumed_it() {
    let system = quick();
    let [node, other, _projector] = system.start_ready(["presence", "presence", "projector"]).await;
    let token = system.token("bob");
    let mut old = Socket::joined(&node, &token, "lobby", json!({})).await;
    let before = Resumable::of(&old);
    let mut new = resumed(&other, &token, &before).await;
    // The old one learns of it when its node renews its lease.
    let end = old.until("its end", |frame| frame["type"] == "end").await;
    assert_eq!(end["reason"], "resumed_elsewhere");
    assert_eq!(old.next().await, None, "and is closed");
    let beat = new.ask(json!({"type": "heartbeat", "patchState": {"here": true}})).await;
    assert_eq!(beat["changed"], true, "{beat}");
    let listed = new.ask(json!({"type": "members"})).await;
    assert_eq!(listed["total"], 1, "{listed}");
    system.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_does_not_come_back_has_left_once_on_every_node() {
    let system = quick();
    let [node, other, _projector] = system.start_ready(["presence", "presence", "projector"]).await;
    let mut amy = Socket::joined(&node, &system.token("amy"), "lobby", json!({})).await;
    let mut eve = Socket::joined(&other, &system.token("eve"), "lobby", json!({})).await;
    let bob = Socket::joined(&node, &system.token("bob"), "lobby", json!({})).await;
    let conn = bob.conn();
    amy.until("bob's join", |frame| is_event(frame, "join", &conn)).await;
    bob.cut();
    for socket in [&mut amy, &mut eve] {
        let left = socket.until("bob's leave", |frame| is_event(frame, "leave", &conn)).await;
        assert_eq!(left["reason"], "cut");
        let more = socket.within(Duration::from_millis(700)).await;
        assert!(!more.iter().any(|frame| is_event(frame, "leave", &conn)), "told once: {more:?}");
    }
    system.remove().await;
}
