//! The variables that are read: here and nowhere else.

use std::ffi::OsStr;

use figment::Figment;
use figment::providers::Serialized;
use figment::value::Value;

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
    text("ALLY_ROLE_HOST", "ports.role_host"),
    value("GATEWAY_BFF_PORT", "ports.gateway.http"),
    value("GATEWAY_BFF_METRICS_PORT", "ports.gateway.metrics"),
    value("PROFILE_ONBOARDING_PORT", "ports.onboarding.http"),
    value("PROFILE_ONBOARDING_METRICS_PORT", "ports.onboarding.metrics"),
    value("PLANNING_ENGINE_PORT", "ports.planner.http"),
    value("PLANNING_ENGINE_METRICS_PORT", "ports.planner.metrics"),
    value("REALTIME_PRESENCE_SERVICE_PORT", "ports.presence.http"),
    value("REALTIME_PRESENCE_SERVICE_METRICS_PORT", "ports.presence.metrics"),
    value("PROJECTOR_PORT", "ports.projector.http"),
    value("PROJECTOR_METRICS_PORT", "ports.projector.metrics"),
    text("NATS_URL", "nats.url"),
    text("ALLY_PREFIX", "nats.prefix"),
    value("NATS_REPLICAS", "nats.replicas"),
    value("NATS_STORE_LIMIT_BYTES", "nats.store_limit_bytes"),
    value("NATS_SHARE_BATCH_FROM", "nats.share_batch_from"),
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
    value("EVENT_STREAMS_MAX", "limits.event_streams"),
    value("EVENT_STREAMS_PER_ATHLETE", "limits.event_streams_per_athlete"),
    value("EVENT_STREAMS_PER_CLIENT", "limits.event_streams_per_client"),
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
    value("PRESENCE_LEASE_SECONDS", "presence.lease_seconds"),
    value("PRESENCE_GRACE_MS", "presence.grace_ms"),
    value("PRESENCE_REAP_EVERY_MS", "presence.reap_every_ms"),
    value("PRESENCE_MAX_MEMBERS", "presence.max_members"),
    value("PRESENCE_BIG_ROOM_FROM", "presence.big_room_from"),
    value("PRESENCE_MAX_CONNECTIONS", "presence.max_connections"),
    value("PRESENCE_CONNECTIONS_PER_USER", "presence.connections_per_user"),
    value("PRESENCE_CONNECTIONS_PER_ADDRESS", "presence.connections_per_address"),
    value("PRESENCE_MESSAGES_PER_SECOND", "presence.messages_per_second"),
    value("PRESENCE_MESSAGES_BURST", "presence.messages_burst"),
    value("PRESENCE_TRUST_USER_IDS", "presence.trust_user_ids"),
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
    text("ALLY_WEBHOOK_KEY", "webhooks.key"),
    value("WEBHOOK_MAX_IN_FLIGHT", "webhooks.max_in_flight"),
    value("WEBHOOK_PER_ENDPOINT", "webhooks.per_endpoint"),
    value("WEBHOOK_TIMEOUT_MS", "webhooks.timeout_ms"),
    value("WEBHOOK_MAX_ATTEMPTS", "webhooks.max_attempts"),
    value("WEBHOOK_RETRY_FIRST_MS", "webhooks.retry_first_ms"),
    value("WEBHOOK_RETRY_LONGEST_MS", "webhooks.retry_longest_ms"),
    value("WEBHOOK_REST_MS", "webhooks.rest_ms"),
    value("WEBHOOK_LONGEST_REST_MS", "webhooks.longest_rest_ms"),
    value("WEBHOOK_DISABLE_AFTER_SECONDS", "webhooks.disable_after_seconds"),
    value("WEBHOOK_ALLOW_LOOPBACK", "webhooks.allow_loopback"),
    text("OTEL_EXPORTER_OTLP_ENDPOINT", "observability.otlp_endpoint"),
    text("OTEL_EXPORTER_OTLP_PROTOCOL", "observability.otlp_protocol"),
    text("OTEL_EXPORTER_OTLP_HEADERS", "observability.otlp_headers"),
    text("JAEGER_ENDPOINT", "observability.jaeger_endpoint"),
    text("OTEL_SERVICE_NAME", "observability.service_name"),
    text("OTEL_RESOURCE_ATTRIBUTES", "observability.resource_attributes"),
    value("OTEL_SDK_DISABLED", "observability.disabled"),
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

/// The keys whose values are secrets or may carry one.
const SECRET_KEYS: [&str; 10] = [
    "nats.url",
    "database.url",
    "archive.url",
    "auth.jwt_secret",
    "llm.base_url",
    "llm.api_key",
    "webhooks.key",
    "observability.otlp_endpoint",
    "observability.otlp_headers",
    "observability.jaeger_endpoint",
];

/// Whether a value at this key may be or contain a secret; the key of a section does.
pub(super) fn leads_to_secret(path: &str) -> bool {
    let is_part =
        |of: &str, part: &str| of.strip_prefix(part).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    !path.is_empty() && SECRET_KEYS.iter().any(|key| is_part(key, path) || is_part(path, key))
}

/// Lays the environment over what was read so far. An empty variable counts as none.
///
/// # Errors
/// A sentence for each variable that cannot be meant as it stands; none repeats a value.
#[allow(clippy::disallowed_methods, reason = "this is the one place")]
pub(super) fn merge(mut figment: Figment) -> Result<Figment, Vec<String>> {
    let mut faults = Vec::new();
    for Variable { name, key, text } in VARIABLES {
        let Some(set) = std::env::var_os(name) else { continue };
        let value = match meant(&set) {
            Ok("") => continue,
            Ok(value) => value,
            // The shell sets the login, and whoever cannot be named by it is named by number.
            Err(_) if *key == "login" => continue,
            Err(fault) => {
                faults.push(format!("{name} {fault}"));
                continue;
            }
        };
        // What is no text is a number or yes or no: read as figment reads them, which takes any other text as it stands.
        let value = if *text { Value::from(value) } else { value.parse().unwrap_or_else(|never| match never {}) };
        figment = figment.merge(Serialized::global(key, value));
    }
    if faults.is_empty() { Ok(figment) } else { Err(faults) }
}

/// The value as it is meant, by one rule for every variable: white space around it is nobody's (a file from Windows ends its
/// lines with a carriage return), and quotes around it are of a file's syntax that nobody has read.
fn meant(set: &OsStr) -> Result<&str, &'static str> {
    let Some(text) = set.to_str() else { return Err("is not UTF-8; write it in UTF-8") };
    let text = text.trim();
    if ["\"", "'"].iter().any(|quote| text.len() > 1 && text.starts_with(quote) && text.ends_with(quote)) {
        return Err("stands in quotes, which would be a part of it; write it without them");
    }
    if text.chars().any(char::is_control) {
        return Err("holds a control character; write it on one line, without any");
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_variable_is_read_by_one_rule() {
        for (set, value) in
            [("a secret", "a secret"), ("  4000\r\n", "4000"), ("\r", ""), ("\"", "\""), ("it's", "it's")]
        {
            assert_eq!(meant(OsStr::new(set)), Ok(value), "{set:?}");
        }
        for (set, says) in [
            ("\"secret\"", "without them"),
            ("'secret'\r", "without them"),
            ("\"\"", "without them"),
            ("two\nlines", "one line"),
            ("nul\u{0}", "one line"),
        ] {
            let fault = meant(OsStr::new(set)).unwrap_err();
            assert!(fault.contains(says) && !fault.contains("secret"), "{set:?}: {fault}");
        }
    }

    #[test]
    fn a_section_leads_to_its_secret_and_no_further() {
        for path in ["auth", "auth.jwt_secret", "nats", "nats.url", "llm.api_key", "observability.otlp_endpoint"] {
            assert!(leads_to_secret(path), "{path}");
        }
        for path in ["", "nats.prefix", "ports.gateway", "auth.issuer", "databases"] {
            assert!(!leads_to_secret(path), "{path}");
        }
    }
}
