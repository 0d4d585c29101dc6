//! The versions of a plan: the next one asked for, all of them listed, and two of them compared.

use ally_domain::ids::PlanId;
use ally_domain::problem::FieldError;
use poem_openapi::OpenApi;
use poem_openapi::param::{Path, Query};
use serde::Deserialize;

use super::refused::{Refusals, Refused};
use super::submit::Submitted;
use super::training::plan_id;
use super::{Chapter, Desk, origin};
use crate::auth::{Authenticated, Caller};
use crate::body::{Body, Readable};
use crate::params::{AtPosition, Faults, Given, IdempotencyKey, PlanVersion, Required};
use crate::problem::{Kind, Problem};
use crate::schema::ReplanSchema;
use crate::wire::{Answer, DiffBody, VersionsBody};

pub(crate) struct Versions(pub Desk);

#[derive(poem_openapi::ApiResponse)]
pub(crate) enum Listed {
    /// The plan's versions.
    #[oai(status = 200)]
    Versions(Answer<VersionsBody>),
}

#[derive(poem_openapi::ApiResponse)]
pub(crate) enum Compared {
    /// What changed, and why.
    #[oai(status = 200)]
    Diff(Answer<DiffBody>),
}

pub(crate) struct Replanning;
pub(crate) struct Reading;
pub(crate) struct Comparing;

impl Refusals for Replanning {
    const STATUSES: &'static [u16] = &[400, 404, 408, 409, 415, 422];
}

impl Refusals for Reading {
    const STATUSES: &'static [u16] = &[400, 404];
}

impl Refusals for Comparing {
    const STATUSES: &'static [u16] = &[400, 404];
}

/// Why a next version is wanted, as the body spells it.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ReplanBody {
    reason: Option<String>,
}

impl Readable for ReplanBody {
    type Shape = ReplanSchema;

    fn absent() -> Option<Self> {
        Some(Self::default())
    }
}

#[OpenApi(prefix_path = "/api/v1", tag = "Chapter::Plans")]
impl Versions {
    /// Ask for the next version
    ///
    /// Makes the next version of a plan from its training log, for the athlete as the newest answers and reports have them, as a
    /// job like any other. What is past never changes. Answers, pain or words that call for a professional's yes fail the job with
    /// `clearance_required`. A job that finds nothing to change completes with the version that there is: `planVersion` is the newest version
    /// either way, and `note` says what became of it. With an `Idempotency-Key` the request names its job for ever.
    #[oai(path = "/plans/:id/replan", method = "post", operation_id = "replan")]
    async fn replan(
        &self,
        Authenticated(caller): Authenticated,
        /// Which plan.
        Path(id): Path<String>,
        /// 1 to 128 visible ASCII characters, chosen by the client, one for each version it wants.
        #[oai(name = "Idempotency-Key")]
        IdempotencyKey(key): IdempotencyKey,
        Body(wish): Body<ReplanBody>,
    ) -> Result<Submitted, Refused<Replanning>> {
        let plan = plan_id(&id)?;
        if let Err(full) = self.0.gate.admit().await {
            self.0.repeated(&caller, key.as_deref()).await?.then_some(()).ok_or(full)?;
        }
        let (submissions, from, athlete) = (self.0.submissions.clone(), origin(&caller), caller.athlete.clone());
        let request = from.clone();
        let submit = async move {
            let reason = wish.reason.as_deref();
            submissions.replan(&athlete, &plan, key.as_deref(), reason, &request).await
        };
        let job = self.0.gate.run(submit).await?;
        Ok(self.0.submitted(&caller, &from, job).await?)
    }

    /// List a plan's versions
    ///
    /// Every version of a plan, oldest first. Each is read by `GET /plans/{id}?version=`.
    #[oai(path = "/plans/:id/versions", method = "get", operation_id = "planVersions")]
    async fn versions(
        &self,
        Authenticated(caller): Authenticated,
        /// Which plan.
        Path(id): Path<String>,
        /// See at least the event at this position of the log, as an answer carries it. One that the log does not hold is a 400
        /// `position-unknown`.
        Query(position): Query<Option<Given<AtPosition>>>,
    ) -> Result<Listed, Refused<Reading>> {
        let mut faults = Faults::default();
        let position = faults.read("position", position);
        faults.check()?;
        let plan = plan_id(&id)?;
        let versions = self.0.lookup.plan_versions(&caller.athlete, &plan, position.as_ref()).await?;
        if versions.is_empty() {
            return Err(Problem::not_found("plan").into());
        }
        let versions = versions.into_iter().map(Into::into).collect();
        Ok(Listed::Versions(Answer(VersionsBody { plan_id: plan.into(), versions })))
    }

    /// Compare two versions
    ///
    /// What changed from one version of a plan to a later one, session by session, and what was decided on the way.
    #[oai(path = "/plans/:id/diff", method = "get", operation_id = "planDiff")]
    async fn compare(
        &self,
        Authenticated(caller): Authenticated,
        /// Which plan.
        Path(id): Path<String>,
        /// The version that is left.
        Query(from): Query<Required<PlanVersion>>,
        /// The version that is reached, a later one; the newest unless told.
        Query(to): Query<Option<Given<PlanVersion>>>,
        /// See at least the event at this position of the log, as an answer carries it. One that the log does not hold is a 400
        /// `position-unknown`.
        Query(position): Query<Option<Given<AtPosition>>>,
    ) -> Result<Compared, Refused<Comparing>> {
        let mut faults = Faults::default();
        let from = faults.require("from", from);
        let to = faults.read("to", to);
        let position = faults.read("position", position);
        faults.check()?;
        let plan = plan_id(&id)?;
        let (lookup, athlete, from) = (&self.0.lookup, &caller.athlete, from.unwrap_or(1));
        let Some(newest) = lookup.plan(athlete, &plan, to, position.as_ref()).await? else {
            return Err(no_version(&self.0, &caller, &plan, to.map(|to| ("to", to))).await?.into());
        };
        let last = newest.summary.version;
        if from >= last {
            return Err(Problem::field("from", format!("{from} is not before {last}"), "a version before `to`").into());
        }
        let mut versions = Vec::new();
        for version in from..last {
            let Some(found) = lookup.plan(athlete, &plan, Some(version), None).await? else {
                return Err(no_version(&self.0, &caller, &plan, Some(("from", version))).await?.into());
            };
            versions.push(found.plan().map_err(Problem::internal)?);
        }
        versions.push(newest.plan().map_err(Problem::internal)?);
        let diff = DiffBody::of(&plan, &versions).ok_or_else(|| Problem::not_found("version"))?;
        Ok(Compared::Diff(Answer(diff)))
    }
}

/// The answer where a plan or a version of it is not there: whose plan it is reads which versions there are.
pub(super) async fn no_version(
    desk: &Desk,
    caller: &Caller,
    plan: &PlanId,
    asked: Option<(&str, u32)>,
) -> Result<Problem, Problem> {
    let Some((parameter, version)) = asked else { return Ok(Problem::not_found("plan")) };
    let versions = desk.lookup.plan_versions(&caller.athlete, plan, None).await?;
    let there: Vec<u32> = versions.iter().map(|version| version.version).collect();
    let expected = match there.as_slice() {
        [] => return Ok(Problem::not_found("plan")),
        [only] => format!("{only}, its only version"),
        [first, .., last] => format!("one from {first} to {last}"),
    };
    let fault = FieldError::new(parameter, format!("is {version}, which the plan does not have"), expected);
    Ok(Problem::fields(vec![fault]).with_kind(Kind::NotFound))
}
