//! OTLP over gRPC for the exporter: the same protobuf, framed and answered as gRPC does, over HTTP/2 in the clear.
//!
//! A gRPC library would bring a dozen crates for this one call (ADR 0073). Each export has a connection of its own: there is one
//! a second, and none that a collector's restart could leave dead. It runs on the batch processor's thread, which may block.

use std::time::Duration;

use async_trait::async_trait;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, Version};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use opentelemetry_http::{HttpClient, HttpError};
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};

/// The call, as OTLP names it.
pub(crate) const EXPORT: &str = "opentelemetry.proto.collector.trace.v1.TraceService/Export";
/// The most bytes of an answer, which says how many spans were refused.
const MAX_ANSWER_BYTES: usize = 64 << 10;
/// What stands before a message: whether it is compressed, and its length.
const PREFIX_BYTES: usize = 5;
/// Codes of gRPC after which OTLP has the client try again: cancelled, too late, exhausted, aborted, out of range, unavailable, data lost.
const PASSING: [u16; 7] = [1, 4, 8, 10, 11, 14, 15];

/// Sends what the HTTP exporter would send, as a call of gRPC.
#[derive(Debug)]
pub(crate) struct GrpcClient {
    runtime: Runtime,
    timeout: Duration,
}

impl GrpcClient {
    /// # Errors
    /// When the operating system gives no runtime.
    pub(crate) fn new(timeout: Duration) -> std::io::Result<Self> {
        Ok(Self { runtime: Builder::new_current_thread().enable_all().build()?, timeout })
    }
}

#[async_trait]
impl HttpClient for GrpcClient {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        self.runtime.block_on(async {
            match tokio::time::timeout(self.timeout, call(request)).await {
                Ok(answer) => answer,
                Err(_) => Err(format!("no answer within {:?}", self.timeout).into()),
            }
        })
    }
}

async fn call(request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
    let address = request.uri().authority().ok_or("the endpoint has no host")?;
    let host = address.host().trim_start_matches('[').trim_end_matches(']');
    let stream = TcpStream::connect((host, address.port_u16().unwrap_or(4317))).await?;
    let (mut sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await?;
    let driven = tokio::spawn(connection);
    let answer = sender.send_request(framed(request)).await?;
    let (head, body) = answer.into_parts();
    let body = Limited::new(body, MAX_ANSWER_BYTES).collect().await?;
    driven.abort();
    let trailers = body.trailers().cloned().unwrap_or_default();
    let mut response =
        Response::new(body.to_bytes().get(PREFIX_BYTES..).map(Bytes::copy_from_slice).unwrap_or_default());
    *response.status_mut() = if head.status.is_success() { status(&head.headers, &trailers) } else { head.status };
    Ok(response)
}

fn framed(request: Request<Bytes>) -> Request<Full<Bytes>> {
    let (mut head, message) = request.into_parts();
    head.version = Version::HTTP_2;
    head.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
    head.headers.insert("te", HeaderValue::from_static("trailers"));
    let mut frame = Vec::with_capacity(PREFIX_BYTES + message.len());
    frame.push(0);
    frame.extend(u32::try_from(message.len()).unwrap_or(u32::MAX).to_be_bytes());
    frame.extend(message);
    Request::from_parts(head, Full::new(frame.into()))
}

/// The status as HTTP has it: the exporter knows by it whether another try is worth while. It stands behind the answer, or in its
/// head where there is nothing else.
fn status(head: &HeaderMap, trailers: &HeaderMap) -> StatusCode {
    let said = trailers.get("grpc-status").or_else(|| head.get("grpc-status"));
    match said.and_then(|code| code.to_str().ok()?.parse::<u16>().ok()) {
        Some(0) => StatusCode::OK,
        Some(code) if !PASSING.contains(&code) => StatusCode::BAD_REQUEST,
        Some(_) | None => StatusCode::SERVICE_UNAVAILABLE,
    }
}
