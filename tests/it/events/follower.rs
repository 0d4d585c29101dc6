//! A client that follows all jobs of an athlete over a bare connection, and is cut off again and again.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// A connection without news is left after this time, at the latest.
const QUIET: Duration = Duration::from_millis(30);

/// How a connection is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    Clean,
    Reset,
}

/// A client that follows all jobs of an athlete, and is cut off again and again.
pub struct Follower {
    token: String,
    /// The id of the last event that was read whole.
    pub last: Option<String>,
    /// Every event, as it came.
    pub seen: Vec<(String, String)>,
}

impl Follower {
    pub fn new(token: String) -> Self {
        Self { token, last: None, seen: Vec::new() }
    }

    /// Reads for a while, and leaves; the bytes behind the last whole event are lost. How long the first byte of the body took.
    pub async fn read_until(&mut self, address: SocketAddr, cut: Cut, mut bytes_left: usize) -> Duration {
        let begun = Instant::now();
        let mut first = None;
        let mut connection = TcpStream::connect(address).await.unwrap();
        let last = self.last.as_ref().map(|id| format!("Last-Event-ID: {id}\r\n")).unwrap_or_default();
        let head =
            format!("GET /api/v1/events HTTP/1.1\r\nHost: ally\r\nAuthorization: Bearer {}\r\n{last}\r\n", self.token);
        connection.write_all(head.as_bytes()).await.unwrap();
        let mut received = Vec::new();
        let mut chunk = [0; 4_096];
        while bytes_left > 0 {
            let wanted = bytes_left.min(chunk.len());
            let has_begun = !received.is_empty();
            let Ok(read) = tokio::time::timeout(QUIET, connection.read(&mut chunk[..wanted])).await else {
                // Also on a busy machine the answer comes before it is left.
                if has_begun { break } else { continue }
            };
            let read = read.unwrap();
            assert!(read > 0, "the server ended a stream: {}", String::from_utf8_lossy(&received));
            received.extend_from_slice(&chunk[..read]);
            bytes_left -= read;
            if first.is_none() && has_body(&received) {
                first = Some(begun.elapsed());
            }
        }
        match cut {
            Cut::Clean => connection.shutdown().await.unwrap(),
            Cut::Reset => connection.set_zero_linger().unwrap(),
        }
        self.take(&String::from_utf8_lossy(&received));
        first.unwrap_or_else(|| begun.elapsed())
    }

    /// Takes what came whole. The answer is chunked: lines of sizes stand between, and no event holds one.
    fn take(&mut self, received: &str) {
        let Some((head, body)) = received.split_once("\r\n\r\n") else { return };
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        let text = dechunked(body);
        let Some(end) = text.rfind("\n\n") else { return };
        for block in text[..end].split("\n\n") {
            let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name)).map(str::to_owned);
            assert_ne!(field("event: ").as_deref(), Some("resync"), "{block}");
            if let (Some(id), Some(event)) = (field("id: "), field("event: ")) {
                self.last = Some(id.clone());
                self.seen.push((event, id));
            }
        }
    }
}

/// Whether something of the body came behind the head.
fn has_body(received: &[u8]) -> bool {
    received.windows(4).position(|bytes| bytes == b"\r\n\r\n").is_some_and(|head| received.len() > head + 4)
}

/// The text of a chunked body, as far as it came.
fn dechunked(mut body: &str) -> String {
    let mut text = String::new();
    while let Some((size, rest)) = body.split_once("\r\n") {
        let size = usize::from_str_radix(size, 16).unwrap();
        let whole = rest.get(..size).unwrap_or(rest);
        text.push_str(whole);
        body = rest.get(size + 2..).unwrap_or_default();
    }
    text
}

/// The place in the log that an id names.
pub fn sequence(id: &str) -> u64 {
    id.split_once('-').unwrap().1.parse().unwrap()
}
