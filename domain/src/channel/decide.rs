//! The rules of a channel.

use std::collections::BTreeSet;

use super::item::{MAX_ITEMS, MAX_TOTAL_BYTES};
use super::{
    Changed, ChannelChange, ChannelCommand, ChannelEvent, ChannelRefusal, ChannelState, Conflict, Item, ItemConflict,
    ItemKey, KnownItem, MetadataRemoved, MetadataSet, MetadataUpdated, NewItem,
};
use crate::decider::Decider;
use crate::ids::AggregateKind;

/// The decider of channels.
#[derive(Debug, Clone, Copy)]
pub struct ChannelDecider;

impl Decider for ChannelDecider {
    type Command = ChannelCommand;
    type Event = ChannelEvent;
    type State = ChannelState;
    type Refusal = ChannelRefusal;

    const KIND: AggregateKind = AggregateKind::Channel;

    fn name(command: &ChannelCommand) -> &'static str {
        match command.change {
            ChannelChange::Set(_) => "set_metadata",
            ChannelChange::Update(_) => "update_metadata",
            ChannelChange::Remove(_) => "remove_metadata",
        }
    }

    fn decide(channel: &ChannelState, command: &ChannelCommand) -> Result<Vec<ChannelEvent>, ChannelRefusal> {
        each_once(&command.change)?;
        as_expected(channel, command)?;
        not_fenced(channel, command)?;
        let mut next = channel.clone();
        next.major_revision += 1;
        let event = match &command.change {
            ChannelChange::Set(items) => {
                next.items.clear();
                let keys = write(&mut next, items, command);
                MetadataSet(changed(keys, next, command)?).into()
            }
            ChannelChange::Update(items) => {
                if items.is_empty() {
                    return Err(ChannelRefusal::NoItems);
                }
                if let Some(item) = items.iter().find(|item| !channel.items.contains_key(&item.key)) {
                    return Err(ChannelRefusal::NoItem { key: item.key.clone() });
                }
                let keys = write(&mut next, items, command);
                MetadataUpdated(changed(keys, next, command)?).into()
            }
            ChannelChange::Remove(items) => {
                let keys = remove(&mut next, items);
                if keys.is_empty() {
                    return Ok(Vec::new());
                }
                MetadataRemoved(changed(keys, next, command)?).into()
            }
        };
        Ok(vec![event])
    }

    /// Each event says all that there is behind it.
    fn evolve(_: ChannelState, event: &ChannelEvent) -> ChannelState {
        event.changed().channel.clone()
    }
}

fn each_once(change: &ChannelChange) -> Result<(), ChannelRefusal> {
    let mut seen = BTreeSet::new();
    match change.named().find(|(key, _)| !seen.insert(*key)) {
        Some((key, _)) => Err(ChannelRefusal::Repeated { key: key.clone() }),
        None => Ok(()),
    }
}

/// Whether the channel and its items have the revisions that the sender knows.
fn as_expected(channel: &ChannelState, command: &ChannelCommand) -> Result<(), Conflict> {
    let conflict = |(key, revision): (&ItemKey, Option<u64>)| {
        let (expected, current) = (revision?, channel.revision_of(key));
        (expected != current).then(|| ItemConflict { key: key.clone(), expected, current })
    };
    let items: Vec<_> = command.change.named().filter_map(conflict).collect();
    let expected = command.major_revision.filter(|expected| *expected != channel.major_revision);
    if items.is_empty() && expected.is_none() {
        return Ok(());
    }
    Err(Conflict { major_revision: channel.major_revision, expected, items })
}

/// Whether nobody has written who took the command's lock later.
fn not_fenced(channel: &ChannelState, command: &ChannelCommand) -> Result<(), ChannelRefusal> {
    let Some(lock) = &command.lock else { return Ok(()) };
    match channel.fence_of(lock) {
        Some(current) if current > lock.fencing_token => {
            Err(ChannelRefusal::Fenced { name: lock.name.clone(), token: lock.fencing_token, current })
        }
        _ => Ok(()),
    }
}

fn write(next: &mut ChannelState, items: &[NewItem], command: &ChannelCommand) -> Vec<ItemKey> {
    let revision = next.major_revision;
    for NewItem { key, value, .. } in items {
        let item = Item {
            value: value.clone(),
            revision,
            updated: command.add_timestamp.then_some(command.at),
            author_uid: command.add_user_id.then(|| command.author.clone()),
        };
        next.items.insert(key.clone(), item);
    }
    items.iter().map(|item| item.key.clone()).collect()
}

fn remove(next: &mut ChannelState, items: &[KnownItem]) -> Vec<ItemKey> {
    if items.is_empty() {
        return std::mem::take(&mut next.items).into_keys().collect();
    }
    let keys = items.iter().map(|item| &item.key);
    keys.filter(|key| next.items.remove(*key).is_some()).cloned().collect()
}

fn changed(keys: Vec<ItemKey>, mut channel: ChannelState, command: &ChannelCommand) -> Result<Changed, ChannelRefusal> {
    let (items, bytes) = (channel.items.len(), channel.bytes());
    if items > MAX_ITEMS {
        return Err(ChannelRefusal::TooManyItems { items });
    }
    if bytes > MAX_TOTAL_BYTES {
        return Err(ChannelRefusal::TooLarge { bytes });
    }
    if let Some(lock) = &command.lock {
        channel.note_fence(lock);
    }
    Ok(Changed { keys, author_id: command.author.clone(), lock: command.lock.clone(), channel })
}
