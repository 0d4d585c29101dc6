//! What a client of the plain WebSocket is sent, and what the feed over HTTP is made of: one JSON object a frame.

use std::sync::Arc;
use std::time::Duration;

use ally_domain::room::{ConnId, LeaveReason, Member, RoomEvent};
use ally_handlers::presence::{Change, Cursor, Delta, EndReason, Snapshot};
use rand::RngExt;
use serde::Serialize;
use serde::ser::SerializeSeq;
use serde_json::Value;

use super::error::Refusal;

/// The form of these frames among those that a notice is written as.
const FORM: usize = 0;
/// Members in one frame, at most.
pub(crate) const PAGE: usize = 200;
/// Bytes of a list of members, about.
const PAGE_BYTES: usize = 128 * 1024;
/// Bytes of a frame of a snapshot, about: a connection keeps a buffer as long as the longest frame that it was ever sent.
const FRAME_BYTES: usize = 8 * 1024;
/// What a member weighs beside its state.
const MEMBER_BYTES: usize = 200;

/// Clients of a node that ends come back within this time, not all at once.
const RECONNECT_WITHIN: Duration = Duration::from_secs(5);

/// The answer to a message.
#[derive(Serialize)]
pub(super) struct Ack<'a, T> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a Value>,
    ok: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a Refusal>,
    #[serde(flatten)]
    told: Option<T>,
}

/// A message that did what it asked for.
pub(super) fn done<T: Serialize>(id: Option<&Value>, told: T) -> String {
    write(&Ack { kind: "ack", id, ok: true, error: None, told: Some(told) })
}

/// A message that did not.
pub(super) fn refused(id: Option<&Value>, error: &Refusal) -> String {
    write(&Ack::<()> { kind: "ack", id, ok: false, error: Some(error), told: None })
}

/// What somebody who came in is told of themselves.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Welcome<'a> {
    pub room: &'a str,
    #[serde(rename = "self", skip_serializing_if = "Option::is_none")]
    pub own: Option<Own<'a>>,
    /// Members of the room.
    pub members: usize,
    /// Whether what follows is only what was missed.
    pub recovered: bool,
    /// Where the feed is.
    pub position: String,
    /// By which the client may come back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resume: Option<&'a str>,
    /// How long it may be silent, in milliseconds.
    pub ttl_ms: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Own<'a> {
    pub conn_id: ConnId,
    pub user_id: &'a str,
    pub epoch: u64,
}

/// Something that happened.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct EventFrame<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    event: &'static str,
    room: &'a str,
    conn_id: ConnId,
    user_id: &'a str,
    epoch: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<&'a ally_domain::room::MemberState>,
    /// Of a join: whether the user has no other connection there. Of a leave: whether none is left.
    #[serde(skip_serializing_if = "Option::is_none")]
    first: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<LeaveReason>,
    /// When, in milliseconds since 1970.
    ts: i64,
    position: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    traceparent: Option<&'a str>,
}

impl<'a> EventFrame<'a> {
    fn of(change: &'a Change) -> Self {
        let event = &change.event;
        let (name, user_id, epoch) = match event {
            RoomEvent::Joined(joined) => ("join", &joined.user_id, joined.epoch),
            RoomEvent::Updated(updated) => ("update", &updated.user_id, updated.epoch),
            RoomEvent::Left(left) => ("leave", &left.user_id, left.epoch),
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
            kind: "event",
            event: name,
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

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DeltaFrame<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    room: &'a str,
    /// Where the feed was: what the client knows, if it missed nothing.
    from: String,
    position: String,
    members: usize,
    users: usize,
    /// Whether `changes` are all that happened; else what the client knows of single members may be out of date.
    complete: bool,
    changes: Vec<EventFrame<'a>>,
}

/// Changes of a big room, written once for all.
pub(super) fn delta(delta: &Delta) -> Arc<str> {
    delta.encoded.get(FORM, || {
        let changes = delta.changes.iter().flatten();
        write(&DeltaFrame {
            kind: "delta",
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

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SnapshotFrame<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    room: &'a str,
    position: String,
    /// How many there are in all.
    total: usize,
    /// Whether it is the first page: what was known before counts no more.
    first: bool,
    members: Members<'a>,
    /// Whether more members stand behind these: in the next frame, or, in a big room, where one asks for them.
    more: bool,
}

/// Members as they are listed.
struct Members<'a>(&'a [(ConnId, &'a Arc<Member>)]);

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MemberFrame<'a> {
    conn_id: ConnId,
    user_id: &'a str,
    epoch: u64,
    door: ally_domain::room::Door,
    state: &'a ally_domain::room::MemberState,
}

impl Serialize for Members<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(self.0.len()))?;
        for (conn_id, member) in self.0 {
            let user_id = member.user.as_str();
            let (conn_id, epoch, door, state) = (*conn_id, member.epoch, member.door, &member.state);
            list.serialize_element(&MemberFrame { conn_id, user_id, epoch, door, state })?;
        }
        list.end()
    }
}

/// The frames of a snapshot.
pub(super) struct Pages(Arc<str>);

impl Pages {
    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.0.split(BETWEEN)
    }
}

/// Stands between two frames, and in no JSON that is written here.
const BETWEEN: char = '\n';

/// Everybody in a room, as frames of a page each; of a room with more than `whole` members only the first. They are written once for
/// all who come at the same position.
pub(super) fn snapshot(snapshot: &Snapshot, whole: usize) -> Pages {
    let write = || {
        let mut page = Page::of(snapshot, None, PAGE, FRAME_BYTES);
        let mut frames = page.write(snapshot, true);
        if snapshot.state.member_count() > whole {
            return frames;
        }
        while page.more {
            page = Page::of(snapshot, page.members.last().map(|(conn, _)| *conn), PAGE, FRAME_BYTES);
            frames.push(BETWEEN);
            frames.push_str(&page.write(snapshot, false));
        }
        frames
    };
    Pages(snapshot.encoded.get(FORM, write))
}

/// Members that one frame holds: at most so many, and bounded in bytes.
pub(super) struct Page<'a> {
    pub members: Vec<(ConnId, &'a Arc<Member>)>,
    /// Whether more stand behind them.
    pub more: bool,
}

impl<'a> Page<'a> {
    /// What somebody asked for: the members behind one of them.
    pub(super) fn asked(snapshot: &'a Snapshot, after: Option<ConnId>, limit: usize) -> Self {
        Self::of(snapshot, after, limit, PAGE_BYTES)
    }

    /// The members behind one of them; at least one, if there is any.
    fn of(snapshot: &'a Snapshot, after: Option<ConnId>, limit: usize, most_bytes: usize) -> Self {
        let (mut members, mut bytes) = (Vec::new(), 0);
        for (conn, member) in snapshot.state.members_behind(after) {
            bytes += member.state.as_json().len() + MEMBER_BYTES;
            if members.len() == limit || (bytes > most_bytes && !members.is_empty()) {
                return Self { members, more: true };
            }
            members.push((conn, member));
        }
        Self { members, more: false }
    }

    fn write(&self, snapshot: &Snapshot, first: bool) -> String {
        write(&SnapshotFrame {
            kind: "snapshot",
            room: snapshot.room.as_str(),
            position: snapshot.cursor.to_string(),
            total: snapshot.state.member_count(),
            first,
            members: Members(&self.members),
            more: self.more,
        })
    }
}

/// Members as the answer to a question for them.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Listed<'a> {
    position: String,
    total: usize,
    members: Members<'a>,
    more: bool,
}

impl<'a> Listed<'a> {
    pub(super) fn new(cursor: Cursor, total: usize, members: &'a [(ConnId, &'a Arc<Member>)], more: bool) -> Self {
        Self { position: cursor.to_string(), total, members: Members(members), more }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct EndFrame {
    #[serde(rename = "type")]
    kind: &'static str,
    reason: &'static str,
    /// When to connect again, in milliseconds; absent where that is up to the client.
    #[serde(skip_serializing_if = "Option::is_none")]
    reconnect_after_ms: Option<u64>,
}

/// The last frame of a connection.
pub(super) fn end(reason: &'static str, reconnect_after_ms: Option<u64>) -> String {
    write(&EndFrame { kind: "end", reason, reconnect_after_ms })
}

/// An end as clients spell it.
pub(super) const fn reason_of(end: EndReason) -> &'static str {
    match end {
        EndReason::Left(reason) => reason.as_str(),
        EndReason::Slow => "slow_consumer",
        EndReason::Resumed => "resumed_elsewhere",
        EndReason::Draining => "draining",
    }
}

/// When a client whose connection ends is to come back, if at all: those of a node that ends not all at once.
pub(super) fn reconnect_after(end: EndReason) -> Option<Duration> {
    match end {
        EndReason::Draining => {
            let within = RECONNECT_WITHIN.as_millis() as u64;
            Some(Duration::from_millis(rand::rng().random_range(0..within)))
        }
        EndReason::Slow => Some(Duration::from_secs(1)),
        EndReason::Left(_) | EndReason::Resumed => None,
    }
}

fn write<T: Serialize>(frame: &T) -> String {
    // Our own types always have a JSON; an empty object would be a fault that the schema's tests see.
    serde_json::to_string(frame).unwrap_or_else(|_| "{}".to_owned())
}
