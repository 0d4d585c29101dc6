//! How an operation can fail, for the document: each names its statuses, and each answer is a problem document.

use std::marker::PhantomData;

use poem::Error;
use poem_openapi::ApiResponse;
use poem_openapi::registry::{MetaHeader, MetaMediaType, MetaResponse, MetaResponses, MetaSchemaRef, Registry};
use poem_openapi::types::Type;

use crate::problem::{MEDIA_TYPE, Problem, ProblemDocument};

/// What any operation may answer: the bounds, the check of origins, the guard and the check of queries stand before all of them.
const ANY: [u16; 11] = [400, 401, 403, 406, 413, 414, 429, 431, 500, 503, 504];

/// The statuses that are an operation's own.
pub(crate) trait Refusals {
    const STATUSES: &'static [u16];
}

/// An operation's failure.
pub(crate) struct Refused<R> {
    problem: Problem,
    operation: PhantomData<fn() -> R>,
}

impl<R, P: Into<Problem>> From<P> for Refused<R> {
    fn from(problem: P) -> Self {
        Self { problem: problem.into(), operation: PhantomData }
    }
}

impl<R> From<Refused<R>> for Error {
    fn from(refused: Refused<R>) -> Self {
        refused.problem.into()
    }
}

impl<R: Refusals> ApiResponse for Refused<R> {
    fn meta() -> MetaResponses {
        let mut statuses: Vec<u16> = R::STATUSES.iter().chain(&ANY).copied().collect();
        statuses.sort_unstable();
        statuses.dedup();
        MetaResponses { responses: statuses.into_iter().map(response).collect() }
    }

    fn register(registry: &mut Registry) {
        ProblemDocument::register(registry);
    }
}

fn response(status: u16) -> MetaResponse {
    let content = vec![MetaMediaType { content_type: MEDIA_TYPE, schema: ProblemDocument::schema_ref() }];
    let headers = match status {
        401 => vec![header::<String>("WWW-Authenticate", "The scheme, and what was wrong with the token.")],
        415 => vec![header::<String>("Accept-Encoding", "The supported content codings, where the body's was not.")],
        429 | 503 => vec![header::<i32>("Retry-After", "Seconds to wait.")],
        _ => Vec::new(),
    };
    MetaResponse { description: describe(status), status: Some(status), status_range: None, content, headers }
}

fn header<T: Type>(name: &str, description: &str) -> MetaHeader {
    let schema: MetaSchemaRef = T::schema_ref();
    let (name, description) = (name.to_owned(), Some(description.to_owned()));
    MetaHeader { name, description, required: false, deprecated: false, schema }
}

const fn describe(status: u16) -> &'static str {
    match status {
        400 => "The body, a parameter or a header is not valid; `errors` names each field and what would be right.",
        401 => "No token, or none that counts.",
        403 => {
            "A page of this origin may not call, or the token lacks the role or the claim that this needs; `type` and `detail` say which."
        }
        404 => "There is no such thing of this athlete's.",
        406 => "Accept or Accept-Encoding allows nothing that there is; `detail` lists what there is.",
        408 => "The body did not arrive in time.",
        409 => "Not possible as things stand; `type` says why and `detail` what to do.",
        413 => "The body is over the limit, as it was sent or inflated.",
        414 => "The path with its query is over the limit.",
        415 => "The body is not JSON, or in a content coding that is not supported; `type` says which.",
        422 => {
            "Each field is fine and together they cannot be, or not here; `type` says which, and `detail` what to do."
        }
        423 => "A lock is somebody else's, or not the caller's; `type` says which.",
        429 => "More requests than this athlete or client may send.",
        431 => "The headers are over the limit.",
        503 => "The log or the database does not answer, the queue is full, or the server is busy.",
        504 => "The answer took too long; a command may still be carried out.",
        _ => "The server failed; the trace id leads to the cause.",
    }
}
