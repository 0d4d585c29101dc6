//! A client of the plain WebSocket that folds the feed, as an app does. All that passes over it is compared with the AsyncAPI document.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::LazyLock;
use std::time::Duration;

use ally_api::testing::MessageConformance;
use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use crate::system::{DEADLINE, RoleProcess};

/// What the document says of messages.
static DOCUMENT: LazyLock<MessageConformance> = LazyLock::new(MessageConformance::of_presence);

/// A client. It reads by itself, so that it is alive while a test looks elsewhere.
pub struct Socket {
    out: mpsc::UnboundedSender<Message>,
    incoming: mpsc::UnboundedReceiver<Value>,
    task: JoinHandle<()>,
    asked: u64,
    /// What was sent and not answered yet, by its id.
    unanswered: HashMap<String, Value>,
    /// Frames that came and were not looked at yet.
    pub frames: VecDeque<Value>,
    /// Who is there, by connection, as the feed adds up.
    pub members: BTreeMap<String, Value>,
    /// The last place of the feed.
    pub position: Option<String>,
    /// What the last join or resume was answered with.
    pub welcome: Value,
}

impl Socket {
    pub async fn open(node: &RoleProcess, token: Option<&str>) -> Self {
        let url = format!("{}/ws/v1/presence", node.http.replace("http://", "ws://"));
        let mut request = url.into_client_request().unwrap();
        if let Some(token) = token {
            request.headers_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
        }
        let (stream, _) = tokio_tungstenite::connect_async(request).await.unwrap();
        let (out, outgoing) = mpsc::unbounded_channel();
        let (frames, incoming) = mpsc::unbounded_channel();
        let task = tokio::spawn(work(stream, outgoing, frames));
        Self {
            out,
            incoming,
            task,
            asked: 0,
            unanswered: HashMap::new(),
            frames: VecDeque::new(),
            members: BTreeMap::new(),
            position: None,
            welcome: Value::Null,
        }
    }

    /// A member of a room.
    pub async fn joined(node: &RoleProcess, token: &str, room: &str, state: Value) -> Self {
        let mut socket = Self::open(node, Some(token)).await;
        let answer = socket.ask(json!({"type": "join", "room": room, "state": state})).await;
        assert_eq!(answer["ok"], true, "{answer}");
        socket.settle().await;
        socket
    }

    /// A member of a room that may be too big to be sent whole.
    pub async fn joined_in_big(node: &RoleProcess, token: &str, room: &str, state: Value) -> Self {
        let mut socket = Self::open(node, Some(token)).await;
        let answer = socket.ask(json!({"type": "join", "room": room, "state": state})).await;
        assert_eq!(answer["ok"], true, "{answer}");
        socket
    }

    pub async fn send(&mut self, text: &str) {
        if let Ok(message) = serde_json::from_str::<Value>(text)
            && !message["id"].is_null()
        {
            self.unanswered.insert(message["id"].to_string(), message);
        }
        // Who was cut off does not hear of it here, but in what comes.
        let _ = self.out.send(Message::text(text));
    }

    /// Asks, and waits for the answer; what comes before it is kept.
    pub async fn ask(&mut self, mut message: Value) -> Value {
        self.asked += 1;
        message["id"] = self.asked.into();
        self.send(&message.to_string()).await;
        loop {
            let frame = self.receive().await.expect("the connection is open");
            if frame["type"] == "ack" && frame["id"] == self.asked {
                if frame["position"].is_string() && frame["ttlMs"].is_number() {
                    self.position = frame["position"].as_str().map(str::to_owned);
                    self.welcome = frame.clone();
                    if frame["recovered"] == false {
                        self.members.clear();
                    }
                }
                return frame;
            }
            self.frames.push_back(frame);
        }
    }

    /// Waits until as many members are known as the welcome told.
    pub async fn settle(&mut self) {
        let expected = self.welcome["members"].as_u64().unwrap() as usize;
        while self.members.len() < expected {
            let frame = self.receive().await.expect("the connection is open");
            self.frames.push_back(frame);
        }
    }

    /// The next frame; `None` when the connection is closed.
    pub async fn receive(&mut self) -> Option<Value> {
        let frame = tokio::time::timeout(DEADLINE, self.incoming.recv()).await.expect("a frame in time")?;
        let request = self.unanswered.remove(&frame["id"].to_string());
        assert_eq!(DOCUMENT.differences_of_frame(request.as_ref(), &frame), Vec::<String>::new());
        self.fold(&frame);
        Some(frame)
    }

    /// The next frame that is not kept from before.
    pub async fn next(&mut self) -> Option<Value> {
        match self.frames.pop_front() {
            Some(frame) => Some(frame),
            None => self.receive().await,
        }
    }

    /// The next frame of a kind; others are passed over.
    pub async fn until(&mut self, what: &str, is_it: impl Fn(&Value) -> bool) -> Value {
        loop {
            let frame = self.next().await.unwrap_or_else(|| panic!("the connection was closed before {what}"));
            if is_it(&frame) {
                return frame;
            }
        }
    }

    /// Whatever comes within a time.
    pub async fn within(&mut self, time: Duration) -> Vec<Value> {
        let mut frames: Vec<_> = self.frames.drain(..).collect();
        let deadline = tokio::time::Instant::now() + time;
        while let Ok(Some(frame)) = tokio::time::timeout_at(deadline, self.receive()).await {
            frames.push(frame);
        }
        frames
    }

    fn fold(&mut self, frame: &Value) {
        match frame["type"].as_str() {
            Some("snapshot") => {
                if frame["first"] == true {
                    self.members.clear();
                }
                for member in frame["members"].as_array().unwrap() {
                    self.members.insert(member["connId"].as_str().unwrap().to_owned(), member["state"].clone());
                }
            }
            Some("event") => self.fold_event(frame),
            Some("delta") => frame["changes"].as_array().unwrap().iter().for_each(|change| self.fold_event(change)),
            _ => return,
        }
        self.position = frame["position"].as_str().map(str::to_owned).or(self.position.take());
    }

    fn fold_event(&mut self, event: &Value) {
        let conn = event["connId"].as_str().unwrap().to_owned();
        match event["event"].as_str() {
            Some("leave") => self.members.remove(&conn),
            _ => self.members.insert(conn, event["state"].clone()),
        };
    }

    pub fn conn(&self) -> String {
        self.welcome["self"]["connId"].as_str().unwrap().to_owned()
    }

    pub fn resume_token(&self) -> String {
        self.welcome["resume"].as_str().unwrap().to_owned()
    }

    /// Says goodbye.
    pub async fn close(mut self) {
        let _ = self.out.send(Message::Close(None));
        while self.receive().await.is_some() {}
    }

    /// Breaks off without a word, as a cut cable does.
    pub fn cut(self) {
        drop(self);
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.task.abort();
    }
}

type Stream = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Writes what is to go out, and reads what comes, until the connection is closed.
async fn work(mut stream: Stream, mut out: mpsc::UnboundedReceiver<Message>, frames: mpsc::UnboundedSender<Value>) {
    loop {
        tokio::select! {
            // What comes tells whether it was taken.
            Some(message) = out.recv() => {
                let _ = stream.send(message).await;
            }
            message = stream.next() => match message {
                Some(Ok(Message::Text(text))) => {
                    let _ = frames.send(serde_json::from_str(&text).unwrap());
                }
                Some(Ok(Message::Close(_)) | Err(_)) | None => return,
                Some(Ok(_)) => {}
            },
        }
    }
}

/// Whether a frame tells of a connection's event.
pub fn is_event(frame: &Value, event: &str, conn: &str) -> bool {
    frame["type"] == "event" && frame["event"] == event && frame["connId"] == conn
}
