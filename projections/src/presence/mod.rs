//! `presence`: who is in which room and who was when (`presence_member`), counted by room (`presence_room`).
//!
//! The stream forgets by age and a membership may last longer, so the rows know more than what can still be read: a rebuild takes
//! over what lies before (`carry.rs`). Deliberately not here: whether a member is still alive, which its lease tells.

mod apply;
mod carry;
mod query;
mod rooms;
mod snapshot;
mod view;

pub(crate) use apply::Presence;
pub use query::{members, members_at, occupied_rooms, room, rooms};
pub use snapshot::PresenceSnapshot;
pub use view::{Departure, KEPT_FOR, Membership, PresenceView, RoomView, fold};
