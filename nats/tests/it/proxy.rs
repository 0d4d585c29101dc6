//! A wire that can be cut: everything passes, until a publish is to be delivered without its answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

pub struct Proxy {
    pub url: String,
    cut: Arc<Cut>,
}

#[derive(Default)]
struct Cut {
    /// The next publish with headers reaches the server; what the server answers reaches nobody, and the wire breaks.
    armed: AtomicBool,
    made: AtomicUsize,
}

impl Proxy {
    pub async fn before(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("nats://{}", listener.local_addr().unwrap());
        let cut = Arc::new(Cut::default());
        let shared = Arc::clone(&cut);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let cut = Arc::clone(&shared);
                tokio::spawn(async move {
                    if let Ok(server) = TcpStream::connect(("127.0.0.1", port)).await {
                        pass(client, server, &cut).await;
                    }
                });
            }
        });
        Self { url, cut }
    }

    pub fn cut_next_answer(&self) {
        self.cut.armed.store(true, Ordering::SeqCst);
    }

    pub fn cuts(&self) -> usize {
        self.cut.made.load(Ordering::SeqCst)
    }
}

async fn pass(mut client: TcpStream, mut server: TcpStream, cut: &Cut) {
    let (mut from_client, mut from_server) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    loop {
        tokio::select! {
            read = client.read(&mut from_client) => {
                let Ok(count @ 1..) = read else { return };
                let publishes = from_client[..count].windows(5).any(|word| word == b"HPUB ");
                let cuts = publishes && cut.armed.swap(false, Ordering::SeqCst);
                if server.write_all(&from_client[..count]).await.is_err() {
                    return;
                }
                if cuts {
                    // The server has said something: it is done with what it got. Nobody hears it.
                    let _ = server.read(&mut from_server).await;
                    cut.made.fetch_add(1, Ordering::SeqCst);
                    return;
                }
            }
            read = server.read(&mut from_server) => {
                let Ok(count @ 1..) = read else { return };
                if client.write_all(&from_server[..count]).await.is_err() {
                    return;
                }
            }
        }
    }
}
