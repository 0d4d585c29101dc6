//! How long each command on the bucket takes, and a span for whoever traces: the command and the key, never the value.

use std::time::Instant;

use ally_domain::ports::LeaseError;
use ally_domain::room::ConnId;
use ally_telemetry::names::{self, attr, label, span};
use ally_telemetry::series;
use tracing::{Instrument, Span};

/// The commands, as metrics and spans call them.
pub(super) mod command {
    pub(crate) const HOLD: &str = "hold";
    pub(crate) const HOLD_AFTER: &str = "hold_after";
    pub(crate) const RELEASE: &str = "release";
    pub(crate) const GET: &str = "get";
    pub(crate) const WATCH: &str = "watch";
    pub(super) const ALL: [&str; 5] = [HOLD, HOLD_AFTER, RELEASE, GET, WATCH];
}

/// Shows every command at zero.
pub(super) fn begin_series() {
    series::begin(names::LEASE_COMMAND_DURATION_SECONDS, &[(label::COMMAND, &command::ALL)]);
}

pub(super) async fn measured<T>(
    command: &'static str,
    conn: Option<ConnId>,
    work: impl Future<Output = Result<T, LeaseError>>,
) -> Result<T, LeaseError> {
    let started = Instant::now();
    let span = if Span::current().is_none() { Span::none() } else { span_of(command, conn) };
    let answer = work.instrument(span.clone()).await;
    metrics::histogram!(names::LEASE_COMMAND_DURATION_SECONDS, label::COMMAND => command)
        .record(started.elapsed().as_secs_f64());
    if let Err(error) = &answer {
        let kind = match error {
            LeaseError::Moved { .. } => "moved",
            LeaseError::Unavailable { .. } => "unavailable",
        };
        span.record(attr::OTEL_STATUS_CODE, span::status::ERROR);
        span.record(attr::ERROR_TYPE, kind);
    }
    answer
}

/// Of a command that belongs to what somebody asked for. Those that a node sends by itself, each few seconds for each connection,
/// are timed and no trace.
fn span_of(command: &'static str, conn: Option<ConnId>) -> Span {
    tracing::info_span!(
        span::LEASE,
        { attr::OTEL_NAME } = span::lease(command),
        { attr::OTEL_KIND } = span::kind::CLIENT,
        { attr::OTEL_STATUS_CODE } = tracing::field::Empty,
        { attr::ERROR_TYPE } = tracing::field::Empty,
        { attr::MESSAGING_SYSTEM } = attr::NATS,
        { attr::LEASE_COMMAND } = command,
        { attr::LEASE_KEY } = conn.map(tracing::field::display),
    )
}
