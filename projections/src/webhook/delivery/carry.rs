//! What a rebuild and a check take over from the live tables, because the stream has forgotten it.
//!
//! A delivery is a row for as long as the stream keeps its first event, but the one goes by the time of the newest event and the other by
//! the server's clock. So the fold of what can still be read begins with the deliveries that were queued before, as they stood then: what
//! happened to them since is folded again and thereby checked. What lies before cannot be checked by anything.

use crate::database::{DatabaseError, Statement, Statements};
use crate::projection::sequence;

/// An event that can still be read, and is not a replay, happened while the delivery waited; a replay has it wait. The other columns are
/// written over by each event that sets them.
const DELIVERIES: Statement = Statement::new(
    "INSERT",
    "webhook_delivery",
    "INSERT INTO webhook_delivery (delivery_id, endpoint_id, message_id, message_type, message, status, round, attempts,
         last_status, last_reason, retry_at, queued_at, queued_sequence, ended_at, last_sequence)
     SELECT delivery_id, endpoint_id, message_id, message_type, message,
         CASE WHEN last_sequence < $1 THEN status ELSE 'waiting' END, round, attempts, last_status, last_reason,
         CASE WHEN last_sequence < $1 THEN retry_at END, queued_at, queued_sequence,
         CASE WHEN last_sequence < $1 THEN ended_at END, least(last_sequence, $1 - 1)
     FROM public.webhook_delivery WHERE queued_sequence < $1",
);

/// Takes over everything of before the sequence `first`, into the table of the search path.
pub(super) async fn over(first: u64, to: &Statements<'_>) -> Result<(), DatabaseError> {
    to.execute(DELIVERIES, &[&sequence(first)]).await?;
    Ok(())
}
