//! The rules of a room.

use super::{ConnId, InvalidState, Joined, Left, Member, RoomCommand, RoomEvent, RoomState, Updated};
use crate::decider::Decider;
use crate::ids::{AggregateKind, AthleteId};

/// The decider of rooms.
#[derive(Debug, Clone, Copy)]
pub struct RoomDecider;

/// Why a room says no.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RoomRefusal {
    /// Nobody else may come in.
    #[error("the room has {max_members} members, which is as many as it may have; try again when somebody has left")]
    Full {
        /// How many it may have.
        max_members: usize,
    },
    /// One connection is one member.
    #[error("connection {conn} is a member already; leave first")]
    Member {
        /// The connection.
        conn: ConnId,
    },
    /// It never joined, or has left.
    #[error("connection {conn} is no member of the room (any more); join again")]
    NoMember {
        /// The connection.
        conn: ConnId,
    },
    /// It speaks of an earlier membership of the same connection.
    #[error(
        "epoch {epoch} of connection {conn} is over, {current} is its epoch; use the epoch that the last join was answered with"
    )]
    Stale {
        /// The connection.
        conn: ConnId,
        /// What it said.
        epoch: u64,
        /// What is.
        current: u64,
    },
    /// It speaks of a membership that was never given out.
    #[error(
        "epoch {epoch} of connection {conn} was never given out, {current} is its epoch; a client does not choose it"
    )]
    Unknown {
        /// The connection.
        conn: ConnId,
        /// What it said.
        epoch: u64,
        /// What is.
        current: u64,
    },
    /// The state would be too long.
    #[error(transparent)]
    State(#[from] InvalidState),
}

impl Decider for RoomDecider {
    type Command = RoomCommand;
    type Event = RoomEvent;
    type State = RoomState;
    type Refusal = RoomRefusal;

    const KIND: AggregateKind = AggregateKind::Room;

    fn name(command: &RoomCommand) -> &'static str {
        match command {
            RoomCommand::Join { .. } => "join_room",
            RoomCommand::Update { .. } => "update_member",
            RoomCommand::Leave { .. } => "leave_room",
        }
    }

    fn decide(room: &RoomState, command: &RoomCommand) -> Result<Vec<RoomEvent>, RoomRefusal> {
        match command {
            RoomCommand::Join { conn, user, door, epoch, state, max_members } => {
                match room.member(*conn) {
                    Some(member) if member.epoch == *epoch => return Ok(Vec::new()),
                    Some(_) => return Err(RoomRefusal::Member { conn: *conn }),
                    None => {}
                }
                if room.member_count() >= *max_members {
                    return Err(RoomRefusal::Full { max_members: *max_members });
                }
                Ok(vec![RoomEvent::Joined(Joined {
                    conn_id: *conn,
                    user_id: user.clone(),
                    door: *door,
                    epoch: *epoch,
                    state: state.clone(),
                    first: room.connections_of(user) == 0,
                })])
            }
            RoomCommand::Update { conn, epoch, patch } => {
                let member = member(room, *conn, *epoch)?;
                let state = member.state.patched(patch)?;
                if state == member.state {
                    return Ok(Vec::new());
                }
                let user_id = member.user.clone();
                Ok(vec![RoomEvent::Updated(Updated { conn_id: *conn, user_id, epoch: *epoch, state })])
            }
            RoomCommand::Leave { conn, epoch, reason } => {
                // Whoever comes second, from another node or in a second try, changes nothing.
                let Ok(member) = member(room, *conn, *epoch) else { return Ok(Vec::new()) };
                Ok(vec![RoomEvent::Left(Left {
                    conn_id: *conn,
                    user_id: member.user.clone(),
                    epoch: *epoch,
                    reason: *reason,
                    last: is_last(room, &member.user),
                })])
            }
        }
    }

    fn evolve(mut room: RoomState, event: &RoomEvent) -> RoomState {
        match event {
            RoomEvent::Joined(joined) => room.insert(
                joined.conn_id,
                Member {
                    user: joined.user_id.clone(),
                    door: joined.door,
                    epoch: joined.epoch,
                    state: joined.state.clone(),
                },
            ),
            RoomEvent::Updated(updated) => room.update(updated.conn_id, updated.epoch, &updated.state),
            RoomEvent::Left(left) => room.remove(left.conn_id, left.epoch),
        }
        room
    }
}

fn member(room: &RoomState, conn: ConnId, epoch: u64) -> Result<&Member, RoomRefusal> {
    let member = room.member(conn).ok_or(RoomRefusal::NoMember { conn })?;
    match epoch.cmp(&member.epoch) {
        std::cmp::Ordering::Equal => Ok(member),
        std::cmp::Ordering::Less => Err(RoomRefusal::Stale { conn, epoch, current: member.epoch }),
        std::cmp::Ordering::Greater => Err(RoomRefusal::Unknown { conn, epoch, current: member.epoch }),
    }
}

fn is_last(room: &RoomState, user: &AthleteId) -> bool {
    room.connections_of(user) == 1
}
