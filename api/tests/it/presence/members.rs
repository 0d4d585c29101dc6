//! Joining, staying, leaving, and who is there.

use std::sync::atomic::Ordering;
use std::time::Duration;

use ally_api::{DoorLimits, PastMember};
use ally_domain::room::{Door, Member, MemberState};
use ally_domain::subject::Subject;
use ally_handlers::presence::PresenceConfig;
use serde_json::{Value, json};
use time::macros::datetime;

use super::node::{Node, Setup};
use crate::harness::{body, fields, header, problem};

#[tokio::test]
async fn a_member_joins_stays_and_leaves() {
    let node = Node::start().await;
    let joined = node.join("lobby", "amy", &json!({"name": "Amy"})).await;
    assert_eq!((&joined["members"], &joined["ttlMs"]), (&json!(1), &json!(30_000)));
    let conn = &joined["connId"];
    let beat = node.post("/lobby/heartbeat", "amy", &json!({"connId": conn, "epoch": joined["epoch"]})).await;
    assert_eq!(body(beat).await, json!({"changed": false, "epoch": joined["epoch"]}));
    let patch = json!({"connId": conn, "patchState": {"typing": true}});
    for changed in [true, false] {
        let beat = body(node.post("/lobby/heartbeat", "amy", &patch).await).await;
        assert_eq!(beat["changed"], changed, "the same patch changes nothing again");
    }
    let listed = body(node.get("/lobby/members", "bea").await).await;
    assert_eq!((&listed["total"], &listed["more"]), (&json!(1), &json!(false)));
    let member = json!({
        "connId": conn, "userId": joined["userId"], "epoch": joined["epoch"], "door": "http",
        "state": {"name": "Amy", "typing": true},
    });
    assert_eq!(listed["members"], json!([member]));
    assert_eq!(body(node.get("/lobby/stats", "bea").await).await, json!({"room": "lobby", "members": 1, "users": 1}));
    let leave = json!({"connId": conn});
    assert_eq!(body(node.post("/lobby/leave", "amy", &leave).await).await, json!({"members": 0}));
    assert!(node.leases.of(conn.as_str().unwrap()).is_none());
    for path in ["/lobby/leave", "/lobby/heartbeat"] {
        problem(node.post(path, "amy", &leave).await, 404, "not-a-member").await;
    }
}

#[tokio::test]
async fn a_body_may_be_left_out_and_every_join_is_a_connection() {
    let node = Node::start().await;
    let first = node.request(reqwest::Method::POST, "/lobby/join", "amy").send().await.unwrap();
    assert_eq!(first.status(), 201);
    let second = node.join("lobby", "amy", &json!({})).await;
    assert_eq!(second["members"], 2);
    assert_eq!(body(node.get("/lobby/stats", "amy").await).await["users"], 1);
}

#[tokio::test]
async fn epochs_come_from_the_server() {
    let node = Node::start().await;
    let joined = node.join("lobby", "amy", &json!({})).await;
    let epoch = joined["epoch"].as_u64().unwrap();
    let beat = async |epoch: u64| {
        node.post("/lobby/heartbeat", "amy", &json!({"connId": joined["connId"], "epoch": epoch})).await
    };
    problem(beat(epoch - 1).await, 409, "stale-epoch").await;
    problem(beat(epoch + 1).await, 409, "unknown-epoch").await;
    assert_eq!(beat(epoch).await.status(), 200);
}

#[tokio::test]
async fn a_full_room_takes_nobody_and_holds_no_lease_for_them() {
    let rooms = PresenceConfig { max_members: 1, ..PresenceConfig::default() };
    let node = Node::with(Setup { rooms, ..Setup::default() }).await;
    let joined = node.join("lobby", "amy", &json!({})).await;
    problem(node.post("/lobby/join", "bea", &json!({})).await, 409, "room-full").await;
    node.post("/lobby/leave", "amy", &json!({"connId": joined["connId"]})).await;
    assert_eq!(node.post("/lobby/join", "bea", &json!({})).await.status(), 201);
}

#[tokio::test]
async fn one_user_cannot_fill_a_room() {
    let doors = DoorLimits { per_user: 2, ..DoorLimits::default() };
    let node = Node::with(Setup { doors, ..Setup::default() }).await;
    for _ in 0..2 {
        node.join("lobby", "amy", &json!({})).await;
    }
    let response = node.post("/lobby/join", "amy", &json!({})).await;
    assert_eq!(header(&response, "retry-after"), Some("30"));
    problem(response, 429, "rate-limited").await;
    node.join("lobby", "bea", &json!({})).await;
    node.join("attic", "amy", &json!({})).await;
}

#[tokio::test]
async fn a_state_has_a_limit_at_the_join_and_with_each_patch() {
    let node = Node::start().await;
    let long = "x".repeat(4 * 1024);
    problem(node.post("/lobby/join", "amy", &json!({"state": {"k": long}})).await, 413, "state-too-large").await;
    let joined = node.join("lobby", "amy", &json!({"k": "x".repeat(4_000)})).await;
    let patch = json!({"connId": joined["connId"], "patchState": {"l": "x".repeat(100)}});
    problem(node.post("/lobby/heartbeat", "amy", &patch).await, 413, "state-too-large").await;
}

#[tokio::test]
async fn members_come_in_pages() {
    let node = Node::start().await;
    let mut conns = Vec::new();
    for user in ["amy", "bea", "cid"] {
        conns.push(node.join("lobby", user, &json!({})).await["connId"].clone());
    }
    let (mut path, mut seen) = ("/lobby/members?limit=2".to_owned(), Vec::new());
    loop {
        let page = node.get(&path, "amy").await;
        let link = header(&page, "link").map(str::to_owned);
        let page = body(page).await;
        assert_eq!(page["total"], 3);
        let last = page["members"].as_array().unwrap().last().unwrap()["connId"].as_str().unwrap().to_owned();
        let next = format!("</api/v1/presence/rooms/lobby/members?limit=2&after={last}>; rel=\"next\"");
        assert_eq!(link, (page["more"] == true).then_some(next));
        seen.extend(page["members"].as_array().unwrap().iter().map(|member| member["connId"].clone()));
        if page["more"] == false {
            break;
        }
        path = format!("/lobby/members?limit=2&after={}", seen.last().unwrap().as_str().unwrap());
    }
    assert_eq!(seen, conns);
}

#[tokio::test]
async fn who_was_there_is_told_of_a_moment() {
    let node = Node::start().await;
    let conns: Vec<String> = (0..3).map(|_| uuid::Uuid::now_v7().to_string()).collect();
    let member = Member {
        user: Subject::own("amy").athlete_id(),
        door: Door::Websocket,
        epoch: 7,
        state: MemberState::default(),
    };
    *node.past.members.lock().unwrap() = conns
        .iter()
        .map(|conn| PastMember {
            conn: conn.parse().unwrap(),
            member: member.clone(),
            joined_at: datetime!(2026-11-19 08:00 UTC),
            left_at: (conn == &conns[0]).then_some(datetime!(2026-11-19 09:00 UTC)),
        })
        .collect();
    let at = "at=2026-11-19T08:30:00Z";
    let page = body(node.get(&format!("/lobby/members?{at}&limit=2"), "amy").await).await;
    assert_eq!((&page["at"], &page["more"]), (&json!("2026-11-19T08:30:00Z"), &json!(true)));
    assert_eq!(page["position"], Value::Null, "the feed is of now");
    assert_eq!(page["members"][0]["leftAt"], "2026-11-19T09:00:00Z");
    assert_eq!(page["members"][1].get("leftAt"), None);
    let rest = body(node.get(&format!("/lobby/members?{at}&limit=2&after={}", conns[1]), "amy").await).await;
    assert_eq!((&rest["members"][0]["connId"], &rest["more"]), (&json!(conns[2]), &json!(false)));
    node.past.outage.store(true, Ordering::Relaxed);
    problem(node.get(&format!("/lobby/members?{at}"), "amy").await, 503, "unavailable").await;
    assert_eq!(node.get("/lobby/members", "amy").await.status(), 200, "who is there now is known without the views");
}

#[tokio::test]
async fn any_text_may_be_a_name() {
    let node = Node::start().await;
    for (path, room) in [("caf%C3%A9", "café"), ("a%2Fb", "a/b"), ("a%20b", "a b"), ("doc:1.2", "doc:1.2")] {
        node.join(path, "amy", &json!({})).await;
        let stats = body(node.get(&format!("/{path}/stats"), "amy").await).await;
        assert_eq!(stats, json!({"room": room, "members": 1, "users": 1}));
    }
    for path in ["%00", "a%0Ab", &"x".repeat(65), "%C3%A9%C3%A9%C3%A9%C3%A9%C3%A9%C3%A9%C3%A9%C3%A9%C3%A9%C3%A9%C3%A9"]
    {
        let refused = problem(node.get(&format!("/{path}/stats"), "amy").await, 400, "validation").await;
        assert_eq!(fields(&refused), ["room"], "{path}");
    }
    let refused = problem(node.get("/%ff/stats", "amy").await, 400, "validation").await;
    assert_eq!(fields(&refused), ["path"]);
}

#[tokio::test]
async fn every_wrong_field_is_named() {
    let node = Node::start().await;
    let joined = node.join("lobby", "amy", &json!({})).await;
    let conn = &joined["connId"];
    for (path, sent, wrong) in [
        ("join", json!([]), vec![""]),
        ("join", json!({"state": [], "userID": 1}), vec!["state", "userID"]),
        ("join", json!({"userId": "a\u{0}"}), vec!["userId"]),
        ("heartbeat", json!({}), vec!["connId"]),
        ("heartbeat", json!({"connId": "x"}), vec!["connId"]),
        ("heartbeat", json!({"connId": conn.as_str().unwrap().to_uppercase()}), vec!["connId"]),
        ("heartbeat", json!({"connId": conn, "epoch": "1", "patchState": 1}), vec!["epoch", "patchState"]),
        ("heartbeat", json!({"connId": conn, "epoch": -1}), vec!["epoch"]),
        ("leave", json!({"connId": 1, "why": "x"}), vec!["connId", "why"]),
    ] {
        let refused = problem(node.post(&format!("/lobby/{path}"), "amy", &sent).await, 400, "validation").await;
        let mut named = fields(&refused);
        named.sort_unstable();
        assert_eq!(named, wrong, "{path} {sent}");
    }
    for (query, wrong) in [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("after=x", "after"),
        ("at=yesterday", "at"),
        ("et=2026-11-19T08:30:00Z", "et"),
    ] {
        let refused = problem(node.get(&format!("/lobby/members?{query}"), "amy").await, 400, "validation").await;
        assert_eq!(fields(&refused), [wrong], "{query}");
    }
    assert_eq!(body(node.get("/lobby/stats", "amy").await).await["members"], 1, "nothing came of any of it");
}

#[tokio::test]
async fn what_does_not_answer_is_told_with_when_to_come_back() {
    let rooms = PresenceConfig { command_deadline: Duration::from_millis(50), ..PresenceConfig::default() };
    let node = Node::with(Setup { rooms, ..Setup::default() }).await;
    let joined = node.join("lobby", "amy", &json!({})).await;
    node.leases.cut(true);
    let response = node.post("/lobby/join", "bea", &json!({})).await;
    assert_eq!(header(&response, "retry-after"), Some("2"));
    let told = problem(response, 503, "unavailable").await;
    assert!(!told["detail"].as_str().unwrap().contains("cut off"), "inner texts are logged and not told: {told}");
    node.leases.cut(false);
    node.store.set_outage(Some("pulled the plug"));
    let patch = json!({"connId": joined["connId"], "patchState": {"a": 1}});
    problem(node.post("/lobby/heartbeat", "amy", &patch).await, 503, "unavailable").await;
    node.store.set_outage(None);
    let draining = node.presence.clone();
    draining.drain().await;
    let response = node.post("/lobby/join", "bea", &json!({})).await;
    assert_eq!(header(&response, "retry-after"), Some("1"));
    problem(response, 503, "draining").await;
}
