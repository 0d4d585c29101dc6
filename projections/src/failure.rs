//! Events that a view had to pass over: kept in a table, counted, told in the log, never waited for.

use ally_domain::envelope::{Position, Recorded};
use ally_domain::ports::Skipped;
use ally_telemetry::names::{self, label};
use ally_telemetry::series;
use deadpool_postgres::Transaction;

use crate::database::{DatabaseError, Statement, Statements, failed};
use crate::fact::Known;
use crate::projection::{Projection, sequence, types_of};

/// How many are kept for a projection of a stream: a newer version may write without end, and one is enough to know.
pub(crate) const KEPT: usize = 10_000;

/// In the place of an event's type, where nobody knows any more what the events were.
pub(crate) const MISSED: &str = "gone unread";

/// What figures call the type of an event that has none, or none of ours.
const OTHER: &str = "_other";

/// The types that figures of what is passed over in a stream know.
fn known_types(stream: &str) -> Vec<String> {
    let of_stream = types_of(stream).into_iter().map(|event_type| event_type.to_string());
    of_stream.chain([MISSED.to_owned(), OTHER.to_owned()]).collect()
}

/// Shows at zero what is passed over in a stream.
pub(crate) fn begin_series(stream: &str) {
    let types = known_types(stream);
    let types: Vec<&str> = types.iter().map(String::as_str).collect();
    series::begin(names::PROJECTION_FAILURES_TOTAL, &[(label::STREAM, &[stream]), (label::TYPE, &types)]);
}

const RECORD: Statement = Statement::new(
    "INSERT",
    "projection_failure",
    "INSERT INTO projection_failure (projection, stream, sequence, event_id, event_type, reason)
     SELECT new.* FROM unnest($1::text[], $2::text[], $3::int8[], $4::text[], $5::text[], $6::text[])
         AS new (projection, stream, sequence, event_id, event_type, reason)
     WHERE (SELECT count(*) FROM (SELECT FROM projection_failure AS kept
            WHERE kept.projection = new.projection AND kept.stream = new.stream LIMIT $7) AS counted) < $7
     ON CONFLICT DO NOTHING",
);
/// Earlier versions wrote one row for all projections of a stream, as '*': it becomes one for each, so that rebuilding one
/// says nothing about the others.
const SPLIT: Statement = Statement::new(
    "INSERT",
    "projection_failure",
    "WITH every AS (DELETE FROM projection_failure WHERE projection = '*' RETURNING *)
     INSERT INTO projection_failure (projection, stream, sequence, event_id, event_type, reason, failed_at)
     SELECT own.projection, stream, sequence, event_id, event_type, reason, failed_at
     FROM every JOIN projection_checkpoint AS own USING (stream) ON CONFLICT DO NOTHING",
);
const CLEAR: Statement =
    Statement::new("DELETE", "projection_failure", "DELETE FROM projection_failure WHERE projection = $1");

/// An event that a view goes without.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    pub projection: &'static str,
    pub position: Position,
    pub event_id: String,
    pub event_type: String,
    pub reason: String,
}

impl Failure {
    /// An event that a view could not take up.
    pub(crate) fn new(projection: &'static str, event: &Recorded, reason: String) -> Self {
        let (position, event_id) = (event.position.clone(), event.event_id.clone());
        Self { projection, position, event_id, event_type: event.event_type.to_string(), reason }
    }

    /// An event of a newer version.
    pub(crate) fn newer(projection: &'static str, event: &Recorded) -> Self {
        Self::new(projection, event, "written by a newer version of Ally".to_owned())
    }

    /// A message that is no event for this version.
    pub(crate) fn skipped(projection: &'static str, skipped: &Skipped) -> Self {
        let Skipped { position, subject, event_type, reason } = skipped.clone();
        Self { projection, position, event_id: subject, event_type, reason }
    }

    /// Events that were gone before they were read: one failure, however many they were.
    pub(crate) fn missed(projection: &'static str, first: &Position, last: u64) -> Self {
        let events = last - first.sequence + 1;
        let reason = format!(
            "{events} events up to {last} left the stream before they were read: it forgets by age, or somebody deleted them"
        );
        let event_type = MISSED.to_owned();
        Self { projection, position: first.clone(), event_id: String::new(), event_type, reason }
    }

    /// Tells of it, once it is committed.
    pub(crate) fn tell(&self) {
        let Self { projection, position, event_id, event_type, reason } = self;
        tracing::error!(projection, %position, event_id, event_type, reason,
            "an event cannot be projected and was passed over; it is listed in projection_failure");
        // What a message says of its own type may be anything.
        let known = known_types(&position.stream).contains(event_type);
        let event_type = if known { event_type } else { OTHER };
        metrics::counter!(names::PROJECTION_FAILURES_TOTAL,
            label::STREAM => position.stream.clone(), label::TYPE => event_type.to_owned())
        .increment(1);
    }
}

/// Applies one event to a view, or finds that the database refuses its data; then nothing of it is written.
pub(crate) async fn apply_or_set_aside(
    projection: &mut dyn Projection,
    events: &[&Known],
    within: &mut Transaction<'_>,
    namespace: &str,
) -> Result<Vec<Failure>, DatabaseError> {
    let savepoint = within.savepoint("view").await.map_err(|error| failed("SAVEPOINT", &error))?;
    match projection.apply(events, &Statements::new(&savepoint, namespace)).await {
        Ok(()) => {
            savepoint.commit().await.map_err(|error| failed("RELEASE", &error))?;
            Ok(Vec::new())
        }
        Err(error) if error.is_caused_by_data() => {
            savepoint.rollback().await.map_err(|error| failed("ROLLBACK", &error))?;
            projection.forget();
            let name = projection.name();
            let failure = |event: &&Known| Failure::new(name, &event.recorded, error.to_string());
            Ok(events.iter().map(failure).collect())
        }
        Err(error) => Err(error),
    }
}

/// Keeps failures in sight.
pub(crate) async fn record(failures: &[Failure], to: &Statements<'_>) -> Result<(), DatabaseError> {
    if failures.is_empty() {
        return Ok(());
    }
    // PostgreSQL's text holds no NUL, and what made an event fail may be just that.
    let text = |text: &str| text.replace('\0', "\u{fffd}");
    to.execute(
        RECORD,
        &[
            &failures.iter().map(|failure| failure.projection).collect::<Vec<_>>(),
            &failures.iter().map(|failure| failure.position.stream.as_str()).collect::<Vec<_>>(),
            &failures.iter().map(|failure| sequence(failure.position.sequence)).collect::<Vec<_>>(),
            &failures.iter().map(|failure| text(&failure.event_id)).collect::<Vec<_>>(),
            &failures.iter().map(|failure| text(&failure.event_type)).collect::<Vec<_>>(),
            &failures.iter().map(|failure| text(&failure.reason)).collect::<Vec<_>>(),
            &i64::try_from(KEPT).unwrap_or(i64::MAX),
        ],
    )
    .await?;
    Ok(())
}

/// Forgets the failures of one projection: it was rebuilt.
pub(crate) async fn clear(projection: &str, to: &Statements<'_>) -> Result<(), DatabaseError> {
    to.execute(SPLIT, &[]).await?;
    to.execute(CLEAR, &[&projection]).await?;
    Ok(())
}
