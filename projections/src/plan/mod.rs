//! `plan`: every version of every plan, whole.

mod apply;
mod query;
mod view;

pub(crate) use apply::Plans;
pub use query::{get, get_version, list_for_athlete, page_for_athlete, versions};
pub(crate) use view::PlanDocument;
pub use view::{PlanSummary, PlanView, from_event};
