//! The versions of a plan: the next one asked for, all of them listed, and two of them compared.

use poem::http::HeaderMap;
use poem_openapi::OpenApi;
use poem_openapi::param::{Header, Path, Query};
use serde::Deserialize;

use super::onboarding::{POLL_SECONDS, accepted};
use super::refused::{Refusals, Refused};
use super::submit::{Submitted, idempotency_key, replay_mark};
use super::training::plan_id;
use super::{Chapter, Desk, origin};
use crate::auth::Authenticated;
use crate::body::{Body, Readable};
use crate::params::{Faults, Given, PlanVersion, Required};
use crate::problem::Problem;
use crate::schema::ReplanSchema;
use crate::wire::{Answer, DiffBody, VersionsBody, job_path};

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
    const STATUSES: &'static [u16] = &[404];
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
        #[oai(name = "Idempotency-Key", validator(min_length = 1, max_length = 128))]
        _documented: Header<Option<String>>,
        headers: &HeaderMap,
        Body(wish): Body<ReplanBody>,
    ) -> Result<Submitted, Refused<Replanning>> {
        let key = idempotency_key(headers)?;
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
        self.0.remember(&caller, &from, &job);
        let (location, replayed) = (job_path(&job.job_id), replay_mark(job.new));
        Ok(Submitted::Accepted(Answer(accepted(&self.0, &caller, job).await?), location, POLL_SECONDS, replayed))
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
    ) -> Result<Listed, Refused<Reading>> {
        let plan = plan_id(&id)?;
        let versions = self.0.lookup.plan_versions(&caller.athlete, &plan).await?;
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
    ) -> Result<Compared, Refused<Comparing>> {
        let mut faults = Faults::default();
        let from = faults.require("from", from);
        let to = faults.read("to", to);
        faults.check()?;
        let plan = plan_id(&id)?;
        let (lookup, athlete, from) = (&self.0.lookup, &caller.athlete, from.unwrap_or(1));
        let newest = lookup.plan(athlete, &plan, to).await?.ok_or_else(|| Problem::not_found("plan"))?;
        let last = newest.summary.version;
        if from >= last {
            return Err(Problem::field("from", format!("{from} is not before {last}"), "a version before `to`").into());
        }
        let mut versions = Vec::new();
        for version in from..last {
            let found = lookup.plan(athlete, &plan, Some(version)).await?;
            let found = found.ok_or_else(|| Problem::not_found("version"))?;
            versions.push(found.plan().map_err(Problem::internal)?);
        }
        versions.push(newest.plan().map_err(Problem::internal)?);
        let diff = DiffBody::of(&plan, &versions).ok_or_else(|| Problem::not_found("version"))?;
        Ok(Compared::Diff(Answer(diff)))
    }
}
