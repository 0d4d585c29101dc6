//! Who was in which room when the views last read on: what a node of presence begins with.

use async_trait::async_trait;

use super::StreamIdentity;
use crate::room::{ConnId, Member, RoomId};

/// Every room as it was at one position of the log.
#[derive(Debug, Clone, Default)]
pub struct Present {
    /// Which stream the position is of; `None` while nothing was read, and then the position is 0 and nobody is there.
    pub stream: Option<StreamIdentity>,
    /// All events up to this sequence are in it, and none behind it.
    pub sequence: u64,
    /// Rooms that are known, with the sequence of the last event of each.
    pub rooms: Vec<(RoomId, u64)>,
    /// Who is there.
    pub members: Vec<(RoomId, ConnId, Member)>,
}

/// The views cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("who is in which room cannot be read: {reason}")]
pub struct PresentError {
    /// What the database said.
    pub reason: String,
}

/// The views of presence.
#[async_trait]
pub trait PresentView: Send + Sync {
    /// Every room, at one position.
    async fn present(&self) -> Result<Present, PresentError>;
}
