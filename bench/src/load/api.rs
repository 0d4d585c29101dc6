//! What is asked of the gateway: onboarding, a plan, a job's state. And what may come back.

use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context;
use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use hyper::{Method, Request, StatusCode};
use serde::Deserialize;
use tokio::time::{Instant, sleep};

use super::http::{Ask, Http, HttpError};

/// What every athlete answers: no dates, so that it is as good in a year.
const ANSWERS: &str = include_str!("../../athlete.json");
const ONE_WEEK: &str = r#"{"weeks":1}"#;
/// How long a request that was turned away rests before it comes again.
const REST: Duration = Duration::from_millis(25);

/// A job that was accepted.
#[derive(Debug, Clone)]
pub struct Job {
    /// Whose, by its place in the list of tokens.
    athlete: usize,
    /// As the gateway names it.
    pub id: String,
}

/// A job as its state is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Not at its end.
    Open,
    /// It has its plan.
    Completed,
    /// At an end without one.
    Failed,
}

/// Why a request came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    #[error(transparent)]
    Http(#[from] HttpError),
    #[error("the gateway answered {0}: {1}")]
    Refused(StatusCode, String),
    #[error("the gateway's answer cannot be read: {0}")]
    Unreadable(#[from] serde_json::Error),
    #[error("it took longer than the whole measurement may")]
    TooLate,
}

/// The gateway, asked as many athletes.
pub struct Api {
    http: Http,
    tokens: Vec<HeaderValue>,
    /// Tells this run's idempotency keys from every other's.
    run: String,
    /// When the whole measurement has to be over.
    pub deadline: Instant,
    counts: Cell<Counts>,
    first_error: RefCell<Option<String>>,
}

/// What happened beside the answers that were wanted.
#[derive(Debug, Clone, Copy, Default)]
pub struct Counts {
    /// Submissions turned away with 429 or 503 and sent again.
    pub turned_away: u64,
    /// Requests that came to nothing.
    pub errors: u64,
    /// Questions for a job's state.
    pub polls: u64,
}

impl Api {
    /// Asks as the athletes of these tokens.
    pub fn new(address: SocketAddr, tokens: &[&str], deadline: Instant) -> anyhow::Result<Self> {
        anyhow::ensure!(!tokens.is_empty(), "there is none");
        let bearer = |token: &&str| HeaderValue::from_str(&format!("Bearer {token}")).context("one is no text");
        Ok(Self {
            http: Http::new(address),
            tokens: tokens.iter().map(bearer).collect::<anyhow::Result<_>>()?,
            run: uuid::Uuid::new_v4().simple().to_string(),
            deadline,
            counts: Cell::default(),
            first_error: RefCell::default(),
        })
    }

    /// How many athletes there are.
    pub fn athletes(&self) -> usize {
        self.tokens.len()
    }

    /// What happened so far.
    pub fn counts(&self) -> Counts {
        self.counts.get()
    }

    /// The first thing that went wrong.
    pub fn first_error(&self) -> Option<String> {
        self.first_error.borrow().clone()
    }

    /// Connections that had been closed under a request.
    pub fn reconnected(&self) -> u64 {
        self.http.reconnected()
    }

    /// Completes an athlete's onboarding; its first plan is a job.
    pub async fn onboard(&self, athlete: usize) -> Result<Job, ApiError> {
        let key = format!("{}-athlete-{athlete}", self.run);
        self.submit_to("/api/v1/onboarding", athlete, &key, ANSWERS).await
    }

    /// Requests a plan of one week, again and again until it is accepted. Athletes take turns.
    pub async fn submit(&self, number: u64) -> Result<Job, ApiError> {
        let athlete = (number % self.tokens.len() as u64) as usize;
        self.submit_to("/api/v1/plans/generate", athlete, &format!("{}-{number}", self.run), ONE_WEEK).await
    }

    async fn submit_to(
        &self,
        path: &'static str,
        athlete: usize,
        key: &str,
        body: &'static str,
    ) -> Result<Job, ApiError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Accepted {
            job_id: String,
        }
        loop {
            let mut request = self.request(Method::POST, path, athlete, Bytes::from_static(body.as_bytes()));
            let headers = request.headers_mut();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            if let Ok(key) = HeaderValue::from_str(key) {
                headers.insert("idempotency-key", key);
            }
            match self.http.ask(request).await? {
                (StatusCode::ACCEPTED, body) => {
                    return Ok(Job { athlete, id: serde_json::from_slice::<Accepted>(&body)?.job_id });
                }
                (StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE, _) => {
                    self.count(|counts| counts.turned_away += 1);
                    if Instant::now() >= self.deadline {
                        return Err(ApiError::TooLate);
                    }
                    sleep(REST).await;
                }
                (status, body) => return Err(refused(status, &body)),
            }
        }
    }

    /// A job's state at this moment.
    pub async fn state(&self, job: &Job) -> Result<State, ApiError> {
        #[derive(Deserialize)]
        struct Told<'a> {
            status: &'a str,
        }
        self.count(|counts| counts.polls += 1);
        let path = format!("/api/v1/jobs/{}", job.id);
        match self.http.ask(self.request(Method::GET, &path, job.athlete, Bytes::new())).await? {
            (StatusCode::OK, body) => Ok(match serde_json::from_slice::<Told<'_>>(&body)?.status {
                "completed" => State::Completed,
                "failed" | "dead_lettered" | "cancelled" => State::Failed,
                _ => State::Open,
            }),
            (status, body) => Err(refused(status, &body)),
        }
    }

    /// Asks for a job's state until it is at an end; `None` when it is not by the deadline.
    pub async fn end(&self, job: &Job, pause: Duration) -> Option<State> {
        loop {
            match self.state(job).await {
                Ok(State::Open) => {}
                Ok(end) => return Some(end),
                Err(error) => self.note_error(&error),
            }
            if Instant::now() >= self.deadline {
                return None;
            }
            sleep(pause).await;
        }
    }

    /// Counts what came to nothing, and keeps the first of it.
    pub fn note_error(&self, error: &ApiError) {
        self.count(|counts| counts.errors += 1);
        self.first_error.borrow_mut().get_or_insert_with(|| error.to_string());
    }

    fn request(&self, method: Method, path: &str, athlete: usize, body: Bytes) -> Ask {
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = method;
        if let Ok(uri) = path.parse() {
            *request.uri_mut() = uri;
        }
        if let Some(token) = self.tokens.get(athlete) {
            request.headers_mut().insert(AUTHORIZATION, token.clone());
        }
        request
    }

    fn count(&self, change: impl FnOnce(&mut Counts)) {
        let mut counts = self.counts.get();
        change(&mut counts);
        self.counts.set(counts);
    }
}

/// The longest part of an answer that is shown.
const SHOWN: usize = 300;

fn refused(status: StatusCode, body: &Bytes) -> ApiError {
    ApiError::Refused(status, String::from_utf8_lossy(&body[..body.len().min(SHOWN)]).into_owned())
}
