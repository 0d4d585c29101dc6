//! What the provider needs to know of the endpoint, and its bounds. Read from the environment elsewhere.

use std::fmt;
use std::time::Duration;

use ally_telemetry::mask;

/// An endpoint with an OpenAI-compatible chat API, and how it is to be treated.
#[derive(Clone)]
pub struct LlmConfig {
    /// The address up to and without `/chat/completions`: `https://host/v1`.
    pub base_url: String,
    /// Sent as a bearer token; endpoints on one's own machine may need none.
    pub api_key: Option<ApiKey>,
    /// The model's name as the endpoint knows it.
    pub model: String,
    /// One request may take this long, from its first byte to the answer's last.
    pub timeout: Duration,
    /// All that is done for one plan may take this long: requests, pauses and repairs.
    pub deadline: Duration,
    /// The most tokens of an answer.
    pub max_tokens: u32,
    /// How freely the model chooses; its own default unless told.
    pub temperature: Option<f64>,
    /// How often a request that failed in passing is sent again.
    pub max_retries: u32,
    /// Requests at once.
    pub max_concurrent: usize,
    /// So many failures in a row open the circuit.
    pub circuit_failures: u32,
    /// So long an open circuit asks nothing.
    pub circuit_rest: Duration,
    /// What becomes of an order that the model cannot serve.
    pub fallback: Fallback,
}

/// Without what the address may carry beside where it leads.
impl fmt::Debug for LlmConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let base_url = mask::address(&self.base_url);
        f.debug_struct("LlmConfig").field("base_url", &base_url).field("model", &self.model).finish_non_exhaustive()
    }
}

/// What becomes of an order that the model cannot serve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fallback {
    /// The built-in engine makes the plan, and the plan says so.
    Builtin,
    /// The attempt fails, to be repeated later where that may help.
    Fail,
}

/// The endpoint's key: used in one place, shown nowhere.
#[derive(Clone)]
pub struct ApiKey(String);

impl ApiKey {
    /// Wraps a key.
    pub fn new(key: impl Into<String>) -> Self {
        Self(key.into())
    }

    pub(super) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(mask::MASK)
    }
}
