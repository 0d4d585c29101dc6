//! Routes and layers of every role, and the loop that serves a listener.

mod accept;
mod roles;

pub use accept::{Drain, ServeConfig, serve};
pub use roles::{Gateway, Planner, RoleEndpoint, gateway, metrics, planner, worker};
