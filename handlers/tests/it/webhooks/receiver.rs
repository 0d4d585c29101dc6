//! An endpoint of an app on 127.0.0.1 that gives every message the same answer.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// How it answers.
#[derive(Debug, Clone, Copy)]
pub enum Answer {
    /// A status with header lines, each ended by CR and LF, and no body.
    Status(u16, &'static str),
    /// 200 with the beginning of a body, and nothing more.
    Stalled,
    /// 200 with a body that goes on for as long as somebody reads it.
    Endless,
}

/// A message as it came.
#[derive(Debug, Clone)]
pub struct Received {
    headers: Vec<(String, String)>,
    pub body: String,
}

impl Received {
    /// The value of a header by its name in small letters.
    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(known, _)| known == name);
        let (_, value) = found.unwrap_or_else(|| panic!("there is no header {name} in {:?}", self.headers));
        value
    }
}

/// The endpoint; it ends when this is dropped.
pub struct Receiver {
    address: SocketAddr,
    received: Arc<Mutex<Vec<Received>>>,
    task: JoinHandle<()>,
}

impl Receiver {
    pub async fn start(answer: Answer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, received) = (listener.local_addr().unwrap(), Arc::<Mutex<Vec<Received>>>::default());
        let shared = received.clone();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let received = shared.clone();
                tokio::spawn(async move { serve(stream, answer, &received).await });
            }
        });
        Self { address, received, task }
    }

    pub fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    /// Every message so far.
    pub fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Takes one message of a connection. Writing ends when the sender hangs up, which is no fault here.
async fn serve(stream: TcpStream, answer: Answer, received: &Mutex<Vec<Received>>) {
    let mut connection = BufReader::new(stream);
    let Some(message) = read(&mut connection).await else { return };
    received.lock().unwrap().push(message);
    match answer {
        Answer::Status(status, lines) => {
            let head = format!("HTTP/1.1 {status} Answer\r\n{lines}connection: close\r\n\r\n");
            let _ = connection.write_all(head.as_bytes()).await;
            let _ = connection.shutdown().await;
        }
        Answer::Stalled => {
            let _ = connection.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nthe beginning").await;
            let _ = connection.read(&mut [0; 1]).await;
        }
        Answer::Endless => {
            let _ = connection.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n").await;
            while connection.write_all(&[b'x'; 1_024]).await.is_ok() {}
        }
    }
}

async fn read(connection: &mut BufReader<TcpStream>) -> Option<Received> {
    let mut request_line = String::new();
    connection.read_line(&mut request_line).await.ok()?;
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        connection.read_line(&mut line).await.ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        headers.push((name.to_lowercase(), value.to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length")?.1.parse().ok()?;
    let mut body = vec![0; length];
    connection.read_exact(&mut body).await.ok()?;
    Some(Received { headers, body: String::from_utf8(body).ok()? })
}
