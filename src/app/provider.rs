//! The provider of plans that the configuration names.

use std::sync::Arc;
use std::time::Duration;

use ally_domain::engine::Catalogue;
use ally_domain::ports::PlanProvider;
use ally_handlers::providers::{ApiKey, BuiltinProvider, Fallback, LlmConfig, LlmProvider};
use ally_nats::JitteredClock;
use ally_telemetry::names::provider as provider_name;
use anyhow::Context;

use super::clock::SystemClock;
use crate::config::{self, Config, Provider};

/// The pace of requests within one attempt: people wait for it, so no pause of ours is long.
const PACE: JitteredClock =
    JitteredClock::new(Duration::from_millis(50), Duration::from_millis(500), Duration::from_secs(5));

/// The provider that makes the plans of this process: the one that the program brings, else the configured one.
pub fn own_or_configured(config: &Config) -> anyhow::Result<Arc<dyn PlanProvider>> {
    match &config.plans.own {
        Some(own) => Ok(own.0.clone()),
        None => provider(config, config.plans.provider),
    }
}

/// Who makes the plans of this configuration, as figures name it.
pub fn name(config: &Config) -> &'static str {
    match (&config.plans.own, config.plans.provider) {
        (Some(own), _) => own.0.name(),
        (None, Provider::Builtin) => provider_name::BUILTIN,
        (None, Provider::Llm) => provider_name::LLM,
    }
}

/// The provider of these plans, as the rest of the configuration says. Its limits hold for all who share it.
pub fn provider(config: &Config, which: Provider) -> anyhow::Result<Arc<dyn PlanProvider>> {
    let catalogue = Arc::new(Catalogue::embedded().context("the catalogue of exercises cannot be read")?);
    Ok(match which {
        Provider::Builtin => Arc::new(BuiltinProvider::new(catalogue)),
        Provider::Llm => Arc::new(LlmProvider::new(llm(config)?, catalogue, Arc::new(PACE), Arc::new(SystemClock))?),
    })
}

fn llm(config: &Config) -> anyhow::Result<LlmConfig> {
    let llm = &config.llm;
    let unset = |name: &str| format!("{name} is not set: the provider llm needs it");
    // A tenth of the attempt is left to say how it ended, and to make the plan here.
    let deadline = Duration::from_millis(config.workers.attempt_deadline_ms * 9 / 10);
    Ok(LlmConfig {
        base_url: llm.base_url.as_ref().with_context(|| unset("LLM_BASE_URL"))?.expose().to_owned(),
        api_key: llm.api_key.as_ref().map(|key| ApiKey::new(key.expose())),
        model: llm.model.clone().with_context(|| unset("LLM_MODEL"))?,
        timeout: Duration::from_millis(llm.timeout_ms),
        deadline,
        max_tokens: llm.max_tokens,
        temperature: llm.temperature,
        max_retries: llm.max_retries,
        max_concurrent: llm.max_concurrent,
        circuit_failures: llm.circuit_failures,
        circuit_rest: Duration::from_millis(llm.circuit_rest_ms),
        fallback: match llm.fallback {
            config::Fallback::Builtin => Fallback::Builtin,
            config::Fallback::Fail => Fallback::Fail,
        },
    })
}
