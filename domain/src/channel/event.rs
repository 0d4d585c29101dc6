//! What happens to a channel's metadata: facts, past tense, versioned.

use serde::{Deserialize, Serialize};

use super::{ChannelState, ItemKey, LockProof};
use crate::ids::AthleteId;

/// A change, and all that the channel holds behind it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Changed {
    /// The items that were written or removed.
    pub keys: Vec<ItemKey>,
    /// Who did it.
    pub author_id: AthleteId,
    /// The lock that they held, where they named one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lock: Option<LockProof>,
    /// The channel behind the change.
    pub channel: ChannelState,
}

/// All items were replaced.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MetadataSet(pub Changed);

/// Items got other values.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MetadataUpdated(pub Changed);

/// Items went.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MetadataRemoved(pub Changed);

crate::events! {
    /// Everything that can happen to a channel's metadata.
    pub enum ChannelEvent, ChannelEventKind of "channel" {
        /// All items were replaced.
        MetadataSet = "metadata_set" v 1,
        /// Items got other values.
        MetadataUpdated = "metadata_updated" v 1,
        /// Items went.
        MetadataRemoved = "metadata_removed" v 1,
    }
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Operation {
    /// All items were replaced.
    Set,
    /// Items got other values.
    Update,
    /// Items went.
    Remove,
}

impl Operation {
    /// Every operation.
    pub const ALL: [Self; 3] = [Self::Set, Self::Update, Self::Remove];

    /// The operation as clients, labels and spans spell it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Set => "set",
            Self::Update => "update",
            Self::Remove => "remove",
        }
    }
}

impl ChannelEvent {
    /// What was done.
    #[must_use]
    pub const fn operation(&self) -> Operation {
        match self {
            Self::MetadataSet(_) => Operation::Set,
            Self::MetadataUpdated(_) => Operation::Update,
            Self::MetadataRemoved(_) => Operation::Remove,
        }
    }

    /// The change itself.
    #[must_use]
    pub const fn changed(&self) -> &Changed {
        match self {
            Self::MetadataSet(MetadataSet(changed))
            | Self::MetadataUpdated(MetadataUpdated(changed))
            | Self::MetadataRemoved(MetadataRemoved(changed)) => changed,
        }
    }
}
