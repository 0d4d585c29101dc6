//! The bounds of sending.

use std::time::Duration;

use super::address::AddressRule;

/// The bounds of sending.
#[derive(Debug, Clone)]
pub struct WebhookConfig {
    /// How long one attempt may take, from the look-up of the name to the end of the answer's head.
    pub timeout: Duration,
    /// Attempts at one endpoint at once.
    pub per_endpoint: usize,
    /// Attempts of a round before a delivery is given up.
    pub max_attempts: u32,
    /// An endpoint that failed for so long gets nothing more.
    pub disable_after: Duration,
    /// After so many failures in a row an endpoint is left alone for a while, and then tried by one attempt.
    pub failures_to_rest: u32,
    /// The first rest, and the longest.
    pub rest: (Duration, Duration),
    /// Which addresses may be connected to.
    pub addresses: AddressRule,
}

impl Default for WebhookConfig {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(15),
            per_endpoint: 8,
            max_attempts: 18,
            disable_after: Duration::from_secs(5 * 24 * 3600),
            failures_to_rest: 5,
            rest: (Duration::from_secs(15), Duration::from_secs(600)),
            addresses: AddressRule::Public,
        }
    }
}
