//! `job_timeline`: rows → view.

use ally_domain::envelope::Position;
use ally_domain::ids::JobId;
use tokio_postgres::Row;

use super::view::TimelineEntry;
use crate::database::{Database, DatabaseError, Statement};

/// The most entries that one answer holds: far more than any job's budget of attempts makes.
const MAX_ENTRIES: i64 = 1_000;

const GET: Statement = Statement::new(
    "SELECT",
    "job_timeline",
    "SELECT job_id, stream, sequence, event_type, at, actor, attempt, summary FROM job_timeline
     WHERE job_id = $1 ORDER BY stream = 'PLANS', sequence LIMIT $2",
);

/// What happened to a job, oldest first: the promise of onboarding, if there was one, then its own events.
///
/// # Errors
/// When the database does not answer.
pub async fn get(database: &Database, job: &JobId) -> Result<Vec<TimelineEntry>, DatabaseError> {
    database.query(GET, &[&job.as_str(), &MAX_ENTRIES]).await?.iter().map(entry_of).collect()
}

fn entry_of(row: &Row) -> Result<TimelineEntry, DatabaseError> {
    let unreadable = |what: &str| DatabaseError::unreadable(what, "not a value of this version");
    Ok(TimelineEntry {
        job_id: row.get::<_, String>("job_id").parse().map_err(|_| unreadable("job_id"))?,
        position: Position {
            stream: row.get("stream"),
            sequence: u64::try_from(row.get::<_, i64>("sequence")).map_err(|_| unreadable("sequence"))?,
        },
        event_type: row.get("event_type"),
        at: row.get("at"),
        actor: row.get("actor"),
        attempt: row.get::<_, Option<i32>>("attempt").and_then(|attempt| u32::try_from(attempt).ok()),
        summary: row.get("summary"),
    })
}
