//! The athlete's onboarding and profile.

use poem_openapi::OpenApi;
use poem_openapi::param::Query;
use poem_openapi::payload::Json;

use super::refused::{Refusals, Refused};
use super::{Chapter, Desk};
use crate::auth::Authenticated;
use crate::params::{AtPosition, Faults, Given};
use crate::problem::Problem;
use crate::wire::ProfileBody;

pub(crate) struct Profile(pub Desk);

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
        /// See at least the event at this position of the log, as a 200 or 202 answer carries it.
        Query(position): Query<Option<Given<AtPosition>>>,
    ) -> Result<Json<ProfileBody>, Refused<Reading>> {
        let mut faults = Faults::default();
        let position = faults.read("position", position);
        faults.check()?;
        let view = self.0.lookup.profile(&caller.athlete, position.as_ref()).await?;
        Ok(Json(ProfileBody::of(view).map_err(Problem::internal)?))
    }
}
