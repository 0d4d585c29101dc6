//! What each role counts of its work, shown at zero before it happens: `rate()` and alerts see the first event only then.
//!
//! Deliberately not here: presence and channels, which begin their own series; labels whose values are not known beforehand.

use ally_domain::athlete::AthleteDecider;
use ally_domain::job::{JobDecider, JobStatus, Remedy};
use ally_domain::plan::PlanDecider;
use ally_domain::webhook::{DeliveryDecider, EndpointDecider};
use ally_telemetry::names::{self, attempt_outcome, command_outcome, failure, label, provider, success};
use ally_telemetry::series::begin;

use crate::execute::Counted;

/// Of a role that takes requests from outside.
pub fn of_submissions() {
    begin_commands(&[
        JobDecider::COMMANDS,
        AthleteDecider::COMMANDS,
        PlanDecider::COMMANDS,
        EndpointDecider::COMMANDS,
        DeliveryDecider::COMMANDS,
    ]);
    begin(names::PLAN_GENERATION_REQUESTS_TOTAL, &[]);
    // A job that waits is stopped at once.
    begin(names::JOB_DURATION_SECONDS, &[(label::STATUS, &[JobStatus::Cancelled.as_str()])]);
}

/// Of the role that keeps the promises of onboardings.
pub fn of_onboarding() {
    begin_commands(&[JobDecider::COMMANDS]);
    begin(names::PLAN_GENERATION_REQUESTS_TOTAL, &[]);
}

/// Of a role that makes plans, by who makes them.
pub fn of_planner(maker: &'static str) {
    begin_commands(&[JobDecider::COMMANDS]);
    let makers = (label::PROVIDER, &[maker, provider::ADAPTATION][..]);
    begin(names::PLAN_ATTEMPTS_TOTAL, &[makers, (label::OUTCOME, &attempt_outcome::ALL)]);
    begin(names::PLAN_GENERATION_DURATION_SECONDS, &[makers, (label::OUTCOME, &success::ALL)]);
    begin(names::PLAN_GENERATION_SUCCESS_TOTAL, &[makers]);
    begin(names::JOB_RETRIES_TOTAL, &[makers]);
    begin(names::JOB_WAIT_SECONDS, &[]);
    begin_ends(maker);
}

/// Of the role that brings lost jobs back or to their ends, and moves those that ended long ago.
pub fn of_reconciler(maker: &'static str) {
    begin_commands(&[JobDecider::COMMANDS]);
    let remedies = [Remedy::PutBack, Remedy::Park, Remedy::Cancel, Remedy::Request].map(Remedy::as_str);
    begin(names::JOBS_RECONCILED_TOTAL, &[(label::OUTCOME, &remedies)]);
    begin(names::PLAN_GENERATION_REQUESTS_TOTAL, &[]);
    begin_ends(maker);
    for metric in [names::ARCHIVE_JOBS_TOTAL, names::ARCHIVE_EVENTS_TOTAL, names::ARCHIVE_BYTES_TOTAL] {
        begin(metric, &[]);
    }
}

fn begin_ends(maker: &'static str) {
    let makers = (label::PROVIDER, &[maker, provider::ADAPTATION][..]);
    begin(names::PLAN_GENERATION_FAILURES_TOTAL, &[makers, (label::REASON, &failure::ALL)]);
    let ends = JobStatus::ALL.into_iter().filter(|status| status.is_terminal()).map(JobStatus::as_str);
    begin(names::JOB_DURATION_SECONDS, &[(label::STATUS, &ends.collect::<Vec<_>>())]);
}

fn begin_commands(of: &[&[&'static str]]) {
    let commands = of.concat();
    begin(names::COMMANDS_TOTAL, &[(label::COMMAND, &commands), (label::OUTCOME, &command_outcome::ALL)]);
    begin(names::COMMAND_CONFLICTS_TOTAL, &[(label::COMMAND, &commands)]);
}
