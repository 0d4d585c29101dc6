//! `athlete_profile`: what an athlete has answered so far, and every revision of the profile that came of it.

mod apply;
mod query;
mod view;

pub(crate) use apply::AthleteProfiles;
pub use query::get;
pub use view::{AthleteProfileView, ProfileRevision, fold};
