//! `presence`: rows → view.

use ally_domain::room::{ConnId, Door, LeaveReason, Member, MemberState, RoomId};
use time::OffsetDateTime;
use tokio_postgres::Row;
use uuid::Uuid;

use super::view::{Departure, Membership, RoomView};
use crate::database::{Database, DatabaseError, Statement};

/// The most rows that one page holds.
const MAX_PAGE: u32 = 1_000;

const MEMBERS: Statement = Statement::new(
    "SELECT",
    "presence_member",
    "SELECT * FROM presence_member WHERE room = $1 AND left_at IS NULL AND ($2::uuid IS NULL OR conn_id > $2)
     ORDER BY conn_id LIMIT $3",
);
/// Those who are still there and those who have left since, each by its index. Clocks differ between servers, so two
/// memberships of one connection may overlap: the later one counts.
const MEMBERS_AT: Statement = Statement::new(
    "SELECT",
    "presence_member",
    "SELECT DISTINCT ON (conn_id) * FROM (
         (SELECT * FROM presence_member WHERE room = $1 AND left_at IS NULL AND joined_at <= $2
              AND ($3::uuid IS NULL OR conn_id > $3) ORDER BY conn_id LIMIT $4)
         UNION ALL
         (SELECT * FROM presence_member WHERE room = $1 AND left_at > $2 AND joined_at <= $2
              AND ($3::uuid IS NULL OR conn_id > $3))) AS there
     ORDER BY conn_id, joined_sequence DESC LIMIT $4",
);
const ROOM: Statement = Statement::new("SELECT", "presence_room", "SELECT * FROM presence_room WHERE room = $1");
const ROOMS: Statement = Statement::new(
    "SELECT",
    "presence_room",
    "SELECT * FROM presence_room WHERE ($1::text IS NULL OR room > $1) ORDER BY room LIMIT $2",
);
/// From one room with members to the next by the index of members, past all that are empty.
const OCCUPIED: Statement = Statement::new(
    "SELECT",
    "presence_room",
    "WITH RECURSIVE occupied (room) AS (
         (SELECT room FROM presence_member WHERE left_at IS NULL AND ($1::text IS NULL OR room > $1) ORDER BY room LIMIT 1)
         UNION ALL
         SELECT (SELECT member.room FROM presence_member AS member
                 WHERE left_at IS NULL AND member.room > occupied.room ORDER BY member.room LIMIT 1)
         FROM occupied WHERE occupied.room IS NOT NULL)
     SELECT presence_room.* FROM (SELECT room FROM occupied WHERE room IS NOT NULL LIMIT $2) AS found
     JOIN presence_room USING (room) ORDER BY room",
);

/// Who is in a room, in the order of their connections, behind one of them; at most `limit` and a thousand.
///
/// # Errors
/// When the database does not answer.
pub async fn members(
    database: &Database,
    room: &RoomId,
    after: Option<ConnId>,
    limit: u32,
) -> Result<Vec<Membership>, DatabaseError> {
    let values = (room.as_str(), after.map(Uuid::from), page(limit));
    let rows = database.query(MEMBERS, &[&values.0, &values.1, &values.2]).await?;
    rows.iter().map(membership_of).collect()
}

/// Who was in a room at a time, in pages like [`members`], each with its last state. Who left more than
/// [`KEPT_FOR`](super::KEPT_FOR) ago is not told any more.
///
/// # Errors
/// When the database does not answer.
pub async fn members_at(
    database: &Database,
    room: &RoomId,
    at: OffsetDateTime,
    after: Option<ConnId>,
    limit: u32,
) -> Result<Vec<Membership>, DatabaseError> {
    let values = (room.as_str(), after.map(Uuid::from), page(limit));
    let rows = database.query(MEMBERS_AT, &[&values.0, &at, &values.1, &values.2]).await?;
    rows.iter().map(membership_of).collect()
}

/// A room; none where nobody is and nobody has been within [`KEPT_FOR`](super::KEPT_FOR).
///
/// # Errors
/// When the database does not answer.
pub async fn room(database: &Database, room: &RoomId) -> Result<Option<RoomView>, DatabaseError> {
    let rows = database.query(ROOM, &[&room.as_str()]).await?;
    rows.first().map(room_of).transpose()
}

/// The rooms, the empty ones of the last days too, in the order of their names, behind one of them; at most `limit` and a
/// thousand.
///
/// # Errors
/// When the database does not answer.
pub async fn rooms(database: &Database, after: Option<&RoomId>, limit: u32) -> Result<Vec<RoomView>, DatabaseError> {
    let rows = database.query(ROOMS, &[&after.map(RoomId::as_str), &page(limit)]).await?;
    rows.iter().map(room_of).collect()
}

/// The rooms in which somebody is, in pages like [`rooms`].
///
/// # Errors
/// When the database does not answer.
pub async fn occupied_rooms(
    database: &Database,
    after: Option<&RoomId>,
    limit: u32,
) -> Result<Vec<RoomView>, DatabaseError> {
    let rows = database.query(OCCUPIED, &[&after.map(RoomId::as_str), &page(limit)]).await?;
    rows.iter().map(room_of).collect()
}

fn page(limit: u32) -> i64 {
    i64::from(limit.min(MAX_PAGE))
}

pub(super) fn membership_of(row: &Row) -> Result<Membership, DatabaseError> {
    let left_at: Option<OffsetDateTime> = row.get("left_at");
    let departure = |at| Ok::<_, DatabaseError>(Departure { at, reason: reason_of(row.get("left_reason"))? });
    Ok(Membership {
        room: room_id_of(row)?,
        conn: row.get::<_, Uuid>("conn_id").into(),
        member: member_of(row)?,
        joined_at: row.get("joined_at"),
        joined_sequence: count(row, "joined_sequence"),
        updated_at: row.get("updated_at"),
        departure: left_at.map(departure).transpose()?,
        last_sequence: count(row, "last_sequence"),
    })
}

pub(super) fn member_of(row: &Row) -> Result<Member, DatabaseError> {
    let door: &str = row.get("door");
    let found = Door::ALL.into_iter().find(|known| known.as_str() == door);
    Ok(Member {
        user: row.get::<_, &str>("user_id").parse().map_err(|error| DatabaseError::unreadable("user_id", error))?,
        door: found.ok_or_else(|| DatabaseError::unreadable("door", format!("there is no door {door:?}")))?,
        epoch: count(row, "epoch"),
        state: serde_json::from_str::<MemberState>(row.get("state"))
            .map_err(|error| DatabaseError::unreadable("state", error))?,
    })
}

pub(super) fn room_id_of(row: &Row) -> Result<RoomId, DatabaseError> {
    row.get::<_, &str>("room").parse().map_err(|error| DatabaseError::unreadable("room", error))
}

fn room_of(row: &Row) -> Result<RoomView, DatabaseError> {
    let left = LeaveReason::ALL.map(|reason| (reason, count(row, &format!("left_{}", reason.as_str()))));
    Ok(RoomView {
        room: room_id_of(row)?,
        members: count(row, "members"),
        users: count(row, "users"),
        joined: count(row, "joined"),
        left: left.into_iter().filter(|(_, memberships)| *memberships > 0).collect(),
        last_activity_at: row.get("last_activity_at"),
        last_sequence: count(row, "last_sequence"),
    })
}

fn reason_of(text: Option<&str>) -> Result<LeaveReason, DatabaseError> {
    let found = LeaveReason::ALL.into_iter().find(|reason| Some(reason.as_str()) == text);
    found.ok_or_else(|| DatabaseError::unreadable("left_reason", format!("there is no reason {text:?}")))
}

fn count(row: &Row, column: &str) -> u64 {
    row.get::<_, i64>(column).unsigned_abs()
}
