//! What one may ask of a channel.

use time::OffsetDateTime;

use super::{ItemKey, ItemValue, LockProof};
use crate::ids::AthleteId;

/// A change of a channel's metadata, by whom, and on what condition.
#[derive(Debug, Clone)]
pub struct ChannelCommand {
    /// What is to change.
    pub change: ChannelChange,
    /// The major revision that the channel must have, where the sender says so; 0 before its first change.
    pub major_revision: Option<u64>,
    /// The lock that its sender holds, where the command names one.
    pub lock: Option<LockProof>,
    /// Who sends it.
    pub author: AthleteId,
    /// When.
    pub at: OffsetDateTime,
    /// Whether the items that are written keep when that was.
    pub add_timestamp: bool,
    /// Whether the items that are written keep who wrote them.
    pub add_user_id: bool,
}

/// What is to change.
#[derive(Debug, Clone)]
pub enum ChannelChange {
    /// These items take the place of all that there are.
    Set(Vec<NewItem>),
    /// Items that are there get other values.
    Update(Vec<NewItem>),
    /// Items go; all of them where none is named.
    Remove(Vec<KnownItem>),
}

/// An item to be written.
#[derive(Debug, Clone)]
pub struct NewItem {
    /// Under which key.
    pub key: ItemKey,
    /// What it shall hold.
    pub value: ItemValue,
    /// The revision that it must have now, where the sender says so; 0 where it must not be there.
    pub revision: Option<u64>,
}

/// An item that somebody knows.
#[derive(Debug, Clone)]
pub struct KnownItem {
    /// Its key.
    pub key: ItemKey,
    /// The revision that it must have now, where the sender says so.
    pub revision: Option<u64>,
}

impl ChannelChange {
    /// The keys that it names, with the revision that each must have.
    pub fn named(&self) -> impl Iterator<Item = (&ItemKey, Option<u64>)> {
        let (written, removed) = match self {
            Self::Set(items) | Self::Update(items) => (items.as_slice(), [].as_slice()),
            Self::Remove(items) => ([].as_slice(), items.as_slice()),
        };
        let written = written.iter().map(|item| (&item.key, item.revision));
        written.chain(removed.iter().map(|item| (&item.key, item.revision)))
    }
}
