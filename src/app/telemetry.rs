//! A role's telemetry, from the configuration.

use std::io::IsTerminal;

use ally_telemetry::endpoint;
use ally_telemetry::export::{LogFormat, LogOutput, OtlpProtocol, Telemetry, TelemetryConfig, default_sample_ratio};
use anyhow::Context;
use uuid::Uuid;

use crate::cli::terminal;
use crate::config::{Config, Role, Secret, pairs};

/// How `OTEL_EXPORTER_OTLP_PROTOCOL` spells gRPC.
const GRPC: &str = "grpc";

/// Builds what a role is observed by.
pub fn build(config: &Config, role: Role) -> anyhow::Result<Telemetry> {
    let observed = &config.observability;
    let headers = observed.otlp_headers.as_ref().map_or("", Secret::expose);
    let telemetry = TelemetryConfig {
        service_name: role.service().to_owned(),
        traced_as: observed.service_name.clone(),
        // A list that is none has been refused with the rest of the configuration.
        resource_attributes: pairs(&observed.resource_attributes).unwrap_or_default(),
        service_version: env!("CARGO_PKG_VERSION").to_owned(),
        instance_id: instance_id(role),
        environment: observed.environment.clone(),
        log_format: format(&observed.log_format),
        log_filter: observed.log_filter.clone(),
        log_output: LogOutput::Stderr,
        otlp_endpoint: endpoint_of(config, role)?.filter(|_| !observed.disabled),
        otlp_protocol: if observed.otlp_protocol == GRPC { OtlpProtocol::Grpc } else { OtlpProtocol::HttpProtobuf },
        otlp_headers: pairs(headers).unwrap_or_default(),
        span_memory: observed.span_memory.clone().filter(|_| !observed.disabled),
        sample_ratio: observed.sample_ratio.unwrap_or_else(|| default_sample_ratio(&observed.environment)),
    };
    Telemetry::new(telemetry).context("telemetry could not be built")
}

/// The process and a random part: in containers each process is the first.
fn instance_id(role: Role) -> String {
    let random = Uuid::new_v4().simple().to_string();
    format!("{}-{}-{}", role.as_str(), std::process::id(), random.get(..8).unwrap_or(&random))
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
