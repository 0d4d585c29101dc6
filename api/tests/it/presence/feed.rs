//! The feed of a room as server-sent events.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use ally_api::testing::Conformance;
use ally_api::{DoorLimits, Limits};
use ally_domain::envelope::{Actor, TraceContext};
use ally_domain::room::MemberState;
use ally_domain::subject::Subject;
use ally_handlers::Origin;
use ally_handlers::presence::PresenceConfig;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpSocket;

use super::node::{Node, Setup, token_with};
use crate::harness::{EventStream, body, fields, generous, header, problem};

static DOCUMENT: LazyLock<Conformance> = LazyLock::new(Conformance::of_presence);

async fn follow(node: &Node, path: &str, last: Option<&str>) -> EventStream {
    let mut request = node.request(Method::GET, &format!("/lobby/events{path}"), "eve");
    if let Some(last) = last {
        request = request.header("last-event-id", last);
    }
    EventStream::of(request.send().await.unwrap(), |event| {
        let schema = match event.name.as_str() {
            "snapshot" => "FeedSnapshot",
            "event" => "FeedEvent",
            "delta" => "FeedDelta",
            "end" => "FeedEnd",
            other => panic!("an event of the unknown name {other:?}"),
        };
        DOCUMENT.differences_from(schema, &event.data)
    })
}

fn origin() -> Origin {
    Origin { actor: Actor::System("test"), correlation: "test".into(), trace: TraceContext::default() }
}

#[tokio::test]
async fn a_follower_is_told_who_is_there_and_then_every_change() {
    let node = Node::start().await;
    let amy = node.join("lobby", "amy", &json!({"n": 1})).await;
    let mut stream = follow(&node, "", None).await;
    let snapshot = stream.next().await;
    assert_eq!((snapshot.name.as_str(), &snapshot.data["total"]), ("snapshot", &json!(1)));
    assert_eq!(snapshot.data["members"][0]["connId"], amy["connId"]);
    assert_eq!(snapshot.id.as_deref(), snapshot.data["position"].as_str());
    let patch = json!({"connId": amy["connId"], "patchState": {"n": 2}});
    node.post("/lobby/heartbeat", "amy", &patch).await;
    node.join("attic", "amy", &json!({})).await;
    node.post("/lobby/leave", "amy", &json!({"connId": amy["connId"]})).await;
    let (update, leave) = (stream.next().await, stream.next().await);
    assert_eq!((&update.data["event"], &update.data["state"]), (&json!("update"), &json!({"n": 2})));
    assert_eq!((&leave.data["event"], &leave.data["reason"]), (&json!("leave"), &json!("left")));
    for event in [update, leave] {
        assert_eq!(event.id.as_deref(), event.data["position"].as_str());
    }
    assert_eq!(body(node.get("/lobby/stats", "amy").await).await["members"], 0, "a follower is no member");
}

#[tokio::test]
async fn who_comes_back_gets_what_it_missed_or_begins_afresh() {
    let node = Node::start().await;
    let begin = follow(&node, "", None).await.next().await;
    let position = begin.id.unwrap();
    let amy = node.join("lobby", "amy", &json!({})).await;
    node.post("/lobby/leave", "amy", &json!({"connId": amy["connId"]})).await;
    for (path, last) in [
        (String::new(), Some(position.as_str())),
        (format!("?position={position}"), None),
        // A browser that comes back keeps the address of its first connection.
        ("?position=00000000-1".to_owned(), Some(position.as_str())),
    ] {
        let mut stream = follow(&node, &path, last).await;
        let missed = [stream.next().await, stream.next().await];
        assert_eq!(missed.each_ref().map(|event| event.data["event"].as_str().unwrap()), ["join", "leave"], "{path}");
        let at = missed[1].id.clone().unwrap();
        let mut again = follow(&node, "", Some(&at)).await;
        assert_eq!(again.block().await, Some(format!("id: {at}")), "nothing was missed, and the position stays");
    }
    // Of another log; taken back; behind the end of the log.
    let beyond = format!("{}-999999", position.split_once('-').unwrap().0);
    for last in ["00000000-1", "", beyond.as_str()] {
        assert_eq!(follow(&node, "", Some(last)).await.next().await.name, "snapshot", "{last:?}");
    }
    let wrong = problem(node.get("/lobby/events?position=x&audience=all", "eve").await, 400, "validation").await;
    assert_eq!(fields(&wrong), ["position", "audience"]);
    let wrong = node.request(Method::GET, "/lobby/events", "eve").header("last-event-id", "x").send().await.unwrap();
    assert_eq!(fields(&problem(wrong, 400, "validation").await), ["Last-Event-ID"]);
}

#[tokio::test]
async fn what_nobody_remembers_whole_is_begun_afresh() {
    let rooms = PresenceConfig { recent_events: 1, ..PresenceConfig::default() };
    let node = Node::with(Setup { rooms, ..Setup::default() }).await;
    let position = follow(&node, "", None).await.next().await.id.unwrap();
    node.join("lobby", "amy", &json!({})).await;
    let one = follow(&node, "", Some(&position)).await.next().await;
    assert_eq!(one.name, "event");
    node.join("lobby", "bea", &json!({})).await;
    let two = follow(&node, "", Some(&position)).await.next().await;
    assert_eq!((two.name.as_str(), &two.data["total"]), ("snapshot", &json!(2)));
}

#[tokio::test]
async fn counts_are_told_without_names() {
    let node = Node::start().await;
    node.join("lobby", "amy", &json!({})).await;
    let mut stream = follow(&node, "?audience=counts", None).await;
    let first = stream.next().await;
    assert_eq!((first.name.as_str(), &first.data["members"], &first.data["changes"]), ("delta", &json!(1), &json!([])));
    node.join("lobby", "amy", &json!({})).await;
    let second = loop {
        let told = stream.next().await;
        assert_eq!((&told.data["users"], &told.data["changes"]), (&json!(1), &json!([])));
        // The count of before may be told once more.
        if told.data["members"] == 2 {
            break told;
        }
    };
    let back = follow(&node, "?audience=counts", second.id.as_deref()).await.next().await;
    assert_eq!(back.data["members"], 2, "who comes back is told how many there are");
}

/// Where a snapshot of several events breaks off the client must begin afresh, so it knows no position meanwhile.
#[tokio::test]
async fn a_snapshot_counts_once_it_is_whole() {
    let node = Node::start().await;
    let (room, origin) = ("lobby".parse().unwrap(), origin());
    let enter = |n: usize| {
        let (presence, room, origin) = (&node.presence, &room, &origin);
        let user = Subject::own(&format!("user-{n}")).athlete_id();
        async move { presence.enter(room, &user, MemberState::default(), origin).await.unwrap() }
    };
    futures::future::join_all((0..201).map(enter)).await;
    let mut stream = follow(&node, "", None).await;
    let (mut members, mut pages) = (0, 0);
    loop {
        let page = stream.next().await;
        (members, pages) = (members + page.data["members"].as_array().unwrap().len(), pages + 1);
        assert!(page.data.to_string().len() < 16 * 1024, "a connection keeps a buffer as long as its longest frame");
        assert_eq!(page.data["first"], pages == 1);
        if page.data["more"] == false {
            assert_eq!(page.id.as_deref(), page.data["position"].as_str());
            break;
        }
        assert_eq!(page.id.as_deref(), Some(""));
    }
    assert!(members == 201 && pages > 2, "{members} members in {pages} pages");
}

#[tokio::test]
async fn a_feed_holds_no_slot_and_has_no_deadline() {
    let deadline = Duration::from_millis(300);
    let limits = Limits { max_concurrent_requests: 1, deadline, ..generous() };
    let node = Node::with(Setup { limits, ..Setup::default() }).await;
    let mut stream = follow(&node, "", None).await;
    stream.next().await;
    let begun = Instant::now();
    while begun.elapsed() < deadline * 2 {
        assert_eq!(node.get("/lobby/stats", "amy").await.status(), StatusCode::OK);
    }
    node.join("lobby", "amy", &json!({})).await;
    assert_eq!(stream.next().await.data["event"], "join");
}

#[tokio::test]
async fn a_quiet_feed_is_kept_open() {
    let doors = DoorLimits { comment_every: Duration::from_millis(10), ..DoorLimits::default() };
    let node = Node::with(Setup { doors, ..Setup::default() }).await;
    let mut stream = follow(&node, "", None).await;
    stream.next().await;
    assert_eq!(stream.block().await.as_deref(), Some(":"));
}

#[tokio::test]
async fn feeds_are_counted_like_sockets_and_given_back() {
    let doors = DoorLimits { per_user: 1, ..DoorLimits::default() };
    let node = Node::with(Setup { doors, ..Setup::default() }).await;
    let open = async || node.get("/lobby/events", "eve").await;
    let first = open().await;
    assert_eq!(first.status(), StatusCode::OK);
    let refused = open().await;
    assert_eq!(header(&refused, "retry-after"), Some("10"));
    problem(refused, 429, "rate-limited").await;
    assert_eq!(node.get("/lobby/events", "amy").await.status(), StatusCode::OK, "others have their own");
    drop(first);
    while open().await.status() != StatusCode::OK {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn the_end_of_a_node_is_told_with_when_to_come_back() {
    let node = Node::start().await;
    let mut stream = follow(&node, "", None).await;
    stream.next().await;
    node.presence.drain().await;
    let end = stream.next().await;
    assert_eq!((end.name.as_str(), &end.data["reason"]), ("end", &json!("draining")));
    assert_eq!(end.retry, end.data["reconnectAfterMs"].as_u64());
    assert!(end.retry.unwrap() < 5_000);
    assert_eq!(end.id, None, "the position stays, to come back from");
    assert_eq!(stream.block().await, None);
    problem(node.get("/lobby/events", "eve").await, 503, "draining").await;
    node.server.stop.cancel();
    node.server.served.await.unwrap();
}

#[tokio::test]
async fn a_feed_becomes_no_older_than_it_may() {
    let doors = DoorLimits { max_age: Duration::from_millis(20), ..DoorLimits::default() };
    let node = Node::with(Setup { doors, ..Setup::default() }).await;
    let mut stream = follow(&node, "", None).await;
    stream.next().await;
    let end = stream.next().await;
    assert_eq!((&end.data["reason"], end.retry), (&json!("too_old"), None));
    assert_eq!(stream.block().await, None);
}

/// A client that does not read is let go, with its connection, although it keeps it open.
#[tokio::test]
async fn who_does_not_read_is_cut_off() {
    let doors = DoorLimits { patience: Duration::from_millis(100), per_user: 1, ..DoorLimits::default() };
    let node = Node::with(Setup { doors, ..Setup::default() }).await;
    let (room, user, origin) = (&"lobby".parse().unwrap(), &Subject::own("amy").athlete_id(), &origin());
    let enter = || node.presence.enter(room, user, MemberState::default(), origin);
    let members = futures::future::join_all((0..32).map(|_| enter())).await;
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4 * 1024).unwrap();
    let mut silent = socket.connect(node.server.address).await.unwrap();
    let token = token_with("eve", &Value::Null, &[]);
    let request =
        format!("GET /api/v1/presence/rooms/lobby/events HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {token}\r\n\r\n");
    silent.write_all(request.as_bytes()).await.unwrap();
    let mut begun = [0; 12];
    silent.read_exact(&mut begun).await.unwrap();
    assert_eq!(&begun, b"HTTP/1.1 200");
    let mut n = 0;
    while node.presence.figures(room).await.unwrap().followers > 0 {
        n += 1;
        let text = format!("{n}{}", "x".repeat(3_900));
        let patch = |conn| {
            let state = json!({"k": text}).as_object().cloned();
            node.presence.heartbeat_by_request((room, conn), user, None, state, origin)
        };
        let members = members.iter().map(|member| patch(member.as_ref().unwrap().conn));
        futures::future::try_join_all(members).await.unwrap();
    }
    while node.get("/lobby/events", "eve").await.status() != StatusCode::OK {
        tokio::task::yield_now().await;
    }
    // What was under way still comes.
    let mut rest = Vec::new();
    let _ = silent.read_to_end(&mut rest).await;
    assert!(!String::from_utf8_lossy(&rest).ends_with("0\r\n\r\n"), "a cut answer does not look like a whole one");
}
