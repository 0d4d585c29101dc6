//! A command on a channel, read from what clients spell: the same over HTTP and over Socket.IO.
//!
//! Deliberately not here: how each spells it (bodies, payloads), and how what is wrong with it is told.

use ally_domain::channel::{ChannelChange, InvalidItem, ItemValue, KnownItem, NewItem, Operation};
use ally_domain::ids::AthleteId;
use ally_domain::problem::FieldError;
use ally_handlers::channel::ChannelRequest;
use serde_json::Value;

/// An item as it was sent.
pub(crate) struct SentItem {
    pub key: String,
    /// Of no use where items are removed.
    pub value: Value,
    pub revision: Option<u64>,
}

/// On what condition, and what is kept, as it was sent.
#[derive(Default)]
pub(crate) struct SentOptions {
    pub major_revision: Option<u64>,
    pub lock_name: Option<String>,
    pub add_timestamp: bool,
    pub add_user_id: bool,
}

/// Reads a command.
///
/// # Errors
/// Each field that is wrong.
pub(crate) fn channel_request(
    operation: Operation,
    items: Vec<SentItem>,
    options: SentOptions,
    author: AthleteId,
) -> Result<ChannelRequest, Vec<FieldError>> {
    let mut faults = Vec::new();
    let change = change_of(operation, items, &mut faults);
    let lock = options.lock_name.as_deref().map(str::parse).transpose().unwrap_or_else(|error| {
        let error: ally_domain::token::InvalidName = error;
        faults.push(FieldError::new("options.lockName", "is no name", error.to_string()));
        None
    });
    if !faults.is_empty() {
        return Err(faults);
    }
    let SentOptions { major_revision, add_timestamp, add_user_id, .. } = options;
    Ok(ChannelRequest { change, major_revision, lock, author, add_timestamp, add_user_id })
}

fn change_of(operation: Operation, items: Vec<SentItem>, faults: &mut Vec<FieldError>) -> ChannelChange {
    let new = |SentItem { key, value, revision }: SentItem| {
        Ok(NewItem { key: key.parse()?, value: ItemValue::new(&value)?, revision })
    };
    let known = |SentItem { key, revision, .. }: SentItem| Ok(KnownItem { key: key.parse()?, revision });
    let items = items.into_iter();
    match operation {
        Operation::Set => ChannelChange::Set(collected(items.map(new), faults)),
        Operation::Update => ChannelChange::Update(collected(items.map(new), faults)),
        Operation::Remove => ChannelChange::Remove(collected(items.map(known), faults)),
    }
}

/// The items; what is wrong with each that is none becomes a fault.
fn collected<T>(items: impl Iterator<Item = Result<T, InvalidItem>>, faults: &mut Vec<FieldError>) -> Vec<T> {
    let mut read = Vec::new();
    for (at, item) in items.enumerate() {
        match item {
            Ok(item) => read.push(item),
            Err(error) => {
                let field = if error == InvalidItem::Key { "key" } else { "value" };
                faults.push(FieldError::new(format!("data[{at}].{field}"), "does not fit", error.to_string()));
            }
        }
    }
    read
}
