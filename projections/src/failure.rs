//! Events that a view had to pass over: kept in a table, counted, told in the log, never waited for.

use ally_domain::envelope::Recorded;
use ally_telemetry::names::{self, label};
use deadpool_postgres::Transaction;

use crate::database::{DatabaseError, Statement, Statements, failed};
use crate::fact::Known;
use crate::projection::{Projection, sequence};

/// Stands for every projection of a stream.
const EVERY: &str = "*";

const RECORD: Statement = Statement::new(
    "INSERT",
    "projection_failure",
    "INSERT INTO projection_failure (projection, stream, sequence, event_id, event_type, reason)
     SELECT * FROM unnest($1::text[], $2::text[], $3::int8[], $4::text[], $5::text[], $6::text[]) ON CONFLICT DO NOTHING",
);
const CLEAR: Statement =
    Statement::new("DELETE", "projection_failure", "DELETE FROM projection_failure WHERE projection = $1");

/// An event that a view goes without.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    pub projection: &'static str,
    pub event: Recorded,
    pub reason: String,
}

impl Failure {
    /// An event whose data nobody can read.
    pub(crate) fn of_every_view(event: Recorded, reason: String) -> Self {
        Self { projection: EVERY, event, reason }
    }

    /// Tells of it, once it is committed.
    pub(crate) fn tell(&self) {
        let Self { projection, event, reason } = self;
        tracing::error!(projection, position = %event.position, event_id = event.event_id, event_type = %event.event_type,
            reason, "an event cannot be projected and was passed over; it is listed in projection_failure");
        metrics::counter!(names::PROJECTION_FAILURES_TOTAL,
            label::STREAM => event.position.stream.clone(), label::TYPE => event.event_type.to_string())
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
            let failure =
                |event: &&Known| Failure { projection: name, event: event.recorded.clone(), reason: error.to_string() };
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
            &failures.iter().map(|failure| failure.event.position.stream.as_str()).collect::<Vec<_>>(),
            &failures.iter().map(|failure| sequence(failure.event.position.sequence)).collect::<Vec<_>>(),
            &failures.iter().map(|failure| text(&failure.event.event_id)).collect::<Vec<_>>(),
            &failures.iter().map(|failure| text(&failure.event.event_type.to_string())).collect::<Vec<_>>(),
            &failures.iter().map(|failure| text(&failure.reason)).collect::<Vec<_>>(),
        ],
    )
    .await?;
    Ok(())
}

/// Forgets the failures of one projection: it was rebuilt.
pub(crate) async fn clear(projection: &str, to: &Statements<'_>) -> Result<(), DatabaseError> {
    to.execute(CLEAR, &[&projection]).await?;
    Ok(())
}
