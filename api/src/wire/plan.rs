//! Plans as callers read them.

use ally_domain::engine::plan::{Plan, Session};
use ally_domain::ids::PlanId;
use ally_projections::plan::{PlanSummary, PlanView};
use poem_openapi::Object;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use time::OffsetDateTime;

use super::answer::Paged;
use super::moment::Moment;
use crate::schema::{PlanSchema, SessionSchema};

/// Where a plan is read.
pub(crate) fn plan_path(id: &PlanId) -> String {
    format!("/api/v1/plans/{id}")
}

/// Where one version of a plan is read.
pub(crate) fn version_path(id: &PlanId, version: u32) -> String {
    format!("{}?version={version}", plan_path(id))
}

/// A plan with what surrounds it.
#[derive(Object)]
#[oai(rename = "PlanDocument", rename_all = "camelCase")]
pub(crate) struct PlanBodySchema {
    /// Which plan.
    plan_id: String,
    /// The job that made it.
    job_id: String,
    /// The version that this is.
    version: u32,
    /// When it was made.
    created_at: Moment,
    /// The plan.
    plan: PlanSchema,
}

/// A plan's answer, shown as [`PlanBodySchema`]; the plan itself is passed on as it was made.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PlanBody {
    plan_id: String,
    job_id: String,
    version: u32,
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    plan: Box<RawValue>,
}

/// A session with the plan that it belongs to.
#[derive(Object)]
#[oai(rename = "SessionDocument", rename_all = "camelCase")]
pub(crate) struct SessionBodySchema {
    /// Which plan.
    plan_id: String,
    /// The version of the plan.
    version: u32,
    /// The session.
    session: SessionSchema,
}

/// A session's answer, shown as [`SessionBodySchema`].
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SessionBody<'a> {
    plan_id: &'a str,
    version: u32,
    session: Box<RawValue>,
}

impl<'a> SessionBody<'a> {
    /// A session of a plan.
    pub(crate) fn of(plan: &'a Plan, session: &Session) -> Result<Self, serde_json::Error> {
        let session = spelled_out(to_raw_value(session)?);
        Ok(Self { plan_id: plan.plan_id.as_str(), version: plan.version, session })
    }
}

/// A plan, or a part of one, as callers read it: `exercise` where the log says `ex`, as a workout and a change of a plan say it. A quote
/// inside a text is escaped, so that `"ex":` is a key wherever it stands.
pub(crate) fn spelled_out(plan: Box<RawValue>) -> Box<RawValue> {
    RawValue::from_string(plan.get().replace("\"ex\":", "\"exercise\":")).unwrap_or(plan)
}

/// Some of the athlete's plans, newest first.
#[derive(Object)]
#[oai(rename = "PlanList")]
pub(crate) struct PlanListBody {
    /// The plans.
    pub plans: Vec<PlanSummaryBody>,
    /// Send it as `cursor` to get the next page; absent on the last.
    #[oai(skip_serializing_if_is_none)]
    pub next: Option<String>,
}

/// A plan in a list.
#[derive(Object)]
#[oai(rename = "PlanSummary", rename_all = "camelCase")]
pub(crate) struct PlanSummaryBody {
    /// Which plan.
    pub plan_id: String,
    /// The job that made it.
    pub job_id: String,
    /// Its newest version.
    pub version: u32,
    /// When it was made.
    pub created_at: Moment,
    /// Where it is read.
    pub link: String,
}

impl Paged for PlanListBody {
    fn next(&self) -> Option<&str> {
        self.next.as_deref()
    }
}

impl From<PlanView> for PlanBody {
    fn from(view: PlanView) -> Self {
        Self {
            plan_id: view.summary.plan_id.into(),
            job_id: view.summary.job_id.into(),
            version: view.summary.version,
            created_at: view.summary.created_at,
            plan: spelled_out(view.document),
        }
    }
}

impl From<PlanSummary> for PlanSummaryBody {
    fn from(plan: PlanSummary) -> Self {
        Self {
            link: plan_path(&plan.plan_id),
            plan_id: plan.plan_id.into(),
            job_id: plan.job_id.into(),
            version: plan.version,
            created_at: Moment(plan.created_at),
        }
    }
}
