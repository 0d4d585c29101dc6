//! What one may ask of a room.

use serde_json::{Map, Value};

use super::{ConnId, Door, LeaveReason, MemberState};
use crate::ids::AthleteId;

/// Everything one may ask of a room.
#[derive(Debug, Clone)]
pub enum RoomCommand {
    /// Make a connection a member. It holds its lease already, so that no member is ever without one.
    Join {
        /// The connection.
        conn: ConnId,
        /// Who it is.
        user: AthleteId,
        /// How it came in.
        door: Door,
        /// The revision of its lease.
        epoch: u64,
        /// What it says of itself.
        state: MemberState,
        /// Members that the room may have.
        max_members: usize,
    },
    /// Change what a member says of itself.
    Update {
        /// The connection.
        conn: ConnId,
        /// Which membership of it.
        epoch: u64,
        /// Keys and their new values; the other keys stay.
        patch: Map<String, Value>,
    },
    /// End a membership.
    Leave {
        /// The connection.
        conn: ConnId,
        /// Which membership of it: another one is left alone.
        epoch: u64,
        /// Why.
        reason: LeaveReason,
    },
}

impl RoomCommand {
    /// The connection that it is about.
    #[must_use]
    pub const fn conn(&self) -> ConnId {
        match self {
            Self::Join { conn, .. } | Self::Update { conn, .. } | Self::Leave { conn, .. } => *conn,
        }
    }
}
