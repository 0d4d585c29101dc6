//! `workout`: the training log of every plan, what was done and what hurt.

mod apply;
mod query;
mod view;

pub(crate) use apply::Workouts;
pub use query::of_plan;
pub(crate) use view::LogEntry;
pub use view::{EntryKind, Place, WorkoutView, from_event, in_order};
