//! What every test starts from.

use std::time::Duration;

use ally_telemetry::export::{LogBuffer, LogFormat, LogOutput, Telemetry, TelemetryConfig};
use ally_telemetry::testing::OtlpReceiver;
use ally_telemetry::trace_tree::TraceSpan;
use serde_json::Value;

/// Far more than anything here takes; only a failure waits for it.
pub const DEADLINE: Duration = Duration::from_secs(20);

pub fn config(service: &str) -> (TelemetryConfig, LogBuffer) {
    let logs = LogBuffer::default();
    let config = TelemetryConfig {
        log_format: LogFormat::Json,
        log_output: LogOutput::Memory(logs.clone()),
        ..TelemetryConfig::development(service)
    };
    (config, logs)
}

pub fn exporting(service: &str, receiver: &OtlpReceiver) -> (Telemetry, LogBuffer) {
    let (config, logs) = config(service);
    let telemetry = Telemetry::new(TelemetryConfig { otlp_endpoint: Some(receiver.endpoint()), ..config }).unwrap();
    (telemetry, logs)
}

/// Runs a closure as the role: on this thread only, while it runs.
pub fn as_role<T>(telemetry: &Telemetry, work: impl FnOnce() -> T) -> T {
    tracing::dispatcher::with_default(&telemetry.dispatch(), || {
        metrics::with_local_recorder(telemetry.recorder(), work)
    })
}

pub fn lines(logs: &LogBuffer) -> Vec<Value> {
    logs.text()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect()
}

/// The only span of a name.
pub fn named<'a>(spans: &'a [TraceSpan], name: &str) -> &'a TraceSpan {
    let mut found = spans.iter().filter(|span| span.name == name);
    let span = found.next().unwrap_or_else(|| panic!("no span {name:?} in {spans:#?}"));
    assert!(found.next().is_none(), "{name:?} more than once");
    span
}

pub fn has(names: &[&str]) -> impl Fn(&[TraceSpan]) -> bool {
    move |spans| names.iter().all(|name| spans.iter().any(|span| span.name == *name))
}
