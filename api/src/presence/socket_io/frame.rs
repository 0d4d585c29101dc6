//! What a client of Socket.IO is sent: acknowledgements and events, each payload written once however many are sent it.

use std::sync::Arc;

use ally_domain::room::{ConnId, LeaveReason, MemberState, RoomEvent};
use ally_handlers::presence::{Change, Delta, Snapshot};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::value::RawValue;
use time::OffsetDateTime;

use super::super::asyncapi::{Schemas, Sent};
use super::super::end::Closed;
use super::super::error::{Code, Refusal};
use super::super::frame::Happening;
use super::super::shape::{self, No, Yes};
use super::metadata::MetadataEvent;

/// The events that the server sends. No other payload is written, so that none is missing in the document.
macro_rules! payloads {
    ($($event:ident = $name:literal => $payload:ty;)+) => {
        $(
            pub(super) const $event: &str = $name;

            impl Payload for $payload {}
        )+

        /// The events that the server sends, for the document.
        pub(super) fn described(schemas: &mut Schemas) -> Vec<Sent> {
            vec![$(Sent { name: $name, schema: schemas.written::<$payload>() },)+]
        }
    };
}

/// What is written to clients.
pub(super) trait Payload: Serialize + JsonSchema {}

payloads! {
    EVENT = "presence:event" => EventPayload<'_>;
    COUNTS = "presence:counts" => CountsPayload<'_>;
    SNAPSHOT = "presence:snapshot" => SnapshotPayload<'_>;
    METADATA = "metadata:event" => MetadataEvent<'_>;
    END = "presence:end" => EndPayload;
}

/// The form of these payloads among those that a notice is written as.
const FORM: usize = 1;
/// The largest snapshot that one acknowledgement holds, in bytes.
pub(in crate::presence) const MAX_SNAPSHOT_BYTES: usize = 1024 * 1024;
/// What a member without a state has in a snapshot, in bytes, at least.
const MIN_MEMBER_BYTES: usize = 140;
/// Rooms with more members than this do not fit into an acknowledgement whatever their states.
pub(super) const MAX_SNAPSHOT_MEMBERS: usize = MAX_SNAPSHOT_BYTES / MIN_MEMBER_BYTES;

/// The event did nothing, and why.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "SocketIoRefusal")]
pub(super) struct RefusedAck<'a> {
    ok: No,
    /// What is wrong and what to do next, for people.
    error: &'a str,
    code: Code,
}

impl Payload for RefusedAck<'_> {}

pub(super) const fn refused(code: Code, error: &str) -> RefusedAck<'_> {
    RefusedAck { ok: No, error, code }
}

impl<'a> From<&'a Refusal> for RefusedAck<'a> {
    fn from(refusal: &'a Refusal) -> Self {
        refused(refusal.code, &refusal.message)
    }
}

/// The client is in no room any more.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SocketIoLeaveAck")]
pub(super) struct DoneAck {
    pub ok: Yes,
}

impl Payload for DoneAck {}

/// The client is a member of the room.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SocketIoJoinAck")]
pub(super) struct JoinAck {
    pub ok: Yes,
    /// Everybody who is there, the client among them.
    #[schemars(with = "Vec<MemberPayload<'static>>")]
    pub snapshot: Box<RawValue>,
    /// The member that the client is.
    #[serde(rename = "self")]
    pub own: Own,
}

impl Payload for JoinAck {}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "SocketIoSelf")]
pub(super) struct Own {
    #[schemars(with = "shape::ConnectionId")]
    pub conn_id: ConnId,
    #[schemars(with = "shape::Epoch")]
    pub epoch: u64,
}

/// The member is alive, and has the state that it asked for.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SocketIoHeartbeatAck")]
pub(super) struct HeartbeatAck {
    pub ok: Yes,
    /// Whether the state is another one now.
    pub changed: bool,
    #[schemars(with = "shape::Epoch")]
    pub epoch: u64,
}

impl Payload for HeartbeatAck {}

/// A member joined, changed or left.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "SocketIoEvent")]
struct EventPayload<'a> {
    #[serde(rename = "type")]
    kind: Happening,
    /// The room.
    #[schemars(with = "shape::Name")]
    room_id: &'a str,
    #[schemars(with = "shape::UserId")]
    user_id: &'a str,
    #[schemars(with = "shape::ConnectionId")]
    conn_id: ConnId,
    /// What the member says of itself now, whole; `null` of a leave.
    #[schemars(with = "Option<shape::State>")]
    state: Option<&'a MemberState>,
    /// When, in milliseconds since 1970.
    ts: i64,
    #[schemars(with = "shape::Epoch")]
    epoch: u64,
    /// Of a leave: why.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "shape::LeaveReasonText")]
    reason: Option<LeaveReason>,
}

/// Something that happened.
pub(super) fn change(change: &Change) -> Arc<str> {
    change.encoded.get(FORM, || {
        let (user, epoch, state, reason) = match &change.event {
            RoomEvent::Joined(joined) => (&joined.user_id, joined.epoch, Some(&joined.state), None),
            RoomEvent::Updated(updated) => (&updated.user_id, updated.epoch, Some(&updated.state), None),
            RoomEvent::Left(left) => (&left.user_id, left.epoch, None, Some(left.reason)),
        };
        write(&EventPayload {
            kind: (&change.event).into(),
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

/// How many are in a big room in which too much happened to send each of it.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "SocketIoCounts")]
struct CountsPayload<'a> {
    /// The room.
    #[schemars(with = "shape::Name")]
    room_id: &'a str,
    /// Members of the room.
    members: usize,
    /// Users of whom there is at least one member.
    users: usize,
}

/// How many are in a big room in which too much happened to send each of it.
pub(super) fn counts(delta: &Delta) -> Arc<str> {
    delta.encoded.get(FORM, || {
        write(&CountsPayload { room_id: delta.room.as_str(), members: delta.members, users: delta.users })
    })
}

/// A member of a room: one connection.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "SocketIoMember")]
struct MemberPayload<'a> {
    #[schemars(with = "shape::ConnectionId")]
    conn_id: ConnId,
    #[schemars(with = "shape::UserId")]
    user_id: &'a str,
    /// What it says of itself.
    #[schemars(with = "shape::State")]
    state: &'a MemberState,
    /// When the snapshot was made, in milliseconds since 1970: a member that is silent for the time to live is in none.
    last_seen_ms: i64,
    #[schemars(with = "shape::Epoch")]
    epoch: u64,
}

/// Everybody in a room, written once for all who come at the same position.
pub(super) fn members(snapshot: &Snapshot, now: OffsetDateTime) -> Arc<str> {
    snapshot.encoded.get(FORM, || {
        let last_seen_ms = millis(now);
        let of = |(conn_id, member): (ConnId, &Arc<ally_domain::room::Member>)| {
            let (state, epoch) = (&member.state, member.epoch);
            to_json(&MemberPayload { conn_id, user_id: member.user.as_str(), state, last_seen_ms, epoch })
        };
        let members: Vec<String> = snapshot.state.members_behind(None).map(of).collect();
        format!("[{}]", members.join(","))
    })
}

/// Everybody who is in the room: begin afresh, what was known counts no more.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "SocketIoSnapshot")]
pub(super) struct SnapshotPayload<'a> {
    /// The room.
    #[schemars(with = "shape::Name")]
    pub room_id: &'a str,
    /// Everybody who is there.
    #[schemars(with = "Vec<MemberPayload<'static>>")]
    pub snapshot: Box<RawValue>,
}

/// The last event of a connection.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "SocketIoEnd")]
pub(super) struct EndPayload {
    pub reason: Closed,
    /// When to connect again, in milliseconds; absent where that is up to the client.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "u64")]
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

pub(super) fn write<T: Payload>(payload: &T) -> String {
    to_json(payload)
}

fn to_json<T: Serialize>(payload: &T) -> String {
    serde_json::to_string(payload).unwrap_or_else(|_| "{}".to_owned())
}
