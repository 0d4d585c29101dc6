//! The same rooms by WebSocket and over HTTP.

use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

use super::node::{Node, token_with};
use crate::harness::{body, problem};

struct Socket(WebSocketStream<TcpStream>);

impl Socket {
    async fn open(node: &Node, user: &str) -> Self {
        let mut request = format!("ws://{}/ws/v1/presence", node.server.address).into_client_request().unwrap();
        let token = format!("Bearer {}", token_with(user, &Value::Null, &[]));
        request.headers_mut().insert("authorization", token.parse().unwrap());
        let stream = TcpStream::connect(node.server.address).await.unwrap();
        Self(tokio_tungstenite::client_async(request, stream).await.unwrap().0)
    }

    async fn ask(&mut self, message: &Value) -> Value {
        self.0.send(Message::text(message.to_string())).await.unwrap();
        self.next().await
    }

    async fn next(&mut self) -> Value {
        loop {
            if let Message::Text(text) = self.0.next().await.unwrap().unwrap() {
                return serde_json::from_str(&text).unwrap();
            }
        }
    }
}

#[tokio::test]
async fn members_of_one_door_see_members_of_the_other() {
    let node = Node::start().await;
    let mut socket = Socket::open(&node, "bea").await;
    let ack = socket.ask(&json!({"type": "join", "room": "lobby", "id": 1})).await;
    assert_eq!(ack["ok"], true, "{ack}");
    assert_eq!(socket.next().await["type"], "snapshot");
    let joined = node.join("lobby", "amy", &json!({"name": "Amy"})).await;
    assert_eq!(joined["members"], 2);
    let told = socket.next().await;
    assert_eq!((&told["event"], &told["connId"]), (&json!("join"), &joined["connId"]));
    assert_eq!(told["state"], json!({"name": "Amy"}));
    let listed = body(node.get("/lobby/members", "amy").await).await;
    let doors: Vec<_> = listed["members"].as_array().unwrap().iter().map(|member| &member["door"]).collect();
    assert_eq!(doors, ["websocket", "http"]);
    node.post("/lobby/leave", "amy", &json!({"connId": joined["connId"]})).await;
    let told = socket.next().await;
    assert_eq!((&told["event"], &told["reason"], &told["last"]), (&json!("leave"), &json!("left"), &json!(true)));
}

#[tokio::test]
async fn a_socket_keeps_its_lease_from_requests_and_is_ended_by_them() {
    let node = Node::start().await;
    let mut socket = Socket::open(&node, "amy").await;
    let ack = socket.ask(&json!({"type": "join", "room": "lobby"})).await;
    assert_eq!(socket.next().await["type"], "snapshot");
    let conn = json!({"connId": ack["self"]["connId"]});
    let lease = node.leases.of(conn["connId"].as_str().unwrap());
    problem(node.post("/lobby/heartbeat", "amy", &conn).await, 409, "other-door").await;
    assert_eq!(node.leases.of(conn["connId"].as_str().unwrap()), lease);
    assert_eq!(body(node.post("/lobby/leave", "amy", &conn).await).await, json!({"members": 0}));
    let end = socket.next().await;
    assert_eq!((&end["type"], &end["reason"]), (&json!("end"), &json!("left")));
}
