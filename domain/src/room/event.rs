//! What happens in a room: facts, past tense, versioned.

use serde::{Deserialize, Serialize};

use super::{ConnId, Door, MemberState};
use crate::ids::AthleteId;

/// A connection became a member.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Joined {
    /// The connection.
    pub conn_id: ConnId,
    /// Who it is.
    pub user_id: AthleteId,
    /// How it came in.
    pub door: Door,
    /// The revision of the lease that it holds.
    pub epoch: u64,
    /// What it says of itself.
    pub state: MemberState,
    /// Whether it is the only connection of its user in the room.
    pub first: bool,
}

/// A member says something else of itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Updated {
    /// The connection.
    pub conn_id: ConnId,
    /// Who it is.
    pub user_id: AthleteId,
    /// Which membership of the connection.
    pub epoch: u64,
    /// The state, whole.
    pub state: MemberState,
}

/// Why a member left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeaveReason {
    /// It said so, or closed its connection in order.
    Left,
    /// Its lease ended: nothing was heard of it for the time to live.
    Expired,
    /// Its connection broke, and it did not come back within the grace.
    Cut,
    /// An operator removed it.
    Kicked,
    /// Its server ended.
    Drained,
    /// The same client came back as another connection.
    Replaced,
}

impl LeaveReason {
    /// Every reason.
    pub const ALL: [Self; 6] = [Self::Left, Self::Expired, Self::Cut, Self::Kicked, Self::Drained, Self::Replaced];

    /// The reason as events, views and labels spell it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Expired => "expired",
            Self::Cut => "cut",
            Self::Kicked => "kicked",
            Self::Drained => "drained",
            Self::Replaced => "replaced",
        }
    }
}

/// A connection is a member no more.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Left {
    /// The connection.
    pub conn_id: ConnId,
    /// Who it was.
    pub user_id: AthleteId,
    /// Which membership of the connection.
    pub epoch: u64,
    /// Why.
    pub reason: LeaveReason,
    /// Whether its user has no other connection in the room.
    pub last: bool,
}

crate::events! {
    /// Everything that can happen in a room.
    pub enum RoomEvent, RoomEventKind of "presence" {
        /// Somebody came.
        Joined = "joined" v 1,
        /// Somebody changed.
        Updated = "updated" v 1,
        /// Somebody went.
        Left = "left" v 1,
    }
}

impl RoomEvent {
    /// The connection that it is about.
    #[must_use]
    pub const fn conn_id(&self) -> ConnId {
        match self {
            Self::Joined(event) => event.conn_id,
            Self::Updated(event) => event.conn_id,
            Self::Left(event) => event.conn_id,
        }
    }
}
