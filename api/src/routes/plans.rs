//! Plans that were made.

use poem_openapi::param::{Path, Query};
use poem_openapi::{ApiResponse, OpenApi};

use super::refused::{Refusals, Refused};
use super::{Chapter, Desk};
use crate::auth::Authenticated;
use crate::params::{Cursor, Faults, Given, PageLimit};
use crate::problem::Problem;
use crate::wire::{Answer, PlanBody, PlanBodySchema, PlanListBody, Written};

/// Entries of a page when the caller does not say.
const PAGE: u16 = 20;

pub(crate) struct Plans(pub Desk);

#[derive(ApiResponse)]
pub(crate) enum Listed {
    /// A page of the athlete's plans.
    #[oai(status = 200)]
    Page(Answer<PlanListBody>),
}

#[derive(ApiResponse)]
pub(crate) enum Found {
    /// The plan.
    #[oai(status = 200)]
    Plan(Written<PlanBodySchema, PlanBody>),
}

pub(crate) struct Reading;
pub(crate) struct Listing;

impl Refusals for Reading {
    const STATUSES: &'static [u16] = &[404];
}

impl Refusals for Listing {
    const STATUSES: &'static [u16] = &[400];
}

#[OpenApi(prefix_path = "/api/v1", tag = "Chapter::Plans")]
impl Plans {
    /// List plans
    ///
    /// The athlete's plans, newest first, a page at a time.
    #[oai(path = "/plans", method = "get", operation_id = "plans")]
    async fn list(
        &self,
        Authenticated(caller): Authenticated,
        /// The most plans of the page.
        Query(limit): Query<Option<Given<PageLimit>>>,
        /// The `next` of an earlier page.
        Query(cursor): Query<Option<Given<Cursor>>>,
    ) -> Result<Listed, Refused<Listing>> {
        let mut faults = Faults::default();
        let limit = faults.read("limit", limit).unwrap_or(PAGE);
        let cursor = faults.read("cursor", cursor);
        faults.check()?;
        // One more than asked for tells whether there is another page.
        let mut plans = self.0.lookup.plans(&caller.athlete, cursor, limit + 1).await?;
        let more = plans.len() > usize::from(limit);
        plans.truncate(limit.into());
        let next = plans.last().filter(|_| more).map(|last| last.position.sequence.to_string());
        Ok(Listed::Page(Answer(PlanListBody { plans: plans.into_iter().map(Into::into).collect(), next })))
    }

    /// Read a plan
    ///
    /// A plan in its newest version.
    #[oai(path = "/plans/:id", method = "get", operation_id = "plan")]
    async fn plan(
        &self,
        Authenticated(caller): Authenticated,
        /// Which plan.
        Path(id): Path<String>,
    ) -> Result<Found, Refused<Reading>> {
        let id = id.parse().map_err(|_| Problem::not_found("plan"))?;
        let found = self.0.lookup.plan(&caller.athlete, &id).await?;
        let plan = found.ok_or_else(|| Problem::not_found("plan"))?;
        Ok(Found::Plan(Written::of(plan.into())))
    }
}
