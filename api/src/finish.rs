//! The last hand on every answer: whatever failed inside becomes a problem document, a panic too, and the headers that
//! every answer carries are set. The answer to HEAD keeps its body up to the connection, which sends its length and not the body.

use std::any::Any;
use std::panic::AssertUnwindSafe;

use ally_telemetry::propagation;
use futures::FutureExt as _;
use poem::http::{HeaderName, HeaderValue, header};
use poem::{Endpoint, IntoResponse, Middleware, Request, Response, Result};

use crate::observe::{UNMATCHED, known_method};
use crate::problem::{Kind, MEDIA_TYPE, Problem};
use crate::routes::Table;

/// What a browser must not do with an answer, whatever it holds.
const HEADERS: [(HeaderName, HeaderValue); 4] = [
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'")),
];

/// Finishes answers. It may stand at several depths: an answer that is finished stays as it is.
#[derive(Clone)]
pub(crate) struct Finish {
    pub table: Table,
}

pub(crate) struct Finished<E> {
    table: Table,
    inner: E,
}

impl<E: Endpoint> Middleware<E> for Finish {
    type Output = Finished<E>;

    fn transform(&self, inner: E) -> Finished<E> {
        Finished { table: self.table.clone(), inner }
    }
}

impl<E: Endpoint> Endpoint for Finished<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        let asked = Asked { method: known_method(request.method().as_str()), path: request.uri().path().to_owned() };
        let answer = AssertUnwindSafe(self.inner.call(request)).catch_unwind().await;
        let mut response = match answer {
            Ok(Ok(answer)) => self.checked(answer.into_response(), &asked),
            Ok(Err(error)) => self.problem(error.into(), &asked),
            Err(panic) => self.problem(Problem::internal(format!("panicked: {}", panic_message(&*panic))), &asked),
        };
        for (name, value) in HEADERS {
            response.headers_mut().entry(name).or_insert(value);
        }
        Ok(response)
    }
}

impl<E> Finished<E> {
    /// An error status without a document comes from the framework; it gets one.
    fn checked(&self, response: Response, asked: &Asked) -> Response {
        let status = response.status();
        let failed = status.is_client_error() || status.is_server_error();
        let documented = response.content_type().is_some_and(|media_type| {
            media_type.starts_with(MEDIA_TYPE) || media_type.starts_with("application/health+json")
        });
        if failed && !documented { self.problem(Problem::of_status(status), asked) } else { response }
    }

    fn problem(&self, problem: Problem, asked: &Asked) -> Response {
        problem.log(asked.method, self.table.template(&asked.path).unwrap_or(UNMATCHED));
        let problem = match (problem.kind, self.table.allowed(&asked.path)) {
            (Kind::MethodNotAllowed, Some(allowed)) => problem.header(header::ALLOW, allowed),
            _ => problem,
        };
        problem.respond(&asked.path, propagation::trace_id())
    }
}

/// What was asked for.
struct Asked {
    method: &'static str,
    path: String,
}

fn panic_message(panic: &(dyn Any + Send)) -> &str {
    panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("?")
}
