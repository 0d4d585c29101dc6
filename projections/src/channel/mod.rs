//! `channel_metadata`: what each channel holds, one row a channel.
//!
//! Each event says all that its channel holds, so the last one is the row, whatever the stream has kept of those before it.
//! Deliberately not here: what a command is decided on, which is the channel's last event itself.

mod apply;
mod query;
mod view;

pub(crate) use apply::ChannelMetadata;
pub use query::get;
pub use view::{ChannelMetadataView, fold};
