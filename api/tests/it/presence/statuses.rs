//! The document of presence: pinned, served, described, and every status that it names is answered.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::Ordering;
use std::time::Duration;

use ally_api::testing::Conformance;
use ally_api::{Limits, Rate};
use ally_handlers::presence::PresenceConfig;
use reqwest::{RequestBuilder, Response};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::node::{Node, Setup, token_with};
use crate::harness::{body, generous};

/// Every operation, as it would work in a room, for a connection.
const OPERATIONS: [(&str, &str); 15] = [
    ("POST", "/rooms/lobby/join"),
    ("POST", "/rooms/lobby/heartbeat"),
    ("POST", "/rooms/lobby/leave"),
    ("GET", "/rooms/lobby/members"),
    ("GET", "/rooms/lobby/stats"),
    ("GET", "/rooms/lobby/events"),
    ("GET", "/rooms"),
    ("POST", "/rooms/lobby/members/CONN/kick"),
    ("GET", CHANNEL),
    ("PUT", CHANNEL),
    ("PATCH", CHANNEL),
    ("DELETE", CHANNEL),
    ("GET", LOCK),
    ("POST", LOCK),
    ("DELETE", LOCK),
];
/// Those that change a channel.
const CHANGES: [&str; 3] = ["PUT", "PATCH", "DELETE"];
const CHANNEL: &str = "/channels/room/lobby/metadata";
const LOCK: &str = "/locks/lobby";
const CONN: &str = "01930000-0000-7000-8000-000000000001";

#[test]
fn the_committed_document_is_the_served_one() {
    let committed = include_str!("../../../presence.openapi.json");
    let now = ally_api::presence_openapi_json();
    assert!(committed == now, "api/presence.openapi.json is out of date: run `make openapi`");
}

#[tokio::test]
async fn the_document_is_served_in_each_form() {
    let node = Node::start().await;
    let json = node.server.get("/openapi.json").await;
    assert_eq!(json.text().await.unwrap(), ally_api::presence_openapi_json());
    assert!(node.server.get("/openapi.yaml").await.text().await.unwrap().contains("openapi: \"3.1"));
    assert!(node.server.get("/docs").await.text().await.unwrap().contains("/presence/rooms"));
    assert_eq!(node.server.get("/problems/room-full").await.status(), 200);
}

#[test]
fn everything_is_described() {
    let document: Value = serde_json::from_str(&ally_api::presence_openapi_json()).unwrap();
    let mut operations = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            operations += 1;
            for text in ["summary", "description", "operationId"] {
                assert!(operation[text].as_str().is_some_and(|text| !text.is_empty()), "{text} of {method} {path}");
            }
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                assert!(parameter["description"].is_string(), "{parameter} of {method} {path}");
            }
        }
    }
    assert_eq!(operations, OPERATIONS.len());
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        assert!(schema["description"].is_string(), "{name}");
        for (field, property) in schema["properties"].as_object().into_iter().flatten() {
            let referred = property["$ref"].is_string();
            assert!(referred || property["description"].is_string(), "{name}.{field}: {property}");
        }
    }
    assert_eq!(Conformance::of_presence().differing_examples(), Vec::<String>::new());
}

/// What was answered so far.
struct Answered {
    document: Conformance,
    names: Mutex<BTreeSet<String>>,
}

impl Answered {
    fn note(&self, method: &str, path: &str, response: &Response) {
        let path = format!("/api/v1/presence{path}");
        let status = response.status().as_u16();
        let name = self.document.documented(method, &path, status);
        self.names.lock().unwrap().insert(name.unwrap_or_else(|| panic!("{method} {path} answered {status}")));
    }

    /// Sends each operation, changed by a test.
    async fn all(&self, node: &Node, change: impl Fn(RequestBuilder) -> RequestBuilder) {
        for (method, path) in OPERATIONS {
            self.one(node, method, &path.replace("CONN", CONN), |request| change(with_body(method, path, request)))
                .await;
        }
    }

    async fn one(
        &self,
        node: &Node,
        method: &str,
        path: &str,
        change: impl Fn(RequestBuilder) -> RequestBuilder,
    ) -> Response {
        let kim = token_with("kim", &Value::Null, &["operator"]);
        let request = node.below(method.parse().unwrap(), path, &kim);
        let response = change(request).send().await.unwrap();
        self.note(method, path.split('?').next().unwrap(), &response);
        response
    }
}

/// Whether an operation reads a body.
fn reads_body(method: &str, path: &str) -> bool {
    (method == "POST" && !path.ends_with("kick")) || (path == CHANNEL && CHANGES.contains(&method))
}

fn with_body(method: &str, path: &str, request: RequestBuilder) -> RequestBuilder {
    if path == CHANNEL && method == "DELETE" {
        request.json(&json!({}))
    } else if path == CHANNEL && CHANGES.contains(&method) {
        request.json(&json!({"data": [{"key": "a", "value": 1}]}))
    } else if path.ends_with("/heartbeat") || path.ends_with("/leave") {
        request.json(&json!({"connId": CONN}))
    } else {
        request
    }
}

async fn limited(limits: Limits) -> Node {
    Node::with(Setup { limits, ..Setup::default() }).await
}

#[tokio::test]
async fn every_documented_status_is_answered() {
    let answered = Answered { document: Conformance::of_presence(), names: Mutex::default() };
    in_front(&answered).await;
    by_the_rules(&answered).await;
    of_channels(&answered).await;
    too_late(&answered).await;
    let documented: BTreeSet<String> = answered.document.all_documented().into_iter().collect();
    let names = answered.names.into_inner().unwrap();
    // They wait for nothing but the memory of the process. That the deadline holds for each operation alike is the layer's.
    let at_once = [
        "GET /api/v1/presence/rooms",
        "GET /api/v1/presence/rooms/{room}/stats",
        "GET /api/v1/presence/rooms/{room}/events",
        "GET /api/v1/presence/channels/{channelType}/{channelName}/metadata",
        "GET /api/v1/presence/locks/{lockName}",
        "POST /api/v1/presence/locks/{lockName}",
        "DELETE /api/v1/presence/locks/{lockName}",
    ];
    let at_once = at_once.map(|operation| format!("{operation} 504"));
    let missing: Vec<_> = documented.difference(&names).filter(|name| !at_once.contains(name)).collect();
    assert!(missing.is_empty(), "documented and never answered: {missing:#?}");
}

/// What stands before every operation.
async fn in_front(answered: &Answered) {
    let node = limited(Limits { max_uri_bytes: 400, max_header_bytes: 3_000, max_body_bytes: 100, ..generous() }).await;
    let long = "x".repeat(3_000);
    answered.all(&node, |request| request.header("authorization", "Basic eA==")).await;
    answered.all(&node, |request| request.header("origin", "https://evil.example")).await;
    answered.all(&node, |request| request.header("x-much", &long)).await;
    answered.all(&node, |request| request.header("accept-encoding", "identity;q=0")).await;
    answered.all(&node, |request| request.body(long[..101].to_owned())).await;
    for (method, path) in OPERATIONS {
        let path = format!("{}?x={}", path.replace("CONN", CONN), &long[..400]);
        answered.one(&node, method, &path, |request| request).await;
    }
    let node = limited(Limits { max_concurrent_requests: 0, ..generous() }).await;
    answered.all(&node, |request| request).await;
    let node = limited(Limits { per_athlete: Rate { per_minute: 1, burst: 1 }, ..generous() }).await;
    for _ in 0..2 {
        answered.all(&node, |request| request).await;
    }
    let node = Node::start().await;
    node.clock.0.store(true, Ordering::Relaxed);
    answered.all(&node, |request| request).await;
}

/// What the operations say themselves.
async fn by_the_rules(answered: &Answered) {
    let rooms = PresenceConfig { max_members: 2, ..PresenceConfig::default() };
    let limits = Limits { body_deadline: Duration::from_millis(50), ..generous() };
    let node = Node::with(Setup { rooms, limits, ..Setup::default() }).await;
    // A connection that is nowhere; a room that is no name.
    answered.all(&node, |request| request).await;
    for (method, path) in OPERATIONS {
        let wrong = match path {
            "/rooms" => "/rooms?limit=x".to_owned(),
            path => path.replace("lobby", "%00").replace("CONN", CONN),
        };
        answered.one(&node, method, &wrong, |request| with_body(method, path, request)).await;
        let unknown = format!("{}?surprise=1", path.replace("CONN", CONN));
        let response = answered.one(&node, method, &unknown, |request| with_body(method, path, request)).await;
        assert_eq!(response.status(), 400, "{method} {path} reads no such parameter");
        if reads_body(method, path) {
            let plain = |request: RequestBuilder| request.header("content-type", "text/plain").body("x");
            answered.one(&node, method, path, plain).await;
            half(answered, &node, method, path).await;
        }
    }
    let mut conns = Vec::new();
    // One is there already.
    for status in [201, 409] {
        let response = answered.one(&node, "POST", "/rooms/lobby/join", |request| request).await;
        assert_eq!(response.status(), status);
        conns.push(body(response).await["connId"].clone());
    }
    for (method, path) in OPERATIONS.iter().filter(|(method, path)| *method == "GET" && !path.ends_with("events")) {
        answered.one(&node, method, path, |request| request.header("if-none-match", "*")).await;
    }
    let own = |extra: Value| {
        let mut sent = extra;
        sent["connId"] = conns[0].clone();
        move |request: RequestBuilder| request.json(&sent)
    };
    for (sent, status) in [(json!({}), 200), (json!({"epoch": 999_999}), 409)] {
        assert_eq!(answered.one(&node, "POST", "/rooms/lobby/heartbeat", own(sent)).await.status(), status);
    }
    let kick = format!("/rooms/lobby/members/{}/kick", conns[0].as_str().unwrap());
    assert_eq!(answered.one(&node, "POST", &kick, |request| request).await.status(), 200);
    let joined = body(answered.one(&node, "POST", "/rooms/lobby/join", |request| request).await).await;
    let leave = move |request: RequestBuilder| request.json(&json!({"connId": joined["connId"]}));
    assert_eq!(answered.one(&node, "POST", "/rooms/lobby/leave", leave).await.status(), 200);
}

/// Revisions that are others, and locks that are somebody else's.
async fn of_channels(answered: &Answered) {
    let node = Node::start().await;
    let set = |request: RequestBuilder| request.json(&json!({"data": [{"key": "a", "value": 1}]}));
    assert_eq!(answered.one(&node, "PUT", CHANNEL, set).await.status(), 200);
    for method in CHANGES {
        let item = if method == "DELETE" { json!({"key": "a"}) } else { json!({"key": "a", "value": 2}) };
        for (options, status) in
            [(json!({"majorRevision": 7}), 409), (json!({"lockName": "lobby"}), 423), (json!({}), 200)]
        {
            let sent = json!({"data": [item], "options": options});
            let response = answered.one(&node, method, CHANNEL, |request| request.json(&sent)).await;
            assert_eq!(response.status(), status, "{method} {options}");
        }
    }
    assert_eq!(answered.one(&node, "DELETE", LOCK, |request| request).await.status(), 423);
    assert_eq!(
        node.below(reqwest::Method::POST, LOCK, &token_with("amy", &Value::Null, &[])).send().await.unwrap().status(),
        200
    );
    assert_eq!(answered.one(&node, "POST", LOCK, |request| request).await.status(), 423);
    let node = Node::start().await;
    assert_eq!(answered.one(&node, "POST", LOCK, |request| request).await.status(), 200);
    assert_eq!(answered.one(&node, "DELETE", LOCK, |request| request).await.status(), 200);
}

/// Operations that wait for what does not come.
async fn too_late(answered: &Answered) {
    let node = limited(Limits { deadline: Duration::from_millis(100), ..generous() }).await;
    let joined = body(answered.one(&node, "POST", "/rooms/lobby/join", |request| request).await).await;
    let one = json!({"data": [{"key": "a", "value": 1}]});
    assert_eq!(answered.one(&node, "PUT", CHANNEL, |request| request.json(&one)).await.status(), 200);
    node.store.set_contended(true);
    node.past.hangs.store(true, Ordering::Relaxed);
    let conn = joined["connId"].as_str().unwrap().to_owned();
    let named = |request: RequestBuilder| request.json(&json!({"connId": conn}));
    let patched = |request: RequestBuilder| request.json(&json!({"connId": conn, "patchState": {"a": 1}}));
    let status = |response: Response| assert_eq!(response.status(), 504);
    status(answered.one(&node, "PUT", CHANNEL, |request| request.json(&one)).await);
    status(answered.one(&node, "PATCH", CHANNEL, |request| request.json(&one)).await);
    status(answered.one(&node, "DELETE", CHANNEL, |request| request.json(&json!({}))).await);
    status(answered.one(&node, "POST", "/rooms/lobby/join", |request| request).await);
    status(answered.one(&node, "POST", "/rooms/lobby/heartbeat", patched).await);
    status(answered.one(&node, "POST", &format!("/rooms/lobby/members/{conn}/kick"), |request| request).await);
    status(answered.one(&node, "POST", "/rooms/lobby/leave", named).await);
    let earlier = "/rooms/lobby/members?at=2026-11-19T08:30:00Z";
    status(answered.one(&node, "GET", earlier, |request| request).await);
}

/// A body that never comes to its end.
async fn half(answered: &Answered, node: &Node, method: &str, path: &str) {
    let token = token_with("kim", &Value::Null, &[]);
    let path = format!("/api/v1/presence{path}");
    let mut stream = TcpStream::connect(node.server.address).await.unwrap();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\n\
         content-length: 100\r\n\r\n{{"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let answer = String::from_utf8_lossy(&answer).into_owned();
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    let name = answered.document.documented(method, &path, 408);
    answered.names.lock().unwrap().insert(name.unwrap());
}
