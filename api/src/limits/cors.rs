//! Which pages of other origins may call, and what they may send and read.

use std::collections::HashSet;
use std::sync::Arc;

use poem::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use poem::{Endpoint, IntoResponse, Middleware, Request, Response, Result};

use super::origin::{self, CorsError};
use crate::problem::{Kind, Problem};
use crate::vary;

const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, POST, PUT, PATCH, DELETE");
/// What a page may send beside what browsers let it send anyway.
const REQUEST_HEADERS: HeaderValue = HeaderValue::from_static(
    "authorization, cache-control, content-encoding, content-type, idempotency-key, if-none-match, last-event-id, prefer, \
     traceparent, tracestate",
);
/// What a page may read beside what browsers let it read anyway.
const RESPONSE_HEADERS: HeaderValue = HeaderValue::from_static(
    "accept-encoding, allow, content-disposition, deprecation, etag, idempotent-replayed, link, location, preference-applied, \
     ratelimit, ratelimit-policy, retry-after, sunset, traceresponse, vary, www-authenticate, x-trace-id",
);
/// Seconds for which a browser may remember a preflight.
const PREFLIGHT_SECONDS: HeaderValue = HeaderValue::from_static("600");

/// Lets pages of the listed origins call, and pages of this very host. Tokens travel in a header and never in a cookie, so
/// credentials stay off.
pub(crate) struct CrossOrigin(Arc<HashSet<String>>);

pub(crate) struct Shared<E> {
    listed: Arc<HashSet<String>>,
    inner: E,
}

impl CrossOrigin {
    /// The layer for a list of origins; an empty one allows none.
    ///
    /// # Errors
    /// When an entry is not an origin.
    pub(crate) fn new(origins: &[String]) -> Result<Self, CorsError> {
        Ok(Self(Arc::new(origins.iter().map(|origin| origin::normalise(origin)).collect::<Result<_, _>>()?)))
    }
}

impl<E: Endpoint> Middleware<E> for CrossOrigin {
    type Output = Shared<E>;

    fn transform(&self, inner: E) -> Shared<E> {
        Shared { listed: Arc::clone(&self.0), inner }
    }
}

impl<E: Endpoint> Endpoint for Shared<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        let origin = request.headers().get(header::ORIGIN).cloned();
        let Some(origin) = origin.filter(|origin| !is_own(origin, request.headers())) else {
            let mut response = self.inner.call(request).await?.into_response();
            if !self.listed.is_empty() {
                // A cache that keeps this answer must not give it to a page of a listed origin, which could not read it.
                vary::add(response.headers_mut(), "Origin");
            }
            return Ok(response);
        };
        if !origin.to_str().is_ok_and(|origin| self.listed.contains(origin)) {
            return Err(Problem::new(Kind::OriginNotAllowed, "pages of this origin may not call").into());
        }
        let mut response = match is_preflight(&request) {
            true => preflight(),
            false => self.inner.call(request).await?.into_response(),
        };
        let headers = response.headers_mut();
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, RESPONSE_HEADERS);
        vary::add(headers, "Origin");
        Ok(response)
    }
}

/// A browser asks before it sends what a form could not send.
fn is_preflight(request: &Request) -> bool {
    *request.method() == Method::OPTIONS && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}

fn preflight() -> Response {
    let mut response = Response::builder().status(StatusCode::NO_CONTENT).finish();
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, METHODS);
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, REQUEST_HEADERS);
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, PREFLIGHT_SECONDS);
    response
}

/// The documentation page calls the API of its own host, and browsers name the origin even then.
fn is_own(origin: &HeaderValue, headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let origin = origin.to_str().ok().and_then(|origin| origin.split_once("://"));
    origin.zip(host).is_some_and(|((_, origin), host)| origin.eq_ignore_ascii_case(host))
}
