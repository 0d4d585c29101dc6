//! A channel's metadata: some items under keys, which many write and which nobody overwrites without knowing.
//!
//! Each event says all that the channel holds behind it, so that its last event is the channel (ADR 0069). Deliberately not here:
//! who holds a lock. The locks know (`crate::ports::Locks`); a command that names one carries its fencing token.

mod command;
mod decide;
mod event;
mod ids;
mod item;
mod lock;
mod refusal;
mod state;
#[cfg(test)]
mod tests;

pub use command::{ChannelChange, ChannelCommand, KnownItem, NewItem};
pub use decide::ChannelDecider;
pub use event::{Changed, ChannelEvent, ChannelEventKind, MetadataRemoved, MetadataSet, MetadataUpdated, Operation};
pub use ids::{ChannelId, InvalidChannel, MAX_CHANNEL_CHARS};
pub use item::{InvalidItem, Item, ItemKey, ItemValue, MAX_ITEMS, MAX_KEY_BYTES, MAX_TOTAL_BYTES, MAX_VALUE_BYTES};
pub use lock::{InvalidLockTime, LockName, LockProof, LockTime};
pub use refusal::{ChannelRefusal, Conflict, ItemConflict};
pub use state::ChannelState;
