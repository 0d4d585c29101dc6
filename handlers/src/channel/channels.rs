//! What the doors ask of channels.

use std::sync::Arc;

use ally_domain::channel::{ChannelChange, ChannelId, ChannelState, LockName};
use ally_domain::ids::AthleteId;
use ally_domain::ports::{Clock, EventLog, EventStore, Locks, RetryClock};
use time::OffsetDateTime;

use super::followers::{ChannelFollower, Followers};
use super::observe;

/// What channels stand on.
pub struct ChannelParts {
    /// The log of channels.
    pub store: Arc<dyn EventStore>,
    /// The same log, to be followed.
    pub log: Arc<dyn EventLog>,
    /// Who holds which lock.
    pub locks: Arc<dyn Locks>,
    /// How long to wait before a command is decided again.
    pub retry: Arc<dyn RetryClock>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// The channels of a node. Cheap to clone.
#[derive(Clone)]
pub struct Channels {
    pub(super) parts: Arc<ChannelParts>,
    pub(super) followers: Arc<Followers>,
}

/// A change of a channel's metadata that somebody asks for.
#[derive(Debug, Clone)]
pub struct ChannelRequest {
    /// What is to change.
    pub change: ChannelChange,
    /// The major revision that the channel must have, where the sender says so.
    pub major_revision: Option<u64>,
    /// The lock that the sender must hold, where they say so.
    pub lock: Option<LockName>,
    /// Who sends it, from the token.
    pub author: AthleteId,
    /// Whether the items that are written keep when that was.
    pub add_timestamp: bool,
    /// Whether the items that are written keep who wrote them.
    pub add_user_id: bool,
}

/// A channel as it is behind an operation.
#[derive(Debug, Clone)]
pub struct ChannelView {
    /// Which channel.
    pub channel: ChannelId,
    /// What it holds.
    pub state: ChannelState,
    /// When that was.
    pub at: OffsetDateTime,
}

impl Channels {
    /// Channels on a log.
    #[must_use]
    pub fn new(parts: ChannelParts) -> Self {
        observe::begin_series();
        Self { parts: Arc::new(parts), followers: Arc::default() }
    }

    /// Somebody who follows channels: none at first.
    #[must_use]
    pub fn follower(&self) -> ChannelFollower {
        ChannelFollower::new(Arc::clone(&self.followers))
    }
}

impl std::fmt::Debug for Channels {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Channels").field("followers", &self.followers.len()).finish_non_exhaustive()
    }
}
