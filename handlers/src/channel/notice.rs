//! What the followers of a channel are told.

use ally_domain::channel::{ChannelEvent, ChannelId, ChannelState, Item, ItemKey, Operation};
use ally_domain::envelope::{Recorded, TraceContext};
use ally_domain::ids::AthleteId;
use ally_domain::ports::StoreError;
use time::OffsetDateTime;

use super::execute::decode;

/// What a notice weighs beside its items, in bytes.
const OVERHEAD: usize = 512;

/// A change of a channel's metadata.
#[derive(Debug, Clone, PartialEq)]
pub struct ChannelNotice {
    /// Which channel.
    pub channel: ChannelId,
    /// What was done.
    pub operation: Operation,
    /// The items that were written, or were removed (`None`). After [`Operation::Set`] they are all that there is.
    pub items: Vec<(ItemKey, Option<Item>)>,
    /// The major revision behind it. Notices of a channel come in its order; one whose revision an answer has told already says
    /// nothing new.
    pub major_revision: u64,
    /// Who did it.
    pub author: AthleteId,
    /// When.
    pub at: OffsetDateTime,
    /// The trace of what caused it.
    pub trace: TraceContext,
    /// Whether it takes the place of notices that were missed. All who are told share it, and it comes when many come at once.
    pub(super) is_whole: bool,
}

impl ChannelNotice {
    /// What an event tells, and the channel behind it; `None` for one of what can be no channel.
    pub(super) fn read(recorded: Recorded) -> Result<Option<(Self, ChannelState)>, StoreError> {
        let Some(channel) = ChannelId::of(&recorded.aggregate.id) else { return Ok(None) };
        let event: ChannelEvent = decode(&recorded)?;
        let changed = event.changed();
        let items = changed.keys.iter().map(|key| (key.clone(), changed.channel.items.get(key).cloned())).collect();
        let notice = Self {
            channel,
            operation: event.operation(),
            items,
            major_revision: changed.channel.major_revision,
            author: changed.author_id.clone(),
            at: recorded.at,
            trace: recorded.trace,
            is_whole: false,
        };
        Ok(Some((notice, changed.channel.clone())))
    }

    /// The same as a notice of everything that the channel holds.
    pub(super) fn with_everything(self, channel: &ChannelState) -> Self {
        let items = channel.items.iter().map(|(key, item)| (key.clone(), Some(item.clone()))).collect();
        Self { operation: Operation::Set, items, is_whole: true, ..self }
    }

    /// The bytes that it takes while it waits.
    pub(super) fn weight(&self) -> usize {
        if self.is_whole {
            return OVERHEAD;
        }
        let of = |(key, item): &(ItemKey, Option<Item>)| {
            key.as_str().len() + item.as_ref().map_or(0, |item| item.value.as_json().len())
        };
        OVERHEAD + self.items.iter().map(of).sum::<usize>()
    }
}
