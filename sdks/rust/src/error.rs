//! What can go wrong, and problems (RFC 9457): what every refusal is, with its kind as a name.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use serde_json::{Value, json};

use crate::generated::types::{FieldError, Problem};
use crate::jobs::JobNotEnded;
use crate::problem_types::ProblemKind;
use crate::retry::LONGEST;

/// Of an answer that has no problem document, as much of its text.
const LONGEST_TEXT: usize = 200;

/// A refusal.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{} {}: {}", problem.status, problem.type_, problem.detail.as_str())]
pub struct ProblemError {
    /// The document, as it came.
    pub problem: Problem,
    /// How long to wait before the next try, where the answer said so.
    pub retry_after: Option<Duration>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The server refused the request.
    #[error(transparent)]
    Problem(#[from] Box<ProblemError>),
    /// The time is over and the job goes on.
    #[error(transparent)]
    JobNotEnded(#[from] Box<JobNotEnded>),
    /// No whole answer came, however often it was tried.
    #[error("no whole answer came")]
    Transport(#[from] reqwest::Error),
    /// The request was never sent.
    #[error("the request is not valid: {0}")]
    Request(String),
    /// The answer is not as the document says.
    #[error("the answer is not as the document says: {0}")]
    Answer(String),
    /// A stream of events broke, was silent, or is none of Ally.
    #[error("the stream broke: {0}")]
    Stream(String),
}

impl ProblemError {
    /// What it is, by name.
    #[must_use]
    pub fn kind(&self) -> ProblemKind {
        ProblemKind::from(self.problem.type_.as_str())
    }

    /// The status of the answer.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.problem.status
    }

    /// Each field that is wrong; empty where none is at fault.
    #[must_use]
    pub fn errors(&self) -> &[FieldError] {
        &self.problem.errors
    }

    /// Of a refusal, whose body something between may have written: then it is no problem document.
    pub(crate) fn of(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Result<Self, Error> {
        let document = document(status, body);
        let problem = serde_json::from_value(document).map_err(|error| Error::Answer(error.to_string()))?;
        Ok(Self { problem, retry_after: retry_after(headers) })
    }
}

/// The problem document of a refusal as text.
pub(crate) fn document_text(status: StatusCode, body: &[u8]) -> Bytes {
    document(status, body).to_string().into()
}

fn document(status: StatusCode, body: &[u8]) -> Value {
    let own = serde_json::from_slice::<Value>(body).ok();
    if let Some(document) = own.filter(|document| serde_json::from_value::<Problem>(document.clone()).is_ok()) {
        return document;
    }
    let text = String::from_utf8_lossy(body);
    let text: String = text.trim().chars().take(LONGEST_TEXT).collect();
    let detail = if text.is_empty() { format!("the answer has no problem document ({status})") } else { text };
    json!({
        "type": "about:blank",
        "title": "No problem document",
        "status": status.as_u16(),
        "detail": detail,
        "instance": "",
        "errors": [],
    })
}

/// What `Retry-After` says, whichever of its two forms it has; a year at most.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let value = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // A number that is too large for any integer is a long time too.
        return Some(value.parse().map_or(LONGEST, Duration::from_secs).min(LONGEST));
    }
    let at = chrono::DateTime::parse_from_rfc2822(value).ok()?;
    Some(at.signed_duration_since(chrono::Utc::now()).to_std().unwrap_or_default().min(LONGEST))
}

/// The refusal of an answer, kept beside it: its body cannot be read where errors are made of answers.
#[derive(Clone)]
pub(crate) struct Refusal(pub ProblemError);

impl From<progenitor_client::Error<Problem>> for Error {
    fn from(error: progenitor_client::Error<Problem>) -> Self {
        use progenitor_client::Error as Generated;
        match error {
            Generated::ErrorResponse(answer) => {
                let retry_after = retry_after(answer.headers());
                Self::Problem(Box::new(ProblemError { problem: answer.into_inner(), retry_after }))
            }
            Generated::UnexpectedResponse(answer) => match answer.extensions().get::<Refusal>() {
                Some(Refusal(refusal)) => Self::Problem(Box::new(refusal.clone())),
                None => Self::Answer(format!("its status is {}", answer.status())),
            },
            Generated::CommunicationError(error)
            | Generated::InvalidUpgrade(error)
            | Generated::ResponseBodyError(error) => Self::Transport(error),
            Generated::InvalidResponsePayload(_, error) => Self::Answer(error.to_string()),
            Generated::InvalidRequest(reason) | Generated::Custom(reason) => Self::Request(reason),
        }
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn a_time_to_wait_is_read_in_both_forms_and_is_a_year_at_most() {
        for (value, expected) in [
            ("0", Some(Duration::ZERO)),
            ("120", Some(Duration::from_secs(120))),
            ("18446744073709551615", Some(LONGEST)),
            ("99999999999999999999999999", Some(LONGEST)),
            ("Fri, 31 Dec 9999 23:59:59 GMT", Some(LONGEST)),
            ("Fri, 31 Dec 1999 23:59:59 GMT", Some(Duration::ZERO)),
            ("soon", None),
            ("", None),
        ] {
            let headers = HeaderMap::from_iter([(header::RETRY_AFTER, HeaderValue::from_static(value))]);
            assert_eq!(retry_after(&headers), expected, "{value}");
        }
    }
}
