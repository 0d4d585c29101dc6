//! What every projection is: a name, the streams that feed it, the tables it fills, and how events become rows.
//!
//! To add one: a migration that makes its tables, a module with `view.rs` (the pure fold), `apply.rs` and `query.rs`, an entry
//! in [`PROJECTIONS`], a line in [`for_stream`]. Where the log is long, rebuild it before the first projector that knows it
//! starts: that one would read the whole stream again for it, and keep the stream's other views waiting.

use ally_domain::dead_letter::DeadLetterEvent;
use ally_domain::envelope::Recorded;
use ally_domain::event_data::{self, EventType};
use ally_domain::ids::AggregateKind;
use async_trait::async_trait;
use time::OffsetDateTime;

use crate::athlete_profile::AthleteProfiles;
use crate::channel::ChannelMetadata;
use crate::database::{DatabaseError, Statements};
use crate::dead_letter::DeadLetters;
use crate::fact::{Fact, Known};
use crate::job_status::{PromisedJobs, RequestedJobs};
use crate::job_timeline::Timelines;
use crate::plan::Plans;
use crate::presence::Presence;
use crate::webhook::{WebhookDeliveries, WebhookEndpoints};
use crate::workout::Workouts;

/// The log of plan jobs and plans.
pub(crate) const PLANS: &str = "PLANS";
/// The log of onboarding and profiles.
pub(crate) const ONBOARDING: &str = "ONBOARDING";
/// Who came into which room of presence, changed there, and went.
pub(crate) const PRESENCE: &str = "PRESENCE";
/// What channels hold.
pub(crate) const CHANNELS: &str = "CHANNELS";
/// The endpoints of apps.
pub(crate) const WEBHOOKS: &str = "WEBHOOKS";
/// Webhooks on their way, and how they ended.
pub(crate) const DELIVERIES: &str = "DELIVERIES";
/// What was given up, and what was done about it.
pub(crate) const DEAD_LETTERS: &str = "DLQ";
/// The streams that tell of jobs.
const OF_JOBS: [&str; 2] = [ONBOARDING, PLANS];
/// Every stream that is projected.
pub(crate) const STREAMS: [&str; 7] = [ONBOARDING, PLANS, PRESENCE, CHANNELS, WEBHOOKS, DELIVERIES, DEAD_LETTERS];

/// Whether a stream forgets by age, so that its end may be gone while its numbers go on.
pub(crate) fn forgets(stream: &str) -> bool {
    matches!(stream, DEAD_LETTERS | PRESENCE | DELIVERIES)
}

/// Whether a stream that forgets by age holds other messages than what readers are given: what waits for another try. One of those may
/// be its last message when all its events are gone.
pub(crate) fn holds_schedules(stream: &str) -> bool {
    stream == DELIVERIES
}

/// Whether every sequence of a stream is an event's, so that one which is not there when it is read was taken away before. In
/// the logs of jobs, athletes and deliveries schedules and archived histories leave numbers behind, and of dead letters none is missed that
/// could still be put back.
pub(crate) fn is_gapless(stream: &str) -> bool {
    stream == PRESENCE
}

/// A table of a projection.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Table {
    pub name: &'static str,
    /// Its primary key.
    pub key: &'static [&'static str],
    /// Which rows say something: a count of zero says what no row says.
    pub meaningful: &'static str,
    /// The indexes beside the key by which the fold itself looks for rows: a table that is filled has them from the beginning.
    pub sought_by: &'static [&'static str],
}

impl Table {
    /// A table of which every row says something, and whose rows are found by their keys.
    const fn new(name: &'static str, key: &'static [&'static str]) -> Self {
        Self { name, key, meaningful: "true", sought_by: &[] }
    }

    /// Of its rows only those say something that fulfil a condition.
    const fn where_only(self, meaningful: &'static str) -> Self {
        Self { meaningful, ..self }
    }
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
            Table::new("job_status", &["job_id"]),
            Table::new("job_count", &["owner", "status"]).where_only("jobs <> 0"),
            Table::new("job_count_by_athlete", &["athlete_id"]).where_only("open_jobs <> 0"),
        ],
    },
    Definition {
        name: "job_timeline",
        streams: &OF_JOBS,
        tables: &[Table::new("job_timeline", &["job_id", "stream", "sequence"])],
    },
    Definition { name: "plan", streams: &[PLANS], tables: &[Table::new("plan", &["plan_id", "version"])] },
    Definition { name: "workout", streams: &[PLANS], tables: &[Table::new("workout", &["plan_id", "entry_id"])] },
    Definition {
        name: "athlete_profile",
        streams: &[ONBOARDING],
        tables: &[
            Table::new("athlete_profile", &["athlete_id"]),
            Table::new("athlete_profile_revision", &["athlete_id", "revision"]),
        ],
    },
    Definition {
        name: "presence",
        streams: &[PRESENCE],
        tables: &[
            Table {
                sought_by: &["presence_member_present", "presence_member_of_user", "presence_member_by_age"],
                ..Table::new("presence_member", &["room", "conn_id", "joined_sequence"])
            },
            Table::new("presence_room", &["room"]),
        ],
    },
    Definition {
        name: "channel_metadata",
        streams: &[CHANNELS],
        tables: &[Table::new("channel_metadata", &["channel_type", "channel_name"])],
    },
    Definition {
        name: "webhook_endpoint",
        streams: &[WEBHOOKS],
        tables: &[Table::new("webhook_endpoint", &["endpoint_id"])],
    },
    Definition {
        name: "webhook_delivery",
        streams: &[DELIVERIES],
        tables: &[Table {
            sought_by: &["webhook_delivery_by_age"],
            ..Table::new("webhook_delivery", &["delivery_id"])
        }],
    },
    Definition {
        name: "dead_letter",
        streams: &[DEAD_LETTERS],
        // What the stream has forgotten is no row any more, whether it was tidied away or not.
        tables: &[Table::new("dead_letter", &["sequence"]).where_only("keep_until > now()")],
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

    /// Takes over from the live tables what lies before the first event that can still be read, where a stream forgets by age:
    /// the fold of what is left then goes on from there. The fresh tables are those of the search path.
    async fn carry_over(&mut self, _first: u64, _to: &Statements<'_>) -> Result<(), DatabaseError> {
        Ok(())
    }

    /// Drops what it remembers of rows: the transaction was rolled back, or somebody else has written.
    fn forget(&mut self) {}
}

/// The types of the events that a stream holds.
pub(crate) fn types_of(stream: &str) -> Vec<EventType> {
    let kinds: &[AggregateKind] = match stream {
        PLANS => &[AggregateKind::Job, AggregateKind::Plan],
        ONBOARDING => &[AggregateKind::Athlete],
        PRESENCE => &[AggregateKind::Room],
        CHANNELS => &[AggregateKind::Channel],
        WEBHOOKS => &[AggregateKind::Webhook],
        DELIVERIES => &[AggregateKind::Delivery],
        DEAD_LETTERS => return event_data::types::<DeadLetterEvent>(),
        _ => &[],
    };
    kinds.iter().copied().flat_map(event_data::types_of).collect()
}

/// The projections that a stream feeds.
pub(crate) fn for_stream(stream: &str) -> Vec<Box<dyn Projection>> {
    match stream {
        PLANS => vec![Box::new(RequestedJobs::default()), Box::new(Timelines), Box::new(Plans), Box::new(Workouts)],
        ONBOARDING => vec![Box::new(PromisedJobs), Box::new(Timelines), Box::new(AthleteProfiles)],
        PRESENCE => vec![Box::new(Presence)],
        CHANNELS => vec![Box::new(ChannelMetadata)],
        WEBHOOKS => vec![Box::new(WebhookEndpoints)],
        DELIVERIES => vec![Box::new(WebhookDeliveries)],
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
