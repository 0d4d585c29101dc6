//! A chat endpoint on 127.0.0.1, byte by byte: what real ones do wrong, this one does on purpose.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ally_domain::engine::Draft;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// The pause between two bytes of a stream that trickles.
const TRICKLE: Duration = Duration::from_millis(20);

/// How a request is answered.
#[derive(Debug, Clone)]
pub enum Reply {
    /// A chat completion with this text.
    Text(String),
    /// A chat completion whose text the limit of tokens cut off.
    CutOff(String),
    /// A status with headers (each line ended by CR and LF) and a body.
    Http(u16, String, Vec<u8>),
    /// These very bytes, then the end of the connection.
    Bytes(Vec<u8>),
    /// A good head, then a byte now and then, for ever.
    Trickle,
    /// Nothing, for ever.
    Silence,
    /// What comes after, once the test lets it: see [`FakeModel::release`].
    Held(Box<Reply>),
}

impl Reply {
    /// A chat completion with a draft.
    #[must_use]
    pub fn draft(draft: &Draft) -> Self {
        Self::Text(serde_json::to_string(draft).unwrap())
    }

    /// A status with an empty body.
    #[must_use]
    pub fn status(status: u16, headers: &str) -> Self {
        Self::Http(status, headers.to_owned(), Vec::new())
    }

    /// The bytes of a whole HTTP answer; none for replies that are no such thing.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Text(text) => completion(text, "stop"),
            Self::CutOff(text) => completion(text, "length"),
            Self::Http(status, headers, body) => http(*status, headers, body),
            Self::Bytes(bytes) => bytes.clone(),
            Self::Held(reply) => reply.bytes(),
            Self::Trickle | Self::Silence => Vec::new(),
        }
    }
}

fn completion(text: &str, finish_reason: &str) -> Vec<u8> {
    let body = json!({
        "id": "chatcmpl-1", "object": "chat.completion", "model": "fake",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": finish_reason}],
        "usage": {"prompt_tokens": 1_200, "completion_tokens": 340, "total_tokens": 1_540},
    });
    http(200, "content-type: application/json\r\n", body.to_string().as_bytes())
}

fn http(status: u16, headers: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!("HTTP/1.1 {status} Told\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n");
    [head.as_bytes(), body].concat()
}

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Seen {
    /// The request line and the headers.
    pub head: String,
    /// The body; null when it is no JSON.
    pub body: Value,
}

impl Seen {
    /// What was said last in the conversation.
    #[must_use]
    pub fn last_message(&self) -> &str {
        self.body["messages"].as_array().and_then(|all| all.last()).map_or("", |last| last["content"].as_str().unwrap())
    }
}

#[derive(Default)]
struct Log {
    seen: Vec<Seen>,
    open: usize,
    most_open: usize,
}

type Answer = dyn Fn(usize, &Seen) -> Reply + Send + Sync;

struct Shared {
    log: Mutex<Log>,
    seen: watch::Sender<usize>,
    hung_up: watch::Sender<usize>,
    released: watch::Sender<bool>,
    answer: Box<Answer>,
}

/// The endpoint; it ends when this is dropped.
pub struct FakeModel {
    address: SocketAddr,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

impl FakeModel {
    /// Starts an endpoint. The answer is told the number of the request, from 0.
    pub async fn start(answer: impl Fn(usize, &Seen) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            log: Mutex::default(),
            seen: watch::Sender::new(0),
            hung_up: watch::Sender::new(0),
            released: watch::Sender::new(false),
            answer: Box::new(answer),
        });
        let task = tokio::spawn({
            let shared = shared.clone();
            async move {
                while let Ok((stream, _)) = listener.accept().await {
                    let shared = shared.clone();
                    tokio::spawn(async move { shared.serve(stream).await });
                }
            }
        });
        Self { address, shared, task }
    }

    /// What `LLM_BASE_URL` is set to.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// Every request so far.
    #[must_use]
    pub fn seen(&self) -> Vec<Seen> {
        self.shared.log.lock().unwrap().seen.clone()
    }

    /// The most requests that were open at once.
    #[must_use]
    pub fn most_open(&self) -> usize {
        self.shared.log.lock().unwrap().most_open
    }

    /// Waits until so many requests have come.
    pub async fn asked(&self, requests: usize) {
        self.shared.seen.subscribe().wait_for(|seen| *seen >= requests).await.unwrap();
    }

    /// Waits until so many callers have hung up on an answer that does not end.
    pub async fn hung_up(&self, callers: usize) {
        self.shared.hung_up.subscribe().wait_for(|gone| *gone >= callers).await.unwrap();
    }

    /// Lets go of every answer that is held, now and later.
    pub fn release(&self) {
        self.shared.released.send_replace(true);
    }
}

impl Drop for FakeModel {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Shared {
    async fn serve(&self, mut stream: TcpStream) {
        let Some(seen) = read(&mut stream).await else { return };
        let number = {
            let mut log = self.log.lock().unwrap();
            log.seen.push(seen.clone());
            log.open += 1;
            log.most_open = log.most_open.max(log.open);
            log.seen.len() - 1
        };
        self.seen.send_modify(|seen| *seen += 1);
        let mut reply = (self.answer)(number, &seen);
        if let Reply::Held(held) = reply {
            let _ = self.released.subscribe().wait_for(|released| *released).await;
            reply = *held;
        }
        match reply {
            Reply::Silence => {
                let _ = stream.read(&mut [0; 1]).await;
                self.hung_up.send_modify(|gone| *gone += 1);
            }
            Reply::Trickle => {
                let head = "HTTP/1.1 200 Told\r\ncontent-type: application/json\r\ncontent-length: 100000\r\n\r\n";
                let mut alive = stream.write_all(head.as_bytes()).await;
                while alive.is_ok() {
                    tokio::time::sleep(TRICKLE).await;
                    alive = stream.write_all(b" ").await;
                }
                self.hung_up.send_modify(|gone| *gone += 1);
            }
            reply => {
                // A caller who reads no more of a huge answer is no fault here.
                let _ = stream.write_all(&reply.bytes()).await;
                let _ = stream.shutdown().await;
            }
        }
        self.log.lock().unwrap().open -= 1;
    }
}

async fn read(stream: &mut TcpStream) -> Option<Seen> {
    let mut bytes = Vec::new();
    let head_end = loop {
        if let Some(at) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break at + 4;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8_lossy(&bytes[..head_end]).into_owned();
    let lengths =
        head.lines().filter_map(|line| line.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse().ok());
    let length: usize = lengths.max().unwrap_or(0);
    while bytes.len() < head_end + length {
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
    Some(Seen { head, body: serde_json::from_slice(&bytes[head_end..]).unwrap_or_default() })
}
