//! Tries again what was refused for now, or never arrived, within limits.

use std::time::{Duration, Instant};

use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use progenitor_client::{ClientHooks, ClientInfo, OperationInfo};
use reqwest::{Request, Response};
use uuid::Uuid;

use crate::client::Token;
use crate::error::{ProblemError, Refusal, document_text, retry_after};
use crate::generated::Client;
use crate::problem_types::ProblemKind;

/// The first wait where the server names none; it doubles.
const FIRST_WAIT: Duration = Duration::from_millis(250);
const LONGEST_OWN_WAIT: Duration = Duration::from_secs(10);
/// A longer time is taken for a year: sums with a time of now end somewhere, and `Duration::MAX` is no error.
pub(crate) const LONGEST: Duration = Duration::from_secs(365 * 24 * 60 * 60);
const KEY: HeaderName = HeaderName::from_static("idempotency-key");
const OPERATOR: &str = "/api/v1/operator/";
/// The commands to an endpoint of webhooks that take a key, as its registration does.
const KEYED_OF_ENDPOINTS: [&str; 2] = ["secret", "ping"];

/// How often and how long a request is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryLimits {
    /// Requests altogether, the first included.
    pub attempts: u32,
    /// For all of them with the waits between. A longer wait is not begun: the refusal is handed on.
    pub total: Duration,
    /// For one of them. The server answers a long poll within 30 seconds.
    pub attempt: Duration,
}

impl Default for RetryLimits {
    fn default() -> Self {
        Self { attempts: 5, total: Duration::from_secs(60), attempt: Duration::from_secs(45) }
    }
}

/// What each request of the generated client goes through.
#[derive(Debug, Clone)]
pub struct Retrying {
    pub(crate) limits: RetryLimits,
    pub(crate) token: Token,
}

impl ClientHooks<Retrying> for Client {
    async fn exec(&self, request: Request, _: &OperationInfo) -> reqwest::Result<Response> {
        self.inner().send(self.client(), request).await
    }
}

impl Retrying {
    /// Sends a request with tries. Every command gets a key, so that a second try is the same command.
    async fn send(&self, client: &reqwest::Client, mut request: Request) -> reqwest::Result<Response> {
        if *request.method() == Method::POST && takes_key(request.url().path()) {
            let key = HeaderValue::from_str(&Uuid::new_v4().to_string());
            if let (Ok(key), false) = (key, request.headers().contains_key(&KEY)) {
                request.headers_mut().insert(KEY, key);
            }
        }
        let end = Instant::now() + self.limits.total.min(LONGEST);
        let mut attempt = 1;
        loop {
            // Bodies of the generated client are bytes, which can be sent any number of times.
            let Some(mut again) = request.try_clone() else { return client.execute(request).await };
            again.headers_mut().insert(header::AUTHORIZATION, self.token.authorization());
            *again.timeout_mut() = Some(self.limits.attempt.min(LONGEST));
            let answer = whole(client.execute(again).await).await;
            let after = match &answer {
                Ok(answer) if !is_for_now(&request, answer) => None,
                Ok(answer) => Some(retry_after(answer.headers())),
                Err(error) if error.is_builder() || !is_repeatable(&request) => None,
                Err(_) => Some(None),
            };
            let Some(after) = after.filter(|_| attempt < self.limits.attempts) else { return answer };
            let wait = wait(attempt, after);
            if Instant::now() + wait > end {
                return answer;
            }
            tokio::time::sleep(wait).await;
            attempt += 1;
        }
    }
}

/// An answer with its body, so that one that is cut off anywhere is asked for again. A refusal has a problem document then.
async fn whole(answer: reqwest::Result<Response>) -> reqwest::Result<Response> {
    let answer = answer?;
    let (status, mut headers) = (answer.status(), answer.headers().clone());
    let mut body = answer.bytes().await?;
    let mut refusal = None;
    if status.is_client_error() || status.is_server_error() {
        body = document_text(status, &body);
        refusal = ProblemError::of(status, &headers, &body).ok();
        without_length(&mut headers);
    }
    let mut answer = http::Response::new(body);
    *answer.status_mut() = status;
    *answer.headers_mut() = headers;
    if let Some(refusal) = refusal {
        answer.extensions_mut().insert(Refusal(refusal));
    }
    Ok(answer.into())
}

fn without_length(headers: &mut HeaderMap) {
    headers.remove(header::CONTENT_LENGTH);
    headers.remove(header::TRANSFER_ENCODING);
}

/// Whether a refusal may be another one later, where the same request can be sent any number of times.
pub(crate) fn is_refusal_for_now(status: u16) -> bool {
    matches!(status, 408 | 429 | 500..)
}

/// As long as the server says and a little longer, so that clients do not come back all at once; else more each time.
pub(crate) fn wait(attempt: u32, after: Option<Duration>) -> Duration {
    if let Some(after) = after {
        let after = after.min(LONGEST);
        return after + (after / 10).max(FIRST_WAIT).mul_f64(fastrand::f64());
    }
    let most = LONGEST_OWN_WAIT.min(FIRST_WAIT * 2_u32.saturating_pow(attempt.saturating_sub(1)).min(1_024));
    most.mul_f64(0.5 + fastrand::f64() / 2.0)
}

/// Athletes' commands all take a key, or do the same when they come twice. Most of operators' have an effect each time.
fn takes_key(path: &str) -> bool {
    let Some((_, command)) = path.split_once(OPERATOR) else { return true };
    let parts: Vec<_> = command.split('/').collect();
    match parts[..] {
        ["webhooks"] => true,
        ["webhooks", _, last] => KEYED_OF_ENDPOINTS.contains(&last),
        _ => false,
    }
}

/// 429 and `overloaded` refuse a request before anything is done. After the others it may have been carried out, also after
/// another 503: a proxy answers so when the server goes away while it works.
fn is_for_now(request: &Request, answer: &Response) -> bool {
    match answer.status().as_u16() {
        429 => true,
        500 | 502 | 504 => is_repeatable(request),
        503 => is_repeatable(request) || is_overloaded(answer),
        _ => false,
    }
}

fn is_overloaded(answer: &Response) -> bool {
    let refusal = answer.extensions().get::<Refusal>();
    refusal.is_some_and(|Refusal(refusal)| refusal.kind() == ProblemKind::Overloaded)
}

fn is_repeatable(request: &Request) -> bool {
    matches!(*request.method(), Method::GET | Method::HEAD) || request.headers().contains_key(&KEY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_of_any_length_can_be_added_to_now() {
        for after in [Duration::ZERO, LONGEST, Duration::from_secs(u64::MAX), Duration::MAX] {
            let wait = wait(1, Some(after));
            assert!(after.min(LONGEST) <= wait && wait <= LONGEST * 2, "{after:?}: {wait:?}");
            assert!(Instant::now().checked_add(wait).is_some(), "{after:?}");
        }
        assert!(wait(u32::MAX, None) <= LONGEST_OWN_WAIT);
    }

    #[test]
    fn commands_take_a_key_but_those_of_operators_with_an_effect_each_time() {
        for path in ["/api/v1/plans/generate", "webhooks", "webhooks/e/secret", "webhooks/e/ping"] {
            assert!(takes_key(&addressed(path)), "{path}");
        }
        for path in ["dead-letters/redrive", "webhooks/e/replay", "webhooks/e/deliveries/d/replay", "jobs/ping"] {
            assert!(!takes_key(&addressed(path)), "{path}");
            assert!(!takes_key(&format!("/ally{}", addressed(path))), "{path} behind a proxy that puts a path before");
        }
    }

    fn addressed(command: &str) -> String {
        if command.starts_with('/') { command.to_owned() } else { format!("{OPERATOR}{command}") }
    }
}
