//! What a client of the plain WebSocket is sent unasked, and what the feed over HTTP is made of: one JSON object a frame.
//!
//! Deliberately not here: the answers to what a client asks (`ack`).

use std::sync::Arc;

use ally_domain::room::{ConnId, LeaveReason, RoomEvent};
use ally_handlers::presence::{Change, Delta, Snapshot};
use schemars::JsonSchema;
use serde::Serialize;

use super::asyncapi::{Schemas, Sent};
use super::end::Closed;
use super::page::{MemberFrame, Members, PAGE, Page};
use super::shape;
use super::spelled::constants;

/// The form of these frames among those that a notice is written as.
const FORM: usize = 0;

/// The frames that a client is sent unasked, and how `type` spells each. No other type is written, so that none is missing in the
/// document.
macro_rules! frames {
    ($($name:literal, $kind:ident => $frame:ty;)+) => {
        constants! {
            $(
                #[doc = concat!("`", $name, "`")]
                $kind = $name;
            )+
        }

        $(impl Frame for $frame {})+

        /// The frames that a client is sent unasked, for the document.
        pub(super) fn described(schemas: &mut Schemas) -> Vec<Sent> {
            vec![$(Sent { name: $name, schema: schemas.written::<$frame>() },)+]
        }
    };
}

/// What is written to clients.
pub(super) trait Frame: Serialize + JsonSchema {}

frames! {
    "snapshot", SnapshotType => SnapshotFrame<'_>;
    "event", EventType => EventFrame<'_>;
    "delta", DeltaType => DeltaFrame<'_>;
    "end", EndType => EndFrame;
}

/// What a member did.
#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Happening {
    /// It came in.
    Join,
    /// Its state is another one.
    Update,
    /// It is gone.
    Leave,
}

impl From<&RoomEvent> for Happening {
    fn from(event: &RoomEvent) -> Self {
        match event {
            RoomEvent::Joined(_) => Self::Join,
            RoomEvent::Updated(_) => Self::Update,
            RoomEvent::Left(_) => Self::Leave,
        }
    }
}

/// A member joined, changed or left.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Event")]
struct EventFrame<'a> {
    #[serde(rename = "type")]
    kind: EventType,
    event: Happening,
    /// The room.
    #[schemars(with = "shape::Name")]
    room: &'a str,
    #[schemars(with = "shape::ConnectionId")]
    conn_id: ConnId,
    #[schemars(with = "shape::UserId")]
    user_id: &'a str,
    #[schemars(with = "shape::Epoch")]
    epoch: u64,
    /// What the member says of itself now, whole; absent of a leave.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "shape::State")]
    state: Option<&'a ally_domain::room::MemberState>,
    /// Of a join: whether the user has no other connection in the room.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "bool")]
    first: Option<bool>,
    /// Of a leave: whether the user has no connection left in the room.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "bool")]
    last: Option<bool>,
    /// Of a leave: why.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "shape::LeaveReasonText")]
    reason: Option<LeaveReason>,
    /// When, in milliseconds since 1970.
    ts: i64,
    /// Where the feed is behind it.
    #[schemars(with = "shape::Position")]
    position: String,
    /// The trace of what caused it (W3C Trace Context).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "shape::TraceParent")]
    traceparent: Option<&'a str>,
}

impl<'a> EventFrame<'a> {
    fn of(change: &'a Change) -> Self {
        let event = &change.event;
        let (user_id, epoch) = match event {
            RoomEvent::Joined(joined) => (&joined.user_id, joined.epoch),
            RoomEvent::Updated(updated) => (&updated.user_id, updated.epoch),
            RoomEvent::Left(left) => (&left.user_id, left.epoch),
        };
        let state = match event {
            RoomEvent::Joined(joined) => Some(&joined.state),
            RoomEvent::Updated(updated) => Some(&updated.state),
            RoomEvent::Left(_) => None,
        };
        let (mut first, mut last, mut reason) = (None, None, None);
        match event {
            RoomEvent::Joined(joined) => first = Some(joined.first),
            RoomEvent::Left(left) => (last, reason) = (Some(left.last), Some(left.reason)),
            RoomEvent::Updated(_) => {}
        }
        Self {
            kind: EventType,
            event: event.into(),
            room: change.room.as_str(),
            conn_id: event.conn_id(),
            user_id: user_id.as_str(),
            epoch,
            state,
            first,
            last,
            reason,
            ts: i64::try_from(change.at.unix_timestamp_nanos() / 1_000_000).unwrap_or(i64::MAX),
            position: change.cursor.to_string(),
            traceparent: change.trace.traceparent.as_deref(),
        }
    }
}

/// A change, written once for all.
pub(super) fn change(change: &Change) -> Arc<str> {
    change.encoded.get(FORM, || write(&EventFrame::of(change)))
}

/// What happened in a big room, together, a few times a second; to those who want counts only, how many are there.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Delta")]
struct DeltaFrame<'a> {
    #[serde(rename = "type")]
    kind: DeltaType,
    /// The room.
    #[schemars(with = "shape::Name")]
    room: &'a str,
    /// Where the feed was: what the client knows, if it missed nothing.
    #[schemars(with = "shape::Position")]
    from: String,
    /// Where the feed is now.
    #[schemars(with = "shape::Position")]
    position: String,
    /// Members of the room.
    members: usize,
    /// Users of whom there is at least one member.
    users: usize,
    /// Whether `changes` are all that happened; else what the client knows of single members may be out of date.
    complete: bool,
    /// The last change of each member that changed.
    changes: Vec<EventFrame<'a>>,
}

/// Changes of a big room, written once for all.
pub(super) fn delta(delta: &Delta) -> Arc<str> {
    delta.encoded.get(FORM, || {
        let changes = delta.changes.iter().flatten();
        write(&DeltaFrame {
            kind: DeltaType,
            room: delta.room.as_str(),
            from: delta.from.to_string(),
            position: delta.to.to_string(),
            members: delta.members,
            users: delta.users,
            complete: delta.changes.is_some(),
            changes: changes.map(|change| EventFrame::of(change)).collect(),
        })
    })
}

/// Who is in the room, in pages. One that comes later than behind an acknowledgement says: begin afresh.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Snapshot")]
struct SnapshotFrame<'a> {
    #[serde(rename = "type")]
    kind: SnapshotType,
    /// The room.
    #[schemars(with = "shape::Name")]
    room: &'a str,
    /// Where the feed is.
    #[schemars(with = "shape::Position")]
    position: String,
    /// How many members there are in all.
    total: usize,
    /// Whether it is the first page: what was known before counts no more.
    first: bool,
    /// Those of this page.
    #[schemars(with = "Vec<MemberFrame<'static>>")]
    members: Members<'a>,
    /// Whether more members stand behind these: in the next frame, or, in a big room, where one asks for them.
    more: bool,
}

/// The frames of a snapshot.
pub(super) struct Pages(Arc<str>);

impl Pages {
    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.split(BETWEEN)
    }
}

/// Stands between two frames, and in no JSON: not in its texts, where it must be escaped, and not between its tokens.
const BETWEEN: char = '\u{1e}';

/// Everybody in a room, as frames of a page each; of a room with more than `whole` members only the first. They are written once
/// for all who come at the same position.
pub(super) fn snapshot(snapshot: &Snapshot, whole: usize) -> Pages {
    let write = || {
        let mut page = Page::of(snapshot, None, PAGE);
        let mut frames = page_of(&page, snapshot, true);
        if snapshot.state.member_count() > whole {
            return frames;
        }
        while page.more {
            page = Page::of(snapshot, page.members.last().map(|(conn, _)| *conn), PAGE);
            frames.push(BETWEEN);
            frames.push_str(&page_of(&page, snapshot, false));
        }
        frames
    };
    Pages(snapshot.encoded.get(FORM, write))
}

fn page_of(page: &Page<'_>, snapshot: &Snapshot, first: bool) -> String {
    write(&SnapshotFrame {
        kind: SnapshotType,
        room: snapshot.room.as_str(),
        position: snapshot.cursor.to_string(),
        total: snapshot.state.member_count(),
        first,
        members: Members(&page.members),
        more: page.more,
    })
}

/// The last frame of a connection.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "End")]
struct EndFrame {
    #[serde(rename = "type")]
    kind: EndType,
    reason: Closed,
    /// When to connect again, in milliseconds; absent where that is up to the client.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "u64")]
    reconnect_after_ms: Option<u64>,
}

/// The last frame of a connection.
pub(super) fn end(reason: Closed, reconnect_after_ms: Option<u64>) -> String {
    write(&EndFrame { kind: EndType, reason, reconnect_after_ms })
}

pub(super) fn write<T: Frame>(frame: &T) -> String {
    // Our own types always have a JSON; an empty object would be a fault that the schema's tests see.
    serde_json::to_string(frame).unwrap_or_else(|_| "{}".to_owned())
}
