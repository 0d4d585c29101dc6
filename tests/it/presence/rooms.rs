//! Members see each other come, change and go, in one order.

use serde_json::json;

use super::quick;
use super::socket::{Socket, is_event};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn members_see_each_other_come_change_and_go() {
    let system = quick();
    let [node, _projector] = system.start_ready(["presence", "projector"]).await;
    let mut amy = Socket::joined(&node, &system.token("amy"), "lobby", json!({"mood": "calm"})).await;
    let mut bob = Socket::joined(&node, &system.token("bob"), "lobby", json!({})).await;
    let joined = amy.until("bob's join", |frame| is_event(frame, "join", &bob.conn())).await;
    assert_eq!((&joined["userId"], &joined["first"], &joined["state"]), (&json!("bob"), &json!(true), &json!({})));
    assert_eq!(bob.members.get(&amy.conn()), Some(&json!({"mood": "calm"})), "the snapshot holds who was there");

    let beat = bob.ask(json!({"type": "heartbeat", "patchState": {"typing": true}})).await;
    assert_eq!((&beat["ok"], &beat["changed"]), (&json!(true), &json!(true)), "{beat}");
    let updated = amy.until("bob's update", |frame| is_event(frame, "update", &bob.conn())).await;
    assert_eq!(updated["state"], json!({"typing": true}));
    let same = bob.ask(json!({"type": "heartbeat", "patchState": {"typing": true}})).await;
    assert_eq!(same["changed"], false, "nothing is another way now");
    let epoch = bob.welcome["self"]["epoch"].as_u64().unwrap();
    for (claimed, code) in [(epoch - 1, "stale_epoch"), (epoch + 1, "unknown_epoch")] {
        let refused = bob.ask(json!({"type": "heartbeat", "epoch": claimed})).await;
        assert_eq!((&refused["ok"], &refused["error"]["code"]), (&json!(false), &json!(code)), "{refused}");
    }

    let mut second = Socket::joined(&node, &system.token("bob"), "lobby", json!({})).await;
    let joined = amy.until("bob's second join", |frame| is_event(frame, "join", &second.conn())).await;
    assert_eq!(joined["first"], false, "one user with two connections comes once");
    let gone = second.ask(json!({"type": "leave"})).await;
    assert_eq!((&gone["ok"], &gone["members"]), (&json!(true), &json!(2)), "{gone}");
    let left = amy.until("the second's leave", |frame| is_event(frame, "leave", &second.conn())).await;
    assert_eq!((&left["reason"], &left["last"]), (&json!("left"), &json!(false)));

    let conn = bob.conn();
    bob.close().await;
    let left = amy.until("bob's leave", |frame| is_event(frame, "leave", &conn)).await;
    assert_eq!((&left["reason"], &left["last"]), (&json!("left"), &json!(true)), "a goodbye has no grace");
    assert_eq!(amy.members.keys().collect::<Vec<_>>(), [&amy.conn()]);
    system.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_observer_sees_and_is_not_seen() {
    let system = quick();
    let [node, _projector] = system.start_ready(["presence", "projector"]).await;
    let mut amy = Socket::joined(&node, &system.token("amy"), "stage", json!({})).await;
    let mut eye = Socket::open(&node, Some(&system.token("eve"))).await;
    let answer = eye.ask(json!({"type": "observe", "room": "stage"})).await;
    assert_eq!((&answer["ok"], &answer["members"]), (&json!(true), &json!(1)), "{answer}");
    amy.ask(json!({"type": "heartbeat", "patchState": {"act": 2}})).await;
    let seen = eye.until("amy's update", |frame| is_event(frame, "update", &amy.conn())).await;
    assert_eq!(seen["state"], json!({"act": 2}));
    let listed = eye.ask(json!({"type": "members"})).await;
    assert_eq!((&listed["total"], listed["members"].as_array().map(Vec::len)), (&json!(1), Some(1)), "{listed}");
    let mut counting = Socket::open(&node, Some(&system.token("cat"))).await;
    counting.ask(json!({"type": "observe", "room": "stage", "audience": "counts"})).await;
    let bob = Socket::joined(&node, &system.token("bob"), "stage", json!({})).await;
    let counts = counting.until("counts", |frame| frame["type"] == "delta").await;
    assert_eq!((&counts["members"], &counts["users"], &counts["changes"]), (&json!(2), &json!(2), &json!([])));
    let frames = amy.within(std::time::Duration::from_millis(200)).await;
    assert!(frames.iter().all(|frame| frame["userId"] != "eve" && frame["userId"] != "cat"), "{frames:?}");
    bob.close().await;
    system.remove().await;
}

/// Rooms that are big at three members: changes are told together, and exactly; a room that shrinks tells each change again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_big_room_tells_changes_together() {
    let mut system = quick();
    system.set("PRESENCE_BIG_ROOM_FROM", "5");
    let [node, _projector] = system.start_ready(["presence", "projector"]).await;
    let token = system.token("amy");
    let mut sockets = Vec::new();
    for n in 0..8 {
        sockets.push(Socket::joined_in_big(&node, &token, "hall", json!({"n": n})).await);
    }
    let mut first = sockets.remove(0);
    let delta = first.until("a delta", |frame| frame["type"] == "delta" && frame["members"] == 8).await;
    assert_eq!(delta["complete"], true);
    assert_eq!(first.members.len(), 8, "snapshot, events and deltas add up");
    let mut last = sockets.pop().unwrap();
    last.ask(json!({"type": "heartbeat", "patchState": {"step": 1}})).await;
    last.ask(json!({"type": "heartbeat", "patchState": {"step": 2}})).await;
    let conn = last.conn();
    let changed = |frame: &serde_json::Value| {
        frame["changes"]
            .as_array()
            .is_some_and(|changes| changes.iter().any(|change| change["connId"] == conn.as_str()))
    };
    first.until("the last one's change", changed).await;
    assert_eq!(first.members[&conn], json!({"n": 7, "step": 2}), "the last of a member's changes counts");
    for socket in sockets {
        socket.close().await;
    }
    first.until("a small room", |frame| frame["type"] == "delta" && frame["members"] == 2).await;
    last.ask(json!({"type": "heartbeat", "patchState": {"step": 3}})).await;
    let event = first.until("an event", |frame| is_event(frame, "update", &conn)).await;
    assert_eq!(event["state"]["step"], 3);
    assert_eq!(first.members.len(), 2);
    system.remove().await;
}
