//! Nothing happens in a room for long: everybody is there still, and who is cut off then comes back to an empty feed. `make test`
//! waits for three short lives, `make test-faults` for ten minutes with the lives of production; clients of Socket.IO are idle in their own suite.

use std::time::Duration;

use serde_json::json;

use super::number;
use crate::presence::quick;
use crate::presence::socket::{Socket, is_event};

/// A client fails when nothing comes to it for two minutes.
const LOOK: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_quiet_room_stays_as_it_is_and_a_return_to_it_misses_nothing() {
    let mut system = quick();
    let long = number("ALLY_FAULTS_SECONDS").is_some();
    if long {
        system.set("PRESENCE_LEASE_SECONDS", "30").set("PRESENCE_GRACE_MS", "10000");
    }
    let quiet = Duration::from_secs(if long { 600 } else { 13 });
    let [one, two, _projector] = system.start_ready(["presence", "presence", "projector"]).await;
    let (amys, bobs) = (system.token("amy"), system.token("bob"));
    let mut amy = Socket::joined(&one, &amys, "quiet", json!({})).await;
    let mut bob = Socket::joined(&two, &bobs, "quiet", json!({"here": true})).await;
    let mut eve = Socket::open(&two, Some(&system.token("eve"))).await;
    assert_eq!(eve.ask(json!({"type": "observe", "room": "quiet"})).await["ok"], true);
    amy.until("bob's join", |frame| is_event(frame, "join", &bob.conn())).await;
    amy.frames.clear();

    let until = tokio::time::Instant::now() + quiet;
    while let Some(left) = until.checked_duration_since(tokio::time::Instant::now()).filter(|left| !left.is_zero()) {
        let look = left.min(LOOK);
        let told = tokio::join!(amy.within(look), bob.within(look), eve.within(look));
        let told = [told.0, told.1, told.2].concat();
        let events: Vec<_> = told.iter().filter(|frame| frame["type"] != "snapshot").collect();
        assert!(events.is_empty(), "nothing happened: {events:?}");
    }

    let (conn, resume, position) = (bob.conn(), bob.resume_token(), bob.position.clone());
    bob.cut();
    let mut back = Socket::open(&one, Some(&bobs)).await;
    let answer = back.ask(json!({"type": "resume", "resume": resume, "position": position})).await;
    assert_eq!((&answer["ok"], &answer["recovered"]), (&json!(true), &json!(true)), "{answer}");
    assert_eq!(answer["self"]["connId"], conn.as_str());
    back.ask(json!({"type": "heartbeat", "patchState": {"back": 1}})).await;
    let first = amy.until("what happens next", |frame| frame["type"] == "event").await;
    assert!(is_event(&first, "update", &conn), "the return itself was nothing: {first}");
    let listed = amy.ask(json!({"type": "members"})).await;
    assert_eq!(listed["total"], 2, "{listed}");
    system.remove().await;
}
