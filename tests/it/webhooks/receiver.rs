//! Endpoints of apps, as they are in the field: some take everything, some are down for a while, some hang, some are gone.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use standardwebhooks::Webhook;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// What an endpoint does with a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It takes it.
    Takes,
    /// It answers with a status, and with another header line.
    Status(u16, Option<String>),
    /// It never answers.
    Hangs,
}

/// A message as it came.
#[derive(Debug, Clone)]
pub struct Received {
    pub path: String,
    pub headers: HashMap<String, String>,
    pub body: String,
    pub taken: bool,
}

impl Received {
    pub fn id(&self) -> &str {
        &self.headers["webhook-id"]
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// Whether a secret's signature is on it, as the specification's own library judges.
    pub fn is_signed_by(&self, secret: &str) -> bool {
        let mut headers = http::HeaderMap::new();
        for (name, value) in &self.headers {
            let name: http::HeaderName = name.parse().unwrap();
            headers.insert(name, value.parse().unwrap());
        }
        Webhook::new(secret).unwrap().verify(self.body.as_bytes(), &headers).is_ok()
    }
}

/// A server of endpoints, by path.
#[derive(Clone)]
pub struct Receiver {
    address: String,
    answers: Arc<Mutex<HashMap<String, Answer>>>,
    received: Arc<Mutex<Vec<Received>>>,
}

impl Receiver {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let receiver = Self {
            address: format!("http://{}", listener.local_addr().unwrap()),
            answers: Arc::default(),
            received: Arc::default(),
        };
        let serving = receiver.clone();
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                let serving = serving.clone();
                tokio::spawn(async move { serving.serve(connection).await });
            }
        });
        receiver
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.address)
    }

    /// The port that it listens on.
    pub fn port(&self) -> &str {
        self.address.rsplit_once(':').unwrap().1
    }

    pub fn answer(&self, path: &str, answer: Answer) {
        self.answers.lock().unwrap().insert(path.to_owned(), answer);
    }

    /// What came to a path, in its order.
    pub fn received(&self, path: &str) -> Vec<Received> {
        self.received.lock().unwrap().iter().filter(|message| message.path == path).cloned().collect()
    }

    /// What a path took.
    pub fn taken(&self, path: &str) -> Vec<Received> {
        self.received(path).into_iter().filter(|message| message.taken).collect()
    }

    async fn serve(&self, connection: TcpStream) {
        let mut connection = BufReader::new(connection);
        while let Some(mut message) = read(&mut connection).await {
            let answer = self.answers.lock().unwrap().get(&message.path).cloned().unwrap_or(Answer::Takes);
            message.taken = answer == Answer::Takes;
            self.received.lock().unwrap().push(message);
            let head = match answer {
                Answer::Takes => "HTTP/1.1 204 No Content\r\n\r\n".to_owned(),
                Answer::Status(status, line) => {
                    let line = line.map(|line| format!("{line}\r\n")).unwrap_or_default();
                    format!("HTTP/1.1 {status} No\r\n{line}Content-Length: 0\r\n\r\n")
                }
                Answer::Hangs => std::future::pending().await,
            };
            if connection.write_all(head.as_bytes()).await.is_err() {
                return;
            }
        }
    }
}

async fn read(connection: &mut BufReader<TcpStream>) -> Option<Received> {
    let mut line = String::new();
    if connection.read_line(&mut line).await.ok()? == 0 {
        return None;
    }
    let path = line.split(' ').nth(1)?.to_owned();
    let mut headers = HashMap::new();
    loop {
        let mut line = String::new();
        connection.read_line(&mut line).await.ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        headers.insert(name.to_lowercase(), value.to_owned());
    }
    let mut body = vec![0; headers.get("content-length")?.parse().ok()?];
    connection.read_exact(&mut body).await.ok()?;
    Some(Received { path, headers, body: String::from_utf8(body).ok()?, taken: false })
}
