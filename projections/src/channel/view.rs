//! `channel_metadata` as a pure fold of its events.

use std::collections::BTreeMap;

use ally_domain::channel::ChannelId;
use ally_domain::envelope::Recorded;
use ally_domain::event_data::EncodingError;
use time::OffsetDateTime;

use crate::fact::{ChannelFact, Fact};
use crate::projection::at;

/// What a channel holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelMetadataView {
    /// Which channel.
    pub channel: ChannelId,
    /// The items as a JSON object by key, each with its value and its revision.
    pub items: String,
    /// How many there are.
    pub item_count: u32,
    /// How often the channel was changed.
    pub major_revision: u64,
    /// When it was changed last.
    pub updated_at: OffsetDateTime,
    /// The sequence of that event in `CHANNELS`.
    pub last_sequence: u64,
}

/// What the log comes to, in the order of the channels. Events of other aggregates, and of versions that this one does not know, are
/// passed over.
///
/// # Errors
/// When the data of an event cannot be read.
pub fn fold<'a>(
    events: impl IntoIterator<Item = &'a Recorded>,
) -> Result<BTreeMap<ChannelId, ChannelMetadataView>, EncodingError> {
    let mut views = BTreeMap::new();
    for event in events {
        match Fact::read(event) {
            Ok(Fact::Channel(fact)) => _ = views.insert(fact.channel.clone(), view_of(&fact, event)),
            Ok(_) | Err(EncodingError::Unknown { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(views)
}

/// The row that an event makes.
pub(super) fn view_of(fact: &ChannelFact, recorded: &Recorded) -> ChannelMetadataView {
    let state = &fact.event.changed().channel;
    ChannelMetadataView {
        channel: fact.channel.clone(),
        // A map of JSON values always has a text.
        items: serde_json::to_string(&state.items).unwrap_or_else(|_| "{}".to_owned()),
        item_count: u32::try_from(state.items.len()).unwrap_or(u32::MAX),
        major_revision: state.major_revision,
        updated_at: at(recorded),
        last_sequence: recorded.position.sequence,
    }
}
