//! Nodes that die and nodes that end: no ghosts, nobody falsely gone, and the views agree.

use std::time::{Duration, Instant};

use serde_json::json;

use super::quick;
use super::socket::{Socket, is_event};
use crate::system::{System, eventually};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_nodes_members_are_gone_within_the_bound_or_came_back() {
    let system = quick();
    let [node, other, _projector] = system.start_ready(["presence", "presence", "projector"]).await;
    let bobs = system.token("bob");
    let mut amy = Socket::joined(&node, &system.token("amy"), "lobby", json!({})).await;
    let mut ghosts = Vec::new();
    for _ in 0..20 {
        ghosts.push(Socket::joined(&other, &bobs, "lobby", json!({})).await);
    }
    let back = ghosts.pop().unwrap();
    amy.until("the last join", |frame| is_event(frame, "join", &back.conn())).await;
    other.kill();
    let killed = Instant::now();
    let mut returned = Socket::open(&node, Some(&bobs)).await;
    returned.members = back.members.clone();
    let ask = json!({"type": "resume", "resume": back.resume_token(), "position": back.position});
    let answer = returned.ask(ask).await;
    assert_eq!((&answer["ok"], &answer["recovered"]), (&json!(true), &json!(true)), "{answer}");
    for ghost in &ghosts {
        let left = amy.until("a ghost's leave", |frame| frame["type"] == "event" && frame["event"] == "leave").await;
        assert_eq!(left["reason"], "expired", "{left}");
        assert_ne!(left["connId"], back.conn().as_str(), "who came back has not left");
        let _ = ghost;
    }
    // The time to live, the marker's own time and some cycles; the machine may be busy, so the bound is wide here and measured elsewhere.
    assert!(killed.elapsed() < Duration::from_secs(30), "{:?}", killed.elapsed());
    let more = amy.within(Duration::from_secs(1)).await;
    assert!(!more.iter().any(|frame| frame["event"] == "leave"), "each departure is told once: {more:?}");
    assert_eq!(amy.members.len(), 2);
    eventually("the view agrees", async || (present(&system, "lobby").await == 2).then_some(())).await;
    system.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_ends_sends_its_clients_elsewhere() {
    let system = quick();
    let [node, other, _projector] = system.start_ready(["presence", "presence", "projector"]).await;
    let bobs = system.token("bob");
    let mut amy = Socket::joined(&node, &system.token("amy"), "lobby", json!({})).await;
    let mut bob = Socket::joined(&other, &bobs, "lobby", json!({})).await;
    amy.until("bob's join", |frame| is_event(frame, "join", &bob.conn())).await;
    let (conn, resume, position) = (bob.conn(), bob.resume_token(), bob.position.clone());
    let ending = tokio::spawn(other.terminate());
    let end = bob.until("the end", |frame| frame["type"] == "end").await;
    assert_eq!(end["reason"], "draining");
    assert!(end["reconnectAfterMs"].as_u64().is_some_and(|after| after < 5_000), "{end}");
    assert_eq!(bob.next().await, None);
    let mut back = Socket::open(&node, Some(&bobs)).await;
    let answer = back.ask(json!({"type": "resume", "resume": resume, "position": position})).await;
    assert_eq!((&answer["ok"], &answer["self"]["connId"]), (&json!(true), &json!(conn)), "{answer}");
    assert_eq!(ending.await.unwrap(), Some(0), "it drains");
    let told = amy.within(Duration::from_secs(4)).await;
    assert!(told.iter().all(|frame| frame["connId"] != conn.as_str()), "nobody had left: {told:?}");
    system.remove().await;
}

/// A node that starts later knows who was there before it, from the views and the log together.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_starts_later_knows_who_is_there() {
    let system = quick();
    let [node, projector] = system.start_ready(["presence", "projector"]).await;
    let token = system.token("amy");
    let mut sockets = Vec::new();
    for n in 0..3 {
        sockets.push(Socket::joined(&node, &token, "lobby", json!({"n": n})).await);
    }
    eventually("the view has them", async || (present(&system, "lobby").await == 3).then_some(())).await;
    projector.kill();
    for n in 3..5 {
        sockets.push(Socket::joined(&node, &token, "lobby", json!({"n": n})).await);
    }
    let [late] = system.start_ready(["presence"]).await;
    let last = Socket::joined(&late, &token, "lobby", json!({"n": 5})).await;
    let mut states: Vec<_> = last.members.values().map(|state| state["n"].as_u64().unwrap()).collect();
    states.sort_unstable();
    assert_eq!(states, [0, 1, 2, 3, 4, 5]);
    system.remove().await;
}

/// How many are in a room, as the view says.
pub async fn present(system: &System, room: &str) -> i64 {
    let (client, connection) =
        tokio_postgres::connect(system.variable("DATABASE_URL"), tokio_postgres::NoTls).await.unwrap();
    let connection = tokio::spawn(connection);
    let sql = "SELECT count(*) FROM presence_member WHERE room = $1 AND left_at IS NULL";
    let row = client.query_one(sql, &[&room]).await;
    drop(client);
    let _ = connection.await;
    // The table is made by the projector.
    row.map_or(-1, |row| row.get(0))
}
