//! Presence as callers of HTTP read it. The events of a feed are the frames of the plain WebSocket (`crate::presence`).

use ally_domain::ids::AthleteId;
use ally_domain::room::{ConnId, Door, Member, MemberState};
use ally_handlers::presence::{Page, RoomFigures};
use poem_openapi::Object;
use poem_openapi::registry::{MetaSchemaRef, Registry};
use poem_openapi::types::Type;
use serde::Serialize;
use time::OffsetDateTime;

use super::answer::Paged;
use super::event_stream::Told;
use crate::ports::PastMember;
use crate::schema::FeedItemShape;

/// A membership, just begun.
#[derive(Object)]
#[oai(rename = "PresenceJoined", rename_all = "camelCase")]
pub(crate) struct JoinedBody {
    /// The connection that the client is from now on: it names it in heartbeats and in its leave.
    pub conn_id: String,
    /// Which membership of the connection.
    pub epoch: u64,
    /// Who joined.
    pub user_id: String,
    /// How many members the room has now.
    pub members: u64,
    /// How long the membership lasts behind the last heartbeat, in milliseconds. A heartbeat every third of it keeps it.
    pub ttl_ms: u64,
}

/// A heartbeat that counted.
#[derive(Object)]
#[oai(rename = "PresenceBeaten")]
pub(crate) struct BeatenBody {
    /// Whether the state is another one now.
    pub changed: bool,
    /// The epoch of the membership.
    pub epoch: u64,
}

/// A membership that has ended.
#[derive(Object)]
#[oai(rename = "PresenceLeft")]
pub(crate) struct LeftBody {
    /// How many members the room has left.
    pub members: u64,
}

/// How many are in a room.
#[derive(Object)]
#[oai(rename = "PresenceStats")]
pub(crate) struct StatsBody {
    /// The room.
    pub room: String,
    /// Connections that are members.
    pub members: u64,
    /// Users, by whichever number of connections.
    pub users: u64,
}

/// A room as operators see it.
#[derive(Object)]
#[oai(rename = "PresenceRoom")]
pub(crate) struct RoomBody {
    /// The room.
    pub room: String,
    /// Connections that are members.
    pub members: u64,
    /// Users, by whichever number of connections.
    pub users: u64,
    /// Those who follow it on the server that answered.
    pub followers: u64,
}

/// Rooms in which somebody is.
#[derive(Object)]
#[oai(rename = "PresenceRooms")]
pub(crate) struct RoomListBody {
    /// The rooms, by name.
    pub rooms: Vec<RoomBody>,
    /// Whether more stand behind them: send the last `room` as `after`.
    pub more: bool,
}

impl Paged for RoomListBody {
    const PARAMETER: &'static str = "after";

    fn next(&self) -> Option<&str> {
        self.rooms.last().filter(|_| self.more).map(|last| last.room.as_str())
    }
}

/// Members of a room; serde writes them, so that states go out as they are kept.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MembersBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    position: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none", with = "time::serde::rfc3339::option")]
    at: Option<OffsetDateTime>,
    members: Vec<MemberBody>,
    more: bool,
    /// The last connection of the page, where more stand behind it.
    #[serde(skip)]
    last: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MemberBody {
    conn_id: ConnId,
    user_id: AthleteId,
    epoch: u64,
    door: Door,
    state: MemberState,
    #[serde(skip_serializing_if = "Option::is_none", with = "time::serde::rfc3339::option")]
    joined_at: Option<OffsetDateTime>,
    #[serde(skip_serializing_if = "Option::is_none", with = "time::serde::rfc3339::option")]
    left_at: Option<OffsetDateTime>,
}

impl MemberBody {
    fn of(conn: ConnId, member: Member) -> Self {
        let Member { user, door, epoch, state } = member;
        Self { conn_id: conn, user_id: user, epoch, door, state, joined_at: None, left_at: None }
    }
}

impl From<Page> for MembersBody {
    fn from(page: Page) -> Self {
        Self {
            position: Some(page.snapshot.cursor.to_string()),
            total: Some(page.snapshot.state.member_count()),
            at: None,
            members: page.members.iter().map(|(conn, member)| MemberBody::of(*conn, Member::clone(member))).collect(),
            more: page.more,
            last: page.members.last().filter(|_| page.more).map(|(conn, _)| conn.to_string()),
        }
    }
}

impl MembersBody {
    /// Those who were there at a moment; the rows are one more than `limit` where there are more.
    pub(crate) fn at(at: OffsetDateTime, mut rows: Vec<PastMember>, limit: usize) -> Self {
        let more = rows.len() > limit;
        rows.truncate(limit);
        let last = rows.last().filter(|_| more).map(|row| row.conn.to_string());
        let of = |row: PastMember| MemberBody {
            joined_at: Some(row.joined_at),
            left_at: row.left_at,
            ..MemberBody::of(row.conn, row.member)
        };
        Self { position: None, total: None, at: Some(at), members: rows.into_iter().map(of).collect(), more, last }
    }
}

impl Paged for MembersBody {
    const PARAMETER: &'static str = "after";

    fn next(&self) -> Option<&str> {
        self.last.as_deref()
    }
}

impl From<RoomFigures> for RoomBody {
    fn from(it: RoomFigures) -> Self {
        Self {
            room: it.room.into(),
            members: it.members as u64,
            users: it.users as u64,
            followers: it.followers as u64,
        }
    }
}

/// What the feed of a room tells.
pub(crate) enum FeedEvents {}

impl Told for FeedEvents {
    fn item() -> MetaSchemaRef {
        FeedItemShape::schema_ref()
    }

    fn register(registry: &mut Registry) {
        FeedItemShape::register(registry);
    }
}
