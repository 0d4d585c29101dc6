//! The variables that are read: here and nowhere else.

use figment::Figment;
use figment::providers::{Env, Serialized};

/// A variable and the key that it sets.
pub(super) struct Variable {
    pub name: &'static str,
    pub key: &'static str,
    /// Text is taken as it stands: a password of digits is a password.
    text: bool,
}

const fn text(name: &'static str, key: &'static str) -> Variable {
    Variable { name, key, text: true }
}

const fn value(name: &'static str, key: &'static str) -> Variable {
    Variable { name, key, text: false }
}

pub(super) const VARIABLES: &[Variable] = &[
    text("ALLY_HOST", "ports.host"),
    value("GATEWAY_BFF_PORT", "ports.gateway.http"),
    value("GATEWAY_BFF_METRICS_PORT", "ports.gateway.metrics"),
    value("PROFILE_ONBOARDING_PORT", "ports.onboarding.http"),
    value("PROFILE_ONBOARDING_METRICS_PORT", "ports.onboarding.metrics"),
    value("PLANNING_ENGINE_PORT", "ports.planner.http"),
    value("PLANNING_ENGINE_METRICS_PORT", "ports.planner.metrics"),
    value("PROJECTOR_PORT", "ports.projector.http"),
    value("PROJECTOR_METRICS_PORT", "ports.projector.metrics"),
    text("NATS_URL", "nats.url"),
    text("ALLY_PREFIX", "nats.prefix"),
    value("NATS_REPLICAS", "nats.replicas"),
    value("NATS_STORE_LIMIT_BYTES", "nats.store_limit_bytes"),
    text("DATABASE_URL", "database.url"),
    value("DATABASE_MAX_CONNECTIONS", "database.max_connections"),
    text("ARCHIVE_URL", "archive.url"),
    value("ARCHIVE_AFTER_SECONDS", "archive.after_seconds"),
    value("ARCHIVE_EVERY_SECONDS", "archive.every_seconds"),
    value("ARCHIVE_SEGMENT_BYTES", "archive.segment_bytes"),
    text("ALLY_JWT_SECRET", "auth.jwt_secret"),
    text("ALLY_JWT_ISSUER", "auth.issuer"),
    text("ALLY_JWT_AUDIENCE", "auth.audience"),
    value("MAX_BODY_BYTES", "limits.body_bytes"),
    value("REQUEST_DEADLINE_MS", "limits.request_deadline_ms"),
    value("MAX_IN_FLIGHT", "limits.max_in_flight"),
    text("CORS_ALLOWED_ORIGINS", "limits.cors_allowed_origins"),
    value("TRUST_FORWARDED_FOR", "limits.trust_forwarded_for"),
    value("RATE_LIMIT_ATHLETE_PER_MINUTE", "limits.rate.athlete_per_minute"),
    value("RATE_LIMIT_ATHLETE_BURST", "limits.rate.athlete_burst"),
    value("RATE_LIMIT_CLIENT_PER_MINUTE", "limits.rate.client_per_minute"),
    value("RATE_LIMIT_CLIENT_BURST", "limits.rate.client_burst"),
    value("MAX_QUEUE_DEPTH", "limits.max_queue_depth"),
    value("PLANNER_MAX_IN_FLIGHT", "workers.planner_max_in_flight"),
    value("PLANNER_EXPRESS_MAX_IN_FLIGHT", "workers.planner_express_max_in_flight"),
    value("MAX_JOBS_PER_ATHLETE", "workers.max_jobs_per_athlete"),
    value("ONBOARDING_MAX_IN_FLIGHT", "workers.onboarding_max_in_flight"),
    value("MAX_ATTEMPTS", "workers.max_attempts"),
    value("ATTEMPT_DEADLINE_MS", "workers.attempt_deadline_ms"),
    value("ACK_WAIT_MS", "workers.ack_wait_ms"),
    value("DRAIN_DEADLINE_MS", "workers.drain_deadline_ms"),
    value("RECONCILE_EVERY_SECONDS", "workers.reconcile_every_seconds"),
    text("PLAN_PROVIDER", "plans.provider"),
    text("LLM_BASE_URL", "llm.base_url"),
    text("LLM_API_KEY", "llm.api_key"),
    text("LLM_MODEL", "llm.model"),
    value("LLM_TIMEOUT_MS", "llm.timeout_ms"),
    value("LLM_MAX_TOKENS", "llm.max_tokens"),
    value("LLM_TEMPERATURE", "llm.temperature"),
    value("LLM_MAX_RETRIES", "llm.max_retries"),
    value("LLM_MAX_CONCURRENT", "llm.max_concurrent"),
    text("LLM_FALLBACK", "llm.fallback"),
    value("LLM_CIRCUIT_FAILURES", "llm.circuit_failures"),
    value("LLM_CIRCUIT_REST_MS", "llm.circuit_rest_ms"),
    text("OTEL_EXPORTER_OTLP_ENDPOINT", "observability.otlp_endpoint"),
    text("JAEGER_ENDPOINT", "observability.jaeger_endpoint"),
    value("OTEL_TRACES_SAMPLER_ARG", "observability.sample_ratio"),
    text("LOG_FORMAT", "observability.log_format"),
    text("RUST_LOG", "observability.log_filter"),
    text("ALLY_ENVIRONMENT", "observability.environment"),
    text("ALLY_SERVERS", "embedded.servers"),
    text("ALLY_LOCAL_DIR", "embedded.local_dir"),
    value("NATS_PORT", "embedded.nats_port"),
    value("NATS_MONITOR_PORT", "embedded.nats_monitor_port"),
    value("POSTGRES_PORT", "embedded.postgres_port"),
    text("USER", "login"),
];

/// The variable that moves a key, for messages that tell a person what to set.
pub fn variable_of(key: &str) -> Option<&'static str> {
    VARIABLES.iter().find(|variable| variable.key == key).map(|variable| variable.name)
}

/// Lays the environment over what was read so far. An empty variable counts as none.
#[allow(clippy::disallowed_methods, reason = "this is the one place")]
pub(super) fn merge(mut figment: Figment) -> Figment {
    for Variable { name, key, text } in VARIABLES {
        let Some(set) = std::env::var(name).ok().filter(|value| !value.is_empty()) else { continue };
        figment = if *text {
            figment.merge(Serialized::global(key, set))
        } else {
            figment.merge(Env::raw().only(&[name]).map(|_| (*key).into()).lowercase(false))
        };
    }
    figment
}
