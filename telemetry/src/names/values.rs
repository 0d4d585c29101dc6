//! The values of a metric's labels, as far as this crate knows them.

use super::label::{
    self, attempt_outcome, circuit, command_outcome, dependency, direction, endpoint_state, failure, figures,
    freshness, limit, llm_outcome, provider, publish, query_outcome, settlement, slot, success, webhook_outcome,
};
use super::metric::{
    ARCHIVE_RUNS_TOTAL, COMMANDS_TOTAL, DATABASE_CONNECTIONS, DATABASE_QUERIES_TOTAL, LLM_CIRCUIT, LLM_FALLBACKS_TOTAL,
    LLM_REQUESTS_TOTAL, MESSAGES_PUBLISHED_TOTAL, MESSAGES_SETTLED_TOTAL, PLAN_ATTEMPTS_TOTAL,
    PLAN_GENERATION_DURATION_SECONDS, PLAN_GENERATION_FAILURES_TOTAL, PROJECTION_READS_TOTAL,
    WEBHOOK_ATTEMPT_DURATION_SECONDS, WEBHOOK_ATTEMPTS_TOTAL, WEBHOOK_ENDPOINTS, WORKER_SLOTS,
};
use super::service;

/// The values of a metric's label; empty where others say what they are (a route, an event's type, a model).
#[must_use]
pub fn values(metric: &str, label: &str) -> Vec<&'static str> {
    let known: &[&'static str] = match (label, metric) {
        (label::OUTCOME, MESSAGES_PUBLISHED_TOTAL) => &publish::ALL,
        (label::OUTCOME, MESSAGES_SETTLED_TOTAL) => &settlement::ALL,
        (label::OUTCOME, COMMANDS_TOTAL) => &command_outcome::ALL,
        (label::OUTCOME, DATABASE_QUERIES_TOTAL) => &query_outcome::ALL,
        (label::OUTCOME, PLAN_ATTEMPTS_TOTAL) => &attempt_outcome::ALL,
        (label::OUTCOME, PLAN_GENERATION_DURATION_SECONDS | ARCHIVE_RUNS_TOTAL) => &success::ALL,
        (label::OUTCOME, PROJECTION_READS_TOTAL) => &freshness::ALL,
        (label::OUTCOME, LLM_REQUESTS_TOTAL) | (label::REASON, LLM_FALLBACKS_TOTAL) => &llm_outcome::ALL,
        (label::OUTCOME, WEBHOOK_ATTEMPTS_TOTAL | WEBHOOK_ATTEMPT_DURATION_SECONDS) => &webhook_outcome::ALL,
        (label::STATE, WEBHOOK_ENDPOINTS) => &endpoint_state::ALL,
        (label::REASON, PLAN_GENERATION_FAILURES_TOTAL) => &failure::ALL,
        (label::PROVIDER, metric) if metric.starts_with("llm_") => &[provider::LLM],
        (label::PROVIDER, _) => &[provider::BUILTIN, provider::LLM, provider::ADAPTATION],
        (label::DIRECTION, _) => &direction::ALL,
        (label::DEPENDENCY, _) => &[dependency::NATS, dependency::POSTGRES, dependency::LLM],
        (label::STATE, LLM_CIRCUIT) => &[circuit::CLOSED, circuit::HALF_OPEN, circuit::OPEN],
        (label::STATE, WORKER_SLOTS | DATABASE_CONNECTIONS) => &[slot::BUSY, slot::IDLE, slot::MAX],
        (label::LIMIT, _) => &limit::ALL,
        (label::FIGURES, _) => &[figures::JOBS, figures::PROJECTION_LAG, figures::CONSUMERS, figures::DEAD_LETTERS],
        (label::SERVICE, _) => service::ALL,
        _ => &[],
    };
    known.to_vec()
}
