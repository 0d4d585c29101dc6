//! The metadata of channels over Socket.IO: what a client asks for, how it is answered, and what it is sent of what others do.
//!
//! A socket follows each channel that it has read or changed.

use ally_domain::channel::{ChannelChange, ChannelId, Item, ItemKey, ItemValue, KnownItem, LockName, NewItem};
use ally_domain::ids::AthleteId;
use ally_handlers::channel::{ChannelFollower, ChannelNotice, ChannelRequest, ChannelView};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::OffsetDateTime;

use super::super::client::{Client, Place, room_of};
use super::super::error::Refusal;
use crate::auth::RoomAccess;
use crate::wire::ChannelBody;

/// The event of a change.
pub(super) const EVENT: &str = "metadata:event";

/// What is done with a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    Set,
    Update,
    Remove,
    Get,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Metadata {
    channel_name: String,
    channel_type: String,
    /// Whom a client without a token says that it is.
    user_id: Option<String>,
    data: Option<Vec<ItemPayload>>,
    options: Option<Options>,
}

#[derive(Debug, Deserialize)]
struct ItemPayload {
    key: String,
    value: Option<Value>,
    revision: Option<u64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Options {
    major_revision: Option<u64>,
    lock_name: Option<String>,
    #[serde(default)]
    add_timestamp: bool,
    #[serde(default)]
    add_user_id: bool,
}

/// A channel as it is behind what was asked for.
#[derive(Serialize)]
pub(super) struct MetadataAck {
    ok: bool,
    #[serde(flatten)]
    channel: ChannelBody,
}

impl From<ChannelView> for MetadataAck {
    fn from(view: ChannelView) -> Self {
        Self { ok: true, channel: view.into() }
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
    doors.allows(client.caller.as_ref(), &room_of(channel.name())?, access)?;
    // Before it is read, so that nothing in between is missed.
    follower.get_or_insert_with(|| doors.channels.follower()).follow(&channel)?;
    let Some(change) = change_of(action, asked.data.unwrap_or_default())? else {
        return Ok(doors.channels.get(&channel).await?.into());
    };
    let options = asked.options.unwrap_or_default();
    let lock = options.lock_name.as_deref().map(str::parse::<LockName>).transpose();
    let request = ChannelRequest {
        change,
        major_revision: options.major_revision,
        lock: lock.map_err(|error| invalid(&error))?,
        author: author_of(client, asked.user_id.as_deref())?,
        add_timestamp: options.add_timestamp,
        add_user_id: options.add_user_id,
    };
    Ok(doors.channels.execute(&channel, request, &client.origin()).await?.into())
}

fn author_of(client: &Client, claimed: Option<&str>) -> Result<AthleteId, Refusal> {
    match &client.place {
        // Without a token it is who it was when it joined.
        Place::Member(session) if client.caller.is_none() && claimed.is_none() => Ok(session.socket.user.clone()),
        _ => client.doors.user(client.caller.as_ref(), claimed),
    }
}

fn change_of(action: Action, data: Vec<ItemPayload>) -> Result<Option<ChannelChange>, Refusal> {
    let new = |item: ItemPayload| {
        let value = item.value.unwrap_or(Value::Null);
        let (key, value) = (item.key.parse::<ItemKey>(), ItemValue::new(&value));
        let (key, value) = (key.map_err(|error| invalid(&error))?, value.map_err(|error| invalid(&error))?);
        Ok(NewItem { key, value, revision: item.revision })
    };
    let known = |item: ItemPayload| {
        let key = item.key.parse::<ItemKey>().map_err(|error| invalid(&error))?;
        Ok(KnownItem { key, revision: item.revision })
    };
    Ok(Some(match action {
        Action::Get => return Ok(None),
        Action::Set => ChannelChange::Set(data.into_iter().map(new).collect::<Result<_, Refusal>>()?),
        Action::Update => ChannelChange::Update(data.into_iter().map(new).collect::<Result<_, Refusal>>()?),
        Action::Remove => ChannelChange::Remove(data.into_iter().map(known).collect::<Result<_, Refusal>>()?),
    }))
}

fn invalid(error: &impl std::fmt::Display) -> Refusal {
    Refusal::new("METADATA_INVALID", error.to_string())
}

/// What somebody did with a channel.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct MetadataEvent<'a> {
    channel_name: &'a str,
    channel_type: &'a str,
    operation: &'static str,
    items: Vec<ItemEvent<'a>>,
    major_revision: u64,
    #[serde(with = "time::serde::rfc3339")]
    timestamp: OffsetDateTime,
    author_uid: &'a str,
}

#[derive(Serialize)]
struct ItemEvent<'a> {
    key: &'a ItemKey,
    /// Absent of an item that was removed.
    #[serde(flatten)]
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
