//! What operators see of presence: metrics, spans, the command line and the runbook.

use ally_telemetry::testing::OtlpReceiver;
use serde_json::json;

use super::quick;
use super::socket::{Socket, is_event};
use crate::operator::bench::{objects, runbook};
use crate::system::eventually;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn joins_heartbeats_leaves_and_the_reaper_are_counted_and_traced() {
    let receiver = OtlpReceiver::start().await.unwrap();
    let mut system = quick();
    system.set("OTEL_EXPORTER_OTLP_ENDPOINT", &receiver.endpoint()).set("OTEL_TRACES_SAMPLER_ARG", "1");
    let [node, _projector] = system.start_ready(["presence", "projector"]).await;
    let mut amy = Socket::joined(&node, &system.token("amy"), "lobby", json!({"mood": "calm"})).await;
    let mut bob = Socket::open(&node, Some(&system.token("bob"))).await;
    let trace = "0af7651916cd43dd8448eb211c80319c";
    let traceparent = format!("00-{trace}-b7ad6b7169203331-01");
    let joined = bob.ask(json!({"type": "join", "room": "lobby", "traceparent": traceparent})).await;
    assert_eq!(joined["ok"], true, "{joined}");
    let seen = amy.until("bob's join", |frame| is_event(frame, "join", &bob.conn())).await;
    let told = seen["traceparent"].as_str().unwrap();
    assert!(told.contains(trace), "the other members see the trace of the join: {told}");
    bob.ask(json!({"type": "heartbeat", "patchState": {"a": 1}})).await;
    let refused = bob.ask(json!({"type": "heartbeat", "epoch": 9_999_999})).await;
    assert_eq!(refused["ok"], false);
    bob.ask(json!({"type": "leave"})).await;
    for series in [
        "presence_connections_active{door=\"websocket\"} 1",
        "presence_rooms_active 1",
        "presence_operation_total{operation=\"join\"} 2",
        "presence_operation_total{operation=\"heartbeat\"} 2",
        "presence_operation_total{operation=\"leave\"} 1",
        "presence_operation_total{operation=\"reap\"}",
        "presence_event_total{event_type=\"joined\"} 2",
        "presence_event_total{event_type=\"updated\"} 1",
        "presence_leaves_total{reason=\"left\"} 1",
        "presence_error_total{operation=\"heartbeat\",error_type=\"unknown_epoch\"} 1",
        "presence_operation_duration_seconds_bucket{operation=\"join\"",
        "presence_heartbeat_latency_seconds_bucket",
        "lease_command_duration_seconds_bucket{command=\"hold\"",
        "messages_published_total{stream=\"PRESENCE\"",
        "tokio_workers",
        "process_resident_memory_bytes",
    ] {
        eventually(series, async || node.metrics().await.lines().any(|line| line.starts_with(series)).then_some(()))
            .await;
    }
    assert!(!node.metrics().await.contains("amy"), "no label is a person");
    let span = |name: &str| {
        let spans = receiver.spans();
        spans.into_iter().find(|span| span.name == name && span.trace_id == trace)
    };
    let join = eventually("the join's span", async || span("presence.join")).await;
    for (key, value) in [
        ("presence.operation", "join".to_owned()),
        ("presence.room_id", "lobby".to_owned()),
        ("presence.user_id", "bob".to_owned()),
        ("presence.conn_id", bob.conn()),
        ("presence.snapshot_size", "2".to_owned()),
        ("presence.epoch", joined["self"]["epoch"].to_string()),
    ] {
        assert_eq!(join.attributes[key].to_string(), value, "{key}");
    }
    let socket = eventually("the socket's span", async || span("socket join")).await;
    assert_eq!(socket.attributes["socket.transport"], "websocket");
    assert_eq!(socket.attributes["client.address"], "127.0.0.1");
    eventually("the append's span", async || {
        let spans = receiver.spans();
        spans.into_iter().find(|span| span.trace_id == trace && span.name.ends_with(".es.room.{id}.joined"))
    })
    .await;
    system.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operator_sees_who_is_there_and_removes_one() {
    let system = quick();
    let [node, _projector] = system.start_ready(["presence", "projector"]).await;
    let mut amy = Socket::joined(&node, &system.token("amy"), "lobby", json!({})).await;
    let mut bob = Socket::joined(&node, &system.token("bob"), "lobby", json!({})).await;
    eventually("the views know both", async || (super::nodes::present(&system, "lobby").await == 2).then_some(()))
        .await;
    let run = |arguments: &[&str]| system.command(arguments).output().unwrap();
    let rooms = objects(&run(&["rooms", "list", "--json"]));
    assert_eq!((&rooms[0]["room"], &rooms[0]["members"], &rooms[0]["users"]), (&json!("lobby"), &json!(2), &json!(2)));
    let who = objects(&run(&["rooms", "who", "lobby", "--json"]));
    assert_eq!(who.iter().map(|member| &member["userId"]).collect::<Vec<_>>(), ["amy", "bob"]);
    let moment = who[1]["joinedAt"].as_str().unwrap().to_owned();
    runbook(&system, "rooms", &[("MOMENT", &moment)]);
    for block in ["presence-slow", "presence-refused"] {
        runbook(&system, block, &[("PRESENCE_METRICS", &node.metrics)]);
    }
    runbook(&system, "kick", &[("CONN", &bob.conn())]);
    let end = bob.until("the end", |frame| frame["type"] == "end").await;
    assert_eq!(end["reason"], "kicked");
    let left = amy.until("bob's leave", |frame| is_event(frame, "leave", &bob.conn())).await;
    assert_eq!(left["reason"], "kicked");
    eventually("the views know it", async || (super::nodes::present(&system, "lobby").await == 1).then_some(())).await;
    let then = objects(&run(&["rooms", "who", "lobby", "--at", &moment, "--json"]));
    assert_eq!(then.len(), 2, "both were there then: {then:?}");
    let unknown = run(&["rooms", "kick", "lobby", &bob.conn()]);
    assert_eq!(unknown.status.code(), Some(2), "who has left cannot be removed");
    system.remove().await;
}
