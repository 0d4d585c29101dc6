//! Which pages of other origins may call.

use std::collections::HashSet;
use std::sync::Arc;

use poem::http::{HeaderValue, Method, header};
use poem::middleware::{Cors, CorsEndpoint};
use poem::{Endpoint, IntoResponse, Middleware, Request, Response, Result};

const REQUEST_HEADERS: [&str; 6] =
    ["authorization", "content-type", "if-none-match", "idempotency-key", "traceparent", "tracestate"];
const RESPONSE_HEADERS: [&str; 5] = ["location", "etag", "retry-after", "traceresponse", "x-trace-id"];
/// How long a browser may remember a preflight.
const PREFLIGHT_SECONDS: i32 = 600;

/// An origin that no browser would send.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{origin:?} is not an origin: write scheme://host[:port], for example https://app.example.org, without a path")]
pub struct CorsError {
    origin: String,
}

/// Lets pages of the listed origins call, and pages of this very host.
pub(crate) struct CrossOrigin(Cors);

pub(crate) struct Shared<E> {
    same_origin: Arc<E>,
    cross_origin: CorsEndpoint<Arc<E>>,
}

impl CrossOrigin {
    /// The layer for a list of origins. Tokens travel in a header and never in a cookie, so credentials stay off.
    ///
    /// # Errors
    /// When an entry is not an origin.
    pub(crate) fn new(origins: &[String]) -> Result<Self, CorsError> {
        if let Some(origin) = origins.iter().find(|origin| !is_origin(origin)) {
            return Err(CorsError { origin: origin.clone() });
        }
        let listed: HashSet<String> = origins.iter().cloned().collect();
        // A rule and not a list: the middleware reads an empty list as "any", and answers a listed origin without Vary.
        let cors = Cors::new().allow_origins_fn(move |origin| listed.contains(origin));
        Ok(Self(
            cors.allow_methods([Method::GET, Method::POST])
                .allow_headers(REQUEST_HEADERS)
                .expose_headers(RESPONSE_HEADERS)
                .max_age(PREFLIGHT_SECONDS),
        ))
    }
}

impl<E: Endpoint> Middleware<E> for CrossOrigin {
    type Output = Shared<E>;

    fn transform(&self, inner: E) -> Shared<E> {
        let same_origin = Arc::new(inner);
        Shared { cross_origin: self.0.transform(Arc::clone(&same_origin)), same_origin }
    }
}

impl<E: Endpoint> Endpoint for Shared<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        if same_origin(&request) {
            return self.same_origin.call(request).await.map(IntoResponse::into_response);
        }
        self.cross_origin.call(request).await
    }
}

/// The documentation page calls the API of its own host, and browsers name the origin even then.
fn same_origin(request: &Request) -> bool {
    let text = |name| request.headers().get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    match (text(header::ORIGIN), text(header::HOST)) {
        (Some(origin), Some(host)) => origin.split_once("://").is_some_and(|(_, origin)| origin == host),
        _ => false,
    }
}

fn is_origin(origin: &str) -> bool {
    origin.split_once("://").is_some_and(|(scheme, host)| {
        matches!(scheme, "http" | "https") && !host.is_empty() && !host.contains(['/', '*', ' ', '?', '#', '@'])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_has_a_scheme_and_a_host_and_nothing_else() {
        for good in ["http://localhost:5173", "https://app.example.org"] {
            assert!(CrossOrigin::new(&[good.to_owned()]).is_ok(), "{good}");
        }
        for bad in ["", "*", "app.example.org", "https://", "https://a/b", "https://*.a.org", "ftp://a.org"] {
            assert!(CrossOrigin::new(&[bad.to_owned()]).is_err(), "{bad}");
        }
    }
}
