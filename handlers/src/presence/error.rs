//! Why presence says no, by cause.

use ally_domain::ports::{LeaseError, StoreError};
use ally_domain::room::{ConnId, RoomRefusal};

/// Why an operation did not happen.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PresenceError {
    /// A rule of the room forbids it.
    #[error(transparent)]
    Refused(#[from] RoomRefusal),
    /// A connection that is alive nowhere, or was never here.
    #[error("connection {conn} is not alive (any more); join again")]
    Gone {
        /// The connection.
        conn: ConnId,
    },
    /// The connection is another user's.
    #[error("connection {conn} is not yours")]
    Foreign {
        /// The connection.
        conn: ConnId,
    },
    /// A request speaks for a connection that a socket keeps alive.
    #[error("connection {conn} has a socket, which keeps it alive; send its heartbeats there")]
    OtherDoor {
        /// The connection.
        conn: ConnId,
    },
    /// Whoever wants to resume does not know the connection's secret.
    #[error("the resume token does not open a connection of yours; join again")]
    Unresumable,
    /// The log or the leases did not answer. Whether it happened is told by the feed.
    #[error("presence is not available at the moment: {reason}; try again in a few seconds")]
    Unavailable {
        /// What did not answer, and how.
        reason: String,
    },
    /// More is asked for at once than this node takes.
    #[error("this node has as many commands waiting as it takes; try again in a few seconds")]
    Busy,
    /// The node is about to end.
    #[error("this node is about to end; connect again to reach another one")]
    Draining,
}

/// An error that clients, metrics and spans know by a code.
pub trait Coded {
    /// The code.
    fn code(&self) -> &'static str;
}

impl Coded for PresenceError {
    fn code(&self) -> &'static str {
        Self::code(self)
    }
}

impl PresenceError {
    /// Every code.
    pub(super) const CODES: [&'static str; 13] = [
        "room_full",
        "already_joined",
        "not_joined",
        "stale_epoch",
        "unknown_epoch",
        "state_too_large",
        "gone",
        "foreign_connection",
        "other_door",
        "unresumable",
        "unavailable",
        "busy",
        "draining",
    ];

    /// The cause, as clients, metrics and spans spell it.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Refused(RoomRefusal::Full { .. }) => "room_full",
            Self::Refused(RoomRefusal::Member { .. }) => "already_joined",
            Self::Refused(RoomRefusal::NoMember { .. }) => "not_joined",
            Self::Refused(RoomRefusal::Stale { .. }) => "stale_epoch",
            Self::Refused(RoomRefusal::Unknown { .. }) => "unknown_epoch",
            Self::Refused(RoomRefusal::State(_)) => "state_too_large",
            Self::Gone { .. } => "gone",
            Self::Foreign { .. } => "foreign_connection",
            Self::OtherDoor { .. } => "other_door",
            Self::Unresumable => "unresumable",
            Self::Unavailable { .. } => "unavailable",
            Self::Busy => "busy",
            Self::Draining => "draining",
        }
    }

    pub(super) fn unavailable(reason: impl Into<String>) -> Self {
        Self::Unavailable { reason: reason.into() }
    }
}

impl From<LeaseError> for PresenceError {
    fn from(error: LeaseError) -> Self {
        match error {
            LeaseError::Moved { conn, .. } => Self::Gone { conn },
            LeaseError::Unavailable { .. } => Self::unavailable(error.to_string()),
        }
    }
}

impl From<&StoreError> for PresenceError {
    fn from(error: &StoreError) -> Self {
        Self::unavailable(error.to_string())
    }
}
