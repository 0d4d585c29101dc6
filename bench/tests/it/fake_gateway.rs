//! A gateway that answers as it is told, for the generator's own faults.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::time::{Instant, sleep_until};

/// How it behaves.
#[derive(Debug, Clone, Copy, Default)]
pub struct Behaviour {
    /// From this submission on, everything waits until so much time has passed; then it is fast again.
    pub stall: Option<(u64, Duration)>,
    /// One job of this many never comes to an end.
    pub lose_one_in: Option<u64>,
    /// One submission of this many gets the id of the one before.
    pub double_one_in: Option<u64>,
}

struct Gateway {
    behaviour: Behaviour,
    submitted: AtomicU64,
    stalled_until: std::sync::Mutex<Option<Instant>>,
}

/// Serves until the test's runtime ends.
pub async fn serve(behaviour: Behaviour) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let gateway = Arc::new(Gateway { behaviour, submitted: AtomicU64::new(0), stalled_until: Default::default() });
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let gateway = gateway.clone();
            let service = service_fn(move |request| answer(gateway.clone(), request));
            // A generator that has ended closes its connections.
            tokio::spawn(async move {
                let _ =
                    hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
            });
        }
    });
    address
}

async fn answer(gateway: Arc<Gateway>, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let Behaviour { stall, lose_one_in, double_one_in } = gateway.behaviour;
    let is = |one_in: Option<u64>, number: u64| one_in.is_some_and(|one_in| number % one_in == one_in - 1);
    let (status, body) = if *request.method() == Method::POST {
        let number = gateway.submitted.fetch_add(1, Ordering::SeqCst);
        if let Some((_, time)) = stall.filter(|(from, _)| number >= *from) {
            let until = *gateway.stalled_until.lock().unwrap().get_or_insert_with(|| Instant::now() + time);
            sleep_until(until).await;
        }
        let id = if is(double_one_in, number) { number - 1 } else { number };
        (StatusCode::ACCEPTED, format!(r#"{{"jobId":"{id}","status":"requested"}}"#))
    } else {
        let id: u64 = request.uri().path().rsplit('/').next().unwrap().parse().unwrap();
        let status = if is(lose_one_in, id) { "planning" } else { "completed" };
        (StatusCode::OK, format!(r#"{{"status":"{status}"}}"#))
    };
    Ok(Response::builder().status(status).body(Full::new(Bytes::from(body))).unwrap())
}
