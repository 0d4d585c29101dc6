//! Plans that were made, and their sessions, in the forms that there are.

mod address;
mod formed;

use ally_domain::engine::plan::{Plan, Session};
use ally_domain::fingerprint::fingerprint;
use ally_projections::plan::PlanView;
use poem::http::HeaderMap;
use poem_openapi::param::{Path, Query};
use poem_openapi::{ApiResponse, OpenApi};

use self::address::Address;
use self::formed::{Formed, Forms};
use super::refused::{Refusals, Refused};
use super::{Chapter, Desk};
use crate::auth::{Authenticated, Caller};
use crate::etag::{self, KnownTags};
use crate::export::{DEFAULT_START, Export, ExportError, Form};
use crate::params::{Cursor, Faults, Given, HourMinute, PageLimit, PlanVersion};
use crate::problem::Problem;
use crate::wire::{Page, PlanBody, PlanBodySchema, PlanListBody, SessionBody, SessionBodySchema, Written};

/// Entries of a page when the caller does not say.
const PAGE: u16 = 20;

pub(crate) struct Plans(pub Desk);

#[derive(ApiResponse)]
pub(crate) enum Listed {
    /// A page of the athlete's plans.
    #[oai(status = 200)]
    Page(Page<PlanListBody>),
}

/// A plan's forms.
struct OfPlan;
/// A session's forms.
struct OfSession;

impl Forms for OfPlan {
    type Shape = PlanBodySchema;
    const FORMS: &'static [Form] = Form::OF_PLAN;
    const DESCRIPTION: &'static str = "The plan.";
}

impl Forms for OfSession {
    type Shape = SessionBodySchema;
    const FORMS: &'static [Form] = Form::OF_SESSION;
    const DESCRIPTION: &'static str = "The session.";
}

pub(crate) struct Reading;
pub(crate) struct Listing;

impl Refusals for Reading {
    const STATUSES: &'static [u16] = &[400, 404, 406];
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
        Ok(Listed::Page(Page(PlanListBody { plans: plans.into_iter().map(Into::into).collect(), next })))
    }

    /// Read a plan
    ///
    /// A plan in its newest version, or in the one that is asked for. The ending of the address chooses the form, or `Accept` where
    /// it has none: `.json`, `.ics` (a calendar of its sessions), `.csv` (a row for every run of equal sets), `.zip` (a FIT workout file for every session) or
    /// `.md`.
    #[oai(path = "/plans/:id", method = "get", operation_id = "plan")]
    async fn plan(
        &self,
        Authenticated(caller): Authenticated,
        /// Which plan.
        Path(id): Path<String>,
        /// When sessions of a calendar start, local time, as near as the fixed schedules of their day allow.
        Query(start): Query<Option<Given<HourMinute>>>,
        /// Which version; the newest unless told.
        Query(version): Query<Option<Given<PlanVersion>>>,
        headers: &HeaderMap,
    ) -> Result<Formed<OfPlan>, Refused<Reading>> {
        let address = Address::read(&id, headers, Form::OF_PLAN)?;
        let (start, version) = read_query(start, version)?;
        let view = self.found(&caller, address.id, version).await?;
        let tag = tag(&view, &address, start)?;
        if KnownTags::of(headers).names(&tag) {
            return Ok(Formed::not_modified(&address).with_tag(&tag, version.is_some()));
        }
        if address.form == Form::Json {
            let body: Written<PlanBodySchema, PlanBody> = Written::of(view.into());
            return Ok(Formed::json(&address, body).with_tag(&tag, version.is_some()));
        }
        let plan = view.plan().map_err(Problem::internal)?;
        let stem = format!("plan-{}-v{}", plan.plan_id, plan.version);
        let body = self.exported(&caller, &view, &plan, start, |export| export.plan(address.form)).await?;
        Ok(Formed::file(&address, &stem, body).with_tag(&tag, version.is_some()))
    }

    /// Read a session
    ///
    /// One session of a plan in its newest version, or in the one that is asked for. The ending of the address chooses the form,
    /// or `Accept` where it has none: `.json`, `.ics`, `.csv`, `.fit` (a workout that a watch walks through) or `.md`.
    #[oai(path = "/plans/:id/sessions/:session", method = "get", operation_id = "planSession")]
    async fn session(
        &self,
        Authenticated(caller): Authenticated,
        /// Which plan.
        Path(id): Path<String>,
        /// Which session.
        Path(session): Path<String>,
        /// When a session of a calendar starts, local time, as near as the fixed schedules of its day allow.
        Query(start): Query<Option<Given<HourMinute>>>,
        /// Which version; the newest unless told.
        Query(version): Query<Option<Given<PlanVersion>>>,
        headers: &HeaderMap,
    ) -> Result<Formed<OfSession>, Refused<Reading>> {
        let address = Address::read(&session, headers, Form::OF_SESSION)?;
        let (start, version) = read_query(start, version)?;
        let view = self.found(&caller, &id, version).await?;
        let plan = view.plan().map_err(Problem::internal)?;
        let session = of_id(&plan, address.id).ok_or_else(|| Problem::not_found("session"))?;
        let tag = tag(&view, &address, start)?;
        if KnownTags::of(headers).names(&tag) {
            return Ok(Formed::not_modified(&address).with_tag(&tag, version.is_some()));
        }
        if address.form == Form::Json {
            let body = SessionBody::of(&plan, session).map_err(Problem::internal)?;
            let body: Written<SessionBodySchema, SessionBody<'_>> = Written::of(body);
            return Ok(Formed::json(&address, body).with_tag(&tag, version.is_some()));
        }
        let stem = format!("session-{}-{}", session.date, session.id);
        let body = self.exported(&caller, &view, &plan, start, |export| export.session(session, address.form)).await?;
        Ok(Formed::file(&address, &stem, body).with_tag(&tag, version.is_some()))
    }
}

impl Plans {
    async fn found(&self, caller: &Caller, id: &str, version: Option<u32>) -> Result<PlanView, Problem> {
        let id = id.parse().map_err(|_| Problem::not_found("plan"))?;
        let found = self.0.lookup.plan(&caller.athlete, &id, version).await?;
        found.ok_or_else(|| Problem::not_found("plan"))
    }

    /// What a writer makes of a plan. It gets the hours that were taken in the profile that the plan was made for, so that
    /// the same version always gives the same bytes.
    async fn exported(
        &self,
        caller: &Caller,
        view: &PlanView,
        plan: &Plan,
        start: time::Time,
        write: impl FnOnce(&Export<'_>) -> Result<Vec<u8>, ExportError>,
    ) -> Result<Vec<u8>, Problem> {
        let profile = self.0.lookup.profile(&caller.athlete, None).await?;
        let revisions = profile.as_ref().map_or(&[][..], |profile| &profile.revisions);
        let revision = revisions.iter().find(|revision| revision.revision == plan.profile_rev);
        let earlier = self.0.lookup.plans_before(view).await?;
        let earlier: Vec<Plan> =
            earlier.iter().map(PlanView::plan).collect::<Result<_, _>>().map_err(Problem::internal)?;
        let export = Export {
            plan,
            created_at: view.summary.created_at,
            earlier: &earlier,
            schedules: revision.map_or(&[][..], |revision| &revision.profile.fixed_schedules),
            start,
            catalogue: &self.0.catalogue,
        };
        write(&export).map_err(Problem::internal)
    }
}

/// The tag of a form: the version fixes what it says, and the program how. Known before anything is rendered.
fn tag(view: &PlanView, address: &Address<'_>, start: time::Time) -> Result<String, Problem> {
    let (plan, version) = (&view.summary.plan_id, view.summary.version);
    let said = (plan, version, address.id, address.form.extension(), start, env!("CARGO_PKG_VERSION"));
    Ok(etag::weak(&fingerprint(&said).map_err(Problem::internal)?))
}

fn read_query(
    start: Option<Given<HourMinute>>,
    version: Option<Given<PlanVersion>>,
) -> Result<(time::Time, Option<u32>), Problem> {
    let mut faults = Faults::default();
    let start = faults.read("start", start).unwrap_or(DEFAULT_START);
    let version = faults.read("version", version);
    faults.check()?;
    Ok((start, version))
}

fn of_id<'a>(plan: &'a Plan, id: &str) -> Option<&'a Session> {
    plan.weeks.iter().flat_map(|week| &week.sessions).find(|session| session.id == id)
}
