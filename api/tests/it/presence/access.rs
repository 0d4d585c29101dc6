//! Who may do what: the claim `rooms`, users, connections of others, operators.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::node::{Node, token_with};
use crate::harness::{body, fields, header, problem};

#[tokio::test]
async fn a_token_opens_the_rooms_that_it_names_for_what_it_names() {
    let node = Node::start().await;
    let grants = json!(["mine", {"room": "heard", "access": "join"}, {"room": "seen", "access": "observe"}]);
    let token = token_with("amy", &grants, &[]);
    let post =
        async |path: &str, sent: &Value| node.request_with(Method::POST, path, &token).json(sent).send().await.unwrap();
    let get = async |path: &str| node.request_with(Method::GET, path, &token).send().await.unwrap();
    let state = json!({"state": {"a": 1}});
    assert_eq!(post("/mine/join", &state).await.status(), StatusCode::CREATED);
    let refused = problem(post("/heard/join", &state).await, 403, "forbidden").await;
    assert!(refused["detail"].as_str().unwrap().contains("heard"), "{refused}");
    let joined = body(post("/heard/join", &json!({})).await).await;
    let conn = &joined["connId"];
    assert_eq!(post("/heard/heartbeat", &json!({"connId": conn})).await.status(), StatusCode::OK);
    let patch = json!({"connId": conn, "patchState": {}});
    problem(post("/heard/heartbeat", &patch).await, 403, "forbidden").await;
    problem(post("/seen/join", &json!({})).await, 403, "forbidden").await;
    problem(post("/seen/heartbeat", &json!({"connId": conn})).await, 403, "forbidden").await;
    for look in ["members", "stats", "events"] {
        assert_eq!(get(&format!("/seen/{look}")).await.status(), StatusCode::OK, "{look}");
        problem(get(&format!("/other/{look}")).await, 403, "forbidden").await;
    }
}

#[tokio::test]
async fn nobody_joins_as_somebody_else() {
    let node = Node::start().await;
    let join = async |user: Value| node.post("/lobby/join", "amy", &json!({"userId": user})).await;
    problem(join(json!("bea")).await, 403, "forbidden").await;
    let by_name = body(join(json!("amy")).await).await;
    let by_id = body(join(by_name["userId"].clone()).await).await;
    assert_eq!(by_id["userId"], by_name["userId"]);
    assert_eq!(body(join(Value::Null).await).await["members"], 3);
}

#[tokio::test]
async fn a_connection_is_its_users_own() {
    let node = Node::start().await;
    let joined = node.join("lobby", "amy", &json!({})).await;
    let conn = json!({"connId": joined["connId"]});
    for path in ["/lobby/heartbeat", "/lobby/leave"] {
        problem(node.post(path, "bea", &conn).await, 403, "foreign-connection").await;
    }
    // Of another room it is no member, whoever asks.
    problem(node.post("/attic/leave", "amy", &conn).await, 404, "not-a-member").await;
    assert_eq!(body(node.get("/lobby/stats", "bea").await).await["members"], 1);
}

#[tokio::test]
async fn operators_list_rooms_and_remove_members_and_nobody_else_does() {
    let node = Node::start().await;
    let joined = node.join("lobby", "amy", &json!({})).await;
    for room in ["attic", "cellar"] {
        node.join(room, "bea", &json!({})).await;
    }
    let kick = format!("/lobby/members/{}/kick", joined["connId"].as_str().unwrap());
    for (method, path) in [(Method::GET, ""), (Method::POST, kick.as_str())] {
        let refused = node.request(method, path, "amy").send().await.unwrap();
        problem(refused, 403, "forbidden").await;
    }
    let kim = token_with("kim", &json!([]), &["operator"]);
    let ask = async |method: Method, path: &str| node.request_with(method, path, &kim).send().await.unwrap();
    let page = ask(Method::GET, "?limit=2").await;
    let link = "</api/v1/presence/rooms?limit=2&after=cellar>; rel=\"next\"";
    assert_eq!(header(&page, "link"), Some(link));
    let page = body(page).await;
    let names: Vec<_> = page["rooms"].as_array().unwrap().iter().map(|room| room["room"].as_str().unwrap()).collect();
    assert_eq!((names, &page["more"]), (vec!["attic", "cellar"], &json!(true)));
    let rest = ask(Method::GET, "?limit=2&after=cellar").await;
    assert_eq!(header(&rest, "link"), None, "it is the last page");
    let rest = body(rest).await;
    assert_eq!(rest, json!({"rooms": [{"room": "lobby", "members": 1, "users": 1, "followers": 0}], "more": false}));
    let wrong = problem(ask(Method::GET, "?limit=x&after=%00").await, 400, "validation").await;
    assert_eq!(fields(&wrong), ["after", "limit"]);
    let wrong = problem(ask(Method::POST, "/lobby/members/x/kick").await, 400, "validation").await;
    assert_eq!(fields(&wrong), ["connId"]);
    assert_eq!(body(ask(Method::POST, &kick).await).await, json!({"members": 0}));
    problem(ask(Method::POST, &kick).await, 404, "not-a-member").await;
    let left = node.store.events("PRESENCE").into_iter().last().unwrap();
    assert!(left.data.contains("\"kicked\"") && left.actor.contains("kim"), "{left:?}");
}
