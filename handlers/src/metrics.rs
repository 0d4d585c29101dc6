//! What this crate counts. The names stand in `ally_telemetry::names`.

use std::time::Duration;

use ally_domain::event_data::EventType;
use ally_telemetry::names::{self, attempt_outcome, label, success};
use metrics::{counter, histogram};

/// An event of a newer version was met where something was to be decided, and nothing was.
pub fn newer_event(event_type: &EventType) {
    counter!(names::COMMAND_NEWER_EVENTS_TOTAL, label::TYPE => event_type.to_string()).increment(1);
}

/// Somebody appended first.
pub fn conflict(command: &'static str) {
    counter!(names::COMMAND_CONFLICTS_TOTAL, label::COMMAND => command).increment(1);
}

/// A command ended. The outcomes are those of `names::command_outcome`.
pub fn command(command: &'static str, outcome: &'static str) {
    counter!(names::COMMANDS_TOTAL, label::COMMAND => command, label::OUTCOME => outcome).increment(1);
}

/// A job was asked for by this event; a worker took it up after so long a wait.
pub fn job_waited(wait: Duration) {
    histogram!(names::JOB_WAIT_SECONDS).record(wait.as_secs_f64());
}

/// A plan job was accepted.
pub fn plan_requested() {
    counter!(names::PLAN_GENERATION_REQUESTS_TOTAL).increment(1);
}

/// A job ended with a plan.
pub fn plan_made(provider: &'static str) {
    counter!(names::PLAN_GENERATION_SUCCESS_TOTAL, label::PROVIDER => provider).increment(1);
}

/// A job ended without a plan, and nobody wanted it stopped. The reasons are those of `names::failure`.
pub fn plan_failed(provider: &'static str, reason: &'static str) {
    counter!(names::PLAN_GENERATION_FAILURES_TOTAL, label::PROVIDER => provider, label::REASON => reason).increment(1);
}

/// A job came to its end, in seconds from its request.
pub fn job_took(status: &'static str, seconds: f64) {
    histogram!(names::JOB_DURATION_SECONDS, label::STATUS => status).record(seconds);
}

/// An attempt to make a plan ended. The outcomes are those of `names::attempt_outcome`.
pub fn attempt_ended(provider: &'static str, outcome: &'static str, took: Duration) {
    counter!(names::PLAN_ATTEMPTS_TOTAL, label::PROVIDER => provider, label::OUTCOME => outcome).increment(1);
    let made = if outcome == attempt_outcome::MADE { success::OK } else { success::ERROR };
    histogram!(names::PLAN_GENERATION_DURATION_SECONDS, label::PROVIDER => provider, label::OUTCOME => made)
        .record(took.as_secs_f64());
}

/// The job will be tried again.
pub fn job_retried(provider: &'static str) {
    counter!(names::JOB_RETRIES_TOTAL, label::PROVIDER => provider).increment(1);
}

/// Jobs left the log for a segment of the archive.
pub fn archived(jobs: u64, events: u64, segment_bytes: u64) {
    counter!(names::ARCHIVE_JOBS_TOTAL).increment(jobs);
    counter!(names::ARCHIVE_EVENTS_TOTAL).increment(events);
    counter!(names::ARCHIVE_BYTES_TOTAL).increment(segment_bytes);
}

/// An orphaned job was treated: `put_back`, `parked`, `cancelled`, `requested`.
pub fn reconciled(remedy: &'static str) {
    counter!(names::JOBS_RECONCILED_TOTAL, label::OUTCOME => remedy).increment(1);
}
