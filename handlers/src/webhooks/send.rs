//! One attempt: the message, signed, to one address, within a time.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use ally_domain::ids::EndpointId;
use ally_domain::ports::Clock;
use ally_domain::webhook::{Endpoint, WebhookMessage};
use reqwest::{StatusCode, Url, header, redirect};
use standardwebhooks::{HEADER_WEBHOOK_ID, HEADER_WEBHOOK_SIGNATURE, HEADER_WEBHOOK_TIMESTAMP, Webhook};

use super::address::Forbidden;
use super::config::WebhookConfig;
use super::observe::Attempt;
use super::resolver::GuardedResolver;
use super::secret::SigningKey;
use crate::retry_after;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Connections that are kept to one host, for how long.
const IDLE: (usize, Duration) = (4, Duration::from_secs(60));
/// So much of an answer is read, for so long, so that its connection can be used again.
const DRAIN: (usize, Duration) = (4 * 1024, Duration::from_secs(1));
/// An endpoint is waited for no longer than this, whatever it asks for.
const LONGEST_WAIT: Duration = Duration::from_secs(24 * 3_600);

/// Why no client could be made.
#[derive(Debug, thiserror::Error)]
#[error("the client for webhooks cannot be built: {0}")]
pub struct SendSetupError(#[from] reqwest::Error);

/// Sends messages.
pub struct Sender {
    http: reqwest::Client,
    key: Option<SigningKey>,
    config: WebhookConfig,
    clock: Arc<dyn Clock>,
}

/// Why an endpoint did not take a message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Failure {
    /// It answered something else than yes.
    #[error("the endpoint answered {status}")]
    Answered {
        /// What.
        status: u16,
        /// When it wants to be asked again.
        after: Option<Duration>,
    },
    /// It did not answer in time.
    #[error("the endpoint did not answer within {0:?}")]
    TimedOut(Duration),
    /// There was no connection.
    #[error("the endpoint cannot be reached: {0}")]
    Unreachable(String),
    /// Nothing is sent there.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The message cannot be written or signed.
    #[error("the message cannot be signed: {0}")]
    Unsigned(String),
}

impl Failure {
    /// The HTTP status, where there was an answer.
    pub(super) const fn status(&self) -> Option<u16> {
        if let Self::Answered { status, .. } = self { Some(*status) } else { None }
    }

    /// When the endpoint wants to be asked again.
    pub(super) const fn after(&self) -> Option<Duration> {
        if let Self::Answered { after, .. } = self { *after } else { None }
    }

    /// Whether the endpoint is gone for good.
    pub(super) fn is_gone(&self) -> bool {
        self.status() == Some(StatusCode::GONE.as_u16())
    }

    /// The cause, for figures and spans.
    pub(super) const fn code(&self) -> &'static str {
        match self {
            Self::Answered { .. } => "status",
            Self::TimedOut(_) => "timeout",
            Self::Unreachable(_) => "unreachable",
            Self::Forbidden(_) => "forbidden",
            Self::Unsigned(_) => "unsigned",
        }
    }
}

impl Sender {
    /// A sender. Without a key nothing is sent, and every attempt says so. It goes through no proxy, which would look names up by itself, and follows no redirect.
    ///
    /// # Errors
    /// When the client cannot be built.
    pub fn new(key: Option<SigningKey>, config: WebhookConfig, clock: Arc<dyn Clock>) -> Result<Self, SendSetupError> {
        let http = reqwest::Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(config.timeout)
            .redirect(redirect::Policy::none())
            .no_proxy()
            .pool_max_idle_per_host(IDLE.0)
            .pool_idle_timeout(IDLE.1)
            .user_agent(concat!("Ally-Webhooks/", env!("CARGO_PKG_VERSION")))
            .dns_resolver(Arc::new(GuardedResolver(config.addresses)))
            .build()?;
        Ok(Self { http, key, config, clock })
    }

    /// Sends a message to an endpoint once. The answer is the status.
    pub(super) async fn send(
        &self,
        id: &EndpointId,
        endpoint: &Endpoint,
        message: &WebhookMessage,
        attempt: &Attempt,
    ) -> Result<u16, Failure> {
        let url = self.config.addresses.parsed(&endpoint.url)?;
        let body = message.body().map_err(|error| Failure::Unsigned(error.to_string()))?;
        let (timestamp, signature) = self.sign(id, endpoint, message, &body)?;
        let mut request = self
            .http
            .post(url)
            .header(header::CONTENT_TYPE, "application/json")
            .header(HEADER_WEBHOOK_ID, &message.id)
            .header(HEADER_WEBHOOK_TIMESTAMP, timestamp)
            .header(HEADER_WEBHOOK_SIGNATURE, signature);
        for (name, value) in attempt.trace_headers() {
            request = request.header(name, value);
        }
        let answer = match tokio::time::timeout(self.config.timeout, request.body(body).send()).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) => return Err(self.failure(&error)),
            Err(_) => return Err(Failure::TimedOut(self.config.timeout)),
        };
        let (status, headers) = (answer.status(), answer.headers().clone());
        // The status says all: what comes behind it changes nothing.
        let _ = tokio::time::timeout(DRAIN.1, drain(answer)).await;
        if status.is_success() {
            return Ok(status.as_u16());
        }
        let after = headers.get(header::RETRY_AFTER).and_then(|value| value.to_str().ok());
        let after = after.and_then(|text| retry_after::parse(text, self.clock.now(), LONGEST_WAIT));
        Err(Failure::Answered { status: status.as_u16(), after })
    }

    /// The timestamp, and a signature by each secret that is good now.
    fn sign(
        &self,
        id: &EndpointId,
        endpoint: &Endpoint,
        message: &WebhookMessage,
        body: &str,
    ) -> Result<(String, String), Failure> {
        let now = self.clock.now();
        let key = self.key.as_ref().ok_or_else(|| Failure::Unsigned("ALLY_WEBHOOK_KEY is not set".to_owned()))?;
        let sign = |number| {
            let webhook = Webhook::new(key.secret(id, number).expose())?;
            webhook.sign(&message.id, now.unix_timestamp(), body.as_bytes())
        };
        let signatures: Result<Vec<_>, _> = endpoint.secrets_at(now).into_iter().map(sign).collect();
        let signatures = signatures.map_err(|error| Failure::Unsigned(error.to_string()))?;
        Ok((now.unix_timestamp().to_string(), signatures.join(" ")))
    }

    fn failure(&self, error: &reqwest::Error) -> Failure {
        if error.is_timeout() {
            return Failure::TimedOut(self.config.timeout);
        }
        // The client's own words repeat the address; the innermost cause says what happened.
        let mut cause: &dyn Error = error;
        while let Some(inner) = cause.source() {
            if let Some(forbidden) = inner.downcast_ref::<Forbidden>() {
                return forbidden.clone().into();
            }
            cause = inner;
        }
        Failure::Unreachable(cause.to_string())
    }

    /// How sending is bounded.
    pub(super) const fn config(&self) -> &WebhookConfig {
        &self.config
    }
}

/// Reads a short answer to its end, so that its connection can be used again; whatever it says, nobody reads it.
async fn drain(mut answer: reqwest::Response) {
    let mut read = 0;
    while let Ok(Some(chunk)) = answer.chunk().await {
        read += chunk.len();
        if read > DRAIN.0 {
            return;
        }
    }
}

/// Where an endpoint is, for spans: host and port.
pub(super) fn host_of(endpoint: &Endpoint) -> (String, Option<u16>) {
    let url = Url::parse(endpoint.url.as_str()).ok();
    let host = url.as_ref().and_then(Url::host_str).unwrap_or_default().to_owned();
    (host, url.and_then(|url| url.port_or_known_default()))
}
