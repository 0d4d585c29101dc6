//! The client's side of a WebSocket, with as little work a frame as can be: the generator shares the measured machine.
//!
//! Text frames of one piece, a mask of zeroes, nothing negotiated. Deliberately not here: what the frames say.

use std::cell::RefCell;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use rustix::net::sockopt::set_socket_linger;
use tokio::net::{TcpSocket, TcpStream};

/// What a frame is (RFC 6455, section 5.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Text,
    Close,
    Ping,
    Other,
}

/// The longest answer to a handshake.
const MAX_HANDSHAKE_BYTES: usize = 8 * 1024;

/// A connection.
pub struct Socket {
    stream: TcpStream,
    /// The beginning of a frame whose end has not come.
    partial: RefCell<Vec<u8>>,
}

impl Socket {
    /// Connects and shakes hands.
    ///
    /// # Errors
    /// When nobody listens, or the server answers with anything but 101.
    pub async fn connect(server: SocketAddr, source: Ipv4Addr, path: &str, token: &str) -> io::Result<Self> {
        let socket = TcpSocket::new_v4()?;
        socket.bind(SocketAddr::from((source, 0)))?;
        let stream = socket.connect(server).await?;
        stream.set_nodelay(true)?;
        // Closed with a reset, so that no port waits for a minute.
        set_socket_linger(&stream, Some(Duration::ZERO))?;
        let socket = Self { stream, partial: RefCell::default() };
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {server}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\
             Authorization: Bearer {token}\r\n\r\n"
        );
        socket.stream.writable().await?;
        socket.send(request.as_bytes())?;
        socket.shake_hands().await?;
        Ok(socket)
    }

    async fn shake_hands(&self) -> io::Result<()> {
        let mut chunk = [0; 2_048];
        loop {
            self.stream.readable().await?;
            let length = match self.stream.try_read(&mut chunk) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(length) => length,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => continue,
                Err(error) => return Err(error),
            };
            let mut answer = self.partial.borrow_mut();
            answer.extend_from_slice(chunk.get(..length).unwrap_or_default());
            let Some(end) = find(&answer, b"\r\n\r\n") else {
                if answer.len() > MAX_HANDSHAKE_BYTES {
                    return Err(io::Error::other("the answer to the handshake has no end"));
                }
                continue;
            };
            if !answer.starts_with(b"HTTP/1.1 101") {
                let line = answer.split(|byte| *byte == b'\r').next().unwrap_or_default();
                return Err(io::Error::other(String::from_utf8_lossy(line).into_owned()));
            }
            answer.drain(..end + 4);
            return Ok(());
        }
    }

    /// Sends a frame at once.
    ///
    /// # Errors
    /// `WouldBlock` when the server has read too little for too long.
    pub fn send(&self, frame: &[u8]) -> io::Result<()> {
        match self.stream.try_write(frame)? {
            length if length == frame.len() => Ok(()),
            _ => Err(io::ErrorKind::WriteZero.into()),
        }
    }

    /// Takes the frames that came together with the answer to the handshake: nothing more need come for a long time.
    pub fn take_first(&self, mut on_frame: impl FnMut(Kind, &[u8])) {
        let mut partial = self.partial.borrow_mut();
        let used = frames(&partial, &mut on_frame);
        *partial = partial.get(used..).unwrap_or_default().to_vec();
    }

    /// Waits for bytes and takes every frame that is whole by then.
    ///
    /// # Errors
    /// When the connection is broken or was closed.
    pub async fn take(&self, scratch: &RefCell<Vec<u8>>, mut on_frame: impl FnMut(Kind, &[u8])) -> io::Result<()> {
        self.stream.readable().await?;
        let mut scratch = scratch.borrow_mut();
        loop {
            let length = match self.stream.try_read(&mut scratch) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(length) => length,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            };
            let is_full = length == scratch.len();
            let bytes = scratch.get(..length).unwrap_or_default();
            let mut partial = self.partial.borrow_mut();
            if partial.is_empty() {
                let used = frames(bytes, &mut on_frame);
                partial.extend_from_slice(bytes.get(used..).unwrap_or_default());
            } else {
                partial.extend_from_slice(bytes);
                let used = frames(&partial, &mut on_frame);
                // Idle connections keep no buffer.
                *partial = partial.get(used..).unwrap_or_default().to_vec();
            }
            if !is_full {
                return Ok(());
            }
        }
    }
}

/// Takes whole frames off the beginning; the answer is how many bytes they were.
fn frames(bytes: &[u8], on_frame: &mut impl FnMut(Kind, &[u8])) -> usize {
    let mut used = 0;
    while let Some((kind, payload, length)) = bytes.get(used..).and_then(first_frame) {
        on_frame(kind, payload);
        used += length;
    }
    used
}

fn first_frame(bytes: &[u8]) -> Option<(Kind, &[u8], usize)> {
    let (first, second) = (bytes.first()?, bytes.get(1)?);
    let (begin, length) = match second & 0x7f {
        126 => (4, usize::from(u16::from_be_bytes(bytes.get(2..4)?.try_into().ok()?))),
        127 => (10, usize::try_from(u64::from_be_bytes(bytes.get(2..10)?.try_into().ok()?)).ok()?),
        short => (2, usize::from(short)),
    };
    let payload = bytes.get(begin..begin + length)?;
    let kind = match first & 0x0f {
        1 => Kind::Text,
        8 => Kind::Close,
        9 => Kind::Ping,
        _ => Kind::Other,
    };
    Some((kind, payload, begin + length))
}

/// A text frame of a client.
pub fn text(text: &str) -> Vec<u8> {
    frame(0x81, text.as_bytes())
}

/// The answer to a ping.
pub fn pong(payload: &[u8]) -> Vec<u8> {
    frame(0x8a, payload)
}

fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = Vec::with_capacity(payload.len() + 8);
    frame.push(first);
    match payload.len() {
        short @ 0..=125 => frame.push(0x80 | short as u8),
        long => {
            frame.push(0x80 | 126);
            frame.extend_from_slice(&u16::try_from(long).unwrap_or(u16::MAX).to_be_bytes());
        }
    }
    // Nothing changes under a mask of zeroes, and servers unmask with it as with any other.
    frame.extend_from_slice(&[0; 4]);
    frame.extend_from_slice(payload);
    frame
}

/// Where a text begins.
pub fn find(bytes: &[u8], text: &[u8]) -> Option<usize> {
    bytes.windows(text.len()).position(|window| window == text)
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    #[test]
    fn frames_are_taken_whole_and_the_rest_waits() {
        let mut bytes = vec![0x81, 2, b'h', b'i', 0x89, 0, 0x81, 126, 0, 200];
        bytes.extend(vec![b'x'; 200]);
        bytes.extend([0x88, 5, 1]);
        let mut seen = Vec::new();
        let used = frames(&bytes, &mut |kind, payload: &[u8]| seen.push((kind, payload.len())));
        assert_eq!(seen, [(Kind::Text, 2), (Kind::Ping, 0), (Kind::Text, 200)]);
        assert_eq!(bytes.len() - used, 3);
    }

    #[tokio::test]
    async fn a_frame_that_comes_with_the_answer_to_the_handshake_is_taken() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let server = listener.local_addr().unwrap();
        let answering = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 2_048];
            assert!(stream.read(&mut request).await.unwrap() > 0);
            stream.write_all(b"HTTP/1.1 101 Switching Protocols\r\n\r\n\x81\x02hi\x81\x02ab").await.unwrap();
            stream
        };
        let connecting = Socket::connect(server, Ipv4Addr::LOCALHOST, "/", "token");
        let (stream, socket) = tokio::join!(answering, connecting);
        let mut seen = Vec::new();
        socket.unwrap().take_first(|kind, payload| seen.push((kind, payload.to_vec())));
        assert_eq!(seen, [(Kind::Text, b"hi".to_vec()), (Kind::Text, b"ab".to_vec())]);
        drop(stream);
    }

    #[test]
    fn a_frame_of_a_client_says_its_length_and_that_it_is_masked() {
        assert_eq!(text("hi"), [0x81, 0x82, 0, 0, 0, 0, b'h', b'i']);
        assert_eq!(text(&"x".repeat(300))[..4], [0x81, 0xfe, 1, 44]);
        assert_eq!(find(b"a\r\n\r\nb", b"\r\n\r\n"), Some(1));
    }
}
