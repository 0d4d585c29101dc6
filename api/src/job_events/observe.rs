//! What is counted of streams.

use std::time::Duration;

use ally_telemetry::names::{self, label};
use ally_telemetry::series;
use metrics::{counter, gauge, histogram};

use super::message::EndReason;

/// A client that went by itself, beside the reasons that clients are given.
const GONE: &str = "gone";

/// Shows at zero what is counted.
pub(super) fn begin_series() {
    let reasons: Vec<&str> = EndReason::ALL.iter().map(|reason| reason.as_str()).chain([GONE]).collect();
    series::begin(names::EVENT_STREAM_ENDS_TOTAL, &[(label::REASON, &reasons)]);
    series::begin(names::EVENT_STREAM_EVENTS_TOTAL, &[]);
    series::begin(names::EVENT_STREAM_DELAY_SECONDS, &[]);
    gauge!(names::EVENT_STREAMS).set(0.0);
}

/// A stream that is open; it counts for as long as this lives.
pub(super) struct OpenStream(());

impl OpenStream {
    pub(super) fn new() -> Self {
        gauge!(names::EVENT_STREAMS).increment(1.0);
        Self(())
    }
}

impl Drop for OpenStream {
    fn drop(&mut self) {
        gauge!(names::EVENT_STREAMS).decrement(1.0);
    }
}

/// An event went out, so long behind its moment.
pub(super) fn count_event(delay: Duration) {
    counter!(names::EVENT_STREAM_EVENTS_TOTAL).increment(1);
    histogram!(names::EVENT_STREAM_DELAY_SECONDS).record(delay);
}

/// A stream ended; without a reason its client went.
pub(super) fn ended(reason: Option<EndReason>) {
    let reason = reason.map_or(GONE, EndReason::as_str);
    counter!(names::EVENT_STREAM_ENDS_TOTAL, label::REASON => reason).increment(1);
}
