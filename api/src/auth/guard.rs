//! The door of the API: no route behind it runs without a caller, not even the answer that a route is not there.

use ally_telemetry::names::attr;
use poem::http::{HeaderMap, HeaderValue, header};
use poem::{Endpoint, Middleware, Request, Result};

use super::Caller;
use super::token::{TokenError, Verifier};
use crate::limits::Shares;
use crate::problem::{Kind, Problem};

/// The scheme, compared without case (RFC 9110).
const SCHEME: &str = "Bearer";

/// Checks the token, then the athlete's share of requests.
pub(crate) struct Guard {
    pub verifier: Verifier,
    pub shares: Shares,
}

pub(crate) struct Guarded<E> {
    verifier: Verifier,
    shares: Shares,
    inner: E,
}

/// What a request's token is worth, left in its extensions by whoever looked first: a token is verified once.
#[derive(Clone)]
pub(crate) struct CheckedToken(pub Result<Caller, TokenError>);

impl<E: Endpoint> Middleware<E> for Guard {
    type Output = Guarded<E>;

    fn transform(&self, inner: E) -> Guarded<E> {
        Guarded { verifier: self.verifier.clone(), shares: self.shares.clone(), inner }
    }
}

impl<E: Endpoint> Endpoint for Guarded<E> {
    type Output = E::Output;

    async fn call(&self, mut request: Request) -> Result<Self::Output> {
        let caller = match request.extensions_mut().remove::<CheckedToken>() {
            Some(CheckedToken(checked)) => checked,
            None => bearer(request.headers()).and_then(|token| self.verifier.verify(token)),
        };
        let caller = caller.map_err(refused)?;
        tracing::Span::current().record(attr::USER_ID, caller.athlete.as_str());
        self.shares.take_for(&caller.athlete, &request)?;
        request.extensions_mut().insert(caller);
        self.inner.call(request).await
    }
}

pub(crate) fn bearer(headers: &HeaderMap) -> Result<&str, TokenError> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return Err(TokenError::Missing) };
    let value = value.to_str().map_err(|_| TokenError::Invalid)?;
    match value.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case(SCHEME) => Ok(token.trim()),
        _ => Err(TokenError::Missing),
    }
}

fn refused(error: TokenError) -> Problem {
    // A request without any token learns only the scheme (RFC 6750, section 3.1).
    let challenge = match error {
        TokenError::Missing => "Bearer realm=\"ally\"".to_owned(),
        error => format!("Bearer realm=\"ally\", error=\"invalid_token\", error_description=\"{error}\""),
    };
    let problem = Problem::new(Kind::Unauthorized, format!("{error}; send Authorization: Bearer <token>"));
    match HeaderValue::from_str(&challenge) {
        Ok(challenge) => problem.header(header::WWW_AUTHENTICATE, challenge),
        Err(_) => problem,
    }
}
