//! HTTP/1.1 over connections that are kept: as little work a request as can be, since it shares the measured machine.

use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{self, SendRequest};
use hyper::header::{HOST, HeaderValue};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;

/// Connections at once. A request beyond them waits, and its latency goes on.
const MAX_CONNECTIONS: usize = 512;
/// How long one request may take.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Why a request has no answer.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    #[error("no connection: {0}")]
    Connect(#[source] std::io::Error),
    #[error("no answer: {0}")]
    Exchange(#[from] hyper::Error),
    #[error("no answer within {} s", TIMEOUT.as_secs())]
    Timeout,
}

/// A request that can be sent twice: its parts are shared, not copied.
pub type Ask = Request<Full<Bytes>>;

/// One server's connections.
pub struct Http {
    address: SocketAddr,
    host: HeaderValue,
    idle: RefCell<Vec<SendRequest<Full<Bytes>>>>,
    slots: Semaphore,
    reconnected: Cell<u64>,
}

impl Http {
    /// Connections are made when they are needed.
    pub fn new(address: SocketAddr) -> Self {
        Self {
            address,
            host: HeaderValue::from_str(&address.to_string()).unwrap_or(HeaderValue::from_static("localhost")),
            idle: RefCell::default(),
            slots: Semaphore::new(MAX_CONNECTIONS),
            reconnected: Cell::new(0),
        }
    }

    /// Requests that were sent a second time, since their connection had been closed.
    pub fn reconnected(&self) -> u64 {
        self.reconnected.get()
    }

    /// Asks and reads the whole answer. Only what may be sent twice belongs here: a server may close a kept connection
    /// just when it is used again, and then another one is tried.
    pub async fn ask(&self, mut request: Ask) -> Result<(StatusCode, Bytes), HttpError> {
        request.headers_mut().insert(HOST, self.host.clone());
        tokio::time::timeout(TIMEOUT, self.ask_in_time(request)).await.unwrap_or(Err(HttpError::Timeout))
    }

    async fn ask_in_time(&self, request: Ask) -> Result<(StatusCode, Bytes), HttpError> {
        // Closed never: this process does not close it.
        let _slot = self.slots.acquire().await.ok();
        while let Some(mut kept) = self.kept() {
            if kept.ready().await.is_err() {
                continue;
            }
            match self.exchange(kept, request.clone()).await {
                Err(HttpError::Exchange(_)) => self.reconnected.set(self.reconnected.get() + 1),
                answer => return answer,
            }
        }
        let fresh = self.connect().await?;
        self.exchange(fresh, request).await
    }

    fn kept(&self) -> Option<SendRequest<Full<Bytes>>> {
        self.idle.borrow_mut().pop()
    }

    async fn exchange(
        &self,
        mut connection: SendRequest<Full<Bytes>>,
        request: Ask,
    ) -> Result<(StatusCode, Bytes), HttpError> {
        let answer = connection.send_request(request).await?;
        let status = answer.status();
        let body = answer.into_body().collect().await?.to_bytes();
        self.idle.borrow_mut().push(connection);
        Ok((status, body))
    }

    async fn connect(&self) -> Result<SendRequest<Full<Bytes>>, HttpError> {
        let stream = TcpStream::connect(self.address).await.map_err(HttpError::Connect)?;
        stream.set_nodelay(true).map_err(HttpError::Connect)?;
        let (connection, driver) = http1::handshake(TokioIo::new(stream)).await?;
        // What goes wrong in it is told by the request.
        tokio::task::spawn_local(driver);
        Ok(connection)
    }
}
