//! How an answer is delivered, whichever route gave it: its tag, whether the caller has it already, how long it may be kept, what it
//! depends on, and in which content coding it is sent.
//!
//! Here lives the one layer that does this for all routes. A route that knows its tag before it has rendered gives it, and answers 304
//! by itself; so does a route that knows how long its answer may be kept. Deliberately not here: the bounds (`crate::limits`) and what
//! becomes of failures (`crate::finish`).
//!
//! A compressed answer that holds both a secret and what a stranger chose tells the secret by its length (BREACH). To choose here takes
//! the caller's own token: it travels in a header that no browser adds by itself, there are no cookies, and pages of other origins are
//! refused. An answer that holds a secret all the same says `Cache-Control: no-transform` and is left as it is.

mod coding;
mod fresh;
mod kept;
mod next;

use std::sync::Arc;

use bytes::Bytes;
use http_body_util::combinators::BoxBody;
use hyper::body::Body as _;
use poem::http::{HeaderMap, Method, StatusCode, Uri, header};
use poem::{Body, Endpoint, IntoResponse, Middleware, Request, Response, Result};
use tokio::sync::Semaphore;

use self::coding::Acceptable;
pub(crate) use self::coding::Coding;
pub(crate) use self::fresh::IMMUTABLE;
pub(crate) use self::kept::Kept;
pub(crate) use self::next::Next;
use crate::etag::KnownTags;
use crate::problem::{Kind, Problem};
use crate::routes::Table;
use crate::{deprecation, vary};

/// Smaller bodies are sent as they are: they fit into one packet either way.
const MIN_BYTES: usize = 1_024;
/// Larger bodies are coded on threads where they hold up nobody: this much takes a third of a millisecond.
const MAX_INLINE_BYTES: usize = 16 * 1_024;

/// Delivers answers. It stands inside of the bounds: coding takes time, and is done within a request's slot and deadline.
#[derive(Clone)]
pub(crate) struct Delivery {
    pub table: Table,
}

pub(crate) struct Delivered<E> {
    table: Table,
    /// How many bodies are coded at once.
    coders: Arc<Semaphore>,
    inner: E,
}

impl<E: Endpoint> Middleware<E> for Delivery {
    type Output = Delivered<E>;

    fn transform(&self, inner: E) -> Delivered<E> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Delivered { table: self.table.clone(), coders: Arc::new(Semaphore::new(cores)), inner }
    }
}

impl<E: Endpoint> Endpoint for Delivered<E> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> Result<Response> {
        let asked = Asked::of(&request);
        if asked.method == Method::OPTIONS
            && let Some(allowed) = self.table.allowed(asked.uri.path())
        {
            return Ok(Response::builder().status(StatusCode::NO_CONTENT).header(header::ALLOW, allowed).finish());
        }
        if asked.acceptable.is_nothing() {
            return Err(unacceptable().into());
        }
        if asked.method == Method::HEAD {
            // The router would leave the body out, and nobody could say its length. The connection leaves it out anyway.
            request.set_method(Method::GET);
        }
        let mut response = self.inner.call(request).await?.into_response();
        if let Some(template) = self.table.template(asked.uri.path()) {
            deprecation::mark(template, response.headers_mut());
        }
        next::link(&asked.uri, &mut response);
        self.deliver(&asked, response).await
    }
}

impl<E> Delivered<E> {
    async fn deliver(&self, asked: &Asked, response: Response) -> Result<Response> {
        let (mut parts, body) = response.into_parts();
        let body: BoxBody<Bytes, std::io::Error> = body.into();
        // A body that goes on has no size yet, and nobody knows when it ends.
        if body.size_hint().exact().is_none() || is_event_stream(&parts.headers) {
            let body = if asked.method == Method::HEAD { Body::empty() } else { body.into() };
            return Ok(Response::from_parts(parts, body));
        }
        let body = Body::from(body).into_bytes().await?;
        let kept = parts.extensions.get::<Kept>().cloned();
        if asked.reads() && fresh::conclude(asked, parts.status, &mut parts.headers, &body, kept.as_ref()) {
            parts.status = StatusCode::NOT_MODIFIED;
            return Ok(Response::from_parts(parts, Body::empty()));
        }
        if body.is_empty() || fresh::has_directive(&parts.headers, "no-transform") {
            return Ok(Response::from_parts(parts, body.into()));
        }
        vary::add(&mut parts.headers, "Accept-Encoding");
        let body = self.encode_for(asked.acceptable, &mut parts.headers, body, kept.as_ref()).await;
        Ok(Response::from_parts(parts, body.into()))
    }

    /// The body in the coding that the caller likes best, where that saves anything or is all that the caller accepts.
    async fn encode_for(
        &self,
        acceptable: Acceptable,
        headers: &mut HeaderMap,
        body: Bytes,
        kept: Option<&Kept>,
    ) -> Bytes {
        let Some(coding) = acceptable.coding else { return body };
        let saves = body.len() >= MIN_BYTES && is_compressible(headers);
        if headers.contains_key(header::CONTENT_ENCODING) || (acceptable.plain && !saves) {
            return body;
        }
        let coded = match kept.and_then(|kept| kept.get(coding)) {
            Some(coded) => Some(coded),
            None => self.encode(coding, body.clone()).await,
        };
        match coded {
            Some(coded) if coded.len() < body.len() || !acceptable.plain => {
                if let Some(kept) = kept {
                    kept.keep(coding, &coded);
                }
                headers.insert(header::CONTENT_ENCODING, coding.value());
                headers.remove(header::CONTENT_LENGTH);
                fresh::weaken(headers);
                coded
            }
            _ => body,
        }
    }

    /// The body in a coding. `None` where the process could not make it: then the plain bytes are sent.
    async fn encode(&self, coding: Coding, body: Bytes) -> Option<Bytes> {
        if body.len() <= MAX_INLINE_BYTES {
            return coding.encode(&body).ok().map(Bytes::from);
        }
        let permit = Arc::clone(&self.coders).acquire_owned().await.ok()?;
        let work = move || {
            // It is held until the work has ended, also where nobody waits for it any more.
            let _permit = permit;
            coding.encode(&body)
        };
        tokio::task::spawn_blocking(work).await.ok()?.ok().map(Bytes::from)
    }
}

/// What a request says of its answer's delivery.
struct Asked {
    method: Method,
    uri: Uri,
    acceptable: Acceptable,
    known: KnownTags,
}

impl Asked {
    fn of(request: &Request) -> Self {
        let headers = request.headers();
        Self {
            method: request.method().clone(),
            uri: request.uri().clone(),
            acceptable: Acceptable::of(headers),
            known: KnownTags::of(headers),
        }
    }

    fn reads(&self) -> bool {
        self.method == Method::GET || self.method == Method::HEAD
    }
}

fn is_event_stream(headers: &HeaderMap) -> bool {
    essence(headers) == "text/event-stream"
}

/// Whether a media type is text of some kind; the others are compressed already, or are small.
fn is_compressible(headers: &HeaderMap) -> bool {
    let essence = essence(headers);
    let (kind, subtype) = essence.split_once('/').unwrap_or_default();
    kind == "text"
        || matches!(essence.as_str(), "application/json" | "application/yaml" | "application/xml" | "image/svg+xml")
        || (kind == "application" && (subtype.ends_with("+json") || subtype.ends_with("+xml")))
}

fn essence(headers: &HeaderMap) -> String {
    let text = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn unacceptable() -> Problem {
    let codings = Coding::ALL.map(Coding::name).join(", ");
    let detail = format!("Accept-Encoding allows nothing that there is: identity, {codings}");
    Problem::new(Kind::NotAcceptable, detail)
}

#[cfg(test)]
mod tests {
    use poem::http::HeaderValue;

    use super::*;

    #[test]
    fn text_is_worth_compressing() {
        for (media_type, is_text) in [
            ("application/json", true),
            ("application/problem+json", true),
            ("Text/CSV; charset=utf-8", true),
            ("text/calendar; charset=utf-8; method=PUBLISH", true),
            ("application/yaml", true),
            ("application/zip", false),
            ("application/vnd.ant.fit", false),
            ("image/png", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
            assert_eq!(is_compressible(&headers), is_text, "{media_type}");
        }
    }
}
