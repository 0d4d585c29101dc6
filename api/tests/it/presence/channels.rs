//! The metadata of channels and named locks over HTTP.

use std::time::Duration;

use reqwest::{Method, Response};
use serde_json::{Value, json};

use super::node::{Node, token_with};
use crate::harness::body;

const LOBBY: &str = "/channels/room/lobby/metadata";

async fn ask(node: &Node, method: Method, path: &str, user: &str, sent: Option<&Value>) -> Response {
    let request = node.below(method, path, &token_with(user, &Value::Null, &[]));
    let request = match sent {
        Some(sent) => request.json(sent),
        None => request,
    };
    request.send().await.unwrap()
}

async fn change(node: &Node, method: Method, user: &str, sent: Value) -> (u16, Value) {
    let response = ask(node, method, LOBBY, user, Some(&sent)).await;
    (response.status().as_u16(), body(response).await)
}

async fn lock(node: &Node, method: Method, name: &str, user: &str, sent: Option<Value>) -> (u16, Value) {
    let response = ask(node, method, &format!("/locks/{name}"), user, sent.as_ref()).await;
    (response.status().as_u16(), body(response).await)
}

#[tokio::test]
async fn items_are_set_updated_removed_and_read() {
    let node = Node::start().await;
    let empty = body(ask(&node, Method::GET, LOBBY, "amy", None).await).await;
    assert_eq!((&empty["majorRevision"], &empty["totalCount"], &empty["metadata"]), (&json!(0), &json!(0), &json!({})));
    let (status, set) = change(
        &node,
        Method::PUT,
        "amy",
        json!({"data": [{"key": "topic", "value": "tea"}, {"key": "limits", "value": {"max": 3}}],
            "options": {"addTimestamp": true, "addUserId": true}}),
    )
    .await;
    assert_eq!((status, &set["majorRevision"], &set["totalCount"]), (200, &json!(1), &json!(2)), "{set}");
    assert_eq!((&set["channelType"], &set["channelName"]), (&json!("room"), &json!("lobby")));
    let topic = &set["metadata"]["topic"];
    assert_eq!((&topic["value"], &topic["revision"], &topic["authorUid"]), (&json!("tea"), &json!(1), &json!("amy")));
    assert!(topic["updated"].is_string());

    let (status, updated) =
        change(&node, Method::PATCH, "bob", json!({"data": [{"key": "topic", "value": null, "revision": 1}]})).await;
    assert_eq!((status, &updated["majorRevision"]), (200, &json!(2)), "{updated}");
    assert_eq!(updated["metadata"]["topic"], json!({"value": null, "revision": 2}));
    assert_eq!(updated["metadata"]["limits"]["revision"], 1);

    let (status, removed) =
        change(&node, Method::DELETE, "amy", json!({"data": [{"key": "limits"}, {"key": "x"}]})).await;
    assert_eq!((status, &removed["majorRevision"], &removed["totalCount"]), (200, &json!(3), &json!(1)));
    // A body that was lost on the way removes nothing.
    let lost = ask(&node, Method::DELETE, LOBBY, "amy", None).await;
    assert_eq!(lost.status(), 415);
    let (_, all) = change(&node, Method::DELETE, "amy", json!({})).await;
    assert_eq!((&all["majorRevision"], &all["metadata"]), (&json!(4), &json!({})));
    let (_, none) = change(&node, Method::DELETE, "amy", json!({})).await;
    assert_eq!(none["majorRevision"], 4, "nothing was there to be removed");
    assert_eq!(body(ask(&node, Method::GET, LOBBY, "bob", None).await).await["majorRevision"], 4);
    assert_eq!(node.store.events("CHANNELS").len(), 4);
}

#[tokio::test]
async fn a_conflict_names_each_revision_as_it_is() {
    let node = Node::start().await;
    change(&node, Method::PUT, "amy", json!({"data": [{"key": "a", "value": 1}]})).await;
    change(&node, Method::PATCH, "amy", json!({"data": [{"key": "a", "value": 2}]})).await;
    let stale = json!({"data": [{"key": "a", "value": 3, "revision": 1}], "options": {"majorRevision": 1}});
    let (status, problem) = change(&node, Method::PATCH, "bob", stale).await;
    assert_eq!((status, &problem["type"]), (409, &json!("/problems/metadata-conflict")));
    let errors: Vec<_> =
        problem["errors"].as_array().unwrap().iter().map(|it| (&it["field"], &it["problem"])).collect();
    assert_eq!(
        errors,
        [
            (&json!("options.majorRevision"), &json!("is at revision 2")),
            (&json!("data[a].revision"), &json!("is at revision 2"))
        ]
    );
    let fresh = json!({"data": [{"key": "a", "value": 3, "revision": 2}], "options": {"majorRevision": 2}});
    assert_eq!(change(&node, Method::PATCH, "bob", fresh).await.0, 200);
}

#[tokio::test]
async fn wrong_items_are_named() {
    let node = Node::start().await;
    let long = "x".repeat(32 * 1_024);
    for (method, sent, field) in [
        (Method::PUT, json!({}), "data"),
        (Method::PUT, json!({"data": [{"key": "a"}]}), "data[0].value"),
        (Method::PUT, json!({"data": [{"key": "", "value": 1}]}), "data[0].key"),
        (Method::PUT, json!({"data": [{"key": "a\nb", "value": 1}]}), "data[0].key"),
        (Method::PUT, json!({"data": [{"key": "a", "value": 1}, {"key": "b", "value": long}]}), "data[1].value"),
        (Method::PUT, json!({"data": [{"key": "a", "value": 1}, {"key": "a", "value": 1}]}), "data"),
        (Method::PUT, json!({"data": [], "options": {"lockName": "a\nb"}}), "options.lockName"),
        (Method::PUT, json!({"data": [], "options": {"majorRevision": -1}}), "options.majorRevision"),
        (Method::PUT, json!({"data": [], "more": 1}), "more"),
        (Method::PATCH, json!({"data": []}), "data"),
        (Method::PATCH, json!({"data": [{"key": "nobody", "value": 1}]}), "data"),
        (Method::DELETE, json!({"data": [{"key": "a", "value": 1}]}), "data[0].value"),
    ] {
        let (status, problem) = change(&node, method, "amy", sent.clone()).await;
        assert_eq!((status, &problem["errors"][0]["field"]), (400, &json!(field)), "{sent}: {problem}");
    }
    let many: Vec<_> = (0..101).map(|n| json!({"key": format!("k{n}"), "value": n})).collect();
    assert_eq!(change(&node, Method::PUT, "amy", json!({"data": many})).await.0, 400);
    for path in ["/channels/%00/lobby/metadata".to_owned(), format!("/channels/room/{}/metadata", "x".repeat(60))] {
        assert_eq!(ask(&node, Method::GET, &path, "amy", None).await.status(), 400, "{path}");
    }
    assert!(node.store.events("CHANNELS").is_empty());
}

#[tokio::test]
async fn a_lock_has_an_owner_and_fences() {
    let node = Node::start().await;
    let (status, free) = lock(&node, Method::GET, "editor", "amy", None).await;
    assert_eq!((status, free), (200, json!({"name": "editor", "held": false})));
    let (status, taken) = lock(&node, Method::POST, "editor", "amy", Some(json!({"ttlMs": 1_500}))).await;
    assert_eq!((status, &taken["owner"], &taken["ttlMs"]), (200, &json!("amy"), &json!(2_000)), "{taken}");
    let (_, again) = lock(&node, Method::POST, "editor", "amy", None).await;
    assert_eq!((&again["fencingToken"], &again["ttlMs"]), (&taken["fencingToken"], &json!(30_000)));
    let (status, held) = lock(&node, Method::POST, "editor", "bob", None).await;
    assert_eq!((status, &held["type"]), (423, &json!("/problems/lock-held")));
    assert!(held["detail"].as_str().unwrap().contains("amy"), "{held}");
    let named = |value: u64| json!({"data": [{"key": "a", "value": value}], "options": {"lockName": "editor"}});
    assert_eq!(change(&node, Method::PUT, "amy", named(1)).await.0, 200);
    let (status, problem) = change(&node, Method::PUT, "bob", named(2)).await;
    assert_eq!((status, &problem["type"]), (423, &json!("/problems/lock-not-held")));

    node.locks.advance(Duration::from_secs(31));
    let (_, bobs) = lock(&node, Method::POST, "editor", "bob", None).await;
    assert!(bobs["fencingToken"].as_u64() > taken["fencingToken"].as_u64());
    assert_eq!(change(&node, Method::PUT, "amy", named(3)).await.0, 423);
    let late = json!({"fencingToken": taken["fencingToken"]});
    assert_eq!(lock(&node, Method::POST, "editor", "amy", Some(late)).await.0, 423);
    let own = json!({"fencingToken": bobs["fencingToken"], "ttlMs": 60_000});
    assert_eq!(lock(&node, Method::POST, "editor", "bob", Some(own)).await.1["ttlMs"], 60_000);
    assert_eq!(lock(&node, Method::DELETE, "editor", "amy", None).await.0, 423);
    assert_eq!(
        lock(&node, Method::DELETE, "editor", "bob", None).await,
        (200, json!({"name": "editor", "held": false}))
    );
    for wrong in [json!({"ttlMs": 0}), json!({"ttlMs": 3_600_001}), json!({"forEver": true})] {
        assert_eq!(lock(&node, Method::POST, "editor", "amy", Some(wrong)).await.0, 400);
    }
}

#[tokio::test]
async fn a_token_opens_channels_and_locks_by_their_names() {
    let node = Node::start().await;
    let rooms = json!([{"room": "news-*", "access": "observe"}, "doc-*"]);
    let token = token_with("amy", &rooms, &[]);
    let write = json!({"data": [{"key": "a", "value": 1}]});
    for (method, path, status) in [
        (Method::GET, "/channels/room/news-1/metadata", 200),
        (Method::PUT, "/channels/room/news-1/metadata", 403),
        (Method::PUT, "/channels/any/doc-1/metadata", 200),
        (Method::GET, "/channels/room/lobby/metadata", 403),
        (Method::GET, "/locks/news-1", 200),
        (Method::GET, "/locks/lobby", 403),
    ] {
        let request = node.below(method.clone(), path, &token);
        let request = if method == Method::PUT { request.json(&write) } else { request };
        assert_eq!(request.send().await.unwrap().status(), status, "{method} {path}");
    }
    assert_eq!(node.below(Method::POST, "/locks/news-1", &token).send().await.unwrap().status(), 403);
    assert_eq!(node.below(Method::POST, "/locks/doc-1", &token).send().await.unwrap().status(), 200);
}
