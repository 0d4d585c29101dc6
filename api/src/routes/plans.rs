//! Plans that were made, and their sessions, in the forms that there are.

mod address;
mod formed;

use ally_domain::engine::plan::{Plan, Session};
use ally_domain::envelope::Position;
use ally_domain::fingerprint::fingerprint;
use ally_projections::athlete_profile::AthleteProfileView;
use ally_projections::plan::PlanView;
use poem::http::HeaderMap;
use poem_openapi::param::{Path, Query};
use poem_openapi::{ApiResponse, OpenApi};
use time::Time;

use self::address::Address;
use self::formed::{Formed, Forms};
use super::refused::{Refusals, Refused};
use super::training::plan_id;
use super::versions::no_version;
use super::{Chapter, Desk};
use crate::auth::{Authenticated, Caller};
use crate::cursor::CursorOf;
use crate::etag::{self, KnownTags};
use crate::export::{DEFAULT_START, Export, ExportError, Form};
use crate::params::{AtPosition, Cursor, Faults, Given, HourMinute, Page as PageParams, PageLimit, PlanVersion};
use crate::problem::{Kind, Problem};
use crate::wire::{
    Page, PlanBody, PlanBodySchema, PlanListBody, SessionBody, SessionBodySchema, Written, job_path, standing,
};

pub(crate) struct Plans(pub Desk);

#[derive(ApiResponse)]
pub(crate) enum Listed {
    /// A page of the athlete's plans.
    #[oai(status = 200)]
    Page(Page<PlanListBody>),
}

/// What stands in an address where an id stands otherwise.
const CURRENT: &str = "current";

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
        /// See at least the event at this position of the log, as an answer carries it. One that the log does not hold is a 400
        /// `position-unknown`; one that the views have not come to in time is a 503 with `Retry-After`.
        Query(position): Query<Option<Given<AtPosition>>>,
    ) -> Result<Listed, Refused<Listing>> {
        let mut faults = Faults::default();
        let athlete = &caller.athlete;
        let page = PageParams::read(&mut faults, (limit, cursor), &self.0.cursors, (CursorOf::Plans, athlete.as_str()));
        let position = faults.read("position", position);
        faults.check()?;
        let mut plans = self.0.lookup.plans(athlete, (page.behind, page.asked()), position.as_ref()).await?;
        let next = page.cut(&mut plans, |last| last.position.sequence)?;
        Ok(Listed::Page(Page(PlanListBody { plans: plans.into_iter().map(Into::into).collect(), next })))
    }

    /// Read the current plan
    ///
    /// The plan that the athlete trains by: the one that was made or adapted last, in its newest version. `Accept` chooses the form,
    /// or the address does, as for any plan: `current.ics` is a calendar that one subscribes to once. Until there is a plan the answer
    /// is a 404 that says what is under way.
    #[oai(path = "/plans/current", method = "get", operation_id = "currentPlan")]
    async fn current(
        &self,
        Authenticated(caller): Authenticated,
        /// When sessions of a calendar start, local time, as near as the fixed schedules of their day allow.
        Query(start): Query<Option<Given<HourMinute>>>,
        /// See at least the event at this position of the log, as an answer carries it. One that the log does not hold is a 400
        /// `position-unknown`; one that the views have not come to in time is a 503 with `Retry-After`.
        Query(position): Query<Option<Given<AtPosition>>>,
        headers: &HeaderMap,
    ) -> Result<Formed<OfPlan>, Refused<Reading>> {
        let address = Address::read(CURRENT, headers, Form::OF_PLAN)?;
        let query = PlanQuery::read(start, None, position)?;
        let view = self.current_of(&caller, &query).await?;
        Ok(self.formed(&caller, &address, view, (&query, headers)).await?)
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
        /// See at least the event at this position of the log, as an answer carries it. One that the log does not hold is a 400
        /// `position-unknown`.
        Query(position): Query<Option<Given<AtPosition>>>,
        headers: &HeaderMap,
    ) -> Result<Formed<OfPlan>, Refused<Reading>> {
        let address = Address::read(&id, headers, Form::OF_PLAN)?;
        let query = PlanQuery::read(start, version, position)?;
        let view = match address.id {
            CURRENT => self.current_of(&caller, &query).await?,
            id => self.found(&caller, id, &query).await?,
        };
        Ok(self.formed(&caller, &address, view, (&query, headers)).await?)
    }

    /// Read a session
    ///
    /// One session of a plan in its newest version, or in the one that is asked for. The ending of the address chooses the form,
    /// or `Accept` where it has none: `.json`, `.ics`, `.csv`, `.fit` (a workout that a watch walks through) or `.md`.
    #[oai(path = "/plans/:id/sessions/:session", method = "get", operation_id = "planSession")]
    #[allow(clippy::too_many_arguments, reason = "each argument is a parameter of the document")]
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
        /// See at least the event at this position of the log, as an answer carries it. One that the log does not hold is a 400
        /// `position-unknown`.
        Query(position): Query<Option<Given<AtPosition>>>,
        headers: &HeaderMap,
    ) -> Result<Formed<OfSession>, Refused<Reading>> {
        let address = Address::read(&session, headers, Form::OF_SESSION)?;
        let query = PlanQuery::read(start, version, position)?;
        let view = self.found(&caller, &id, &query).await?;
        let plan = view.plan().map_err(Problem::internal)?;
        let session = of_id(&plan, address.id).ok_or_else(|| Problem::not_found("session"))?;
        let tag = tag(&view, &address, query.start)?;
        if KnownTags::of(headers).names(&tag) {
            return Ok(Formed::not_modified(&address).with_tag(&tag, query.version.is_some()));
        }
        if address.form == Form::Json {
            let body = SessionBody::of(&plan, session).map_err(Problem::internal)?;
            let body: Written<SessionBodySchema, SessionBody<'_>> = Written::of(body);
            return Ok(Formed::json(&address, body).with_tag(&tag, query.version.is_some()));
        }
        let stem = format!("session-{}-{}", session.date, session.id);
        let body =
            self.exported(&caller, &view, &plan, query.start, |export| export.session(session, address.form)).await?;
        Ok(Formed::file(&address, &stem, body).with_tag(&tag, query.version.is_some()))
    }
}

impl Plans {
    async fn found(&self, caller: &Caller, id: &str, query: &PlanQuery) -> Result<PlanView, Problem> {
        let id = plan_id(id)?;
        match self.0.lookup.plan(&caller.athlete, &id, query.version, query.position.as_ref()).await? {
            Some(found) => Ok(found),
            None => Err(no_version(&self.0, caller, &id, query.version.map(|version| ("version", version))).await?),
        }
    }

    async fn current_of(&self, caller: &Caller, query: &PlanQuery) -> Result<PlanView, Problem> {
        if query.version.is_some() {
            return Err(Problem::field(
                "version",
                "is of no use here",
                "none: the current plan is in its newest version",
            ));
        }
        match self.0.lookup.current_plan(&caller.athlete, query.position.as_ref()).await? {
            Some(view) => Ok(view),
            None => Err(self.no_plan_yet(caller).await?),
        }
    }

    /// What there is instead of a current plan.
    async fn no_plan_yet(&self, caller: &Caller) -> Result<Problem, Problem> {
        let detail = match self.0.lookup.newest_job(&caller.athlete).await? {
            Some(job) if job.status.is_terminal() => {
                let (path, message) = (job_path(&job.job_id), standing(&job));
                format!("there is no plan yet, and none is under way; of the newest job, {path}: {message}")
            }
            Some(job) => {
                let (path, status) = (job_path(&job.job_id), job.status.as_str());
                format!("there is no plan yet; it is under way by a job that is {status}: GET {path}?wait=30 follows it")
            }
            None => "there is no plan yet, and none is under way; POST /api/v1/onboarding takes the answers that the first one \
                     is made of"
                .to_owned(),
        };
        Ok(Problem::new(Kind::NotFound, detail))
    }

    /// A plan in the form that the address or `Accept` names.
    async fn formed(
        &self,
        caller: &Caller,
        address: &Address<'_>,
        view: PlanView,
        (query, headers): (&PlanQuery, &HeaderMap),
    ) -> Result<Formed<OfPlan>, Problem> {
        let is_fixed = query.version.is_some();
        let tag = tag(&view, address, query.start)?;
        if KnownTags::of(headers).names(&tag) {
            return Ok(Formed::not_modified(address).with_tag(&tag, is_fixed));
        }
        if address.form == Form::Json {
            let body: Written<PlanBodySchema, PlanBody> = Written::of(view.into());
            return Ok(Formed::json(address, body).with_tag(&tag, is_fixed));
        }
        let plan = view.plan().map_err(Problem::internal)?;
        let stem = format!("plan-{}-v{}", plan.plan_id, plan.version);
        let body = self.exported(caller, &view, &plan, query.start, |export| export.plan(address.form)).await?;
        Ok(Formed::file(address, &stem, body).with_tag(&tag, is_fixed))
    }

    /// What a writer makes of a plan. It gets the hours that were taken in the profile that the plan was made for, so that
    /// the same version always gives the same bytes.
    async fn exported(
        &self,
        caller: &Caller,
        view: &PlanView,
        plan: &Plan,
        start: Time,
        write: impl FnOnce(&Export<'_>) -> Result<Vec<u8>, ExportError>,
    ) -> Result<Vec<u8>, Problem> {
        let knows = |profile: &AthleteProfileView| {
            profile.revisions.iter().any(|revision| revision.revision == plan.profile_rev)
        };
        let profile = match self.0.lookup.profile(&caller.athlete, None).await?.filter(knows) {
            Some(profile) => Some(profile),
            // The view is behind: what is written would be kept under the plan's tag, without its hours.
            None => self.0.lookup.profile_of_log(&caller.athlete).await?,
        };
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

/// What a query says of a plan.
struct PlanQuery {
    start: Time,
    version: Option<u32>,
    position: Option<Position>,
}

impl PlanQuery {
    fn read(
        start: Option<Given<HourMinute>>,
        version: Option<Given<PlanVersion>>,
        position: Option<Given<AtPosition>>,
    ) -> Result<Self, Problem> {
        let mut faults = Faults::default();
        let start = faults.read("start", start).unwrap_or(DEFAULT_START);
        let version = faults.read("version", version);
        let position = faults.read("position", position);
        faults.check()?;
        Ok(Self { start, version, position })
    }
}

fn of_id<'a>(plan: &'a Plan, id: &str) -> Option<&'a Session> {
    plan.weeks.iter().flat_map(|week| &week.sessions).find(|session| session.id == id)
}
