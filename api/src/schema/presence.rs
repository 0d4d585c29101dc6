//! Presence as the document shows it: what clients send, who is there, and the events of a feed.

use poem_openapi::Object;
use poem_openapi::registry::{MetaDiscriminatorObject, MetaSchema, MetaSchemaRef, Registry};
use poem_openapi::types::Type;
use serde_json::{Map, Value};

use super::choice::{DoorChoice, LeaveReasonChoice};
use super::documented::{named_shape, shape};
use super::words::{FeedEndReason, PresenceChange};
use crate::wire::Moment;

/// A new membership.
#[derive(Object)]
#[oai(rename = "PresenceJoin", rename_all = "camelCase", skip_serializing_if_is_none)]
pub(crate) struct JoinSchema {
    /// Who joins; always the user of the token, so that it may be left out. Another one is refused.
    #[oai(validator(max_length = 255))]
    user_id: Option<String>,
    /// What the member says of itself: at most 4 KiB of JSON. One that is not empty needs a token that may write.
    state: Option<StateShape>,
}

/// A sign of life.
#[derive(Object)]
#[oai(rename = "PresenceHeartbeat", rename_all = "camelCase", skip_serializing_if_is_none)]
pub(crate) struct HeartbeatSchema {
    /// The connection that the join was answered with.
    conn_id: String,
    /// The epoch that the join was answered with. Where it is given it must be the membership's own.
    #[oai(validator(minimum(value = "0")))]
    epoch: Option<u64>,
    /// Keys of the state with new values; the other keys stay. Needs a token that may write.
    patch_state: Option<StateShape>,
}

/// The end of a membership.
#[derive(Object)]
#[oai(rename = "PresenceLeave", rename_all = "camelCase")]
pub(crate) struct LeaveSchema {
    /// The connection that the join was answered with.
    conn_id: String,
}

/// Some of the members of a room.
#[derive(Object)]
#[oai(rename = "PresenceMembers", rename_all = "camelCase", skip_serializing_if_is_none)]
pub(crate) struct MembersSchema {
    /// Where the feed of the room is with exactly these members: follow it from here. Absent of an earlier moment.
    position: Option<String>,
    /// How many members there are in all. Absent of an earlier moment.
    total: Option<u64>,
    /// The moment that was asked for; absent where it is now.
    at: Option<Moment>,
    /// The members of this page, in the order of their connections, which is that of their joins.
    members: Vec<MemberSchema>,
    /// Whether more stand behind them: send the last `connId` as `after`.
    more: bool,
}

/// One connection of one user in a room.
#[derive(Object)]
#[oai(rename = "PresenceMember", rename_all = "camelCase", skip_serializing_if_is_none)]
pub(crate) struct MemberSchema {
    /// The connection.
    conn_id: String,
    /// Its user. One with several connections is several members.
    user_id: String,
    /// Which membership of the connection.
    epoch: u64,
    /// How it came in.
    door: DoorChoice,
    /// What it says of itself; of an earlier moment the last that it said.
    state: StateShape,
    /// When it came; only of an earlier moment.
    joined_at: Option<Moment>,
    /// When it went; only of an earlier moment, and absent while it is there.
    left_at: Option<Moment>,
}

/// Everybody who is there, of a room with many members in several events or only in part. What was known before counts no more. It
/// is whole once an event of it carries an id.
#[derive(Object)]
#[oai(rename = "FeedSnapshot", rename_all = "camelCase")]
struct FeedSnapshotSchema {
    /// `snapshot`
    #[oai(rename = "type")]
    kind: SnapshotWord,
    /// The room.
    room: String,
    /// Where the feed is.
    position: String,
    /// How many members there are in all.
    total: u64,
    /// Whether it is the first page: what was known before counts no more.
    first: bool,
    /// Those of this event.
    members: Vec<MemberSchema>,
    /// Whether more stand behind them: in the next event, or, in a large room, where one lists them.
    more: bool,
}

/// Something that happened.
#[derive(Object)]
#[oai(rename = "FeedEvent", rename_all = "camelCase", skip_serializing_if_is_none)]
struct FeedEventSchema {
    /// `event`
    #[oai(rename = "type")]
    kind: EventWord,
    /// What the member did.
    event: PresenceChange,
    /// The room.
    room: String,
    /// The connection.
    conn_id: String,
    /// Its user.
    user_id: String,
    /// Which membership of the connection.
    epoch: u64,
    /// What it says of itself now; absent when it leaves.
    state: Option<StateShape>,
    /// Of a join: whether the user had no other connection there.
    first: Option<bool>,
    /// Of a leave: whether the user has none left there.
    last: Option<bool>,
    /// Of a leave: why.
    reason: Option<LeaveReasonChoice>,
    /// When, in milliseconds since 1970.
    ts: i64,
    /// Where the feed is behind it.
    position: String,
    /// The trace of what caused it (W3C Trace Context).
    traceparent: Option<String>,
}

/// Some things that happened in a room with many members, told together; to those who want only counts, how many are there.
#[derive(Object)]
#[oai(rename = "FeedDelta", rename_all = "camelCase")]
struct FeedDeltaSchema {
    /// `delta`
    #[oai(rename = "type")]
    kind: DeltaWord,
    /// The room.
    room: String,
    /// Where the feed was.
    from: String,
    /// Where it is.
    position: String,
    /// Members.
    members: u64,
    /// Users.
    users: u64,
    /// Whether `changes` are all that happened; else what is known of single members may be out of date.
    complete: bool,
    /// The last change of each member that changed.
    changes: Vec<FeedEventSchema>,
}

/// Nothing more comes on this connection.
#[derive(Object)]
#[oai(rename = "FeedEnd", rename_all = "camelCase", skip_serializing_if_is_none)]
struct FeedEndSchema {
    /// `end`
    #[oai(rename = "type")]
    kind: EndWord,
    /// Why.
    reason: FeedEndReason,
    /// When to connect again, in milliseconds; the stream's own `retry` says the same.
    reconnect_after_ms: Option<u64>,
}

/// A text that is always the same.
fn word(word: &str) -> MetaSchema {
    MetaSchema { enum_items: vec![word.into()], ..MetaSchema::new("string") }
}

fn register_feed(registry: &mut Registry) {
    FeedSnapshotSchema::register(registry);
    FeedEventSchema::register(registry);
    FeedDeltaSchema::register(registry);
    FeedEndSchema::register(registry);
}

named_shape! {
    /// What an event of a feed holds; `type` says which.
    FeedItemShape(Value) as "FeedItem" = MetaSchema {
        one_of: vec![
            FeedSnapshotSchema::schema_ref(),
            FeedEventSchema::schema_ref(),
            FeedDeltaSchema::schema_ref(),
            FeedEndSchema::schema_ref(),
        ],
        discriminator: Some(MetaDiscriminatorObject {
            property_name: "type",
            mapping: [
                ("snapshot", "FeedSnapshot"), ("event", "FeedEvent"), ("delta", "FeedDelta"), ("end", "FeedEnd"),
            ].map(|(word, name)| (word.to_owned(), format!("#/components/schemas/{name}"))).into(),
        }),
        ..MetaSchema::ANY
    }, register_feed;
}

shape! {
    /// The `type` of a snapshot.
    SnapshotWord(String) as "snapshot" = word("snapshot"), |_| {};
    /// The `type` of an event.
    EventWord(String) as "event" = word("event"), |_| {};
    /// The `type` of a delta.
    DeltaWord(String) as "delta" = word("delta"), |_| {};
    /// The `type` of an end.
    EndWord(String) as "end" = word("end"), |_| {};
    /// What a member says of itself.
    StateShape(Map<String, Value>) as "object" = MetaSchema {
        additional_properties: Some(Box::new(MetaSchemaRef::Inline(Box::new(MetaSchema::ANY)))),
        ..MetaSchema::new("object")
    }, |_| {};
}
