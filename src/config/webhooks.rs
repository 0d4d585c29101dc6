//! The section of webhooks.

use serde::{Deserialize, Serialize};

use super::Secret;

/// How webhooks are signed and sent.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Webhooks {
    /// What the secrets of all endpoints are derived from, at least 32 bytes, the same for the gateway and the projector. Without it
    /// there are no webhooks; `up` and `demo` make one of their own.
    pub key: Option<Secret>,
    /// Attempts at once in one projector.
    pub max_in_flight: usize,
    /// Attempts at once at one endpoint, from one projector.
    pub per_endpoint: usize,
    /// How long one attempt may take.
    pub timeout_ms: u64,
    /// Attempts before a webhook is given up.
    pub max_attempts: u32,
    /// The longest pause behind the first attempt; it doubles with each.
    pub retry_first_ms: u64,
    /// The longest pause of all.
    pub retry_longest_ms: u64,
    /// How long an endpoint that failed five times in a row is left alone at first; it doubles with each attempt that fails.
    pub rest_ms: u64,
    /// The longest time for which it is left alone.
    pub longest_rest_ms: u64,
    /// An endpoint that failed for so long gets nothing more.
    pub disable_after_seconds: u64,
    /// Whether this machine's own addresses may be sent to, also by http. For development only.
    pub allow_loopback: bool,
}

impl Default for Webhooks {
    fn default() -> Self {
        Self {
            key: None,
            max_in_flight: 64,
            per_endpoint: 8,
            timeout_ms: 15_000,
            max_attempts: 18,
            retry_first_ms: 20_000,
            retry_longest_ms: 24 * 3_600_000,
            rest_ms: 15_000,
            longest_rest_ms: 600_000,
            disable_after_seconds: 5 * 24 * 3_600,
            allow_loopback: false,
        }
    }
}
