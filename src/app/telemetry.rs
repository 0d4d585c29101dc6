//! A role's telemetry, from the configuration.

use std::io::IsTerminal;

use ally_telemetry::endpoint;
use ally_telemetry::export::{LogFormat, LogOutput, Telemetry, TelemetryConfig, default_sample_ratio};
use anyhow::Context;

use crate::cli::terminal;
use crate::config::{Config, Role};

/// Builds what a role is observed by.
pub fn build(config: &Config, role: Role) -> anyhow::Result<Telemetry> {
    let observed = &config.observability;
    let telemetry = TelemetryConfig {
        service_name: role.service().to_owned(),
        service_version: env!("CARGO_PKG_VERSION").to_owned(),
        instance_id: format!("{}-{}", role.as_str(), std::process::id()),
        environment: observed.environment.clone(),
        log_format: format(&observed.log_format),
        log_filter: observed.log_filter.clone(),
        log_output: LogOutput::Stderr,
        otlp_endpoint: endpoint_of(config, role)?,
        otlp_headers: std::collections::BTreeMap::new(),
        span_memory: observed.span_memory.clone(),
        sample_ratio: observed.sample_ratio.unwrap_or_else(|| default_sample_ratio(&observed.environment)),
    };
    Telemetry::new(telemetry).context("telemetry could not be built")
}

fn format(name: &str) -> LogFormat {
    let terminal = std::io::stderr().is_terminal();
    match name {
        "json" => LogFormat::Json,
        _ => LogFormat::Text { colour: terminal },
    }
}

/// The collector: OTLP where it is set, otherwise what the old Jaeger variable means.
pub(super) fn endpoint_of(config: &Config, role: Role) -> anyhow::Result<Option<String>> {
    let observed = &config.observability;
    match (&observed.otlp_endpoint, &observed.jaeger_endpoint) {
        (Some(otlp), _) => Ok(Some(otlp.expose().to_owned())),
        (None, None) => Ok(None),
        (None, Some(jaeger)) => {
            let mapped = endpoint::from_jaeger(jaeger.expose())?;
            if role == Role::Gateway {
                terminal::note(&mapped.warning);
            }
            Ok(Some(mapped.endpoint))
        }
    }
}
