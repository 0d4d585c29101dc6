//! A room of presence: who is there, in the order of the log.
//!
//! Deliberately not here: whether a member is still alive. That is told by its lease, and whoever sees a lease end asks for the
//! member to leave.

mod command;
mod decide;
mod event;
mod ids;
mod layers;
mod member;
mod state;
#[cfg(test)]
mod tests;

pub use command::RoomCommand;
pub use decide::{RoomDecider, RoomRefusal};
pub use event::{Joined, LeaveReason, Left, RoomEvent, RoomEventKind, Updated};
pub use ids::{ConnId, InvalidConnId, RoomId};
pub use member::{Door, InvalidState, MAX_STATE_BYTES, Member, MemberState};
pub use state::RoomState;
