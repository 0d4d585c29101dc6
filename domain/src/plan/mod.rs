//! A training plan, its versions, and the log of what was done of it.

mod command;
mod decide;
mod event;
mod state;
#[cfg(test)]
mod tests;

pub use command::PlanCommand;
pub use decide::{MAX_ENTRIES, MAX_VERSIONS, PlanDecider, PlanRefusal};
pub use event::{Created, PainReported, PlanEvent, PlanEventKind, Revised, WorkoutLogged};
pub use state::PlanState;
