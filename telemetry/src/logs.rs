//! Logs: one line an event, with the role, the trace and the ids at hand.
//!
//! Deliberately not here: spans as log lines (traces show those) and any choice of what is logged by the other crates.

mod filter;
mod format;
mod ids;
mod line;

use std::io;
use std::sync::{Arc, OnceLock};

use tracing::Subscriber;
use tracing::dispatcher::WeakDispatch;
use tracing_subscriber::fmt::writer::BoxMakeWriter;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{EnvFilter, Layer};

use crate::config::{LogFormat, LogOutput, TelemetryConfig, TelemetryError};

/// The layer that writes a role's logs. `dispatch` is where the layer will live, known once it is built.
pub(crate) fn layer<S>(
    config: &TelemetryConfig,
    dispatch: Arc<OnceLock<WeakDispatch>>,
) -> Result<Box<dyn Layer<S> + Send + Sync>, TelemetryError>
where
    S: Subscriber + for<'a> LookupSpan<'a> + Send + Sync,
{
    let filter = EnvFilter::builder()
        .parse(&config.log_filter)
        .map_err(|error| TelemetryError::LogFilter { filter: config.log_filter.clone(), reason: error.to_string() })?;
    let lines = format::Lines { service: config.service_name.clone(), format: config.log_format, dispatch };
    let layer = tracing_subscriber::fmt::layer()
        .with_ansi(matches!(config.log_format, LogFormat::Text { colour: true }))
        .fmt_fields(ids::IdFields)
        .event_format(lines)
        .with_writer(writer(&config.log_output));
    Ok(Box::new(layer.with_filter(filter::LogFilter(filter))))
}

fn writer(output: &LogOutput) -> BoxMakeWriter {
    match output {
        LogOutput::Stdout => BoxMakeWriter::new(io::stdout),
        LogOutput::Stderr => BoxMakeWriter::new(io::stderr),
        LogOutput::Memory(buffer) => {
            let buffer = buffer.clone();
            BoxMakeWriter::new(move || buffer.clone())
        }
    }
}
