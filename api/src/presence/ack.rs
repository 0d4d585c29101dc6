//! How messages of the plain WebSocket are answered.

use std::sync::Arc;

use ally_domain::room::{ConnId, Member};
use ally_handlers::Cursor;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::error::Refusal;
use super::frame::{Frame, write};
use super::page::{MemberFrame, Members};
use super::shape::{self, No, Yes};
use super::spelled::constants;

constants! {
    /// `ack`
    pub(super) AckType = "ack";
}

/// The request did what it asked for.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "{T}Ack")]
pub(super) struct Done<'a, T> {
    #[serde(rename = "type")]
    kind: AckType,
    /// The request's.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "shape::MessageId")]
    id: Option<&'a Value>,
    ok: Yes,
    #[serde(flatten)]
    told: T,
}

impl<T: Serialize + JsonSchema> Frame for Done<'_, T> {}

/// The request did nothing, and why.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Refusal")]
pub(super) struct Refused<'a> {
    #[serde(rename = "type")]
    kind: AckType,
    /// The request's. Absent where it had none, and where it was not looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "shape::MessageId")]
    id: Option<&'a Value>,
    ok: No,
    error: &'a Refusal,
}

impl Frame for Refused<'_> {}

/// A message that did what it asked for.
pub(super) fn done<T: Serialize + JsonSchema>(id: Option<&Value>, told: T) -> String {
    write(&Done { kind: AckType, id, ok: Yes, told })
}

/// A message that did not.
pub(super) fn refused(id: Option<&Value>, error: &Refusal) -> String {
    write(&Refused { kind: AckType, id, ok: No, error })
}

/// The token counts.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Hello")]
pub(super) struct Named {}

/// The client is in the room. Who is there, or what was missed, comes in the frames behind this one.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Welcome<'a> {
    /// The room.
    #[schemars(with = "shape::Name")]
    pub room: &'a str,
    /// The member that the client is; absent of one that observes.
    #[serde(rename = "self", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Own<'static>")]
    pub own: Option<Own<'a>>,
    /// Members of the room.
    pub members: usize,
    /// Whether what follows is exactly what was missed; else a snapshot follows, and what was known counts no more.
    pub recovered: bool,
    /// Where the feed is.
    #[schemars(with = "shape::Position")]
    pub position: String,
    /// By which the client may come back; secret, and absent of one that observes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub resume: Option<&'a str>,
    /// The time to live in milliseconds: how long the connection may be silent. The server pings three times in it.
    pub ttl_ms: u64,
}

/// A member that a client is.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Self")]
pub(super) struct Own<'a> {
    #[schemars(with = "shape::ConnectionId")]
    pub conn_id: ConnId,
    #[schemars(with = "shape::UserId")]
    pub user_id: &'a str,
    #[schemars(with = "shape::Epoch")]
    pub epoch: u64,
}

/// The member is alive, and has the state that it asked for.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Heartbeat")]
pub(super) struct Beaten {
    /// Whether the state is another one now.
    pub changed: bool,
    #[schemars(with = "shape::Epoch")]
    pub epoch: u64,
}

/// The client is in no room any more.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Leave")]
pub(super) struct Gone {
    /// How many members are left; absent of one that observed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "usize")]
    pub members: Option<usize>,
}

/// Members of the room, in the order in which they connected.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Members")]
pub(super) struct Listed<'a> {
    /// Where the feed was when they were listed.
    #[schemars(with = "shape::Position")]
    position: String,
    /// How many members there are in all.
    total: usize,
    /// Those of this page.
    #[schemars(with = "Vec<MemberFrame<'static>>")]
    members: Members<'a>,
    /// Whether more stand behind them.
    more: bool,
}

impl<'a> Listed<'a> {
    pub(super) fn new(cursor: Cursor, total: usize, members: &'a [(ConnId, &'a Arc<Member>)], more: bool) -> Self {
        Self { position: cursor.to_string(), total, members: Members(members), more }
    }
}
