//! Why an operation on a channel or a lock did not happen, by cause.

use ally_domain::channel::{ChannelId, ChannelRefusal};
use ally_domain::ports::{LockError, StoreError};

use crate::presence::Coded;

/// Why an operation did not happen.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChannelError {
    /// A rule of the channel forbids it.
    #[error(transparent)]
    Refused(#[from] ChannelRefusal),
    /// The lock is somebody else's, or nobody's.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// Others kept changing the channel.
    #[error("the channel {channel} was changed by others {tries} times in a row; send the command again")]
    Contended {
        /// Which channel.
        channel: ChannelId,
        /// How often it was tried.
        tries: u32,
    },
    /// More channels than one may follow.
    #[error(
        "{followed} channels are followed by this connection, which is as many as may be; follow fewer, or by another connection"
    )]
    FollowsTooMany {
        /// How many.
        followed: usize,
    },
    /// The log did not answer. Whether the command was carried out is told by the channel.
    #[error("channels are not available at the moment: {reason}; try again in a few seconds")]
    Unavailable {
        /// What did not answer, and how.
        reason: String,
    },
}

impl ChannelError {
    /// Every code.
    pub(super) const CODES: [&'static str; 5] =
        ["METADATA_CONFLICT", "METADATA_LOCK", "METADATA_INVALID", "too_many_channels", "unavailable"];
}

impl Coded for ChannelError {
    fn code(&self) -> &'static str {
        match self {
            Self::Refused(refusal) => refusal.code(),
            Self::Lock(LockError::Held { .. } | LockError::NotHeld { .. }) => "METADATA_LOCK",
            Self::Contended { .. } => "METADATA_CONFLICT",
            Self::FollowsTooMany { .. } => "too_many_channels",
            Self::Lock(LockError::Unavailable { .. }) | Self::Unavailable { .. } => "unavailable",
        }
    }
}

impl From<StoreError> for ChannelError {
    fn from(error: StoreError) -> Self {
        Self::Unavailable { reason: error.to_string() }
    }
}
