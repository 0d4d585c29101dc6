//! A training plan and its versions.

mod command;
mod decide;
mod event;
mod state;

pub use command::PlanCommand;
pub use decide::{PlanDecider, PlanRefusal};
pub use event::{Created, PlanEvent};
pub use state::PlanState;
