//! Rates, sizes, deadlines, and which pages may call: a bound on everything that a caller controls.
//!
//! Here live the bounds and the layer that holds requests to them. Deliberately not here: the queue's own depth limit,
//! which is a rule of submission and not of HTTP.

mod bounds;
mod cors;
mod origin;
mod quotas;
mod shares;

use std::time::Duration;

pub(crate) use bounds::Bounds;
pub(crate) use cors::CrossOrigin;
pub use origin::{CorsError, check_origin};
pub(crate) use quotas::Quotas;
pub(crate) use shares::{ClientAddress, Shares, begin_series, limited};

/// The longest that a caller may ask a status to wait for news. Under a short [`Limits::deadline`] the wait is shorter.
pub const MAX_WAIT: Duration = Duration::from_secs(30);

/// What the answer behind a wait may take: the views are waited for half a second, then the log is read.
const ANSWER_TIME: Duration = Duration::from_secs(1);

/// The bounds of one listener.
#[derive(Debug, Clone)]
pub struct Limits {
    /// The most bytes of a body; more is 413.
    pub max_body_bytes: usize,
    /// The longest that a body may take to arrive; longer is 408.
    pub body_deadline: Duration,
    /// The most bytes of all headers together; more is 431.
    pub max_header_bytes: usize,
    /// The most bytes of a path with its query; more is 414.
    pub max_uri_bytes: usize,
    /// The longest that a request may take in all; longer is 504. A long poll answers before, with what there is by then.
    pub deadline: Duration,
    /// The most requests at once; more is 503.
    pub max_concurrent_requests: usize,
    /// Requests that wait for news at once, at most: they hold nothing but memory. Beyond, an answer comes at once.
    pub max_waiting_requests: usize,
    /// What one athlete may send.
    pub per_athlete: Rate,
    /// What one client address may send.
    pub per_client: Rate,
    /// Whether the last entry of `X-Forwarded-For` names the client: only behind a proxy that sets it.
    pub trust_forwarded_for: bool,
    /// Which origins' pages may call; none when empty.
    pub cors_allowed_origins: Vec<String>,
}

/// So many requests at once, and so many a minute after that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Requests a minute; 0 switches the limit off.
    pub per_minute: u32,
    /// Requests at once, before the rate counts; at least 1.
    pub burst: u32,
}

impl Limits {
    /// The longest that a status waits for news: what a caller may ask for, and no more than leaves time for the answer within
    /// the deadline.
    pub(crate) fn longest_wait(&self) -> Duration {
        MAX_WAIT.min(self.deadline.saturating_sub(ANSWER_TIME.max(self.deadline / 4)))
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_body_bytes: 64 * 1024,
            body_deadline: Duration::from_secs(10),
            max_header_bytes: 16 * 1024,
            max_uri_bytes: 4 * 1024,
            deadline: Duration::from_secs(45),
            max_concurrent_requests: 2_048,
            max_waiting_requests: 16_384,
            per_athlete: Rate { per_minute: 600, burst: 120 },
            per_client: Rate { per_minute: 6_000, burst: 1_200 },
            trust_forwarded_for: false,
            cors_allowed_origins: Vec::new(),
        }
    }
}
