//! Who makes the plans, and the model's endpoint where a model does.

use std::fmt;
use std::sync::Arc;

use ally_domain::ports::PlanProvider;
use serde::{Deserialize, Serialize};

use super::{Address, Secret};

/// A provider of plans.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Provider {
    /// The engine of this program: offline, in milliseconds.
    #[default]
    Builtin,
    /// A model behind an OpenAI-compatible endpoint, judged by the engine.
    Llm,
}

/// Who makes the plans.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Plans {
    /// `builtin` or `llm`.
    pub provider: Provider,
    /// What the program brings in the place of both: only the bench does. No variable and no file sets it.
    #[serde(skip)]
    pub own: Option<OwnProvider>,
}

/// A provider that a program was composed with.
#[derive(Clone)]
pub struct OwnProvider(pub Arc<dyn PlanProvider>);

impl fmt::Debug for OwnProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("OwnProvider").field(&self.0.name()).finish()
    }
}

/// What becomes of a plan that the model cannot make.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fallback {
    /// The built-in engine makes it, and the plan says so.
    Builtin,
    /// The attempt fails.
    Fail,
}

/// The model's endpoint. There is no default address: athletes' answers go nowhere that nobody named.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Llm {
    /// `https://host/v1`: the address without `/chat/completions`.
    pub base_url: Option<Address>,
    /// The bearer token, where the endpoint wants one.
    pub api_key: Option<Secret>,
    /// The model as the endpoint names it.
    pub model: Option<String>,
    /// How long one request may take.
    pub timeout_ms: u64,
    /// The most tokens of an answer.
    pub max_tokens: u32,
    /// 0 to 2; the model's own default unless told, since some take no other.
    pub temperature: Option<f64>,
    /// How often a request that failed in passing is sent again within an attempt.
    pub max_retries: u32,
    /// Requests at once in one planner.
    pub max_concurrent: usize,
    /// `builtin` or `fail`.
    pub fallback: Fallback,
    /// So many failures in a row open the circuit.
    pub circuit_failures: u32,
    /// How long an open circuit leaves the endpoint alone.
    pub circuit_rest_ms: u64,
}

impl Default for Llm {
    fn default() -> Self {
        Self {
            base_url: None,
            api_key: None,
            model: None,
            timeout_ms: 25_000,
            max_tokens: 8_192,
            temperature: None,
            max_retries: 2,
            max_concurrent: 8,
            fallback: Fallback::Builtin,
            circuit_failures: 5,
            circuit_rest_ms: 30_000,
        }
    }
}

impl Llm {
    /// What cannot be used, when this provider makes the plans.
    pub(super) fn faults(&self, provider: Provider, attempt_deadline_ms: u64) -> Vec<String> {
        let mut faults = Vec::new();
        let mut require = |holds: bool, fault: String| {
            if !holds {
                faults.push(fault);
            }
        };
        if let Some(url) = self.base_url.as_ref().map(Address::expose) {
            let plain = ["http://", "https://"].iter().any(|scheme| url.starts_with(scheme)) && !url.contains('@');
            require(plain, "LLM_BASE_URL is no address; write https://host/v1, and the key in LLM_API_KEY".into());
        }
        if let Some(temperature) = self.temperature {
            let fits = (0.0..=2.0).contains(&temperature);
            require(fits, format!("LLM_TEMPERATURE is {temperature}; use a number from 0 to 2"));
        }
        for (name, number) in [
            ("LLM_TIMEOUT_MS", self.timeout_ms),
            ("LLM_MAX_TOKENS", u64::from(self.max_tokens)),
            ("LLM_MAX_CONCURRENT", self.max_concurrent as u64),
            ("LLM_CIRCUIT_FAILURES", u64::from(self.circuit_failures)),
        ] {
            require(number > 0, format!("{name} is 0; use at least 1"));
        }
        if provider == Provider::Llm {
            for (name, set) in [("LLM_BASE_URL", self.base_url.is_some()), ("LLM_MODEL", self.model.is_some())] {
                require(set, format!("{name} is not set, and PLAN_PROVIDER is llm; set it, or use builtin"));
            }
            let longest = attempt_deadline_ms * 9 / 10;
            let told = format!(
                "LLM_TIMEOUT_MS is {}, and one attempt may take {attempt_deadline_ms}; use at most {longest}, or raise ATTEMPT_DEADLINE_MS",
                self.timeout_ms
            );
            require(self.timeout_ms <= longest, told);
        }
        faults
    }
}
