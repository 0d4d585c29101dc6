//! What a role's telemetry is built from. The binary reads the environment; here are only the values.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

pub use crate::span_memory::{MemoryLimits, MemoryUse, Search, SpanMemory, TraceOrder, TraceSummary};

/// One role's telemetry.
#[derive(Clone)]
pub struct TelemetryConfig {
    /// The role: one of [`names::service`](crate::names::service).
    pub service_name: String,
    /// What traces call the service, where that is not the role.
    pub traced_as: Option<String>,
    /// What else the deployment says of itself in traces.
    pub resource_attributes: BTreeMap<String, String>,
    /// The program's version.
    pub service_version: String,
    /// Which process of the role: unique among those alive at a time.
    pub instance_id: String,
    /// `development`, `production`, …
    pub environment: String,
    /// How a log line looks.
    pub log_format: LogFormat,
    /// Which events are logged, as `RUST_LOG` spells it: `info,ally_nats=debug`.
    pub log_filter: String,
    /// Where log lines go.
    pub log_output: LogOutput,
    /// The collector's base URL: `http://localhost:4318`. None: nothing is exported, and spans cost little.
    pub otlp_endpoint: Option<String>,
    /// How spans go there.
    pub otlp_protocol: OtlpProtocol,
    /// Headers of each export, for a collector that wants a key.
    pub otlp_headers: BTreeMap<String, String>,
    /// Where ended spans are kept in this process, beside a collector or without one.
    pub span_memory: Option<SpanMemory>,
    /// Which part of new traces is recorded, 0 to 1. A trace that came with the decision of somebody trusted keeps it.
    pub sample_ratio: f64,
}

impl TelemetryConfig {
    /// A role in development: readable logs at `info`, every trace recorded, nothing exported.
    #[must_use]
    pub fn development(service_name: impl Into<String>) -> Self {
        Self {
            service_name: service_name.into(),
            traced_as: None,
            resource_attributes: BTreeMap::new(),
            service_version: env!("CARGO_PKG_VERSION").to_owned(),
            instance_id: std::process::id().to_string(),
            environment: DEVELOPMENT.to_owned(),
            log_format: LogFormat::Text { colour: false },
            log_filter: "info".to_owned(),
            log_output: LogOutput::Stderr,
            otlp_endpoint: None,
            otlp_protocol: OtlpProtocol::HttpProtobuf,
            otlp_headers: BTreeMap::new(),
            span_memory: None,
            sample_ratio: default_sample_ratio(DEVELOPMENT),
        }
    }
}

/// Without the values of the headers, which are keys more often than not.
impl fmt::Debug for TelemetryConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TelemetryConfig")
            .field("service_name", &self.service_name)
            .field("traced_as", &self.traced_as)
            .field("resource_attributes", &self.resource_attributes)
            .field("service_version", &self.service_version)
            .field("instance_id", &self.instance_id)
            .field("environment", &self.environment)
            .field("log_format", &self.log_format)
            .field("log_filter", &self.log_filter)
            .field("log_output", &self.log_output)
            .field("otlp_endpoint", &self.otlp_endpoint.as_deref().map(crate::redact::text))
            .field("otlp_protocol", &self.otlp_protocol)
            .field("otlp_headers", &self.otlp_headers.keys())
            .field("sample_ratio", &self.sample_ratio)
            .finish()
    }
}

const DEVELOPMENT: &str = "development";

/// The part of traces that an environment records unless it is told otherwise: everything where people look at single
/// requests, a tenth where the number of requests would drown the collector.
#[must_use]
pub fn default_sample_ratio(environment: &str) -> f64 {
    if environment == "production" { 0.1 } else { 1.0 }
}

/// How spans go to a collector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OtlpProtocol {
    /// Protobuf over HTTP, port 4318 by convention.
    HttpProtobuf,
    /// gRPC, port 4317 by convention.
    Grpc,
}

/// How a log line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// One JSON object a line, for machines.
    Json,
    /// For a person at a terminal.
    Text {
        /// Whether the level is coloured.
        colour: bool,
    },
}

/// Where log lines go.
#[derive(Debug, Clone)]
pub enum LogOutput {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
    /// Memory: tests read it back.
    Memory(LogBuffer),
}

/// Log lines kept in memory. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct LogBuffer(Arc<Mutex<Vec<u8>>>);

impl LogBuffer {
    /// All that was logged so far.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }
}

impl Write for LogBuffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Why telemetry cannot start.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The log filter does not parse.
    #[error(
        "log filter {filter:?} is not valid: {reason}; write LEVEL or TARGET=LEVEL, with commas between: info,ally_nats=debug"
    )]
    LogFilter {
        /// What was given.
        filter: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The sample ratio is no part of a whole.
    #[error("sample ratio {ratio} is not between 0 (no trace) and 1 (every trace)")]
    SampleRatio {
        /// What was given.
        ratio: f64,
    },
    /// The collector's address cannot be used.
    #[error(transparent)]
    Endpoint(#[from] crate::endpoint::InvalidEndpoint),
    /// The exporter could not be built.
    #[error("the exporter to {endpoint} cannot be built: {reason}")]
    Exporter {
        /// Where it should export to.
        endpoint: String,
        /// What is wrong.
        reason: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_holds_no_key() {
        let mut config = TelemetryConfig::development("gateway-bff");
        config.otlp_headers = [("x-key".to_owned(), "hunter2".to_owned())].into();
        config.otlp_endpoint = Some("https://ally:hunter2@otlp.example.org".into());
        let shown = format!("{config:?}");
        assert!(shown.contains("x-key") && !shown.contains("hunter2"), "{shown}");
    }

    #[test]
    fn production_records_a_part_and_development_everything() {
        assert!((0.1..=0.2).contains(&default_sample_ratio("production")));
        assert!((default_sample_ratio("development") - 1.0).abs() < f64::EPSILON);
    }
}
