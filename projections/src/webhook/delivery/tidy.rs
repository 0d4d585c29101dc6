//! The deliveries that are too old to be rows. Their age is counted to the newest event of a batch and not to the clock, so that a fold
//! of the same events gives the same rows at any time.

use time::OffsetDateTime;

use super::view::KEPT_FOR;
use crate::database::{DatabaseError, Statement, Statements};

/// Rows that one statement deletes, at most: however many have aged at once, none of them runs into its time limit.
const MAX_DELETED: i64 = 10_000;

/// Each row has a sequence; the index by age is one of those that have.
const DELETE: Statement = Statement::new(
    "DELETE",
    "webhook_delivery",
    "DELETE FROM webhook_delivery WHERE ctid = ANY(ARRAY(
         SELECT ctid FROM webhook_delivery WHERE queued_at < $1 AND queued_sequence > 0
         ORDER BY queued_at LIMIT $2))",
);

/// Deletes what is too old at the time of the newest event.
pub(super) async fn tidy(latest: OffsetDateTime, to: &Statements<'_>) -> Result<(), DatabaseError> {
    loop {
        let deleted = to.execute(DELETE, &[&(latest - KEPT_FOR), &MAX_DELETED]).await?;
        if deleted < MAX_DELETED.unsigned_abs() {
            return Ok(());
        }
    }
}
