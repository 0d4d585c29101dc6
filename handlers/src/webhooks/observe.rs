//! What is counted and traced of webhooks: endpoints by how they stand, attempts by how they ended; no address and no message.

use std::time::{Duration, Instant};

use ally_domain::ids::EndpointId;
use ally_domain::webhook::{Endpoint, WebhookMessage};
use ally_telemetry::names::{self, attr, endpoint_state, label, span, webhook_outcome};
use ally_telemetry::{propagation, series};
use metrics::{counter, gauge, histogram};
use time::OffsetDateTime;
use tracing::Span;

use super::send::{Failure, host_of};

/// An attempt under observation. One that is dropped before its end was given up: the worker ended.
pub(super) struct Attempt {
    span: Span,
    begun: Instant,
    ended: bool,
}

impl Attempt {
    pub(super) fn begin(id: &EndpointId, endpoint: &Endpoint, message: &WebhookMessage) -> Self {
        let (host, port) = host_of(endpoint);
        let span = tracing::info_span!(
            span::WEBHOOK,
            { attr::OTEL_NAME } = span::webhook(message.message_type.as_str()),
            { attr::OTEL_KIND } = span::kind::CLIENT,
            { attr::OTEL_STATUS_CODE } = tracing::field::Empty,
            { attr::OTEL_STATUS_DESCRIPTION } = tracing::field::Empty,
            { attr::ERROR_TYPE } = tracing::field::Empty,
            { attr::HTTP_REQUEST_METHOD } = "POST",
            { attr::HTTP_RESPONSE_STATUS_CODE } = tracing::field::Empty,
            { attr::SERVER_ADDRESS } = host,
            { attr::SERVER_PORT } = port,
            { attr::WEBHOOK_ENDPOINT_ID } = id.as_str(),
            { attr::MESSAGING_MESSAGE_ID } = message.id,
            { attr::JOB_ID } = message.data.get("jobId").and_then(|job| job.as_str()),
        );
        Self { span, begun: Instant::now(), ended: false }
    }

    pub(super) const fn span(&self) -> &Span {
        &self.span
    }

    /// The trace goes on at the receiver.
    pub(super) fn trace_headers(&self) -> impl Iterator<Item = (&'static str, String)> {
        let (traceparent, tracestate) = propagation::of(&self.span);
        let parent = traceparent.map(|value| ("traceparent", value));
        parent.into_iter().chain(tracestate.map(|value| ("tracestate", value)))
    }

    /// How long it lasted, in milliseconds.
    pub(super) fn end(mut self, answer: Result<u16, &Failure>) -> u64 {
        let status = answer.map_or_else(Failure::status, Some);
        if let Some(status) = status {
            self.span.record(attr::HTTP_RESPONSE_STATUS_CODE, status);
        }
        let outcome = match answer {
            Ok(_) => webhook_outcome::DELIVERED,
            Err(failure) => {
                self.span.record(attr::OTEL_STATUS_CODE, span::status::ERROR);
                self.span.record(attr::OTEL_STATUS_DESCRIPTION, failure.to_string());
                self.span.record(attr::ERROR_TYPE, failure.code());
                webhook_outcome::FAILED
            }
        };
        self.count(outcome);
        u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn count(&mut self, outcome: &'static str) {
        self.ended = true;
        counter!(names::WEBHOOK_ATTEMPTS_TOTAL, label::OUTCOME => outcome).increment(1);
        histogram!(names::WEBHOOK_ATTEMPT_DURATION_SECONDS, label::OUTCOME => outcome)
            .record(self.begun.elapsed().as_secs_f64());
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        if !self.ended {
            self.span.record(attr::ERROR_TYPE, webhook_outcome::CANCELLED);
            self.count(webhook_outcome::CANCELLED);
        }
    }
}

/// A message was taken, so long after what it tells of.
pub(super) fn delivered(happened: OffsetDateTime, now: OffsetDateTime) {
    let delay = Duration::try_from(now - happened).unwrap_or_default();
    histogram!(names::WEBHOOK_DELAY_SECONDS).record(delay.as_secs_f64());
}

/// A delivery was given up.
pub(super) fn given_up() {
    counter!(names::WEBHOOKS_GIVEN_UP_TOTAL).increment(1);
}

/// Shows how many endpoints there are, by how they stand.
#[allow(clippy::cast_precision_loss, reason = "there are fewer endpoints than a float has digits")]
pub(super) fn endpoints_are<'a>(endpoints: impl Iterator<Item = &'a Endpoint>) {
    let mut counts = [0_usize; endpoint_state::ALL.len()];
    for endpoint in endpoints {
        let state = match (endpoint.is_enabled(), endpoint.failing_since) {
            (false, _) => endpoint_state::DISABLED,
            (true, Some(_)) => endpoint_state::FAILING,
            (true, None) => endpoint_state::HEALTHY,
        };
        for (known, count) in endpoint_state::ALL.iter().zip(&mut counts) {
            *count += usize::from(*known == state);
        }
    }
    for (state, count) in endpoint_state::ALL.into_iter().zip(counts) {
        gauge!(names::WEBHOOK_ENDPOINTS, label::STATE => state).set(count as f64);
    }
}

/// Shows at zero what is counted of webhooks.
pub fn begin_series() {
    series::begin(names::WEBHOOK_ATTEMPTS_TOTAL, &[(label::OUTCOME, &webhook_outcome::ALL)]);
    series::begin(names::WEBHOOK_ATTEMPT_DURATION_SECONDS, &[(label::OUTCOME, &webhook_outcome::ALL)]);
    series::begin(names::WEBHOOK_DELAY_SECONDS, &[]);
    series::begin(names::WEBHOOKS_GIVEN_UP_TOTAL, &[]);
    endpoints_are(std::iter::empty());
}
