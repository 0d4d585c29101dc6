//! What a client of Socket.IO is sent: acknowledgements and events, each payload written once however many are sent it.

use std::sync::Arc;

use ally_domain::room::{ConnId, LeaveReason, MemberState, RoomEvent};
use ally_handlers::presence::{Change, Delta, Snapshot};
use serde::Serialize;
use serde_json::value::RawValue;
use time::OffsetDateTime;

use super::super::error::Refusal;

/// The events that the server sends.
pub(super) const EVENT: &str = "presence:event";
pub(super) const COUNTS: &str = "presence:counts";
pub(super) const SNAPSHOT: &str = "presence:snapshot";
pub(super) const END: &str = "presence:end";

/// The form of these payloads among those that a notice is written as.
const FORM: usize = 1;
/// The largest snapshot that one acknowledgement holds, in bytes.
pub(super) const MAX_SNAPSHOT_BYTES: usize = 1024 * 1024;
/// What a member without a state has in a snapshot, in bytes, at least.
const MIN_MEMBER_BYTES: usize = 140;
/// Rooms with more members than this do not fit into an acknowledgement whatever their states.
pub(super) const MAX_SNAPSHOT_MEMBERS: usize = MAX_SNAPSHOT_BYTES / MIN_MEMBER_BYTES;

/// An event that did nothing.
#[derive(Debug, Serialize)]
pub(super) struct RefusedAck<'a> {
    ok: bool,
    error: &'a str,
    code: &'a str,
}

pub(super) const fn refused<'a>(code: &'a str, error: &'a str) -> RefusedAck<'a> {
    RefusedAck { ok: false, error, code }
}

impl<'a> From<&'a Refusal> for RefusedAck<'a> {
    fn from(refusal: &'a Refusal) -> Self {
        refused(refusal.code, &refusal.message)
    }
}

/// An event that did what it asked for.
#[derive(Serialize)]
pub(super) struct DoneAck {
    pub ok: bool,
}

#[derive(Serialize)]
pub(super) struct JoinAck {
    pub ok: bool,
    pub snapshot: Box<RawValue>,
    #[serde(rename = "self")]
    pub own: Own,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Own {
    pub conn_id: ConnId,
    pub epoch: u64,
}

#[derive(Serialize)]
pub(super) struct HeartbeatAck {
    pub ok: bool,
    pub changed: bool,
    pub epoch: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct EventPayload<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    room_id: &'a str,
    user_id: &'a str,
    conn_id: ConnId,
    state: Option<&'a MemberState>,
    ts: i64,
    epoch: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<LeaveReason>,
}

/// Something that happened.
pub(super) fn change(change: &Change) -> Arc<str> {
    change.encoded.get(FORM, || {
        let (kind, user, epoch, state, reason) = match &change.event {
            RoomEvent::Joined(joined) => ("join", &joined.user_id, joined.epoch, Some(&joined.state), None),
            RoomEvent::Updated(updated) => ("update", &updated.user_id, updated.epoch, Some(&updated.state), None),
            RoomEvent::Left(left) => ("leave", &left.user_id, left.epoch, None, Some(left.reason)),
        };
        write(&EventPayload {
            kind,
            room_id: change.room.as_str(),
            user_id: user.as_str(),
            conn_id: change.event.conn_id(),
            state,
            ts: millis(change.at),
            epoch,
            reason,
        })
    })
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CountsPayload<'a> {
    room_id: &'a str,
    members: usize,
    users: usize,
}

/// How many are in a big room in which too much happened to send each of it.
pub(super) fn counts(delta: &Delta) -> Arc<str> {
    delta.encoded.get(FORM, || {
        write(&CountsPayload { room_id: delta.room.as_str(), members: delta.members, users: delta.users })
    })
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MemberPayload<'a> {
    conn_id: ConnId,
    user_id: &'a str,
    state: &'a MemberState,
    /// Members of whom nothing was heard for the time to live are none, so all of them were there when it was written.
    last_seen_ms: i64,
    epoch: u64,
}

/// Everybody in a room, written once for all who come at the same position.
pub(super) fn members(snapshot: &Snapshot, now: OffsetDateTime) -> Arc<str> {
    snapshot.encoded.get(FORM, || {
        let last_seen_ms = millis(now);
        let of = |(conn_id, member): (ConnId, &Arc<ally_domain::room::Member>)| {
            let (state, epoch) = (&member.state, member.epoch);
            write(&MemberPayload { conn_id, user_id: member.user.as_str(), state, last_seen_ms, epoch })
        };
        let members: Vec<String> = snapshot.state.members_behind(None).map(of).collect();
        format!("[{}]", members.join(","))
    })
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SnapshotPayload<'a> {
    pub room_id: &'a str,
    pub snapshot: Box<RawValue>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct EndPayload {
    pub reason: &'static str,
    /// When to connect again, in milliseconds; absent where that is up to the client.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reconnect_after_ms: Option<u64>,
}

/// Milliseconds since 1970.
fn millis(at: OffsetDateTime) -> i64 {
    i64::try_from(at.unix_timestamp_nanos() / 1_000_000).unwrap_or(i64::MAX)
}

/// A text that is JSON already.
pub(super) fn raw(text: &str) -> Box<RawValue> {
    // Our own texts always are; an empty list would be a fault that the clients' tests see.
    RawValue::from_string(text.to_owned()).unwrap_or_else(|_| Box::<RawValue>::default())
}

pub(super) fn write<T: Serialize>(payload: &T) -> String {
    serde_json::to_string(payload).unwrap_or_else(|_| "{}".to_owned())
}
