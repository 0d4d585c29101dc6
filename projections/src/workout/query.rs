//! `workout`: rows → view.

use ally_domain::envelope::Position;
use ally_domain::ids::PlanId;
use serde_json::value::RawValue;
use time::OffsetDateTime;
use time::macros::datetime;
use tokio_postgres::Row;

use super::view::{EntryKind, Place, WorkoutView};
use crate::database::{Database, DatabaseError, Statement};

/// The most entries that one listing answers: as many as a plan's log may hold.
const MAX_LISTED: u32 = 500;

macro_rules! select {
    ($end:literal) => {
        Statement::new(
            "SELECT",
            "workout",
            concat!(
                "SELECT plan_id, entry_id, athlete_id, kind, session_id, plan_version, happened_at, logged_at, stream, sequence,
                        document::text
                 FROM workout WHERE ",
                $end
            ),
        )
    };
}

const OF_PLAN: Statement = select!(
    "plan_id = $1 AND (happened_at, sequence) > ($2, $3) AND (kind <> 'workout' OR NOT EXISTS
        (SELECT 1 FROM workout AS newer WHERE newer.plan_id = workout.plan_id AND newer.session_id = workout.session_id
             AND newer.sequence > workout.sequence))
     ORDER BY happened_at, sequence LIMIT $4"
);
/// A moment that stands before all others.
const FIRST: OffsetDateTime = datetime!(0001-01-01 0:00 UTC);

/// A plan's training log in the order in which it happened: the newest workout of each session, and all reports of pain; of
/// the entries behind a place at most `limit`, and never more than 500.
///
/// # Errors
/// When the database does not answer.
pub async fn of_plan(
    database: &Database,
    plan: &PlanId,
    behind: Option<Place>,
    limit: u32,
) -> Result<Vec<WorkoutView>, DatabaseError> {
    let (moment, sequence) = behind.unwrap_or((FIRST, 0));
    let (sequence, limit) = (i64::try_from(sequence).unwrap_or(i64::MAX), i64::from(limit.min(MAX_LISTED)));
    database.query(OF_PLAN, &[&plan.as_str(), &moment, &sequence, &limit]).await?.iter().map(view_of).collect()
}

fn view_of(row: &Row) -> Result<WorkoutView, DatabaseError> {
    let unreadable = |what: &str| DatabaseError::unreadable(what, "not a value of this version");
    let document =
        RawValue::from_string(row.get("document")).map_err(|error| DatabaseError::unreadable("document", error))?;
    let version: Option<i32> = row.get("plan_version");
    Ok(WorkoutView {
        plan_id: row.get::<_, String>("plan_id").parse().map_err(|_| unreadable("plan_id"))?,
        entry_id: row.get::<_, String>("entry_id").parse().map_err(|_| unreadable("entry_id"))?,
        athlete_id: row.get::<_, String>("athlete_id").parse().map_err(|_| unreadable("athlete_id"))?,
        kind: EntryKind::parse(row.get("kind")).ok_or_else(|| unreadable("kind"))?,
        session_id: row.get("session_id"),
        plan_version: version.map(u32::try_from).transpose().map_err(|_| unreadable("plan_version"))?,
        happened_at: row.get("happened_at"),
        logged_at: row.get("logged_at"),
        position: Position {
            stream: row.get("stream"),
            sequence: u64::try_from(row.get::<_, i64>("sequence")).map_err(|_| unreadable("sequence"))?,
        },
        document,
    })
}
