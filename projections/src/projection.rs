//! What every projection is: a name, the streams that feed it, the tables it fills, and how events become rows.
//!
//! To add one: a migration that makes its tables, a module with `view.rs` (the pure fold), `apply.rs` and `query.rs`, an entry
//! in [`PROJECTIONS`], a line in [`for_stream`]. Where the log is long, rebuild it before the first projector that knows it
//! starts: that one would read the whole stream again for it, and keep the stream's other views waiting.

use ally_domain::envelope::Recorded;
use ally_domain::event_data::EventType;
use async_trait::async_trait;
use time::OffsetDateTime;

use crate::athlete_profile::AthleteProfiles;
use crate::database::{DatabaseError, Statements};
use crate::dead_letter::DeadLetters;
use crate::fact::{Fact, Known};
use crate::job_status::{PromisedJobs, RequestedJobs};
use crate::job_timeline::Timelines;
use crate::plan::Plans;
use crate::workout::Workouts;

/// The log of plan jobs and plans.
pub(crate) const PLANS: &str = "PLANS";
/// The log of onboarding and profiles.
pub(crate) const ONBOARDING: &str = "ONBOARDING";
/// What was given up, and what was done about it.
pub(crate) const DEAD_LETTERS: &str = "DLQ";
/// The streams that tell of jobs.
const OF_JOBS: [&str; 2] = [ONBOARDING, PLANS];
/// Every stream that is projected.
pub(crate) const STREAMS: [&str; 3] = [ONBOARDING, PLANS, DEAD_LETTERS];

/// Whether a stream forgets by age, so that its end may be gone while its numbers go on.
pub(crate) fn forgets(stream: &str) -> bool {
    stream == DEAD_LETTERS
}

/// A table of a projection.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Table {
    pub name: &'static str,
    /// Its primary key.
    pub key: &'static [&'static str],
    /// Which rows say something: a count of zero says what no row says.
    pub meaningful: &'static str,
}

/// A projection by name: what `rebuild` and `verify` work on.
#[derive(Debug, PartialEq, Eq)]
pub struct Definition {
    /// `job_status`
    pub name: &'static str,
    /// The streams that feed it.
    pub streams: &'static [&'static str],
    pub(crate) tables: &'static [Table],
}

/// Every projection there is.
pub const PROJECTIONS: &[Definition] = &[
    Definition {
        name: "job_status",
        streams: &OF_JOBS,
        tables: &[
            Table { name: "job_status", key: &["job_id"], meaningful: "true" },
            Table { name: "job_count", key: &["owner", "status"], meaningful: "jobs <> 0" },
            Table { name: "job_count_by_athlete", key: &["athlete_id"], meaningful: "open_jobs <> 0" },
        ],
    },
    Definition {
        name: "job_timeline",
        streams: &OF_JOBS,
        tables: &[Table { name: "job_timeline", key: &["job_id", "stream", "sequence"], meaningful: "true" }],
    },
    Definition {
        name: "plan",
        streams: &[PLANS],
        tables: &[Table { name: "plan", key: &["plan_id", "version"], meaningful: "true" }],
    },
    Definition {
        name: "workout",
        streams: &[PLANS],
        tables: &[Table { name: "workout", key: &["plan_id", "entry_id"], meaningful: "true" }],
    },
    Definition {
        name: "athlete_profile",
        streams: &[ONBOARDING],
        tables: &[
            Table { name: "athlete_profile", key: &["athlete_id"], meaningful: "true" },
            Table { name: "athlete_profile_revision", key: &["athlete_id", "revision"], meaningful: "true" },
        ],
    },
    Definition {
        name: "dead_letter",
        streams: &[DEAD_LETTERS],
        // What the stream has forgotten is no row any more, whether it was tidied away or not.
        tables: &[Table { name: "dead_letter", key: &["sequence"], meaningful: "keep_until > now()" }],
    },
];

/// Turns events of one stream into the rows of one projection.
#[async_trait]
pub(crate) trait Projection: Send + Sync {
    /// The projection's name, one of [`PROJECTIONS`].
    fn name(&self) -> &'static str;

    /// Whether events of a type need to be parsed for it. A plan is a hundred times as long as what a job says: where only
    /// jobs are folded, plans are passed over unread.
    fn reads(&self, _event_type: &EventType) -> bool {
        true
    }

    /// Whether an event changes anything here.
    fn concerns(&self, fact: &Fact) -> bool;

    /// Writes what the events change. They come in order; what was applied before changes nothing.
    async fn apply(&mut self, events: &[&Known], to: &Statements<'_>) -> Result<(), DatabaseError>;

    /// Drops what it remembers of rows: the transaction was rolled back, or somebody else has written.
    fn forget(&mut self) {}
}

/// The projections that a stream feeds.
pub(crate) fn for_stream(stream: &str) -> Vec<Box<dyn Projection>> {
    match stream {
        PLANS => vec![Box::new(RequestedJobs::default()), Box::new(Timelines), Box::new(Plans), Box::new(Workouts)],
        ONBOARDING => vec![Box::new(PromisedJobs), Box::new(Timelines), Box::new(AthleteProfiles)],
        DEAD_LETTERS => vec![Box::new(DeadLetters)],
        _ => Vec::new(),
    }
}

/// An event's time with the precision that PostgreSQL keeps, so that a row and a fold of the log agree.
pub(crate) fn at(event: &Recorded) -> OffsetDateTime {
    micros(event.at)
}

/// A time cut to microseconds.
pub(crate) fn micros(time: OffsetDateTime) -> OffsetDateTime {
    time.replace_microsecond(time.microsecond()).unwrap_or(time).to_offset(time::UtcOffset::UTC)
}

/// A sequence as PostgreSQL counts: no stream gets near the end of 63 bits.
pub(crate) fn sequence(sequence: u64) -> i64 {
    i64::try_from(sequence).unwrap_or(i64::MAX)
}
