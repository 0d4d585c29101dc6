//! The metadata of channels over HTTP.

use ally_domain::channel::{ChannelId, InvalidChannel, Operation};
use ally_handlers::channel::ChannelView;
use poem_openapi::param::Path;
use poem_openapi::{ApiResponse, OpenApi};
use serde::Deserialize;
use serde_json::Value;

use super::super::origin;
use super::super::refused::{Refusals, Refused};
use super::{Chapter, Looking, PresenceServices};
use crate::auth::{Authenticated, Caller, RoomAccess};
use crate::body::{Body, Readable};
use crate::params::{ChannelName, ChannelType, Faults, Given};
use crate::presence::{SentItem, SentOptions, channel_request};
use crate::problem::Problem;
use crate::schema::{ChannelSchema, RemoveSchema, UpdateSchema, WriteSchema};
use crate::wire::{ChannelBody, Written};

pub(crate) struct Channels(pub PresenceServices);

#[derive(ApiResponse)]
pub(crate) enum Held {
    /// What the channel holds.
    #[oai(status = 200)]
    Metadata(Written<ChannelSchema, ChannelBody>),
}

pub(crate) struct Changing;

impl Refusals for Changing {
    const STATUSES: &'static [u16] = &[400, 408, 409, 415, 423];
}

/// Items to be written, as the body spells them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct WriteBody {
    data: Vec<NewItemBody>,
    options: Option<Options>,
}

impl Readable for WriteBody {
    type Shape = WriteSchema;
}

/// Items that are to hold other values: at least one.
#[derive(Deserialize)]
#[serde(transparent)]
pub(crate) struct UpdateBody(WriteBody);

impl Readable for UpdateBody {
    type Shape = UpdateSchema;
}

/// Items to be removed. Without a body nothing is removed: a proxy that loses it takes nobody's items away.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct RemoveBody {
    data: Option<Vec<KnownItemBody>>,
    options: Option<Options>,
}

impl Readable for RemoveBody {
    type Shape = RemoveSchema;
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewItemBody {
    key: String,
    value: Value,
    revision: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KnownItemBody {
    key: String,
    revision: Option<u64>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Options {
    major_revision: Option<u64>,
    lock_name: Option<String>,
    add_timestamp: Option<bool>,
    add_user_id: Option<bool>,
}

impl From<NewItemBody> for SentItem {
    fn from(NewItemBody { key, value, revision }: NewItemBody) -> Self {
        Self { key, value, revision }
    }
}

impl From<KnownItemBody> for SentItem {
    fn from(KnownItemBody { key, revision }: KnownItemBody) -> Self {
        Self { key, value: Value::Null, revision }
    }
}

impl From<Options> for SentOptions {
    fn from(options: Options) -> Self {
        Self {
            major_revision: options.major_revision,
            lock_name: options.lock_name,
            add_timestamp: options.add_timestamp.unwrap_or_default(),
            add_user_id: options.add_user_id.unwrap_or_default(),
        }
    }
}

#[OpenApi(prefix_path = "/api/v1", tag = "Chapter::Channels")]
impl Channels {
    /// Read a channel's metadata
    ///
    /// What the channel holds now. A channel that nobody has changed yet holds nothing, at major revision 0.
    #[oai(
        path = "/presence/channels/:channelType/:channelName/metadata",
        method = "get",
        operation_id = "channelMetadata"
    )]
    async fn read(
        &self,
        Authenticated(caller): Authenticated,
        /// The channel's type.
        #[oai(name = "channelType")]
        Path(channel_type): Path<Given<ChannelType>>,
        /// The channel's name.
        #[oai(name = "channelName")]
        Path(channel_name): Path<Given<ChannelName>>,
    ) -> Result<Held, Refused<Looking>> {
        let channel = channel_of(channel_type, channel_name)?;
        self.0.doors.opens(Some(&caller), channel.name(), RoomAccess::Observe).map_err(Problem::from)?;
        Ok(held(self.0.doors.channels.get(&channel).await?))
    }

    /// Set a channel's metadata
    ///
    /// These items take the place of all that the channel holds.
    #[oai(
        path = "/presence/channels/:channelType/:channelName/metadata",
        method = "put",
        operation_id = "setChannelMetadata"
    )]
    async fn set(
        &self,
        Authenticated(caller): Authenticated,
        /// The channel's type.
        #[oai(name = "channelType")]
        Path(channel_type): Path<Given<ChannelType>>,
        /// The channel's name.
        #[oai(name = "channelName")]
        Path(channel_name): Path<Given<ChannelName>>,
        Body(body): Body<WriteBody>,
    ) -> Result<Held, Refused<Changing>> {
        let channel = channel_of(channel_type, channel_name)?;
        Ok(self.change(caller, channel, Operation::Set, items(body.data), body.options).await?)
    }

    /// Update items of a channel
    ///
    /// Gives items that are there other values. Each must be there; the others stay as they are.
    #[oai(
        path = "/presence/channels/:channelType/:channelName/metadata",
        method = "patch",
        operation_id = "updateChannelMetadata"
    )]
    async fn update(
        &self,
        Authenticated(caller): Authenticated,
        /// The channel's type.
        #[oai(name = "channelType")]
        Path(channel_type): Path<Given<ChannelType>>,
        /// The channel's name.
        #[oai(name = "channelName")]
        Path(channel_name): Path<Given<ChannelName>>,
        Body(update): Body<UpdateBody>,
    ) -> Result<Held, Refused<Changing>> {
        let UpdateBody(body) = update;
        let channel = channel_of(channel_type, channel_name)?;
        Ok(self.change(caller, channel, Operation::Update, items(body.data), body.options).await?)
    }

    /// Remove items of a channel
    ///
    /// Removes the items that the body names, or all of them where it names none (`{}`). Removing what is not there changes nothing.
    #[oai(
        path = "/presence/channels/:channelType/:channelName/metadata",
        method = "delete",
        operation_id = "removeChannelMetadata"
    )]
    async fn remove(
        &self,
        Authenticated(caller): Authenticated,
        /// The channel's type.
        #[oai(name = "channelType")]
        Path(channel_type): Path<Given<ChannelType>>,
        /// The channel's name.
        #[oai(name = "channelName")]
        Path(channel_name): Path<Given<ChannelName>>,
        Body(body): Body<RemoveBody>,
    ) -> Result<Held, Refused<Changing>> {
        let channel = channel_of(channel_type, channel_name)?;
        let items = items(body.data.unwrap_or_default());
        Ok(self.change(caller, channel, Operation::Remove, items, body.options).await?)
    }
}

impl Channels {
    async fn change(
        &self,
        caller: Caller,
        channel: ChannelId,
        operation: Operation,
        items: Vec<SentItem>,
        options: Option<Options>,
    ) -> Result<Held, Problem> {
        self.0.doors.opens(Some(&caller), channel.name(), RoomAccess::Write).map_err(Problem::from)?;
        let options = options.unwrap_or_default().into();
        let request = channel_request(operation, items, options, caller.athlete.clone()).map_err(Problem::fields)?;
        let (channels, from) = (self.0.doors.channels.clone(), origin(&caller));
        let changed = self.0.run(async move { channels.execute(&channel, request, &from).await });
        Ok(held(changed.await?))
    }
}

fn held(view: ChannelView) -> Held {
    Held::Metadata(Written::of(view.into()))
}

/// The channel of a path.
fn channel_of(channel_type: Given<ChannelType>, channel_name: Given<ChannelName>) -> Result<ChannelId, Problem> {
    let mut faults = Faults::default();
    let channel_type = faults.read("channelType", Some(channel_type));
    let channel_name = faults.read("channelName", Some(channel_name));
    faults.check()?;
    let channel = ChannelId::new(&channel_type.unwrap_or_default(), &channel_name.unwrap_or_default());
    channel
        .map_err(|error: InvalidChannel| Problem::field("channelName", "is too long with its type", error.to_string()))
}

fn items(sent: Vec<impl Into<SentItem>>) -> Vec<SentItem> {
    sent.into_iter().map(Into::into).collect()
}
