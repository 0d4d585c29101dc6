//! Holds every request to the bounds before any route sees it.

use std::sync::Arc;

use ally_telemetry::names::limit;
use poem::http::header;
use poem::{Endpoint, IntoResponse, Middleware, Request, Response, Result};
use tokio::sync::Semaphore;

use super::{Limits, Shares, limited};
use crate::observe::Waited;
use crate::problem::{Kind, Problem};
use crate::routes::is_probe;

/// Sizes, shares, how many at once, and the deadline, in this order: the cheap checks first. Probes pass: an
/// overloaded process must still say that it lives.
pub(crate) struct Bounds {
    pub limits: Arc<Limits>,
    pub shares: Shares,
}

pub(crate) struct Bounded<E> {
    limits: Arc<Limits>,
    shares: Shares,
    slots: Arc<Semaphore>,
    waiters: Arc<Semaphore>,
    inner: E,
}

impl<E: Endpoint> Middleware<E> for Bounds {
    type Output = Bounded<E>;

    fn transform(&self, inner: E) -> Bounded<E> {
        Bounded {
            limits: Arc::clone(&self.limits),
            shares: self.shares.clone(),
            slots: Arc::new(Semaphore::new(self.limits.max_concurrent_requests)),
            waiters: Arc::new(Semaphore::new(self.limits.max_waiting_requests)),
            inner,
        }
    }
}

impl<E: Endpoint> Endpoint for Bounded<E> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> Result<Response> {
        sizes(&request, &self.limits)?;
        if is_probe(request.uri().path()) {
            return self.inner.call(request).await.map(IntoResponse::into_response);
        }
        if let Some(client) = self.shares.take_for_client(&request)? {
            request.extensions_mut().insert(client);
        }
        let slot = Arc::clone(&self.slots).try_acquire_owned().map_err(|_| busy())?;
        // Held here where nobody can hand it on.
        let _slot = match request.extensions().get::<Waited>() {
            Some(waited) => {
                waited.hold(slot, Arc::clone(&self.waiters));
                None
            }
            None => Some(slot),
        };
        request.extensions_mut().insert(Arc::clone(&self.limits));
        match tokio::time::timeout(self.limits.deadline, self.inner.call(request)).await {
            Ok(answer) => answer.map(IntoResponse::into_response),
            Err(_) => Err(late(&self.limits).into()),
        }
    }
}

fn sizes(request: &Request, limits: &Limits) -> Result<(), Problem> {
    let uri = request.uri();
    let uri_bytes = uri.path().len() + uri.query().map_or(0, |query| query.len() + 1);
    if uri_bytes > limits.max_uri_bytes {
        return Err(over(Kind::UriTooLong, "the path with its query", uri_bytes, limits.max_uri_bytes));
    }
    let header_bytes = request.headers().iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    if header_bytes > limits.max_header_bytes {
        return Err(over(Kind::HeadersTooLarge, "the headers", header_bytes, limits.max_header_bytes));
    }
    let announced = request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    match announced {
        Some(bytes) if bytes > limits.max_body_bytes => {
            Err(over(Kind::PayloadTooLarge, "the body", bytes, limits.max_body_bytes))
        }
        _ => Ok(()),
    }
}

fn over(kind: Kind, what: &str, bytes: usize, limit: usize) -> Problem {
    Problem::new(kind, format!("{what} of {bytes} bytes is over the limit of {limit}"))
}

fn busy() -> Problem {
    limited(limit::IN_FLIGHT);
    Problem::new(Kind::Overloaded, "as many requests as the server takes at once are being worked on")
        .retry_after(std::time::Duration::from_secs(1))
}

fn late(limits: &Limits) -> Problem {
    let seconds = limits.deadline.as_secs_f64();
    Problem::new(
        Kind::DeadlineExceeded,
        format!("no answer within {seconds} s; a command may still be carried out, send it again with the same key"),
    )
}
