//! The metadata of channels over Socket.IO: what a client asks for, how it is answered, and what it is sent of what others do.
//!
//! A socket follows each channel that it has read or changed.

use ally_domain::channel::{ChannelId, Item, ItemKey, MAX_ITEMS, Operation};
use ally_domain::ids::AthleteId;
use ally_domain::problem::FieldError;
use ally_handlers::channel::{ChannelFollower, ChannelNotice, ChannelView};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::OffsetDateTime;

use super::super::client::{Client, Place};
use super::super::command::{SentItem, SentOptions, channel_request};
use super::super::error::{Code, Refusal};
use super::super::shape::{self, Yes};
use super::frame::Payload;
use crate::auth::RoomAccess;
use crate::wire::ChannelBody;

/// Faults that a refusal names, at most.
const MAX_SHOWN: usize = 5;

/// What is done with a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    Get,
    Change(Operation),
}

/// A channel, and what is to be done with it. From the acknowledgement on, its changes are sent.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "SocketIoMetadata")]
pub(super) struct Metadata {
    /// The channel's name.
    #[schemars(with = "shape::ChannelName")]
    channel_name: String,
    /// The channel's type.
    #[schemars(with = "shape::ChannelName")]
    channel_type: String,
    /// The user, of a client without a token.
    user_id: Option<String>,
    /// To set or to update: the items; to remove: the items, or none of them for all. To get: not read.
    #[schemars(extend("maxItems" = MAX_ITEMS))]
    data: Option<Vec<ItemPayload>>,
    /// On what condition, and what is kept with the items. To get: not read.
    options: Option<Options>,
}

/// An item that is to be written or removed.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "SocketIoItem")]
struct ItemPayload {
    #[schemars(with = "shape::ItemKey")]
    key: String,
    /// What it shall hold; absent is `null`. To remove: not read.
    #[schemars(with = "Option<shape::ItemValue>")]
    value: Option<Value>,
    /// The revision that it must have now; 0 where it must not be there.
    #[schemars(with = "Option<shape::Revision>")]
    revision: Option<u64>,
}

/// On what condition a channel is changed, and what is kept with the items.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "SocketIoMetadataOptions")]
struct Options {
    /// The major revision that the channel must have now.
    #[schemars(with = "Option<shape::Revision>")]
    major_revision: Option<u64>,
    /// A lock that the user must hold.
    #[schemars(with = "Option<shape::Name>")]
    lock_name: Option<String>,
    /// Whether the items keep when they were written.
    #[serde(default)]
    add_timestamp: bool,
    /// Whether the items keep who wrote them.
    #[serde(default)]
    add_user_id: bool,
}

impl From<ItemPayload> for SentItem {
    fn from(ItemPayload { key, value, revision }: ItemPayload) -> Self {
        Self { key, value: value.unwrap_or(Value::Null), revision }
    }
}

impl From<Options> for SentOptions {
    fn from(options: Options) -> Self {
        let Options { major_revision, lock_name, add_timestamp, add_user_id } = options;
        Self { major_revision, lock_name, add_timestamp, add_user_id }
    }
}

/// The channel as it is behind what was asked for.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SocketIoMetadataAck")]
pub(super) struct MetadataAck {
    ok: Yes,
    #[serde(flatten)]
    channel: ChannelBody,
}

impl Payload for MetadataAck {}

impl From<ChannelView> for MetadataAck {
    fn from(view: ChannelView) -> Self {
        Self { ok: Yes, channel: view.into() }
    }
}

/// Does what a client asks for, and has it follow the channel.
pub(super) async fn carry_out(
    client: &Client,
    follower: &mut Option<ChannelFollower>,
    action: Action,
    asked: Metadata,
) -> Result<MetadataAck, Refusal> {
    let doors = &client.doors;
    let channel = ChannelId::new(&asked.channel_type, &asked.channel_name).map_err(|error| invalid(&error))?;
    let access = if action == Action::Get { RoomAccess::Observe } else { RoomAccess::Write };
    doors.opens(client.caller.as_ref(), channel.name(), access)?;
    // Before it is read, so that nothing in between is missed.
    follower.get_or_insert_with(|| doors.channels.follower()).follow(&channel)?;
    let operation = match action {
        Action::Get => return Ok(doors.channels.get(&channel).await?.into()),
        Action::Change(operation) => operation,
    };
    let author = author_of(client, asked.user_id.as_deref())?;
    let items = asked.data.unwrap_or_default().into_iter().map(Into::into).collect();
    let request = channel_request(operation, items, asked.options.unwrap_or_default().into(), author);
    let request = request.map_err(|faults| invalid(&in_words(&faults)))?;
    Ok(doors.channels.execute(&channel, request, &client.origin()).await?.into())
}

fn author_of(client: &Client, claimed: Option<&str>) -> Result<AthleteId, Refusal> {
    match &client.place {
        // Without a token it is who it was when it joined.
        Place::Member(session) if client.caller.is_none() && claimed.is_none() => Ok(session.socket.user.clone()),
        _ => client.doors.user(client.caller.as_ref(), claimed),
    }
}

/// A refusal has one sentence.
fn in_words(faults: &[FieldError]) -> String {
    let of = |fault: &FieldError| format!("{} {}: {}", fault.field, fault.problem, fault.expected);
    faults.iter().take(MAX_SHOWN).map(of).collect::<Vec<_>>().join("; ")
}

fn invalid(error: &impl std::fmt::Display) -> Refusal {
    Refusal::new(Code::MetadataInvalid, error.to_string())
}

/// Somebody changed a channel that the client follows. The changes of a channel come in their order, each with the next major revision.
/// After `set` the items are all that the channel holds; one whose revision jumps takes the place of changes that the server missed.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "SocketIoMetadataEvent")]
pub(super) struct MetadataEvent<'a> {
    /// The channel's name.
    channel_name: &'a str,
    /// The channel's type.
    channel_type: &'a str,
    /// What was done.
    #[schemars(with = "shape::OperationText")]
    operation: &'static str,
    /// The items that were written or removed.
    items: Vec<ItemEvent<'a>>,
    /// The channel's, behind the change.
    #[schemars(with = "shape::Revision")]
    major_revision: u64,
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    #[schemars(with = "shape::Moment")]
    timestamp: OffsetDateTime,
    /// Who.
    #[schemars(with = "shape::UserId")]
    author_uid: &'a str,
}

/// An item with its key; of one that was removed the key only.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SocketIoItemEvent")]
struct ItemEvent<'a> {
    #[schemars(with = "shape::ItemKey")]
    key: &'a ItemKey,
    /// Absent of an item that was removed.
    #[serde(flatten)]
    #[schemars(with = "Option<shape::Item>")]
    item: Option<&'a Item>,
}

impl<'a> From<&'a ChannelNotice> for MetadataEvent<'a> {
    fn from(notice: &'a ChannelNotice) -> Self {
        Self {
            channel_name: notice.channel.name(),
            channel_type: notice.channel.channel_type(),
            operation: notice.operation.as_str(),
            items: notice.items.iter().map(|(key, item)| ItemEvent { key, item: item.as_ref() }).collect(),
            major_revision: notice.major_revision,
            timestamp: notice.at,
            author_uid: notice.author.as_str(),
        }
    }
}
