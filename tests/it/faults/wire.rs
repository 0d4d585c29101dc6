//! A wire between two servers that can be cut: either it falls silent, and what was said arrives late, or it breaks.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// How a wire is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passage {
    /// Everything passes.
    Open,
    /// Nothing passes, and neither side is told: packets that vanish. What was sent arrives when it opens.
    Silent,
    /// Connections end at once, new ones too: a cable that was pulled, a firewall that says no.
    Broken,
}

/// One direction in which servers call each other.
pub struct Wire {
    pub port: u16,
    passage: watch::Sender<Passage>,
    accepting: JoinHandle<()>,
}

impl Wire {
    /// A wire to a port of this machine.
    pub async fn to(target: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let passage = watch::Sender::new(Passage::Open);
        let accepting = tokio::spawn(accept(listener, SocketAddr::from(([127, 0, 0, 1], target)), passage.subscribe()));
        Self { port, passage, accepting }
    }

    pub fn set(&self, passage: Passage) {
        self.passage.send_replace(passage);
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, target: SocketAddr, passage: watch::Receiver<Passage>) {
    while let Ok((caller, _)) = listener.accept().await {
        let passage = passage.clone();
        tokio::spawn(async move {
            let mut broken = passage.clone();
            tokio::select! {
                // An error: the wire is gone with its test.
                _ = broken.wait_for(|passage| *passage == Passage::Broken) => {}
                () = connect(caller, target, passage) => {}
            }
        });
    }
}

async fn connect(caller: TcpStream, target: SocketAddr, mut passage: watch::Receiver<Passage>) {
    if opened(&mut passage).await.is_none() {
        return;
    }
    let Ok(called) = TcpStream::connect(target).await else { return };
    let (from_caller, to_caller) = caller.into_split();
    let (from_called, to_called) = called.into_split();
    // One side that ends ends both.
    tokio::select! {
        () = pass(from_caller, to_called, passage.clone()) => {}
        () = pass(from_called, to_caller, passage) => {}
    }
}

async fn pass(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut passage: watch::Receiver<Passage>) {
    let mut buffer = vec![0; 1 << 16];
    while let Ok(count @ 1..) = from.read(&mut buffer).await {
        if opened(&mut passage).await.is_none() || to.write_all(&buffer[..count]).await.is_err() {
            return;
        }
    }
}

async fn opened(passage: &mut watch::Receiver<Passage>) -> Option<()> {
    passage.wait_for(|passage| *passage == Passage::Open).await.ok().map(|_| ())
}
