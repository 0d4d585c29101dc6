//! The receiver: OTLP over HTTP and over gRPC on one port, on a thread and a runtime of its own, so that a test that blocks while
//! it flushes is still served.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use std::{io, thread};

use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Empty, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use prost::Message;
use tokio::net::TcpListener;
use tokio::sync::{oneshot, watch};

use super::decode;
use crate::grpc::EXPORT;
use crate::trace_tree::{TraceSpan, trace_tree};

const MAX_BODY_BYTES: usize = 16 * 1024 * 1024;
/// What stands before a message of gRPC.
const PREFIX_BYTES: usize = 5;

type Answer = Response<UnsyncBoxBody<Bytes, Infallible>>;

/// What was waited for did not come.
#[derive(Debug, thiserror::Error)]
#[error("the expected spans did not arrive within {waited:?}; these did:\n{received}")]
pub struct ReceiverError {
    waited: Duration,
    received: String,
}

/// A collector that keeps everything. It stops when it is dropped.
#[derive(Debug)]
pub struct OtlpReceiver {
    address: SocketAddr,
    shared: Arc<Shared>,
    _stop: oneshot::Sender<()>,
}

#[derive(Debug)]
struct Shared {
    spans: Mutex<Vec<TraceSpan>>,
    headers: Mutex<Vec<(String, String)>>,
    answer: Mutex<StatusCode>,
    next: Mutex<VecDeque<StatusCode>>,
    arrivals: watch::Sender<u64>,
}

impl OtlpReceiver {
    /// Starts on a free port of the loopback interface.
    ///
    /// # Errors
    /// When no port or thread is to be had.
    pub async fn start() -> io::Result<Self> {
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            spans: Mutex::default(),
            headers: Mutex::default(),
            answer: Mutex::new(StatusCode::OK),
            next: Mutex::default(),
            arrivals: watch::Sender::new(0),
        });
        let (stop, stopped) = oneshot::channel();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let serving = Arc::clone(&shared);
        thread::Builder::new().name("otlp-receiver".to_owned()).spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    _ = serve(listener, serving) => {}
                    _ = stopped => {}
                }
            });
        })?;
        Ok(Self { address, shared, _stop: stop })
    }

    /// Its base URL, for `OTEL_EXPORTER_OTLP_ENDPOINT`: `http://127.0.0.1:43117`.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// All spans so far, in the order they came.
    #[must_use]
    pub fn spans(&self) -> Vec<TraceSpan> {
        lock(&self.shared.spans).clone()
    }

    /// The headers of all requests so far, names in lower case.
    #[must_use]
    pub fn headers(&self) -> Vec<(String, String)> {
        lock(&self.shared.headers).clone()
    }

    /// How many requests came so far, refused ones included.
    #[must_use]
    pub fn requests(&self) -> u64 {
        *self.shared.arrivals.borrow()
    }

    /// Answers with this status from now on; anything but 200 keeps no spans.
    pub fn answer(&self, status: StatusCode) {
        *lock(&self.shared.answer) = status;
    }

    /// Answers the next request with this status, before it goes on as it did.
    pub fn answer_next(&self, status: StatusCode) {
        lock(&self.shared.next).push_back(status);
    }

    /// Waits until the spans so far satisfy the condition, and answers them.
    ///
    /// # Errors
    /// When they do not within the deadline; the error shows as trees what came instead.
    pub async fn wait_for(
        &self,
        condition: impl Fn(&[TraceSpan]) -> bool,
        deadline: Duration,
    ) -> Result<Vec<TraceSpan>, ReceiverError> {
        let mut arrivals = self.shared.arrivals.subscribe();
        let arrived = tokio::time::timeout(deadline, async {
            loop {
                arrivals.borrow_and_update();
                let spans = self.spans();
                if condition(&spans) || arrivals.changed().await.is_err() {
                    return spans;
                }
            }
        });
        arrived.await.map_err(|_| ReceiverError { waited: deadline, received: trace_tree(&self.spans()) })
    }
}

async fn serve(listener: std::net::TcpListener, shared: Arc<Shared>) -> io::Result<()> {
    let listener = TcpListener::from_std(listener)?;
    loop {
        let (stream, _) = listener.accept().await?;
        let shared = Arc::clone(&shared);
        tokio::spawn(async move {
            let service = service_fn(move |request| {
                let shared = Arc::clone(&shared);
                async move { Ok::<_, hyper::Error>(shared.receive(request).await) }
            });
            // A client that hangs up early is none of the receiver's business.
            let _ = auto::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

impl Shared {
    async fn receive(&self, request: Request<Incoming>) -> Answer {
        let is_grpc = request.uri().path().trim_start_matches('/') == EXPORT;
        let status = self.keep(request, is_grpc).await;
        self.arrivals.send_modify(|count| *count += 1);
        if is_grpc { as_grpc(status) } else { as_http(status) }
    }

    async fn keep(&self, request: Request<Incoming>, is_grpc: bool) -> StatusCode {
        if request.method() != Method::POST || !(is_grpc || request.uri().path() == "/v1/traces") {
            return StatusCode::NOT_FOUND;
        }
        let headers = request.headers().iter();
        lock(&self.headers).extend(
            headers.map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())),
        );
        let next = lock(&self.next).pop_front();
        let answer = next.unwrap_or_else(|| *lock(&self.answer));
        if answer != StatusCode::OK {
            return answer;
        }
        let Ok(body) = Limited::new(request.into_body(), MAX_BODY_BYTES).collect().await else {
            return StatusCode::PAYLOAD_TOO_LARGE;
        };
        let mut message = body.to_bytes();
        if is_grpc {
            message = message.slice(PREFIX_BYTES.min(message.len())..);
        }
        match ExportTraceServiceRequest::decode(message) {
            Ok(request) => lock(&self.spans).extend(decode::spans(request)),
            Err(_) => return StatusCode::BAD_REQUEST,
        }
        StatusCode::OK
    }
}

fn as_http(status: StatusCode) -> Answer {
    let mut response = Response::new(Empty::new().boxed_unsync());
    *response.status_mut() = status;
    response
}

/// An empty message, and behind it the status: 0 is well, 14 is not at the moment, 3 is never.
fn as_grpc(status: StatusCode) -> Answer {
    let code = match status {
        StatusCode::OK => "0",
        StatusCode::SERVICE_UNAVAILABLE => "14",
        _ => "3",
    };
    let mut trailers = HeaderMap::new();
    trailers.insert("grpc-status", HeaderValue::from_static(code));
    let body = Full::new(Bytes::from_static(&[0; PREFIX_BYTES])).with_trailers(async move { Some(Ok(trailers)) });
    let mut response = Response::new(body.boxed_unsync());
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
    response
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
