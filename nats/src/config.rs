//! What the binary tells this crate: where the servers are and how much of everything is allowed.

use std::fmt;
use std::time::Duration;

use ally_telemetry::mask;

/// How to reach JetStream, and within which limits.
#[derive(Clone)]
pub struct NatsConfig {
    /// One or more server URLs, separated by commas: `nats://10.0.0.1:4222,nats://10.0.0.2:4222`.
    pub url: String,
    /// The first token of every subject; deployments that share a server differ by it.
    pub prefix: String,
    /// How this process calls itself on the server, for people who look at its connections.
    pub client_name: String,
    /// What one server's store takes, in bytes, where its account does not say.
    pub store_limit_bytes: Option<u64>,
    /// How long one request to the server may take before its outcome counts as unknown.
    pub request_timeout: Duration,
    /// How long it is known who was in which room. Nobody may be there for longer without a word: a connection that old is told
    /// to come again.
    pub presence_age: Duration,
    /// How long a dead letter is kept.
    pub dead_letter_age: Duration,
    /// How appends are sent.
    pub commit: CommitConfig,
}

/// Without who logs in.
impl fmt::Debug for NatsConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (url, prefix) = (mask::address(&self.url), &self.prefix);
        f.debug_struct("NatsConfig").field("url", &url).field("prefix", prefix).finish_non_exhaustive()
    }
}

/// How appends share batches.
#[derive(Debug, Clone, Copy)]
pub struct CommitConfig {
    /// From how many waiting appends on they share an atomic batch; fewer go out alone, side by side.
    pub share_from: usize,
    /// The most messages in one atomic batch. The server allows 1,000.
    pub max_batch_messages: usize,
    /// The most bytes in one atomic batch.
    pub max_batch_bytes: usize,
    /// Atomic batches in flight at once on a stream, by this process. The server allows 50 a stream to all processes together.
    pub max_batches_in_flight: usize,
    /// Appends that may wait for their turn; beyond it `append` itself waits.
    pub max_waiting: usize,
    /// How long an append may take in all, retries of unknown outcomes included.
    pub deadline: Duration,
}

impl NatsConfig {
    /// The configuration for a server with everything else as it is by default.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            prefix: crate::names::DEFAULT_PREFIX.to_owned(),
            client_name: "ally".to_owned(),
            store_limit_bytes: None,
            request_timeout: Duration::from_secs(2),
            presence_age: Duration::from_secs(7 * 24 * 3600),
            dead_letter_age: Duration::from_secs(30 * 24 * 3600),
            commit: CommitConfig::default(),
        }
    }
}

impl Default for CommitConfig {
    fn default() -> Self {
        Self {
            share_from: 18,
            max_batch_messages: 400,
            max_batch_bytes: 8 * 1024 * 1024,
            max_batches_in_flight: 2,
            max_waiting: 4_096,
            deadline: Duration::from_secs(15),
        }
    }
}
