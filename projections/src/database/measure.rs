//! What is counted and timed of statements: each one to its end, also when nobody waits for it any more.
//!
//! Deliberately not here: their spans (`observe`).

use ally_telemetry::names::{self, label, query_outcome};
use ally_telemetry::series;
use tokio::time::Instant;

/// What a role reads.
const READ: [(&str, &str); 18] = [
    ("SELECT", "athlete_profile"),
    ("SELECT", "athlete_profile_revision"),
    ("SELECT", "channel_metadata"),
    ("SELECT", "dead_letter"),
    ("SELECT", "job_count"),
    ("SELECT", "job_count_by_athlete"),
    ("SELECT", "job_status"),
    ("SELECT", "job_timeline"),
    ("SELECT", "ping"),
    ("SELECT", "plan"),
    ("SELECT", "presence_member"),
    ("SELECT", "presence_room"),
    ("SELECT", "projection_checkpoint"),
    ("SELECT", "projection_failure"),
    ("SELECT", "settings"),
    ("SELECT", "webhook_delivery"),
    ("SELECT", "webhook_endpoint"),
    ("SELECT", "workout"),
];

/// What projectors do beside it.
const WRITTEN: [(&str, &str); 29] = [
    ("BEGIN", "transaction"),
    ("COMMIT", "transaction"),
    ("DELETE", "dead_letter"),
    ("DELETE", "job_count_by_athlete"),
    ("DELETE", "presence_member"),
    ("DELETE", "presence_room"),
    ("DELETE", "projection_failure"),
    ("DELETE", "webhook_delivery"),
    ("INSERT", "athlete_profile_revision"),
    ("INSERT", "job_timeline"),
    ("INSERT", "plan"),
    ("INSERT", "presence_member"),
    ("INSERT", "presence_room"),
    ("INSERT", "projection_failure"),
    ("INSERT", "webhook_delivery"),
    ("INSERT", "workout"),
    ("NOTIFY", "job_status"),
    ("NOTIFY", "projection_checkpoint"),
    ("UPDATE", "projection_checkpoint"),
    ("UPSERT", "athlete_profile"),
    ("UPSERT", "channel_metadata"),
    ("UPSERT", "dead_letter"),
    ("UPSERT", "job_count"),
    ("UPSERT", "job_count_by_athlete"),
    ("UPSERT", "job_status"),
    ("UPSERT", "presence_member"),
    ("UPSERT", "presence_room"),
    ("UPSERT", "webhook_delivery"),
    ("UPSERT", "webhook_endpoint"),
];

/// Shows at zero what is counted of statements, in a role that reads and in one that writes too.
pub(super) fn begin_series(writes: bool) {
    let written = if writes { &WRITTEN[..] } else { &[] };
    for (operation, table) in READ.iter().chain(written) {
        let statement = [(label::OPERATION, &[*operation][..]), (label::TABLE, &[*table][..])];
        let [operation, table] = statement;
        let outcomes = (label::OUTCOME, &query_outcome::ALL[..]);
        series::begin(names::DATABASE_QUERIES_TOTAL, &[operation, table, outcomes]);
        series::begin(names::DATABASE_QUERY_DURATION_SECONDS, &statement);
    }
}

/// A statement under way. One that is dropped was given up by who asked, and it took as long as that one waited.
pub(crate) struct Measured {
    operation: &'static str,
    table: &'static str,
    begun: Instant,
    ended: bool,
}

impl Measured {
    pub(crate) fn begin(operation: &'static str, table: &'static str) -> Self {
        let known = READ.iter().chain(&WRITTEN).any(|known| *known == (operation, table));
        debug_assert!(known, "{operation} {table} is no statement that figures know: add it to the list");
        Self { operation, table, begun: Instant::now(), ended: false }
    }

    /// It ended; the outcomes are those of `names::query_outcome`.
    pub(crate) fn end(mut self, outcome: &'static str) {
        self.count(outcome);
    }

    fn count(&mut self, outcome: &'static str) {
        self.ended = true;
        let Self { operation, table, .. } = *self;
        metrics::counter!(names::DATABASE_QUERIES_TOTAL,
            label::OPERATION => operation, label::TABLE => table, label::OUTCOME => outcome)
        .increment(1);
        metrics::histogram!(names::DATABASE_QUERY_DURATION_SECONDS,
            label::OPERATION => operation, label::TABLE => table)
        .record(self.begun.elapsed().as_secs_f64());
    }
}

impl Drop for Measured {
    fn drop(&mut self) {
        if !self.ended {
            self.count(query_outcome::DROPPED);
        }
    }
}
