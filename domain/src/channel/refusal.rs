//! Why a channel says no.

use super::item::{MAX_ITEMS, MAX_TOTAL_BYTES};
use super::{ItemKey, LockName};

/// Items of a conflict that its text names.
const MAX_SHOWN: usize = 5;

/// Why a channel says no.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChannelRefusal {
    /// A revision is another one than the sender knows.
    #[error(transparent)]
    Conflict(#[from] Conflict),
    /// Somebody who took the lock later has written already.
    #[error(
        "the lock {name} was taken again since (token {current} behind {token}) and its later holder has written; take it anew"
    )]
    Fenced {
        /// Which lock.
        name: LockName,
        /// The sender's.
        token: u64,
        /// The highest that has written.
        current: u64,
    },
    /// What is updated must be there.
    #[error("the channel has no item {key:?}; set it first")]
    NoItem {
        /// Its key.
        key: ItemKey,
    },
    /// An update of nothing.
    #[error("an update names at least one item")]
    NoItems,
    /// A key that is named twice.
    #[error("the item {key:?} is named twice; name each once")]
    Repeated {
        /// The key.
        key: ItemKey,
    },
    /// More items than a channel holds.
    #[error("the channel would have {items} items and may have {MAX_ITEMS}; set fewer")]
    TooManyItems {
        /// How many there would be.
        items: usize,
    },
    /// More bytes than a channel holds.
    #[error("the channel's keys and values would have {bytes} bytes together and may have {MAX_TOTAL_BYTES}; set less")]
    TooLarge {
        /// How many there would be.
        bytes: usize,
    },
}

/// Where a channel is another one than the sender knows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the channel is at major revision {major_revision} and not as the command expects it ({}); read it and decide anew", self.differences())]
pub struct Conflict {
    /// The major revision that the channel has.
    pub major_revision: u64,
    /// The one that was expected, where it is another.
    pub expected: Option<u64>,
    /// The items with other revisions than expected.
    pub items: Vec<ItemConflict>,
}

/// An item with another revision than expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemConflict {
    /// Its key.
    pub key: ItemKey,
    /// What was expected.
    pub expected: u64,
    /// What it has; 0 where it is not there.
    pub current: u64,
}

impl Conflict {
    fn differences(&self) -> String {
        let major = self.expected.map(|expected| format!("major revision {expected}"));
        let of = |item: &ItemConflict| format!("{:?} at {} is at {}", item.key.as_str(), item.expected, item.current);
        let items = self.items.iter().take(MAX_SHOWN).map(of);
        major.into_iter().chain(items).collect::<Vec<_>>().join(", ")
    }
}

impl ChannelRefusal {
    /// The cause, as clients, metrics and spans spell it.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Conflict(_) => "METADATA_CONFLICT",
            Self::Fenced { .. } => "METADATA_LOCK",
            Self::NoItem { .. }
            | Self::NoItems
            | Self::Repeated { .. }
            | Self::TooManyItems { .. }
            | Self::TooLarge { .. } => "METADATA_INVALID",
        }
    }
}
