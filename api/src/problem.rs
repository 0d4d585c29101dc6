//! The one error → HTTP mapping: every error answer of every role is a problem document (RFC 9457) made here.
//!
//! Here live the kinds of problems, what is told of them and what is logged of them. Deliberately not here: when a
//! problem arises; routes and layers decide that.

mod channel;
mod domain;
mod framework;
mod instance;
mod kind;
mod pages;
mod presence;
mod scope;
mod webhook;

use std::borrow::Cow;
use std::num::NonZeroU32;
use std::sync::LazyLock;
use std::time::Duration;

use ally_domain::envelope::Position;
use ally_domain::problem::FieldError;
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use poem::error::ResponseError;
use poem::http::{HeaderName, HeaderValue, StatusCode, header};
use poem::{IntoResponse, Response};
use poem_openapi::Object;
use poem_openapi::payload::Json;
use poem_openapi::types::Example;

pub use kind::Kind;
pub use pages::{files as pages_as_files, routes as pages};

/// The media type of every error answer.
pub const MEDIA_TYPE: &str = "application/problem+json";
/// Lines about callers' faults a second: whoever sends them by the thousands must not fill the log. Beyond, figures count them.
const LINES_A_SECOND: NonZeroU32 = NonZeroU32::MIN.saturating_add(19);
static LINES: LazyLock<DefaultDirectRateLimiter> =
    LazyLock::new(|| RateLimiter::direct(Quota::per_second(LINES_A_SECOND)));
/// How many wrong fields one answer names; a hostile body could hold thousands.
const MAX_FIELD_ERRORS: usize = 100;

/// Something that ends a request without what was asked for.
#[derive(Debug, Clone)]
pub struct Problem {
    /// Which kind; it fixes the type, the status and the title.
    pub kind: Kind,
    /// What happened this time and what to do next, for the caller.
    pub detail: String,
    /// Every wrong field, for a 400 or 422.
    pub errors: Vec<FieldError>,
    /// When to come back, for a 429 or 503.
    pub retry_after: Option<Duration>,
    /// Further headers that the status asks for: `WWW-Authenticate`, `Allow`.
    headers: Vec<(HeaderName, HeaderValue)>,
    /// What is logged and never told: an inner error's text.
    cause: Option<String>,
}

/// An error answer's body.
#[derive(Debug, Object)]
#[oai(rename = "Problem", rename_all = "camelCase", example = true)]
pub(crate) struct ProblemDocument {
    /// What kind of problem it is: a path under `/problems/` that explains it.
    #[oai(rename = "type")]
    kind: String,
    /// The kind in a few words.
    title: String,
    /// The HTTP status, repeated.
    #[oai(validator(minimum(value = "400"), maximum(value = "599")))]
    status: u16,
    /// What happened this time and what to do next.
    detail: String,
    /// The path that was asked for.
    instance: String,
    /// The trace of this request, for whoever looks into it.
    #[oai(skip_serializing_if_is_none)]
    trace_id: Option<String>,
    /// Every field that is wrong, and what would be right; empty where no field is at fault.
    errors: Vec<WrongField>,
}

/// A field that is wrong.
#[derive(Debug, Object)]
#[oai(rename = "FieldError")]
pub(crate) struct WrongField {
    /// Where: a field of the body (`fixedSchedules[0].end`), a query parameter or a header.
    field: String,
    /// What is wrong with it.
    problem: String,
    /// What would be right.
    expected: String,
}

impl Example for ProblemDocument {
    fn example() -> Self {
        let wrong = FieldError::new("weeklyGoalDays", "is 9", "a whole number from 1 to 7");
        let trace_id = Some("0af7651916cd43dd8448eb211c80319c".to_owned());
        Problem::fields(vec![wrong]).document("/api/v1/onboarding", trace_id)
    }
}

impl Problem {
    /// A problem of a kind, with what to tell.
    pub fn new(kind: Kind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into(), errors: Vec::new(), retry_after: None, headers: Vec::new(), cause: None }
    }

    /// Fields that are wrong.
    #[must_use]
    pub fn fields(errors: Vec<FieldError>) -> Self {
        let detail = match errors.as_slice() {
            [one] => format!("{}: {}; expected {}", named(&one.field), one.problem, one.expected),
            many => format!("{} fields are wrong; `errors` names each and what would be right", many.len()),
        };
        Self { errors, ..Self::new(Kind::Validation, detail) }
    }

    /// One field that is wrong.
    pub fn field(field: &str, problem: impl Into<String>, expected: impl Into<String>) -> Self {
        Self::fields(vec![FieldError::new(field, problem, expected)])
    }

    /// The answer to an unknown id and to another athlete's: nobody can tell them apart.
    #[must_use]
    pub fn not_found(what: &str) -> Self {
        Self::new(Kind::NotFound, format!("there is no such {what} of yours; check the id and whose token this is"))
    }

    /// The answer to a position that the log does not hold; `end` is the stream's last sequence where there is such a stream.
    pub(crate) fn position_unknown(position: &Position, end: Option<u64>) -> Self {
        let (problem, expected) = match end {
            Some(end) => (
                format!("{position} is beyond the end of the log, which is {}:{end}", position.stream),
                "a position that an answer of this deployment carried",
            ),
            None => (format!("{position} names no stream of events"), "PLANS:SEQUENCE or ONBOARDING:SEQUENCE"),
        };
        let fault = FieldError::new("position", problem, expected);
        Self { kind: Kind::PositionUnknown, ..Self::fields(vec![fault]) }
    }

    /// A fault of the server. The caller learns that it happened, the log learns why.
    pub fn internal(cause: impl ToString) -> Self {
        Self::new(Kind::Internal, "the server failed; the trace id leads whoever operates it to the cause")
            .because(cause)
    }

    /// Something that the server needs does not answer.
    pub fn unavailable(what: &str, cause: impl ToString) -> Self {
        let detail = format!("{what} does not answer at the moment; send the request again");
        Self::new(Kind::Unavailable, detail).retry_after(Duration::from_secs(2)).because(cause)
    }

    /// The same as another kind: where what is wrong with a field is that something is not there.
    #[must_use]
    pub(crate) fn with_kind(self, kind: Kind) -> Self {
        Self { kind, ..self }
    }

    /// Adds when to come back; told in whole seconds, at least one.
    #[must_use]
    pub fn retry_after(self, after: Duration) -> Self {
        Self { retry_after: Some(after), ..self }
    }

    /// Puts off when to come back, where it says when.
    #[must_use]
    pub(crate) fn later(self, by: Duration) -> Self {
        Self { retry_after: self.retry_after.map(|after| after + by), ..self }
    }

    /// Adds what is logged and not told.
    #[must_use]
    pub fn because(self, cause: impl ToString) -> Self {
        Self { cause: Some(cause.to_string()), ..self }
    }

    /// Adds a header that the status asks for.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// The status.
    #[must_use]
    pub const fn status_code(&self) -> StatusCode {
        self.kind.status()
    }

    pub(crate) fn document(&self, instance: &str, trace_id: Option<String>) -> ProblemDocument {
        ProblemDocument {
            kind: self.kind.path(),
            title: self.kind.title().to_owned(),
            status: self.status_code().as_u16(),
            detail: self.detail.clone(),
            instance: instance::reference(instance),
            trace_id,
            errors: self.errors.iter().take(MAX_FIELD_ERRORS).map(WrongField::from).collect(),
        }
    }

    /// The answer to the request for `instance`.
    #[must_use]
    pub fn respond(&self, instance: &str, trace_id: Option<String>) -> Response {
        let mut response = Json(self.document(instance, trace_id)).into_response();
        response.set_status(self.status_code());
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(after) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(whole_seconds(after)));
        }
        for (name, value) in &self.headers {
            headers.insert(name.clone(), value.clone());
        }
        response
    }

    /// Writes to the log what was refused, once, where the answer is made. Of a caller's fault only which it was: what they sent may
    /// stand in the detail.
    pub(crate) fn log(&self, method: &str, route: &str) {
        let (problem, status) = (self.kind.slug(), self.status_code().as_u16());
        let cause = self.cause.as_deref().unwrap_or(&self.detail);
        match self.status_code() {
            StatusCode::INTERNAL_SERVER_ERROR => {
                tracing::error!(method, route, status, problem, cause, "request failed");
            }
            code if code.is_server_error() => {
                tracing::warn!(method, route, status, problem, cause, "request refused");
            }
            _ if LINES.check().is_ok() => tracing::info!(method, route, status, problem, "request rejected"),
            _ => {}
        }
    }
}

fn named(field: &str) -> Cow<'_, str> {
    if field.is_empty() { Cow::Borrowed("the body") } else { Cow::Borrowed(field) }
}

/// A wait as `Retry-After` spells it: rounded up, so that whoever obeys is not refused again.
pub(crate) fn whole_seconds(wait: Duration) -> u64 {
    (wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(1)
}

impl From<&FieldError> for WrongField {
    fn from(error: &FieldError) -> Self {
        Self { field: error.field.clone(), problem: error.problem.clone(), expected: error.expected.clone() }
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.kind.title(), self.detail)
    }
}

impl std::error::Error for Problem {}

impl ResponseError for Problem {
    fn status(&self) -> StatusCode {
        self.status_code()
    }

    fn as_response(&self) -> Response {
        self.respond("", None)
    }
}
