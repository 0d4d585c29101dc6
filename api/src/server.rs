//! Routes and layers of every role, and the loop that serves a listener.

mod accept;
mod roles;

pub(crate) use accept::{ConnectionSlot, HangUp};
pub use accept::{Drain, ServeConfig, serve};
pub use roles::{Gateway, Planner, PresenceRole, RoleEndpoint, gateway, metrics, planner, presence, receiver, worker};
