//! `presence_room`: what a batch changes in the counts of its rooms, and the rows that are tidied away.

use std::collections::BTreeMap;

use ally_domain::ids::AthleteId;
use ally_domain::room::{LeaveReason, RoomId};
use time::OffsetDateTime;

use super::view::{Activity, Fold, KEPT_FOR, Membership};
use crate::database::{DatabaseError, Statement, Statements};
use crate::projection::sequence;

/// Rows that one statement tidies away, at most: however many have aged at once, none of them runs into its time limit.
const MAX_TIDIED: i64 = 50_000;

/// A user counts from the first connection to the last. What is there now, less what the batch has brought, was there before.
const COUNT_USERS: Statement = Statement::new(
    "SELECT",
    "presence_member",
    "SELECT room, sum((present > 0)::int - (present - change > 0)::int)::int8 FROM (
         SELECT touched.room, touched.user_id, touched.change, count(member.conn_id) AS present
         FROM unnest($1::text[], $2::text[], $3::int8[]) AS touched (room, user_id, change)
         LEFT JOIN presence_member AS member ON member.room = touched.room AND member.user_id = touched.user_id
             AND member.left_at IS NULL
         GROUP BY touched.room, touched.user_id, touched.change) AS counted
     GROUP BY room",
);
const WRITE: Statement = Statement::new(
    "UPSERT",
    "presence_room",
    "INSERT INTO presence_room AS old (room, members, users, joined, left_left, left_expired, left_cut, left_kicked,
         left_drained, left_replaced, last_activity_at, last_sequence)
     SELECT * FROM unnest($1::text[], $2::int8[], $3::int8[], $4::int8[], $5::int8[], $6::int8[], $7::int8[], $8::int8[],
         $9::int8[], $10::int8[], $11::timestamptz[], $12::int8[])
     ON CONFLICT (room) DO UPDATE SET members = old.members + excluded.members, users = old.users + excluded.users,
         joined = old.joined + excluded.joined, left_left = old.left_left + excluded.left_left,
         left_expired = old.left_expired + excluded.left_expired, left_cut = old.left_cut + excluded.left_cut,
         left_kicked = old.left_kicked + excluded.left_kicked, left_drained = old.left_drained + excluded.left_drained,
         left_replaced = old.left_replaced + excluded.left_replaced, last_activity_at = excluded.last_activity_at,
         last_sequence = excluded.last_sequence",
);
const TIDY: Statement = Statement::new(
    "DELETE",
    "presence_member",
    "WITH gone AS (DELETE FROM presence_member WHERE ctid = ANY(ARRAY(
             SELECT ctid FROM presence_member WHERE left_at < $1 ORDER BY left_at LIMIT $2))
         RETURNING room, left_reason),
     counted AS (SELECT room, count(*) AS joined, count(*) FILTER (WHERE left_reason = 'left') AS left_left,
             count(*) FILTER (WHERE left_reason = 'expired') AS left_expired,
             count(*) FILTER (WHERE left_reason = 'cut') AS left_cut,
             count(*) FILTER (WHERE left_reason = 'kicked') AS left_kicked,
             count(*) FILTER (WHERE left_reason = 'drained') AS left_drained,
             count(*) FILTER (WHERE left_reason = 'replaced') AS left_replaced
         FROM gone GROUP BY room)
     UPDATE presence_room AS kept SET joined = kept.joined - counted.joined,
         left_left = kept.left_left - counted.left_left, left_expired = kept.left_expired - counted.left_expired,
         left_cut = kept.left_cut - counted.left_cut, left_kicked = kept.left_kicked - counted.left_kicked,
         left_drained = kept.left_drained - counted.left_drained, left_replaced = kept.left_replaced - counted.left_replaced
     FROM counted WHERE kept.room = counted.room RETURNING kept.room, counted.joined",
);
const DROP_EMPTY: Statement =
    Statement::new("DELETE", "presence_room", "DELETE FROM presence_room WHERE room = ANY($1::text[]) AND joined = 0");

/// How the counts of a room change.
#[derive(Debug, Default)]
struct Change {
    members: i64,
    joined: i64,
    left: BTreeMap<LeaveReason, i64>,
}

/// Counts what a batch has changed: one write a room, however many events it had.
pub(super) async fn count(fold: &Fold, changed: &[Membership], to: &Statements<'_>) -> Result<(), DatabaseError> {
    let mut rooms = BTreeMap::<&RoomId, Change>::new();
    let mut users = BTreeMap::<(&RoomId, &AthleteId), i64>::new();
    for row in changed {
        let was_there = i64::from(fold.was_there(row));
        let members = i64::from(row.departure.is_none()) - was_there;
        let change = rooms.entry(&row.room).or_default();
        change.members += members;
        change.joined += 1 - was_there;
        if let Some(end) = row.departure {
            *change.left.entry(end.reason).or_default() += 1;
        }
        *users.entry((&row.room, &row.member.user)).or_default() += members;
    }
    users.retain(|_, change| *change != 0);
    let users = count_users(&users, to).await?;
    write(&rooms, &users, &fold.activity, to).await
}

async fn count_users(
    touched: &BTreeMap<(&RoomId, &AthleteId), i64>,
    from: &Statements<'_>,
) -> Result<BTreeMap<String, i64>, DatabaseError> {
    if touched.is_empty() {
        return Ok(BTreeMap::new());
    }
    let rooms = touched.keys().map(|(room, _)| room.as_str()).collect::<Vec<_>>();
    let users = touched.keys().map(|(_, user)| user.as_str()).collect::<Vec<_>>();
    let changes = touched.values().copied().collect::<Vec<_>>();
    let rows = from.query(COUNT_USERS, &[&rooms, &users, &changes]).await?;
    Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
}

async fn write(
    rooms: &BTreeMap<&RoomId, Change>,
    users: &BTreeMap<String, i64>,
    activity: &BTreeMap<RoomId, Activity>,
    to: &Statements<'_>,
) -> Result<(), DatabaseError> {
    // Where a membership has changed, something has happened.
    let rows = rooms.iter().filter_map(|(room, change)| Some((*room, change, activity.get(*room)?)));
    let rows = rows.collect::<Vec<_>>();
    if rows.is_empty() {
        return Ok(());
    }
    let left = |reason: LeaveReason| {
        rows.iter().map(|(_, change, _)| change.left.get(&reason).copied().unwrap_or(0)).collect::<Vec<_>>()
    };
    let [of_itself, expired, cut, kicked, drained, replaced] = LeaveReason::ALL.map(left);
    to.execute(
        WRITE,
        &[
            &rows.iter().map(|(room, ..)| room.as_str()).collect::<Vec<_>>(),
            &rows.iter().map(|(_, change, _)| change.members).collect::<Vec<_>>(),
            &rows.iter().map(|(room, ..)| users.get(room.as_str()).copied().unwrap_or(0)).collect::<Vec<_>>(),
            &rows.iter().map(|(_, change, _)| change.joined).collect::<Vec<_>>(),
            &of_itself,
            &expired,
            &cut,
            &kicked,
            &drained,
            &replaced,
            &rows.iter().map(|(.., last)| last.0).collect::<Vec<_>>(),
            &rows.iter().map(|(.., last)| sequence(last.1)).collect::<Vec<_>>(),
        ],
    )
    .await?;
    Ok(())
}

/// Tidies away the memberships whose end the stream has forgotten, and the rooms that have none left.
pub(super) async fn tidy(latest: OffsetDateTime, to: &Statements<'_>) -> Result<(), DatabaseError> {
    loop {
        let rows = to.query(TIDY, &[&(latest - KEPT_FOR), &MAX_TIDIED]).await?;
        if rows.is_empty() {
            return Ok(());
        }
        to.execute(DROP_EMPTY, &[&rows.iter().map(|row| row.get(0)).collect::<Vec<&str>>()]).await?;
        if rows.iter().map(|row| row.get::<_, i64>(1)).sum::<i64>() < MAX_TIDIED {
            return Ok(());
        }
    }
}
