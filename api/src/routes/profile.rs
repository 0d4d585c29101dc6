//! The athlete's onboarding and profile.

use poem_openapi::param::Query;
use poem_openapi::{ApiResponse, OpenApi};

use super::refused::{Refusals, Refused};
use super::{Chapter, Desk};
use crate::auth::Authenticated;
use crate::params::{AtPosition, Faults, Given};
use crate::problem::Problem;
use crate::wire::{Answer, ProfileBody};

pub(crate) struct Profile(pub Desk);

#[derive(ApiResponse)]
pub(crate) enum Read {
    /// The athlete's onboarding and profile.
    #[oai(status = 200)]
    Profile(Answer<ProfileBody>),
}

pub(crate) struct Reading;

impl Refusals for Reading {
    const STATUSES: &'static [u16] = &[400];
}

#[OpenApi(prefix_path = "/api/v1", tag = "Chapter::Onboarding")]
impl Profile {
    /// Read the profile
    ///
    /// What was answered, which steps are open, and the newest revision of the profile. An athlete who never answered
    /// anything gets an incomplete profile with all steps open.
    #[oai(path = "/profile", method = "get", operation_id = "profile")]
    async fn profile(
        &self,
        Authenticated(caller): Authenticated,
        /// See at least the event at this position of the log, as a 200 or 202 answer carries it. One that the log does not hold, since
        /// it is beyond its end, is a 400 `position-unknown`.
        Query(position): Query<Option<Given<AtPosition>>>,
    ) -> Result<Read, Refused<Reading>> {
        let mut faults = Faults::default();
        let position = faults.read("position", position);
        faults.check()?;
        let view = self.0.lookup.profile(&caller.athlete, position.as_ref()).await?;
        // What was reported since the answers stands in the log; while that does not answer, the answers count.
        let submissions = &self.0.submissions;
        let state = submissions.athlete(&caller.athlete).await;
        let today = state.ok().and_then(|(state, _)| state.profile_on(submissions.now().date()));
        Ok(Read::Profile(Answer(ProfileBody::of(view, today.as_ref()).map_err(Problem::internal)?)))
    }
}
