//! What is left of a caller's shares, said on every answer that a share counted: `RateLimit-Policy` and `RateLimit`
//! (draft-ietf-httpapi-ratelimit-headers), structured fields. A client that reads them needs no 429 to learn its pace.

use std::sync::{Arc, Mutex, PoisonError};

use poem::http::{HeaderName, HeaderValue};
use poem::{Endpoint, IntoResponse, Middleware, Request, Response, Result};

use super::Rate;

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const STANDING: HeaderName = HeaderName::from_static("ratelimit");

/// The shares that counted a request; left in its extensions.
#[derive(Clone, Default)]
pub(super) struct Counted(Arc<Mutex<Vec<Standing>>>);

/// What is left of one share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Standing {
    name: &'static str,
    rate: Rate,
    left: u32,
}

impl Counted {
    /// Adds a share that counted a request, or counted it once more.
    pub(super) fn add(request: &Request, standing: Standing) {
        let Some(Self(counted)) = request.data::<Self>() else { return };
        let mut counted = counted.lock().unwrap_or_else(PoisonError::into_inner);
        match counted.iter_mut().find(|known| known.name == standing.name) {
            Some(known) => *known = standing,
            None => counted.push(standing),
        }
    }

    fn all(&self) -> Vec<Standing> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Standing {
    pub(super) const fn new(name: &'static str, rate: Rate, left: u32) -> Self {
        Self { name, rate, left }
    }

    /// The most requests at once, and the seconds after which as many may follow.
    fn policy(self) -> String {
        let burst = self.rate.burst.max(1);
        format!("\"{}\";q={burst};w={}", self.name, self.seconds_for(burst))
    }

    /// How many may be sent now, and the seconds until the share is whole again.
    fn standing(self) -> String {
        let taken = self.rate.burst.max(1).saturating_sub(self.left);
        format!("\"{}\";r={};t={}", self.name, self.left, self.seconds_for(taken))
    }

    fn seconds_for(self, requests: u32) -> u64 {
        (u64::from(requests) * 60).div_ceil(u64::from(self.rate.per_minute.max(1)))
    }
}

/// Says what is left. It stands outside of the layer that finishes answers, so that refusals say it too.
pub(crate) struct Quotas;

pub(crate) struct Counting<E>(E);

impl<E: Endpoint> Middleware<E> for Quotas {
    type Output = Counting<E>;

    fn transform(&self, inner: E) -> Counting<E> {
        Counting(inner)
    }
}

impl<E: Endpoint> Endpoint for Counting<E> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> Result<Response> {
        let counted = Counted::default();
        request.extensions_mut().insert(counted.clone());
        let mut response = self.0.call(request).await?.into_response();
        let counted = counted.all();
        for (name, text) in [
            (POLICY, counted.iter().map(|share| share.policy()).collect::<Vec<_>>().join(", ")),
            (STANDING, counted.iter().map(|share| share.standing()).collect::<Vec<_>>().join(", ")),
        ] {
            if let (false, Ok(value)) = (text.is_empty(), HeaderValue::from_str(&text)) {
                response.headers_mut().insert(name, value);
            }
        }
        Ok(response)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_told_in_requests_and_seconds() {
        let rate = Rate { per_minute: 600, burst: 120 };
        for (left, told) in [(119, "\"a\";r=119;t=1"), (0, "\"a\";r=0;t=12"), (120, "\"a\";r=120;t=0")] {
            let standing = Standing::new("a", rate, left);
            assert_eq!((standing.policy().as_str(), standing.standing().as_str()), ("\"a\";q=120;w=12", told));
        }
    }
}
