//! Answers byte for byte, where a client library would hide what was sent.

use std::io::Read as _;

use poem::http::{HeaderMap, HeaderName, HeaderValue};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{Ally, token};

/// An answer as it came.
pub struct Raw {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Raw {
    /// Sends the head of a request without its ends of lines, and a body.
    pub async fn send(ally: &Ally, head: &[&str], body: &[u8]) -> Self {
        let mut stream = TcpStream::connect(ally.server.address).await.unwrap();
        let head = format!("{}\r\nhost: {}\r\nconnection: close\r\n\r\n", head.join("\r\n"), ally.server.address);
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(body).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        Self::read(&answer)
    }

    /// A read of an athlete's, with further lines in its head.
    pub async fn of(ally: &Ally, method: &str, path: &str, lines: &[&str]) -> Self {
        let (first, bearer) =
            (format!("{method} {path} HTTP/1.1"), format!("authorization: Bearer {}", token(&ally.clock, "amy")));
        let head: Vec<_> = [first.as_str(), bearer.as_str()].into_iter().chain(lines.iter().copied()).collect();
        Self::send(ally, &head, b"").await
    }

    /// A header as text; two lines of it are a failure.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.headers.get_all(name).iter();
        let (first, second) = (lines.next(), lines.next());
        assert!(second.is_none(), "{name} is there twice: {first:?}, {second:?}");
        first.map(|value| value.to_str().unwrap())
    }

    /// The body without its coding.
    pub fn plain(&self) -> Vec<u8> {
        inflate(&self.headers, &self.body)
    }

    fn read(answer: &[u8]) -> Self {
        let end = answer.windows(4).position(|four| four == b"\r\n\r\n").expect("no end of the head");
        let (head, body) = answer.split_at(end + 4);
        let mut lines = std::str::from_utf8(head).unwrap().split("\r\n");
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let mut headers = HeaderMap::new();
        for (name, value) in lines.filter_map(|line| line.split_once(": ")) {
            headers.append(name.parse::<HeaderName>().unwrap(), HeaderValue::from_str(value).unwrap());
        }
        Self { status, headers, body: body.to_vec() }
    }
}

/// A body without the coding that its headers name.
pub fn inflate(headers: &HeaderMap, body: &[u8]) -> Vec<u8> {
    match headers.get("content-encoding").map(|coding| coding.to_str().unwrap()) {
        // What answers HEAD names a coding and has no body.
        Some(_) if body.is_empty() => Vec::new(),
        None => body.to_vec(),
        Some("zstd") => zstd::decode_all(body).unwrap(),
        Some("gzip") => {
            let mut plain = Vec::new();
            flate2::read::GzDecoder::new(body).read_to_end(&mut plain).unwrap();
            plain
        }
        Some(other) => panic!("{other} is no coding of ours"),
    }
}
