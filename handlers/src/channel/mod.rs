//! Channels: what is done with their metadata, and who is told of it.
//!
//! A channel is its last event, so a command reads one message, decides on it and appends behind it; whoever is slower decides again.
//! Every node follows the log of channels by one reader, from which its followers are told.
//!
//! Deliberately not here: who may do what (`api`), the bucket of locks and the log (`nats`), the view (`projections`).

mod channels;
mod error;
mod execute;
mod feed;
mod followers;
mod locks;
mod notice;
mod observe;

pub use channels::{ChannelParts, ChannelRequest, ChannelView, Channels};
pub use error::ChannelError;
pub use followers::{ChannelFollower, MAX_FOLLOWED};
pub use notice::ChannelNotice;
