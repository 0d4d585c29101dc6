//! The metadata of channels and named locks: two nodes over real servers, asked over HTTP.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use ally_nats::testing::Server;
use ally_telemetry::testing::OtlpReceiver;
use ally_telemetry::trace_tree::TraceSpan;
use futures::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use super::quick;
use crate::operator::bench::objects;
use crate::system::{RoleProcess, System, eventually, http, server};

const LOBBY: &str = "channels/room/lobby/metadata";
const EDITOR: &str = "locks/lobby-editor";

/// Somebody who asks any node.
struct User {
    client: reqwest::Client,
    token: String,
}

impl User {
    fn new(system: &System, name: &str) -> Self {
        Self { client: http().build().unwrap(), token: system.token(name) }
    }

    async fn try_ask(
        &self,
        node: &RoleProcess,
        (method, path): (Method, &str),
        sent: Option<&Value>,
    ) -> reqwest::Result<(u16, Value)> {
        let request = self.client.request(method, format!("{}/api/v1/presence/{path}", node.http));
        let request = request.bearer_auth(&self.token);
        let answer = match sent {
            Some(sent) => request.json(sent).send().await?,
            None => request.send().await?,
        };
        Ok((answer.status().as_u16(), answer.json().await?))
    }

    async fn ask(&self, node: &RoleProcess, what: (Method, &str), sent: Option<Value>) -> (u16, Value) {
        self.try_ask(node, what, sent.as_ref()).await.unwrap()
    }

    async fn metadata(&self, node: &RoleProcess) -> Value {
        let (status, read) = self.ask(node, (Method::GET, LOBBY), None).await;
        assert_eq!(status, 200, "{read}");
        read
    }
}

fn one(key: &str, value: &Value, options: &Value) -> Option<Value> {
    Some(json!({"data": [{"key": key, "value": value}], "options": options}))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_writers_on_two_nodes_one_wins_each_revision_and_the_view_is_what_the_log_says() {
    let system = quick();
    let [node, other, _projector] = system.start_ready(["presence", "presence", "projector"]).await;
    let users = [User::new(&system, "amy"), User::new(&system, "bob")];
    for revision in 0..10 {
        let writes = (0..8).map(|n| {
            let (user, at) = if n % 2 == 0 { (&users[0], &node) } else { (&users[1], &other) };
            let sent = one("winner", &json!(n), &json!({"majorRevision": revision, "addUserId": true}));
            async move { user.ask(at, (Method::PUT, LOBBY), sent).await }
        });
        let answers = join_all(writes).await;
        let statuses: Vec<_> = answers.iter().map(|(status, _)| *status).collect();
        assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
        assert!(statuses.iter().all(|status| matches!(status, 200 | 409)), "{statuses:?}");
        let refused = answers.iter().find(|(status, _)| *status == 409).unwrap();
        assert_eq!(refused.1["type"], "/problems/metadata-conflict");
        assert_eq!(refused.1["errors"][0]["problem"], format!("is at revision {}", revision + 1));
    }
    // Who expects nothing gets through, however many write at once.
    let writes = (0..20).map(|n| {
        let (user, at) = if n % 2 == 0 { (&users[0], &node) } else { (&users[1], &other) };
        async move { user.ask(at, (Method::PUT, LOBBY), one("last", &json!(n), &json!({}))).await }
    });
    let answers = join_all(writes).await;
    let revisions: BTreeSet<_> = answers.iter().map(|(_, body)| body["majorRevision"].as_u64().unwrap()).collect();
    assert_eq!(revisions, (11..=30).collect::<BTreeSet<_>>());
    let read = users[0].metadata(&node).await;
    assert_eq!((&read["majorRevision"], &read["metadata"]), (&json!(30), &users[1].metadata(&other).await["metadata"]));

    eventually("the view has all", async || (row(&system).await?.0 == 30).then_some(())).await;
    let items: Value = serde_json::from_str(&row(&system).await.unwrap().1).unwrap();
    assert_eq!(items, read["metadata"]);
    let verify = system.command(&["projections", "verify", "channel_metadata", "--json"]).output().unwrap();
    assert_eq!((&objects(&verify)[0]["differing"], &objects(&verify)[0]["rows"]), (&json!(0), &json!(1)));
    let shown = system.command(&["events", "show", "channel", "room==lobby", "--json"]).output().unwrap();
    let shown = objects(&shown);
    assert_eq!(shown[0]["state"]["majorRevision"], 30);
    assert_eq!(shown[0]["events"].as_array().unwrap().len(), 8, "the stream keeps the last changes");
    for series in [
        "metadata_conflicts_total{reason=\"major_revision\"}",
        "metadata_retries_total",
        "presence_operation_total{operation=\"metadata_set\"}",
        "presence_operation_duration_seconds_bucket{operation=\"metadata_set\"",
        "presence_event_total{event_type=\"metadata_set\"} 30",
        "messages_published_total{stream=\"CHANNELS\"",
    ] {
        eventually(series, async || node.metrics().await.lines().any(|line| line.starts_with(series)).then_some(()))
            .await;
    }
    let metrics = node.metrics().await;
    assert!(!metrics.contains("lobby") && !metrics.contains("amy"), "no label is a channel or a person");
    system.remove().await;
}

/// The row of the lobby: its major revision and its items.
async fn row(system: &System) -> Option<(i64, String)> {
    let (client, connection) =
        tokio_postgres::connect(system.variable("DATABASE_URL"), tokio_postgres::NoTls).await.unwrap();
    let connection = tokio::spawn(connection);
    let sql =
        "SELECT major_revision, items FROM channel_metadata WHERE channel_type = 'room' AND channel_name = 'lobby'";
    let row = client.query_opt(sql, &[]).await.unwrap();
    drop(client);
    connection.await.unwrap().unwrap();
    row.map(|row| (row.get(0), row.get(1)))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lock_ends_with_its_holder_and_fences_who_comes_late() {
    let receiver = OtlpReceiver::start().await.unwrap();
    let mut system = quick();
    system.set("OTEL_EXPORTER_OTLP_ENDPOINT", &receiver.endpoint()).set("OTEL_TRACES_SAMPLER_ARG", "1");
    let [node, other, _projector] = system.start_ready(["presence", "presence", "projector"]).await;
    let (amy, bob) = (User::new(&system, "amy"), User::new(&system, "bob"));
    let with_lock = json!({"lockName": "lobby-editor"});
    let (status, taken) = amy.ask(&node, (Method::POST, EDITOR), Some(json!({"ttlMs": 2_000}))).await;
    assert_eq!((status, &taken["owner"]), (200, &json!("amy")), "{taken}");
    let begun = Instant::now();
    assert_eq!(amy.ask(&other, (Method::PUT, LOBBY), one("a", &json!(1), &with_lock)).await.0, 200);
    let (status, held) = bob.ask(&other, (Method::POST, EDITOR), None).await;
    assert_eq!((status, &held["type"]), (423, &json!("/problems/lock-held")));
    let (status, refused) = bob.ask(&other, (Method::PUT, LOBBY), one("a", &json!(2), &with_lock)).await;
    assert_eq!((status, &refused["type"]), (423, &json!("/problems/lock-not-held")));
    // Nobody renews it: bob takes it over, on the other node.
    let bobs = eventually("bob takes it over", async || {
        let (status, taken) = bob.ask(&other, (Method::POST, EDITOR), None).await;
        (status == 200).then_some(taken)
    })
    .await;
    assert!(begun.elapsed() > Duration::from_millis(1_900), "{:?}", begun.elapsed());
    assert!(bobs["fencingToken"].as_u64() > taken["fencingToken"].as_u64());
    assert_eq!(amy.ask(&node, (Method::PUT, LOBBY), one("a", &json!(3), &with_lock)).await.0, 423);
    assert_eq!(bob.ask(&node, (Method::PUT, LOBBY), one("a", &json!(4), &with_lock)).await.0, 200);
    assert_eq!(amy.ask(&node, (Method::DELETE, EDITOR), None).await.0, 423);
    assert_eq!(bob.ask(&node, (Method::DELETE, EDITOR), None).await.1, json!({"name": "lobby-editor", "held": false}));
    let shown = system.command(&["events", "show", "channel", "room==lobby", "--json"]).output().unwrap();
    let tokens: Vec<_> = objects(&shown)[0]["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["data"]["lock"]["fencingToken"].clone())
        .collect();
    assert_eq!(tokens, [taken["fencingToken"].clone(), bobs["fencingToken"].clone()]);
    for series in [
        "metadata_lock_failures_total{reason=\"not_held\"}",
        "presence_operation_total{operation=\"lock_acquire\"}",
        "presence_operation_total{operation=\"lock_release\"} 2",
        "presence_error_total{operation=\"metadata_set\",error_type=\"METADATA_LOCK\"}",
    ] {
        assert!(node.metrics().await.lines().any(|line| line.starts_with(series)), "{series}");
    }
    for (name, key, value) in [
        ("presence.lock_acquire", "presence.lock_name", "lobby-editor"),
        ("presence.lock_release", "presence.user_id", "bob"),
        ("presence.metadata_set", "presence.channel_type", "room"),
        ("presence.metadata_set", "presence.lock_name", "lobby-editor"),
        ("presence.metadata_set", "error.type", "METADATA_LOCK"),
        ("presence.metadata_set", "presence.major_revision", "2"),
    ] {
        let is = |span: &TraceSpan| span.attributes.get(key).is_some_and(|known| format!("{known}") == value);
        eventually(&format!("a span {name} with {key} {value}"), async || {
            receiver.spans().into_iter().find(|span| span.name == name && is(span))
        })
        .await;
    }
    system.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_of_nats_loses_no_item_and_no_lock() {
    let mut system = quick();
    let nats = Server::prepare(server("ALLY_TEST_NATS_SERVER"), system.folder(), "own", "");
    nats.start();
    system.set("NATS_URL", &nats.url());
    system.apply_streams().await;
    let [node, _projector] = system.start_ready(["presence", "projector"]).await;
    let amy = User::new(&system, "amy");
    let (_, lock) = amy.ask(&node, (Method::POST, EDITOR), Some(json!({"ttlMs": 600_000}))).await;
    let with_lock = json!({"lockName": "lobby-editor"});
    assert_eq!(amy.ask(&node, (Method::PUT, LOBBY), one("a", &json!("kept"), &with_lock)).await.0, 200);
    nats.kill();
    let (status, away) = amy.ask(&node, (Method::GET, LOBBY), None).await;
    assert_eq!((status, &away["type"]), (503, &json!("/problems/unavailable")));
    nats.start();
    let read = eventually("the channel is read again", async || {
        let (status, read) = amy.try_ask(&node, (Method::GET, LOBBY), None).await.ok()?;
        (status == 200).then_some(read)
    })
    .await;
    assert_eq!((&read["majorRevision"], &read["metadata"]["a"]["value"]), (&json!(1), &json!("kept")));
    let (_, held) = amy.ask(&node, (Method::GET, EDITOR), None).await;
    assert_eq!(held["fencingToken"], lock["fencingToken"], "{held}");
    let sent = one("a", &json!("changed"), &json!({"lockName": "lobby-editor", "majorRevision": 1}));
    assert_eq!(amy.ask(&node, (Method::PUT, LOBBY), sent).await.1["majorRevision"], 2);
    drop(node);
    nats.kill();
    system.remove().await;
}
