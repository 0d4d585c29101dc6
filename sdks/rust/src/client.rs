//! The client: the operations of the document with tokens and tries, and what takes more than one request.

use std::fmt;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_core::Stream as _;
use http::HeaderValue;
use uuid::Uuid;

use crate::error::Error;
use crate::follow::Follow;
use crate::generated::{ByteStream, Client, ResponseValue, types};
use crate::jobs::wait_for_job;
use crate::retry::{RetryLimits, Retrying};

/// How long it may take to reach the server.
const CONNECT: Duration = Duration::from_secs(10);
/// How long a job is waited for where nothing else is asked for.
const JOB: Duration = Duration::from_secs(600);

/// A token, or what gives one: it is called for each request, so that it can hand out a new one in time.
#[derive(Clone)]
pub struct Token(Arc<dyn Fn() -> String + Send + Sync>);

impl Token {
    /// A token that may be another one each time.
    pub fn from_fn(token: impl Fn() -> String + Send + Sync + 'static) -> Self {
        Self(Arc::new(token))
    }

    /// One that no header can hold is sent as none, and refused by the server.
    pub(crate) fn authorization(&self) -> HeaderValue {
        let mut value = HeaderValue::from_str(&format!("Bearer {}", (self.0)()))
            .unwrap_or_else(|_| HeaderValue::from_static("Bearer"));
        value.set_sensitive(true);
        value
    }
}

impl<T: Into<String>> From<T> for Token {
    fn from(token: T) -> Self {
        let token = token.into();
        Self::from_fn(move || token.clone())
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// A client of Ally. It is cheap to clone.
#[derive(Debug, Clone)]
pub struct Ally {
    api: Client,
    http: reqwest::Client,
    url: String,
    token: Token,
}

/// A client that is being set up.
#[derive(Debug)]
pub struct AllyBuilder {
    url: String,
    token: Token,
    limits: RetryLimits,
    http: Option<reqwest::Client>,
}

impl AllyBuilder {
    /// How often and how long a request is tried.
    #[must_use]
    pub fn retry(mut self, limits: RetryLimits) -> Self {
        self.limits = limits;
        self
    }

    /// In place of a client of its own. It must have no timeout, which would end streams.
    #[must_use]
    pub fn http(mut self, http: reqwest::Client) -> Self {
        self.http = Some(http);
        self
    }

    /// The client.
    ///
    /// # Errors
    /// TLS cannot be set up.
    pub fn build(self) -> Result<Ally, Error> {
        let http = match self.http {
            Some(http) => http,
            None => reqwest::ClientBuilder::new().connect_timeout(CONNECT).build()?,
        };
        let url = self.url.trim_end_matches('/').to_owned();
        let retrying = Retrying { limits: self.limits, token: self.token.clone() };
        let api = Client::new_with_client(&url, http.clone(), retrying);
        Ok(Ally { api, http, url, token: self.token })
    }
}

impl Ally {
    /// A client for a server, for example `http://127.0.0.1:4000`.
    pub fn builder(url: impl Into<String>, token: impl Into<Token>) -> AllyBuilder {
        AllyBuilder { url: url.into(), token: token.into(), limits: RetryLimits::default(), http: None }
    }

    /// Every operation of the document.
    #[must_use]
    pub fn api(&self) -> &Client {
        &self.api
    }

    /// The job once it has ended, however it has: look at `status`. Ten minutes at most.
    ///
    /// # Errors
    /// A refusal, no answer, or [`Error::JobNotEnded`].
    pub async fn wait_for_job(&self, job_id: Uuid) -> Result<types::Job, Error> {
        self.wait_for_job_within(job_id, JOB, |_| ()).await
    }

    /// The same with a time of one's own, and a look at each new state.
    ///
    /// # Errors
    /// A refusal, no answer, or [`Error::JobNotEnded`].
    pub async fn wait_for_job_within(
        &self,
        job_id: Uuid,
        timeout: Duration,
        on_change: impl FnMut(&types::Job),
    ) -> Result<types::Job, Error> {
        wait_for_job(&self.api, job_id, timeout, on_change).await
    }

    /// What happens to a job: a snapshot, then each event once and in order, until it ends.
    #[must_use]
    pub fn follow_job(&self, job_id: Uuid) -> Follow {
        self.follow(&format!("/api/v1/jobs/{job_id}/events"))
    }

    /// What happens to all jobs of the athlete. It goes on until you leave it.
    #[must_use]
    pub fn follow_jobs(&self) -> Follow {
        self.follow("/api/v1/events")
    }

    /// The bytes of an export.
    ///
    /// # Errors
    /// The body broke off.
    pub async fn read(answer: ResponseValue<ByteStream>) -> Result<Bytes, Error> {
        let mut stream = pin!(answer.into_inner_stream());
        let mut body = BytesMut::new();
        while let Some(chunk) = poll_fn(|context| stream.as_mut().poll_next(context)).await {
            body.extend_from_slice(&chunk?);
        }
        Ok(body.freeze())
    }

    fn follow(&self, path: &str) -> Follow {
        Follow::new(self.http.clone(), format!("{}{path}", self.url), self.token.clone())
    }
}
