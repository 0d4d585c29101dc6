//! What a generator says when it is done, for the one who started it.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::api::{Api, Job};
use super::check::Checked;
use super::latency::Latency;
use crate::usage::ByProgram;

/// Jobs that were submitted, and what became of them.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LoadReport {
    /// Jobs that were to be submitted.
    pub jobs: u64,
    /// Jobs that were accepted, and how many ids they have.
    pub accepted: u64,
    pub distinct_ids: u64,
    /// Jobs that came to their plan, to another end, and to none by the deadline.
    pub done: u64,
    pub failed: u64,
    pub unfinished: u64,
    /// As many accepted, distinct and done as were submitted.
    pub exact: bool,
    /// From the first submission to the last acceptance, and to the last completion that was seen.
    pub accept_seconds: f64,
    pub seconds: f64,
    /// Completed jobs over these seconds.
    pub jobs_per_second: f64,
    /// From the submission to its 202; in an open loop from its scheduled moment.
    pub accept: Latency,
    /// From the scheduled moment to the first answer that says completed. Only in an open loop.
    pub completed: Option<Latency>,
    /// How late the generator itself was. Only in an open loop.
    pub send_lag: Option<Latency>,
    /// What the measured processes used in these seconds, and the generator.
    pub usage: ByProgram,
    pub generator_cpu_seconds: f64,
    /// Submissions that were turned away (429, 503) and sent again.
    pub turned_away: u64,
    /// Requests that came to nothing, and the first of them.
    pub errors: u64,
    pub first_error: Option<String>,
    /// Questions for states, and those that found a job open when everything was thought to be done.
    pub polls: u64,
    pub found_late: u64,
    pub reconnected: u64,
}

/// What a loop measured, before its jobs were counted.
pub struct Measured {
    pub jobs: u64,
    pub accept_seconds: f64,
    pub seconds: f64,
    pub accept: Latency,
    pub completed: Option<Latency>,
    pub send_lag: Option<Latency>,
    pub usage: ByProgram,
    pub generator_cpu_seconds: f64,
}

impl LoadReport {
    /// Adds up.
    pub fn new(api: &Api, accepted: &[Job], checked: Checked, measured: Measured) -> Self {
        let distinct = accepted.iter().map(|job| job.id.as_str()).collect::<HashSet<_>>().len() as u64;
        let (of, counts, done) = (accepted.len() as u64, api.counts(), checked.completed);
        Self {
            jobs: measured.jobs,
            accepted: of,
            distinct_ids: distinct,
            done,
            failed: checked.failed,
            unfinished: checked.unfinished,
            exact: [of, distinct, done] == [measured.jobs; 3],
            accept_seconds: measured.accept_seconds,
            seconds: measured.seconds,
            jobs_per_second: done as f64 / measured.seconds,
            accept: measured.accept,
            completed: measured.completed,
            send_lag: measured.send_lag,
            usage: measured.usage,
            generator_cpu_seconds: measured.generator_cpu_seconds,
            turned_away: counts.turned_away,
            errors: counts.errors,
            first_error: api.first_error(),
            polls: counts.polls,
            found_late: checked.found_late,
            reconnected: api.reconnected(),
        }
    }
}

/// Requests that were answered.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RequestReport {
    pub requests: u64,
    pub errors: u64,
    pub first_error: Option<String>,
    pub seconds: f64,
    pub requests_per_second: f64,
    pub latency: Latency,
    pub usage: ByProgram,
    pub generator_cpu_seconds: f64,
}
