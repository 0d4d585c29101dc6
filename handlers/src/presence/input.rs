//! What a shard is told and asked.

use std::collections::HashSet;
use std::sync::Arc;

use ally_domain::envelope::{CommandContext, Recorded};
use ally_domain::ports::StoreError;
use ally_domain::room::{ConnId, Member, RoomId};
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::followers::Follower;
use super::live_room::Asked;
use super::look::RoomFigures;
use super::notice::{Snapshot, Start};
use crate::cursor::Cursor;

/// What a shard is told and asked.
pub(super) enum Input {
    /// All that is known begins anew, at a place of a log.
    Reset { rooms: Vec<(RoomId, u64)>, members: Vec<(RoomId, ConnId, Member)>, mark: u32, sequence: u64 },
    /// Events of the log for the rooms of this shard, and how far the log was read with them.
    Feed { events: Vec<(RoomId, Recorded)>, up_to: u64 },
    /// A command.
    Ask { room: RoomId, asked: Box<Asked> },
    /// What became of an append.
    Appended { room: RoomId, expected: u64, answer: Result<u64, StoreError> },
    /// Somebody wants to follow a room.
    Follow { room: RoomId, follower: Follower, since: Option<Cursor>, answer: oneshot::Sender<Start> },
    /// A follower is gone.
    Unfollow { room: RoomId, follower: u64 },
    /// Somebody wants to see who is there.
    Look { room: RoomId, answer: oneshot::Sender<(Arc<Snapshot>, usize)> },
    /// Somebody wants to see which rooms there are.
    Rooms { answer: oneshot::Sender<Vec<RoomFigures>> },
    /// Where the last event of a room stands, as the log says; `None` when it did not answer.
    Located { room: RoomId, sequence: Option<u64> },
    /// Somebody waits until this node knows of a member.
    AwaitMember { room: RoomId, awaited: Awaited },
    /// Somebody wants to see a member.
    Member { room: RoomId, conn: ConnId, answer: oneshot::Sender<Option<Arc<Member>>> },
    /// Members whose lease has ended are to leave.
    Reap { leases: Arc<Known>, context: Box<CommandContext>, answer: oneshot::Sender<usize> },
}

/// A member that somebody waits for.
pub(super) struct Awaited {
    pub conn: ConnId,
    /// Up to where the log must be read.
    pub at_least: Option<Cursor>,
    pub deadline: Instant,
    pub answer: oneshot::Sender<Option<Arc<Member>>>,
}

/// What is known of leases.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// Those that are held.
    pub held: HashSet<ConnId>,
    /// Those that were seen to end, and are not held again.
    pub ended: HashSet<ConnId>,
}
