//! What a rebuild and a check take over from the live tables, because the stream has forgotten it.
//!
//! A membership may last longer than its join is kept, and one that has ended stays a row until its end is forgotten too. So
//! the fold of what can still be read begins with the memberships that were begun before, as they stood then: what happened to
//! them since is folded again and thereby checked. What lies before cannot be checked by anything.

use crate::database::{DatabaseError, Statement, Statements};
use crate::projection::sequence;

/// An end that can still be read is left out. A state that was changed since is written over by that event.
const MEMBERS: Statement = Statement::new(
    "INSERT",
    "presence_member",
    "INSERT INTO presence_member (room, conn_id, joined_sequence, user_id, door, epoch, state, joined_at, updated_at,
         left_at, left_reason, last_sequence)
     SELECT room, conn_id, joined_sequence, user_id, door, epoch, state, joined_at, updated_at,
         CASE WHEN last_sequence < $1 THEN left_at END, CASE WHEN last_sequence < $1 THEN left_reason END,
         least(last_sequence, $1 - 1)
     FROM public.presence_member WHERE joined_sequence < $1",
);
/// When something last happened is known of the room alone, where it happened to a membership that was tidied away.
const ROOMS: Statement = Statement::new(
    "INSERT",
    "presence_room",
    "INSERT INTO presence_room (room, members, users, joined, left_left, left_expired, left_cut, left_kicked,
         left_drained, left_replaced, last_activity_at, last_sequence)
     SELECT room, members, users, counted.joined, counted.left_left, counted.left_expired, counted.left_cut,
         counted.left_kicked, counted.left_drained, counted.left_replaced,
         coalesce(live.last_activity_at, counted.last_activity_at), least(coalesce(live.last_sequence, $1), $1 - 1)
     FROM (SELECT room, count(*) FILTER (WHERE left_at IS NULL) AS members,
             count(DISTINCT user_id) FILTER (WHERE left_at IS NULL) AS users, count(*) AS joined,
             count(*) FILTER (WHERE left_reason = 'left') AS left_left,
             count(*) FILTER (WHERE left_reason = 'expired') AS left_expired,
             count(*) FILTER (WHERE left_reason = 'cut') AS left_cut,
             count(*) FILTER (WHERE left_reason = 'kicked') AS left_kicked,
             count(*) FILTER (WHERE left_reason = 'drained') AS left_drained,
             count(*) FILTER (WHERE left_reason = 'replaced') AS left_replaced,
             max(greatest(updated_at, left_at)) AS last_activity_at
         FROM presence_member GROUP BY room) AS counted
     LEFT JOIN (SELECT room, last_activity_at, last_sequence FROM public.presence_room) AS live USING (room)",
);

/// Takes over everything of before the sequence `first`, into the tables of the search path.
pub(super) async fn over(first: u64, to: &Statements<'_>) -> Result<(), DatabaseError> {
    if to.execute(MEMBERS, &[&sequence(first)]).await? > 0 {
        to.execute(ROOMS, &[&sequence(first)]).await?;
    }
    Ok(())
}
