//! A connection of a client with a socket, by the plain WebSocket or Socket.IO: it reads by itself, can stop to read, and is told of what comes to nothing.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use super::feed::Feed;
use super::socket_io;

/// How long a client waits for an answer.
pub const PATIENCE: Duration = Duration::from_secs(3);

/// What a question came to.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    Done(Value),
    /// The code of the refusal.
    Refused(String),
    /// Nobody answered: it may have happened or not.
    Lost,
}

pub struct Line {
    shared: Arc<Shared>,
    out: mpsc::UnboundedSender<Message>,
    reads: watch::Sender<bool>,
    task: JoinHandle<()>,
    asked: u64,
}

struct Shared {
    feed: Mutex<Feed>,
    waiting: Mutex<HashMap<u64, oneshot::Sender<Value>>>,
    end: Mutex<Option<String>>,
    by_socket_io: bool,
}

impl Line {
    /// Connects to a node; what is told goes on where a feed left off.
    pub async fn open(node: &str, token: &str, feed: Feed) -> Option<Self> {
        tokio::time::timeout(PATIENCE, Self::connect(node, token, feed)).await.ok()?
    }

    async fn connect(node: &str, token: &str, feed: Feed) -> Option<Self> {
        let by_socket_io = feed.without_positions;
        let path = if by_socket_io { socket_io::PATH } else { "ws/v1/presence" };
        let mut request = format!("{}/{path}", node.replace("http://", "ws://")).into_client_request().unwrap();
        request.headers_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
        let (mut stream, _) = tokio_tungstenite::connect_async(request).await.ok()?;
        if by_socket_io {
            socket_io::greet(&mut stream, token).await?;
        }
        let (out, outgoing) = mpsc::unbounded_channel();
        let (reads, is_reading) = watch::channel(true);
        let shared =
            Arc::new(Shared { feed: Mutex::new(feed), waiting: Mutex::default(), end: Mutex::default(), by_socket_io });
        let task = tokio::spawn(work(stream, outgoing, is_reading, Arc::clone(&shared)));
        Some(Self { shared, out, reads, task, asked: 0 })
    }

    pub async fn ask(&mut self, mut message: Value) -> Answer {
        self.asked += 1;
        message["id"] = self.asked.into();
        let (answer, answered) = oneshot::channel();
        self.shared.waiting.lock().unwrap().insert(self.asked, answer);
        self.send(&message);
        if self.task.is_finished() {
            self.shared.waiting.lock().unwrap().clear();
        }
        match tokio::time::timeout(PATIENCE, answered).await {
            Ok(Ok(answer)) if answer["ok"] == true => Answer::Done(answer),
            Ok(Ok(answer)) => Answer::Refused(answer["error"]["code"].as_str().unwrap().to_owned()),
            Ok(Err(_)) | Err(_) => Answer::Lost,
        }
    }

    /// Says something to which no answer is waited for.
    pub fn send(&self, message: &Value) {
        let text = if self.is_socket_io() { socket_io::packet(message) } else { message.to_string() };
        let _ = self.out.send(Message::text(text));
    }

    pub fn is_socket_io(&self) -> bool {
        self.shared.by_socket_io
    }

    /// A copy of what it was told, to be gone on with elsewhere.
    pub fn feed(&self) -> Feed {
        self.shared.feed.lock().unwrap().clone()
    }

    pub fn with_feed<T>(&self, look: impl FnOnce(&mut Feed) -> T) -> T {
        look(&mut self.shared.feed.lock().unwrap())
    }

    /// Why the server closed it, or that it broke; nothing while it is open.
    pub fn end(&self) -> Option<String> {
        let end = self.shared.end.lock().unwrap().clone();
        self.task.is_finished().then(|| end.unwrap_or_else(|| "broken".to_owned()))
    }

    /// The connection stays, and nobody reads or answers any more: a machine that sleeps.
    pub fn fall_silent(&self) {
        self.reads.send_replace(false);
    }

    /// Says goodbye, and waits until the server has closed it.
    pub async fn close(&mut self) {
        match self.is_socket_io() {
            true => socket_io::GOODBYE.map(|packet| self.out.send(Message::text(packet)).is_ok()),
            false => [self.out.send(Message::Close(None)).is_ok(); 2],
        };
        let _ = tokio::time::timeout(PATIENCE, &mut self.task).await;
    }

    /// Breaks off without a word.
    pub async fn cut(mut self) -> Feed {
        self.task.abort();
        let _ = (&mut self.task).await;
        self.feed()
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.task.abort();
    }
}

pub type Stream = WebSocketStream<MaybeTlsStream<TcpStream>>;

async fn work(
    mut stream: Stream,
    mut out: mpsc::UnboundedReceiver<Message>,
    mut reads: watch::Receiver<bool>,
    shared: Arc<Shared>,
) {
    loop {
        if !*reads.borrow_and_update() {
            // Its sender is gone with the line.
            if reads.changed().await.is_err() {
                return;
            }
            continue;
        }
        tokio::select! {
            _ = reads.changed() => {}
            Some(message) = out.recv() => {
                // What comes tells whether it was taken.
                let _ = stream.send(message).await;
            }
            message = stream.next() => match message {
                Some(Ok(Message::Text(text))) if !shared.by_socket_io => shared.take(serde_json::from_str(&text).unwrap()),
                Some(Ok(Message::Text(text))) => match socket_io::frame(&text) {
                    Ok(frame) => frame.into_iter().for_each(|frame| shared.take(frame)),
                    Err(answer) => {
                        let _ = stream.send(Message::text(answer)).await;
                    }
                },
                Some(Ok(Message::Close(_)) | Err(_)) | None => break,
                Some(Ok(_)) => {}
            },
        }
    }
    shared.waiting.lock().unwrap().clear();
}

impl Shared {
    fn take(&self, frame: Value) {
        self.feed.lock().unwrap().take(frame.clone());
        if frame["type"] == "end" {
            *self.end.lock().unwrap() = frame["reason"].as_str().map(str::to_owned);
        }
        if frame["type"] == "ack"
            && let Some(answer) = frame["id"].as_u64().and_then(|id| self.waiting.lock().unwrap().remove(&id))
        {
            let _ = answer.send(frame);
        }
    }
}
