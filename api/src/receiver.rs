//! A receiver of messages that others send: any path, POST alone, and the body as the bytes that came, since a signature is of those.
//!
//! Deliberately not here: whether a message is to be trusted, which is the command's own matter.

use std::sync::Arc;

use poem::http::{HeaderMap, Method, StatusCode};
use poem::{Endpoint, Request, Response, Result};

use crate::body;
use crate::limits::Limits;
use crate::problem::Problem;

/// Judges a message by its headers and its bytes; whether it is taken.
pub type Receive = Arc<dyn Fn(&HeaderMap, &[u8]) -> bool + Send + Sync>;

/// Hands each message on: 204 where it is taken, 400 where it is not.
pub(crate) struct Receiver {
    pub receive: Receive,
    pub limits: Limits,
}

impl Endpoint for Receiver {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        let (request, mut body) = request.split();
        if request.method() != Method::POST {
            return Err(Problem::of_status(StatusCode::METHOD_NOT_ALLOWED).into());
        }
        let bytes = body::receive(&mut body, &self.limits).await?;
        if !(self.receive)(request.headers(), &bytes) {
            return Err(Problem::of_status(StatusCode::BAD_REQUEST).into());
        }
        Ok(Response::builder().status(StatusCode::NO_CONTENT).finish())
    }
}
