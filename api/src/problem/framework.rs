//! What the framework fails with, as problems: a route that is not there, a parameter that does not parse, a body
//! that is too large. Nothing that poem would answer by itself reaches a caller, and its words do not either.

use poem::Error;
use poem::error::{MethodNotAllowedError, NotFoundError, ParsePathError as BrokenPath, ReadBodyError, SizedLimitError};
use poem::http::StatusCode;
use poem_openapi::error::{ContentTypeError, ParseParamError, ParsePathError, ParseRequestPayloadError};

use super::{Kind, Problem};

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        if let Some(problem) = error.downcast_ref::<Self>() {
            return problem.clone();
        }
        known(&error).unwrap_or_else(|| of_status(error.status(), &error.to_string()))
    }
}

fn known(error: &Error) -> Option<Problem> {
    if error.is::<NotFoundError>() {
        return Some(Problem::new(Kind::NotFound, "there is nothing at this path; /openapi.json lists the paths"));
    }
    if error.is::<BrokenPath>() {
        // A part of the path that is no text names nothing, like any unknown id.
        return Some(Problem::new(Kind::NotFound, "a part of the path is no percent-encoded UTF-8; check the id"));
    }
    if error.is::<MethodNotAllowedError>() {
        return Some(Problem::new(Kind::MethodNotAllowed, "this path takes other methods, listed in Allow"));
    }
    if let Some(ParseParamError { name, reason }) = error.downcast_ref() {
        return Some(unfit(name, reason));
    }
    if let Some(ParsePathError { name, reason }) = error.downcast_ref() {
        return Some(unfit(name, reason));
    }
    if let Some(ParseRequestPayloadError { reason }) = error.downcast_ref() {
        return Some(unfit("", reason));
    }
    if error.is::<ContentTypeError>() {
        return Some(Problem::new(Kind::UnsupportedMediaType, "send Content-Type: application/json"));
    }
    let too_large = matches!(error.downcast_ref(), Some(ReadBodyError::PayloadTooLarge))
        || matches!(error.downcast_ref(), Some(SizedLimitError::PayloadTooLarge));
    too_large.then(|| Problem::new(Kind::PayloadTooLarge, "the body is over the limit; send less"))
}

fn unfit(field: &str, reason: &str) -> Problem {
    Problem::field(field, "does not fit", "what the OpenAPI document describes").because(reason)
}

/// What is left: the status decides the kind, and the text is no caller's.
pub(super) fn of_status(status: StatusCode, text: &str) -> Problem {
    let kind = Kind::of_status(status);
    if status.is_server_error() {
        return Problem { kind, ..Problem::internal(text) };
    }
    Problem::new(kind, format!("{}; {} says what to do", kind.title(), kind.path())).because(text)
}

impl Problem {
    /// A bare error status that something inside answered without a document.
    #[must_use]
    pub fn of_status(status: StatusCode) -> Self {
        of_status(status, status.canonical_reason().unwrap_or("refused"))
    }
}
