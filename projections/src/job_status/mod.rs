//! `job_status`: where each plan job stands, and how many stand where.

mod apply;
mod count;
mod query;
mod view;

pub(crate) use apply::{PromisedJobs, RequestedJobs};
pub use count::{AthleteLoad, JobCounts, QueueFigures, counts, queue};
pub use query::{Place, Wanted, get, overdue, page_for_athlete, to_follow};
pub(crate) use view::concerned;
pub use view::{JobError, JobStatusView, Reach, Request, fold, from_history};
