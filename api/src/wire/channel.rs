//! Channels and locks as callers of HTTP read them.

use std::collections::BTreeMap;

use ally_domain::channel::{Item, ItemKey, LockName};
use ally_domain::ports::HeldLock;
use ally_handlers::channel::ChannelView;
use poem_openapi::Object;
use schemars::JsonSchema;
use serde::Serialize;
use time::OffsetDateTime;

use crate::presence::shape;

/// What a channel holds; serde writes it, so that values go out as they are kept.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ChannelBody {
    /// When it was so.
    #[serde(with = "time::serde::rfc3339")]
    #[schemars(with = "shape::Moment")]
    timestamp: OffsetDateTime,
    /// The channel's name.
    channel_name: String,
    /// The channel's type.
    channel_type: String,
    /// How many items there are.
    total_count: usize,
    /// How often the channel was changed.
    #[schemars(with = "shape::Revision")]
    major_revision: u64,
    /// The items by their keys.
    #[schemars(with = "shape::Items")]
    metadata: BTreeMap<ItemKey, Item>,
}

impl From<ChannelView> for ChannelBody {
    fn from(view: ChannelView) -> Self {
        Self {
            timestamp: view.at,
            channel_name: view.channel.name().to_owned(),
            channel_type: view.channel.channel_type().to_owned(),
            total_count: view.state.items.len(),
            major_revision: view.state.major_revision,
            metadata: view.state.items,
        }
    }
}

/// A lock.
#[derive(Object)]
#[oai(rename = "Lock", rename_all = "camelCase", skip_serializing_if_is_none)]
pub(crate) struct LockBody {
    /// The lock.
    pub name: String,
    /// Whether somebody holds it.
    pub held: bool,
    /// Who does.
    pub owner: Option<String>,
    /// Which holding of it: higher with each time that it is taken.
    pub fencing_token: Option<u64>,
    /// How long it lasts behind its last renewal, in milliseconds.
    pub ttl_ms: Option<u64>,
}

impl LockBody {
    pub(crate) fn of(name: LockName, held: Option<HeldLock>) -> Self {
        Self {
            name: name.into(),
            held: held.is_some(),
            owner: held.as_ref().map(|held| held.owner.to_string()),
            fencing_token: held.as_ref().map(|held| held.fencing_token),
            ttl_ms: held.map(|held| held.time.duration().as_millis() as u64),
        }
    }
}
