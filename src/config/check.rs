//! What a configuration must be beside well-typed, all faults at once.

use ally_api::check_origin;

use super::{Config, Role, Secret, pairs};

/// The shortest secret that HS256 is safe with.
const MIN_SECRET_BYTES: usize = 32;

pub(super) fn faults(config: &Config) -> Vec<String> {
    let mut faults = Vec::new();
    let mut require = |holds: bool, fault: String| {
        if !holds {
            faults.push(fault);
        }
    };
    let prefix = &config.nats.prefix;
    let token =
        (1..=32).contains(&prefix.len()) && prefix.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    require(token, format!("ALLY_PREFIX is {prefix:?}; use 1 to 32 letters, digits, '-' and '_'"));
    if let Some(replicas) = config.nats.replicas {
        require([1, 3, 5].contains(&replicas), format!("NATS_REPLICAS is {replicas}; use 1, 3 or 5"));
    }
    require(
        config
            .nats
            .url
            .expose()
            .split(',')
            .all(|url| ["nats://", "tls://"].iter().any(|scheme| url.trim().starts_with(scheme))),
        "NATS_URL is no address of a NATS server; write nats://host:4222, several separated by commas".into(),
    );
    require(
        ["postgres://", "postgresql://"].iter().any(|scheme| config.database.url.expose().starts_with(scheme)),
        "DATABASE_URL is no address of a PostgreSQL database; write postgres://user:password@host:5432/ally".into(),
    );
    if let Some(url) = &config.archive.url {
        require(
            url.expose().starts_with("file:///"),
            format!("ARCHIVE_URL is {url}; write file:///a/folder that every process reaches, or leave it out"),
        );
    }
    if let Some(secret) = &config.auth.jwt_secret {
        let bytes = secret.expose().len();
        require(
            bytes >= MIN_SECRET_BYTES,
            format!("ALLY_JWT_SECRET has {bytes} bytes; use at least {MIN_SECRET_BYTES} random ones"),
        );
    }
    if let Some(key) = &config.webhooks.key {
        let bytes = key.expose().len();
        require(
            bytes >= MIN_SECRET_BYTES,
            format!("ALLY_WEBHOOK_KEY has {bytes} bytes; use at least {MIN_SECRET_BYTES} random ones"),
        );
    }
    if let Some(ratio) = config.observability.sample_ratio {
        require((0.0..=1.0).contains(&ratio), format!("OTEL_TRACES_SAMPLER_ARG is {ratio}; use a share from 0 to 1"));
    }
    let observed = &config.observability;
    let protocol = observed.otlp_protocol.as_str();
    require(
        ["http/protobuf", "grpc"].contains(&protocol),
        format!("OTEL_EXPORTER_OTLP_PROTOCOL is {protocol:?}; use http/protobuf or grpc"),
    );
    // What they hold is not repeated: it may be a key.
    let headers = observed.otlp_headers.as_ref().map_or("", Secret::expose);
    for (name, list) in
        [("OTEL_EXPORTER_OTLP_HEADERS", headers), ("OTEL_RESOURCE_ATTRIBUTES", observed.resource_attributes.as_str())]
    {
        require(pairs(list).is_some(), format!("{name} is no list of pairs; write name=value,name=value"));
    }
    let format = config.observability.log_format.as_str();
    require(["auto", "json", "text"].contains(&format), format!("LOG_FORMAT is {format:?}; use auto, json or text"));
    for (name, number) in [
        ("NATS_SHARE_BATCH_FROM", config.nats.share_batch_from.unwrap_or(1) as u64),
        ("DATABASE_MAX_CONNECTIONS", config.database.max_connections as u64),
        ("ARCHIVE_EVERY_SECONDS", config.archive.every_seconds),
        ("RECONCILE_EVERY_SECONDS", config.workers.reconcile_every_seconds),
        ("ARCHIVE_SEGMENT_BYTES", config.archive.segment_bytes),
        ("MAX_BODY_BYTES", config.limits.body_bytes as u64),
        ("REQUEST_DEADLINE_MS", config.limits.request_deadline_ms),
        ("MAX_IN_FLIGHT", config.limits.max_in_flight as u64),
        ("EVENT_STREAMS_MAX", config.limits.event_streams as u64),
        ("RATE_LIMIT_ATHLETE_BURST", u64::from(config.limits.rate.athlete_burst)),
        ("RATE_LIMIT_CLIENT_BURST", u64::from(config.limits.rate.client_burst)),
        ("MAX_QUEUE_DEPTH", config.limits.max_queue_depth),
        ("PLANNER_MAX_IN_FLIGHT", config.workers.planner_max_in_flight as u64),
        ("PLANNER_EXPRESS_MAX_IN_FLIGHT", config.workers.planner_express_max_in_flight as u64),
        ("MAX_JOBS_PER_ATHLETE", config.workers.max_jobs_per_athlete as u64),
        ("ONBOARDING_MAX_IN_FLIGHT", config.workers.onboarding_max_in_flight as u64),
        ("MAX_ATTEMPTS", u64::from(config.workers.max_attempts)),
        ("ATTEMPT_DEADLINE_MS", config.workers.attempt_deadline_ms),
        ("ACK_WAIT_MS", config.workers.ack_wait_ms),
        ("WEBHOOK_MAX_IN_FLIGHT", config.webhooks.max_in_flight as u64),
        ("WEBHOOK_PER_ENDPOINT", config.webhooks.per_endpoint as u64),
        ("WEBHOOK_TIMEOUT_MS", config.webhooks.timeout_ms),
        ("WEBHOOK_MAX_ATTEMPTS", u64::from(config.webhooks.max_attempts)),
        ("WEBHOOK_RETRY_FIRST_MS", config.webhooks.retry_first_ms),
        ("WEBHOOK_RETRY_LONGEST_MS", config.webhooks.retry_longest_ms),
        ("WEBHOOK_REST_MS", config.webhooks.rest_ms),
        ("WEBHOOK_LONGEST_REST_MS", config.webhooks.longest_rest_ms),
        ("WEBHOOK_DISABLE_AFTER_SECONDS", config.webhooks.disable_after_seconds),
        ("PRESENCE_LEASE_SECONDS", config.presence.lease_seconds),
        ("PRESENCE_REAP_EVERY_MS", config.presence.reap_every_ms),
        ("PRESENCE_MAX_MEMBERS", config.presence.max_members as u64),
        ("PRESENCE_BIG_ROOM_FROM", config.presence.big_room_from as u64),
        ("PRESENCE_MAX_CONNECTIONS", config.presence.max_connections as u64),
        ("PRESENCE_MESSAGES_BURST", u64::from(config.presence.messages_burst)),
    ] {
        require(number > 0, format!("{name} is 0; use at least 1"));
    }
    let production = config.observability.environment == "production";
    require(
        !(production && config.presence.trust_user_ids),
        "PRESENCE_TRUST_USER_IDS lets anybody in as anybody, and ALLY_ENVIRONMENT is production; leave it out".into(),
    );
    require(
        !(production && config.webhooks.allow_loopback),
        "WEBHOOK_ALLOW_LOOPBACK lets webhooks be sent inside, and ALLY_ENVIRONMENT is production; leave it out".into(),
    );
    for origin in config.limits.cors_allowed_origins.split(',').filter(|origin| !origin.trim().is_empty()) {
        if let Err(error) = check_origin(origin) {
            require(false, format!("CORS_ALLOWED_ORIGINS holds what is no origin: {error}"));
        }
    }
    for fault in config.llm.faults(config.plans.provider, config.workers.attempt_deadline_ms) {
        require(false, fault);
    }
    let mut ports: Vec<u16> =
        Role::ALL.iter().map(|role| config.ports.of(*role)).flat_map(|ports| [ports.http, ports.metrics]).collect();
    ports.retain(|port| *port != 0);
    ports.sort_unstable();
    let twice: Vec<u16> = ports.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]).collect();
    require(
        twice.is_empty(),
        format!("port {twice:?} is given to two listeners; each role needs two ports of its own"),
    );
    faults
}
