//! A small server that answers as a test wants it to: whole, in pieces of any size, or cut off.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use ally_sdk::Ally;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

pub const JOB: uuid::Uuid = uuid::Uuid::from_u128(10);

#[derive(Debug, Clone)]
pub struct Asked {
    pub path: String,
    pub headers: HashMap<String, String>,
}

impl Asked {
    pub fn header(&self, name: &str) -> Option<String> {
        self.headers.get(name).cloned()
    }
}

/// How an answer ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ends {
    Whole,
    /// Before its end, by a clean end of the connection.
    Clean,
    /// Before its end, by a reset.
    Reset,
    Never,
}

#[derive(Debug, Clone)]
pub struct Answer {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: String,
    pieces: usize,
    ends: Ends,
}

impl Answer {
    pub fn new(status: u16, kind: &str, body: impl Into<String>) -> Self {
        let headers = vec![("content-type", kind.to_owned())];
        Self { status, headers, body: body.into(), pieces: usize::MAX, ends: Ends::Whole }
    }

    pub fn json(status: u16, body: &Value) -> Self {
        Self::new(status, "application/json", body.to_string())
    }

    pub fn events(body: impl Into<String>) -> Self {
        Self::new(200, "text/event-stream", body)
    }

    pub fn problem(status: u16, kind: &str) -> Self {
        let body = json!({
            "type": format!("/problems/{kind}"), "title": kind, "status": status, "detail": format!("because of {kind}"),
            "instance": "/", "errors": [],
        });
        Self::new(status, "application/problem+json", body.to_string())
    }

    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub fn ends(mut self, ends: Ends) -> Self {
        self.ends = ends;
        self
    }

    /// The bytes of the body come in pieces of as many.
    pub fn in_pieces(mut self, bytes: usize) -> Self {
        self.pieces = bytes;
        self
    }
}

pub struct Double {
    pub url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Double {
    /// Serves until the test ends; `answering` is given the request and how many there were, this one included.
    pub async fn serve(answering: impl Fn(&Asked, usize) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (all, answering) = (Arc::clone(&asked), Arc::new(answering));
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                let (all, answering) = (Arc::clone(&all), Arc::clone(&answering));
                tokio::spawn(async move { answer_one(connection, &all, &*answering).await });
            }
        });
        Self { url, asked }
    }

    /// The answers in turn.
    pub async fn in_turn(answers: impl Into<Vec<Answer>>) -> Self {
        let answers = answers.into();
        Self::serve(move |_, count| answers[count - 1].clone()).await
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    pub fn headers(&self, name: &str) -> Vec<Option<String>> {
        self.asked().iter().map(|asked| asked.header(name)).collect()
    }

    pub fn builder(&self) -> ally_sdk::AllyBuilder {
        let http = reqwest::ClientBuilder::new().no_proxy().build().unwrap();
        Ally::builder(&self.url, "token").http(http)
    }

    pub fn client(&self) -> Ally {
        self.builder().build().unwrap()
    }
}

async fn answer_one(
    mut connection: TcpStream,
    all: &Mutex<Vec<Asked>>,
    answering: &(dyn Fn(&Asked, usize) -> Answer + Send + Sync),
) -> Option<()> {
    connection.set_nodelay(true).ok()?;
    let asked = read(&mut connection).await?;
    let count = {
        let mut all = all.lock().unwrap();
        all.push(asked.clone());
        all.len()
    };
    write(connection, answering(&asked, count)).await
}

async fn read(connection: &mut TcpStream) -> Option<Asked> {
    let mut received = Vec::new();
    let mut chunk = [0; 4_096];
    loop {
        let text = String::from_utf8_lossy(&received);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let mut lines = head.lines();
            let path = lines.next()?.split(' ').nth(1)?.to_owned();
            let headers: HashMap<_, _> = lines
                .filter_map(|line| line.split_once(": "))
                .map(|(n, v)| (n.to_ascii_lowercase(), v.to_owned()))
                .collect();
            let length = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
            if body.len() >= length {
                return Some(Asked { path, headers });
            }
        }
        let read = connection.read(&mut chunk).await.ok()?;
        received.extend_from_slice(&chunk[..read]);
        if read == 0 {
            return None;
        }
    }
}

async fn write(mut connection: TcpStream, answer: Answer) -> Option<()> {
    let is_chunked = matches!(answer.ends, Ends::Clean | Ends::Reset);
    let mut head = format!("HTTP/1.1 {} Answer\r\nconnection: close\r\n", answer.status);
    for (name, value) in &answer.headers {
        head += &format!("{name}: {value}\r\n");
    }
    if is_chunked {
        head += "transfer-encoding: chunked\r\n";
    } else if answer.ends == Ends::Whole && ![204, 304].contains(&answer.status) {
        head += &format!("content-length: {}\r\n", answer.body.len());
    }
    connection.write_all(format!("{head}\r\n").as_bytes()).await.ok()?;
    for piece in answer.body.as_bytes().chunks(answer.pieces) {
        if is_chunked {
            let chunk = [format!("{:x}\r\n", piece.len()).as_bytes(), piece, b"\r\n"].concat();
            connection.write_all(&chunk).await.ok()?;
        } else {
            connection.write_all(piece).await.ok()?;
        }
        tokio::task::yield_now().await;
    }
    match answer.ends {
        Ends::Reset => connection.set_zero_linger().ok()?,
        // Until the client leaves.
        Ends::Never => while connection.read(&mut [0; 64]).await.ok()? > 0 {},
        Ends::Whole | Ends::Clean => connection.shutdown().await.ok()?,
    }
    Some(())
}

/// A message of a stream as the server writes it.
pub fn message(event: &str, data: &Value, id: Option<&str>) -> String {
    let id = id.map(|id| format!("id: {id}\n")).unwrap_or_default();
    format!("{id}event: {event}\ndata: {data}\n\n")
}

/// A job as the server writes it.
pub fn job(status: &str, ended: bool) -> Value {
    json!({
        "jobId": JOB, "status": status, "ended": ended, "message": status, "progress": 0, "attempts": 0,
        "createdAt": "2026-11-27T08:30:02Z", "position": "PLANS:1", "links": {"self": "/api/v1/jobs/a"},
    })
}
