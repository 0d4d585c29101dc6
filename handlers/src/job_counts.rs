//! What is counted and logged of plan jobs: once when one is accepted, once when it ends, by the events that the log has stored.
//! A delivery that comes again, and an append that is repeated, store nothing and so count nothing.
//!
//! Deliberately not here: attempts, which their worker counts (`planner`).

use ally_domain::job::{Job, JobDecider, JobEvent, JobStatus};
use ally_telemetry::names::{failure, provider};
use time::OffsetDateTime;

use crate::execute::{Counted, Stored};
use crate::metrics;

impl Counted for JobDecider {
    const COMMANDS: &'static [&'static str] = &[
        "request_plan",
        "expedite_job",
        "start_job",
        "progress_job",
        "complete_job",
        "finish_job",
        "fail_attempt",
        "fail_job",
        "expire_job",
        "dead_letter_job",
        "redrive_job",
        "requeue_job",
        "cancel_job",
        "confirm_cancel",
        "archive_job",
    ];

    fn count(stored: &Stored<'_, Self>) {
        let Some(job) = &stored.state.0 else { return };
        for event in stored.events {
            match event {
                JobEvent::Requested(_) => metrics::plan_requested(),
                JobEvent::Completed(_) => {
                    metrics::plan_made(maker(stored, job));
                    ended(stored, job, JobStatus::Completed, None);
                }
                JobEvent::Failed(failed) => {
                    metrics::plan_failed(maker(stored, job), failed.code.as_str());
                    ended(stored, job, JobStatus::Failed, Some(failed.code.as_str()));
                }
                JobEvent::DeadLettered(_) => {
                    metrics::plan_failed(maker(stored, job), failure::DEAD_LETTERED);
                    ended(stored, job, JobStatus::DeadLettered, None);
                }
                JobEvent::Cancelled(_) => ended(stored, job, JobStatus::Cancelled, None),
                JobEvent::Expedited(_)
                | JobEvent::Started(_)
                | JobEvent::Progressed(_)
                | JobEvent::AttemptFailed(_)
                | JobEvent::Redriven(_)
                | JobEvent::Requeued(_)
                | JobEvent::CancelRequested(_)
                | JobEvent::Archived(_) => {}
            }
        }
    }
}

/// Who made the plan, or should have. The next version of a plan is asked of no provider.
fn maker(stored: &Stored<'_, JobDecider>, job: &Job) -> &'static str {
    match &job.requested {
        Some(requested) if requested.replan.is_some() => provider::ADAPTATION,
        _ => stored.provider,
    }
}

/// Since when a job could be worked on: the time before `notBefore` is no wait. Of one that was put forward before that moment
/// nobody knows when.
fn begun(stored: &Stored<'_, JobDecider>, job: &Job) -> Option<OffsetDateTime> {
    let since = stored.since?;
    match job.requested.as_ref().and_then(|requested| requested.not_before) {
        Some(not_before) if job.put_forward && stored.at < not_before => None,
        Some(not_before) => Some(not_before.max(since)),
        None => Some(since),
    }
}

/// The one line of a finished job. The reason of a dead letter may quote what others wrote, so it stays with the job.
fn ended(stored: &Stored<'_, JobDecider>, job: &Job, status: JobStatus, code: Option<&'static str>) {
    let took = begun(stored, job).map(|begun| (stored.at - begun).as_seconds_f64().max(0.0));
    if let Some(seconds) = took {
        metrics::job_took(status.as_str(), seconds);
    }
    tracing::info!(
        job_id = stored.id.as_str(),
        outcome = status.as_str(),
        code,
        attempts = job.attempts,
        duration_seconds = took,
        "a job ended"
    );
}
