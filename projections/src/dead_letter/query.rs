//! `dead_letter`: rows → view.

use ally_domain::dead_letter::Letter;
use tokio_postgres::Row;

use super::view::{DeadLetterGroup, DeadLetterView, Wanted};
use crate::database::{Database, DatabaseError, Statement};
use crate::projection::sequence;

/// The most rows that one page holds.
const MAX_PAGE: u32 = 1_000;
/// The most groups that one answer holds: so many causes at once are one cause with a poor fingerprint.
const MAX_GROUPS: i64 = 1_000;

macro_rules! select {
    ($columns:literal, $end:literal) => {
        Statement::new(
            "SELECT",
            "dead_letter",
            concat!(
                "SELECT ",
                $columns,
                " FROM dead_letter WHERE keep_until > now() AND ($1::text IS NULL OR consumer = $1)",
                " AND ($2::text IS NULL OR fingerprint = $2) AND ($3::text IS NULL OR state = $3)",
                " AND ($4::timestamptz IS NULL OR parked_at >= $4) ",
                $end
            ),
        )
    };
}

const PAGE: Statement = select!("*", "AND sequence > $5 ORDER BY sequence LIMIT $6");
const GROUPS: Statement = select!(
    "fingerprint, min(consumer) AS consumer, min(event_type) AS event_type, count(*) AS count, \
     (array_agg(reason ORDER BY sequence))[1] AS example, min(parked_at) AS oldest, max(parked_at) AS newest",
    "GROUP BY fingerprint ORDER BY count(*) DESC, fingerprint LIMIT $5"
);

/// The dead letters that are wanted, oldest first, behind an entry's sequence (0 begins), at most `limit` and a thousand.
///
/// # Errors
/// When the database does not answer.
pub async fn page(
    database: &Database,
    wanted: &Wanted,
    behind: u64,
    limit: u32,
) -> Result<Vec<DeadLetterView>, DatabaseError> {
    let state = wanted.state.map(super::State::as_str);
    let limit = i64::from(limit.min(MAX_PAGE));
    let rows = database
        .query(PAGE, &[&wanted.consumer, &wanted.fingerprint, &state, &wanted.since, &sequence(behind), &limit])
        .await?;
    rows.iter().map(view_of).collect()
}

/// The dead letters that are wanted by cause, the most frequent first, at most a thousand causes.
///
/// # Errors
/// When the database does not answer.
pub async fn groups(database: &Database, wanted: &Wanted) -> Result<Vec<DeadLetterGroup>, DatabaseError> {
    let state = wanted.state.map(super::State::as_str);
    let rows =
        database.query(GROUPS, &[&wanted.consumer, &wanted.fingerprint, &state, &wanted.since, &MAX_GROUPS]).await?;
    let groups = rows.iter().map(|row| DeadLetterGroup {
        fingerprint: row.get("fingerprint"),
        consumer: row.get("consumer"),
        event_type: row.get("event_type"),
        count: row.get::<_, i64>("count").unsigned_abs(),
        example: row.get("example"),
        oldest: row.get("oldest"),
        newest: row.get("newest"),
    });
    Ok(groups.collect())
}

fn view_of(row: &Row) -> Result<DeadLetterView, DatabaseError> {
    let count = |what: &str| row.get::<_, i64>(what).unsigned_abs();
    let state: String = row.get("state");
    Ok(DeadLetterView {
        sequence: count("sequence"),
        letter: Letter {
            id: row.get("letter_id"),
            consumer: row.get("consumer"),
            origin: row.get("origin"),
            subject: row.get("subject"),
            about: row.get("about"),
            event_type: row.get("event_type"),
            event_id: row.get("event_id"),
            correlation: row.get("correlation"),
            reason: row.get("reason"),
            fingerprint: row.get("fingerprint"),
            deliveries: count("deliveries"),
            parked_at: row.get("parked_at"),
        },
        state: state.parse().map_err(|error: super::view::UnknownState| DatabaseError::unreadable("state", error))?,
        ended_at: row.get("ended_at"),
        ended_by: row.get("ended_by"),
        note: row.get("note"),
        keep_until: row.get("keep_until"),
    })
}
