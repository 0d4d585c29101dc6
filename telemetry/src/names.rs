//! Every name by which Ally is observed, once: metrics, labels and their values, spans, span attributes.
//!
//! Nothing else in the house spells such a name; dashboards, alerts and the compose stack are tested against this list.
//! Deliberately not here: wire names of messages (crate `ally-nats`) and the code that records anything.
//!
//! ```ignore
//! use ally_telemetry::names::{self, attr, label, publish, span};
//!
//! metrics::counter!(names::MESSAGES_PUBLISHED_TOTAL,
//!     label::STREAM => "PLANS", label::TYPE => "plan_job.requested.v1", label::OUTCOME => publish::STORED).increment(1);
//!
//! let span = tracing::info_span!(span::SEND,
//!     otel.name = span::send("ally.es.job.{id}.requested"), otel.kind = span::kind::PRODUCER,
//!     { attr::MESSAGING_SYSTEM } = attr::NATS, { attr::MESSAGING_DESTINATION_NAME } = "PLANS");
//! ```

pub mod attr;
pub mod buckets;
pub mod label;
mod metric;
pub mod span;
mod values;

pub use label::{
    attempt_outcome, circuit, command_outcome, dependency, direction, endpoint_state, failure, figures, freshness,
    limit, llm_outcome, provider, publish, query_outcome, settlement, slot, success, webhook_outcome,
};
pub use metric::*;
pub use values::values;

use metrics::{KeyName, Recorder, SharedString, Unit as FacadeUnit};

/// Tells a recorder the meaning and unit of every metric, so that `/metrics` carries them as `# HELP`.
pub fn describe(recorder: &dyn Recorder) {
    for metric in METRICS {
        let name = KeyName::from_const_str(metric.name);
        let unit = Some(match metric.unit {
            Unit::Count => FacadeUnit::Count,
            Unit::Seconds => FacadeUnit::Seconds,
            Unit::Bytes => FacadeUnit::Bytes,
        });
        let help = SharedString::const_str(metric.help());
        match metric.kind {
            Kind::Counter => recorder.describe_counter(name, unit, help),
            Kind::Gauge => recorder.describe_gauge(name, unit, help),
            Kind::Histogram => recorder.describe_histogram(name, unit, help),
        }
    }
}

/// The entry of a metric, by its name as Prometheus shows it. A histogram's `_bucket`, `_sum` and `_count` series find their metric.
#[must_use]
pub fn metric(series: &str) -> Option<&'static Metric> {
    METRICS.iter().find(|metric| {
        metric.name == series
            || (metric.kind == Kind::Histogram
                && ["_bucket", "_sum", "_count"].iter().any(|end| series.strip_suffix(end) == Some(metric.name)))
    })
}

/// The roles, as `service.name` and in `/metrics`.
pub mod service {
    /// The public REST API.
    pub const GATEWAY_BFF: &str = "gateway-bff";
    /// The onboarding worker.
    pub const PROFILE_ONBOARDING: &str = "profile-onboarding";
    /// The plan workers.
    pub const PLANNING_ENGINE: &str = "planning-engine";
    /// Rooms and leases.
    pub const REALTIME_PRESENCE_SERVICE: &str = "realtime-presence-service";
    /// Projections.
    pub const PROJECTOR: &str = "projector";
    /// Every role.
    pub const ALL: &[&str] = &[GATEWAY_BFF, PROFILE_ONBOARDING, PLANNING_ENGINE, REALTIME_PRESENCE_SERVICE, PROJECTOR];
}
