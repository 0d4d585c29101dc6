//! What a channel holds.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Item, ItemKey, LockProof};

/// The most locks whose last holders a channel knows. Of more the one that was taken longest ago is forgotten.
const MAX_FENCES: usize = 16;

/// A channel's metadata.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChannelState {
    /// How often it was changed. It stays when all items go, so that no revision is ever given twice.
    pub major_revision: u64,
    /// The items.
    pub items: BTreeMap<ItemKey, Item>,
    /// The highest token by which somebody who held a lock has written, of each lock.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    fences: Vec<LockProof>,
}

impl ChannelState {
    /// The revision of an item; 0 where it is not there.
    #[must_use]
    pub fn revision_of(&self, key: &ItemKey) -> u64 {
        self.items.get(key).map_or(0, |item| item.revision)
    }

    /// The bytes of all keys and values together.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.items.iter().map(|(key, item)| key.as_str().len() + item.value.as_json().len()).sum()
    }

    /// The highest token of a lock by which somebody has written.
    pub(super) fn fence_of(&self, lock: &LockProof) -> Option<u64> {
        self.fences.iter().find(|fence| fence.name == lock.name).map(|fence| fence.fencing_token)
    }

    pub(super) fn note_fence(&mut self, lock: &LockProof) {
        self.fences.retain(|fence| fence.name != lock.name);
        self.fences.push(lock.clone());
        self.fences.sort_by_key(|fence| fence.fencing_token);
        let over = self.fences.len().saturating_sub(MAX_FENCES);
        self.fences.drain(..over);
    }
}
