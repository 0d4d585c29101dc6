//! `job_timeline`: what happened to a job, one row an event.

mod apply;
mod query;
mod view;

pub(crate) use apply::Timelines;
pub use query::get;
pub use view::{TimelineEntry, entry};
