//! One span and one set of figures for every request; no route counts or traces by itself.

use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use ally_telemetry::names::{self, attr, label, span};
use ally_telemetry::propagation;
use poem::http::{HeaderMap, HeaderValue, StatusCode};
use poem::{Endpoint, Middleware, Request, Response, Result};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tracing::{Instrument as _, Span, field};

use crate::auth::{CheckedToken, Verifier, bearer};
use crate::limits::ClientAddress;
use crate::routes::{Table, is_probe};

const TRACEPARENT: &str = "traceparent";
const TRACESTATE: &str = "tracestate";
/// The most of a path or of a user agent that a span keeps.
const MAX_TEXT_BYTES: usize = 256;

/// What the W3C trace context draft calls the answer to `traceparent`.
const TRACERESPONSE: &str = "traceresponse";
const TRACE_ID: &str = "x-trace-id";
/// The route of a path that no route took.
pub(crate) const UNMATCHED: &str = "_unmatched";
const OTHER_METHOD: &str = "_OTHER";
const API_PREFIX: &str = "/api/v1/";

/// Waiting for news, as a caller asked: its time is no part of the response time, and it holds no request's slot. A route tells
/// of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Waited {
    micros: Arc<AtomicU64>,
    place: Arc<Mutex<Place>>,
}

/// What a request holds while it is being answered.
#[derive(Debug, Default)]
enum Place {
    /// Nothing that anybody counts.
    #[default]
    Free,
    /// One of the slots for requests, and where there are places for those who wait.
    Working { _slot: OwnedSemaphorePermit, waiters: Arc<Semaphore> },
    /// A place among those who wait.
    Waiting { _place: OwnedSemaphorePermit },
}

impl Waited {
    /// Holds a request's slot until the request is answered or begins to wait.
    pub(crate) fn hold(&self, slot: OwnedSemaphorePermit, waiters: Arc<Semaphore>) {
        *self.place() = Place::Working { _slot: slot, waiters };
    }

    /// Whether the request may wait: then its slot is free for another one.
    pub(crate) fn begin(&self) -> bool {
        let mut place = self.place();
        if let Place::Working { waiters, .. } = &*place {
            match Arc::clone(waiters).try_acquire_owned() {
                Ok(waits) => *place = Place::Waiting { _place: waits },
                Err(_) => return false,
            }
        }
        true
    }

    /// Adds a wait.
    pub(crate) fn add(&self, wait: Duration) {
        self.micros.fetch_add(u64::try_from(wait.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    fn total(&self) -> Duration {
        Duration::from_micros(self.micros.load(Ordering::Relaxed))
    }

    /// The request is answered.
    fn end(&self) {
        *self.place() = Place::Free;
    }

    fn place(&self) -> MutexGuard<'_, Place> {
        // It is replaced whole.
        self.place.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Observes requests. Outermost, so that refusals are seen too.
pub(crate) struct Observe {
    pub table: Table,
    pub trust_forwarded_for: bool,
    /// Tells who is known: they are believed when they say that their trace is recorded. Nobody is where there are no tokens.
    pub verifier: Option<Verifier>,
}

pub(crate) struct Observed<E> {
    table: Table,
    trust_forwarded_for: bool,
    verifier: Option<Verifier>,
    inner: E,
}

impl<E: Endpoint> Middleware<E> for Observe {
    type Output = Observed<E>;

    fn transform(&self, inner: E) -> Observed<E> {
        let Self { table, trust_forwarded_for, verifier } = self;
        Observed { table: table.clone(), trust_forwarded_for: *trust_forwarded_for, verifier: verifier.clone(), inner }
    }
}

impl<E: Endpoint> Endpoint for Observed<E> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> Result<Response> {
        let started = Instant::now();
        let method = known_method(request.method().as_str());
        let route = self.table.template(request.uri().path()).unwrap_or(UNMATCHED).to_owned();
        let in_api = request.uri().path().starts_with(API_PREFIX);
        let span = match is_probe(request.uri().path()) {
            true => Span::none(),
            false => {
                let checked = self.check_token(&request);
                let span = self.server_span(method, &route, &request, checked.as_ref());
                if let Some(checked) = checked {
                    request.extensions_mut().insert(checked);
                }
                span
            }
        };
        let waited = Waited::default();
        request.extensions_mut().insert(waited.clone());
        metrics::gauge!(names::HTTP_SERVER_ACTIVE_REQUESTS).increment(1);
        let active = Active { answered: false };
        let mut response = self.inner.get_response(request).instrument(span.clone()).await;
        active.answered();
        waited.end();
        let took = started.elapsed().saturating_sub(waited.total());
        count(method, &route, in_api, response.status(), took);
        conclude(&span, &mut response);
        Ok(response)
    }
}

impl<E> Observed<E> {
    fn server_span(&self, method: &str, route: &str, request: &Request, token: Option<&CheckedToken>) -> Span {
        let span = tracing::info_span!(
            span::HTTP_SERVER,
            { attr::OTEL_NAME } = span::http_server(method, route),
            { attr::OTEL_KIND } = span::kind::SERVER,
            { attr::OTEL_STATUS_CODE } = field::Empty,
            { attr::OTEL_STATUS_DESCRIPTION } = field::Empty,
            { attr::ERROR_TYPE } = field::Empty,
            { attr::HTTP_REQUEST_METHOD } = method,
            { attr::HTTP_ROUTE } = route,
            { attr::HTTP_RESPONSE_STATUS_CODE } = field::Empty,
            { attr::URL_PATH } = shortened(request.uri().path()),
            { attr::URL_SCHEME } = request.scheme().as_str(),
            { attr::CLIENT_ADDRESS } = field::Empty,
            { attr::USER_AGENT_ORIGINAL } = field::Empty,
            { attr::USER_ID } = field::Empty,
            { attr::JOB_ID } = field::Empty,
            { attr::COMMAND_NAME } = field::Empty,
            { attr::CONFLICTS } = field::Empty,
        );
        if let Some(ClientAddress(address)) = ClientAddress::of(request, self.trust_forwarded_for) {
            span.record(attr::CLIENT_ADDRESS, field::display(address));
        }
        if let Some(agent) = text(request.headers(), "user-agent") {
            span.record(attr::USER_AGENT_ORIGINAL, shortened(agent));
        }
        let (parent, state) =
            propagation::of_headers(all(request.headers(), TRACEPARENT), all(request.headers(), TRACESTATE));
        // Recording costs. Whoever is unknown may say which trace theirs is, and not that it is to be recorded.
        if token.is_some_and(|CheckedToken(checked)| checked.is_ok()) {
            propagation::set_parent(&span, parent, state.as_deref());
        } else {
            propagation::begin_untrusted(&span, parent, state.as_deref());
        }
        span
    }

    fn check_token(&self, request: &Request) -> Option<CheckedToken> {
        let token = bearer(request.headers()).ok()?;
        let verifier = self.verifier.as_ref()?;
        // What breaks down here would end the connection without an answer. Whoever needs the token checks it again, where a panic is
        // a 500.
        std::panic::catch_unwind(AssertUnwindSafe(|| CheckedToken(verifier.verify(token)))).ok()
    }
}

/// A request being answered; a caller who hangs up drops it too.
struct Active {
    answered: bool,
}

impl Active {
    fn answered(mut self) {
        self.answered = true;
    }
}

impl Drop for Active {
    fn drop(&mut self) {
        if !self.answered {
            metrics::counter!(names::HTTP_SERVER_HUNG_UP_TOTAL).increment(1);
        }
        metrics::gauge!(names::HTTP_SERVER_ACTIVE_REQUESTS).decrement(1);
    }
}

fn all<'a>(headers: &'a HeaderMap, name: &str) -> impl Iterator<Item = Option<&'a str>> {
    headers.get_all(name).into_iter().map(|value| value.to_str().ok())
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn count(method: &'static str, route: &str, in_api: bool, status: StatusCode, took: Duration) {
    let code = status.as_str().to_owned();
    let route = route.to_owned();
    metrics::histogram!(names::HTTP_SERVER_REQUEST_DURATION_SECONDS,
        label::METHOD => method, label::ROUTE => route.clone(), label::STATUS_CODE => code.clone())
    .record(took.as_secs_f64());
    if !in_api {
        return;
    }
    metrics::counter!(names::API_REQUESTS_TOTAL,
        label::METHOD => method, label::ROUTE => route.clone(), label::STATUS_CODE => code.clone())
    .increment(1);
    metrics::histogram!(names::API_RESPONSE_TIME_SECONDS, label::METHOD => method, label::ROUTE => route.clone())
        .record(took.as_secs_f64());
    if status.is_server_error() {
        metrics::counter!(names::API_ERRORS_TOTAL,
            label::METHOD => method, label::ROUTE => route, label::STATUS_CODE => code)
        .increment(1);
    }
}

/// Tells the span how it ended and the caller which trace it was.
fn conclude(span: &Span, response: &mut Response) {
    span.record(attr::HTTP_RESPONSE_STATUS_CODE, i64::from(response.status().as_u16()));
    if response.status().is_server_error() {
        span.record(attr::OTEL_STATUS_CODE, span::status::ERROR);
        span.record(attr::ERROR_TYPE, response.status().as_str());
    }
    let (Some(parent), _) = propagation::of(span) else { return };
    let Some(id) = parent.split('-').nth(1) else { return };
    if let (Ok(trace), Ok(id)) = (HeaderValue::from_str(&parent), HeaderValue::from_str(id)) {
        response.headers_mut().insert(TRACERESPONSE, trace);
        response.headers_mut().insert(TRACE_ID, id);
    }
}

/// A method as figures and logs name it.
pub(crate) fn known_method(method: &str) -> &'static str {
    const KNOWN: [&str; 9] = ["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"];
    KNOWN.into_iter().find(|known| *known == method).unwrap_or(OTHER_METHOD)
}
/// What a stranger writes into a span is bounded: spans wait for a collector by their number.
fn shortened(text: &str) -> &str {
    let end = (0..=text.len().min(MAX_TEXT_BYTES)).rev().find(|end| text.is_char_boundary(*end));
    text.get(..end.unwrap_or(0)).unwrap_or_default()
}
