//! A session in the minutes that there are today. Nothing is stored: the plan stays as it is.

use ally_domain::engine::crunch::{CrunchError, crunch};
use ally_domain::problem::FieldError;
use poem_openapi::{ApiResponse, OpenApi};
use serde::Deserialize;

use super::refused::{Refusals, Refused};
use super::{Chapter, Desk};
use crate::auth::Authenticated;
use crate::body::{Body, Readable};
use crate::problem::{Kind, Problem};
use crate::schema::CrunchSchema;
use crate::wire::{CrunchBody, CrunchBodySchema, Written};

pub(crate) struct TimeCrunch(pub Desk);

/// Which session, and the minutes that there are.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CrunchWish {
    plan_id: String,
    session_id: String,
    target_minutes: u16,
}

#[derive(ApiResponse)]
pub(crate) enum Previewed {
    /// The session as it fits, and what it gave up.
    #[oai(status = 200)]
    Preview(Written<CrunchBodySchema, CrunchBody>),
}

pub(crate) struct Previewing;

impl Refusals for Previewing {
    const STATUSES: &'static [u16] = &[400, 404, 408, 415, 422];
}

impl Readable for CrunchWish {
    type Shape = CrunchSchema;
}

#[OpenApi(prefix_path = "/api/v1", tag = "Chapter::Plans")]
impl TimeCrunch {
    /// Preview a shorter session
    ///
    /// A session of a plan in at most so many minutes: exercises take turns and rests shorten before sets go, and the main
    /// exercises stay. What the athlete cannot do today, by the newest answers and reports of pain, is replaced or left out first, and
    /// what loads a place with pain of 4 or 5, or asks for more than moderate effort where that is too much, is eased.
    /// The answer says what was given up and by which rule. Nothing is stored.
    #[oai(path = "/time-crunch/preview", method = "post", operation_id = "previewTimeCrunch")]
    async fn preview(
        &self,
        Authenticated(caller): Authenticated,
        Body(wish): Body<CrunchWish>,
    ) -> Result<Previewed, Refused<Previewing>> {
        let id = wish.plan_id.parse().map_err(|_| Problem::not_found("plan"))?;
        let view =
            self.0.lookup.plan(&caller.athlete, &id, None, None).await?.ok_or_else(|| Problem::not_found("plan"))?;
        let plan = view.plan().map_err(Problem::internal)?;
        let session = plan.session(&wish.session_id).ok_or_else(|| Problem::not_found("session"))?;
        let profile = self.0.lookup.profile(&caller.athlete, None).await?;
        let revisions = profile.as_ref().map_or(&[][..], |profile| &profile.revisions);
        let revision = revisions.iter().find(|revision| revision.revision == plan.profile_rev);
        let missing = || Problem::internal(format!("plan {id} was made for a profile that its athlete does not have"));
        let planned = &revision.ok_or_else(missing)?.profile;
        let profile = self.0.submissions.of_today(&caller.athlete, planned).await?;
        let crunched = crunch(session, wish.target_minutes, &profile, &self.0.catalogue)
            .map_err(|refused| no_session(&refused, wish.target_minutes))?;
        let body = CrunchBody::of(&plan, session, wish.target_minutes, crunched).map_err(Problem::internal)?;
        Ok(Previewed::Preview(Written::of(body)))
    }
}

fn no_session(refused: &CrunchError, target: u16) -> Problem {
    match refused {
        CrunchError::TooFewMinutes { least_min } => too_few(target, *least_min),
        CrunchError::ClearanceRequired { .. } => Problem::new(Kind::ClearanceRequired, refused.to_string()),
        CrunchError::NothingSuits => {
            Problem::new(Kind::NothingSuits, format!("{refused}; ask for the plan's next version"))
        }
    }
}

fn too_few(target: u16, least: u16) -> Problem {
    let detail =
        format!("the session cannot be shorter than {least} minutes; ask for at least as many, or leave it out");
    let expected = format!("at least {least}");
    let mut problem = Problem::new(Kind::TooFewMinutes, detail);
    problem.errors.push(FieldError::new("targetMinutes", format!("is {target}"), expected));
    problem
}
