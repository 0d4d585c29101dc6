//! The training log: what was done and what hurts, in and out.

use ally_domain::engine::workout::{ItemDone, Pain, PainReport, Workout};
use ally_domain::fingerprint::fingerprint;
use ally_domain::ids::PlanId;
use ally_handlers::LoggedEntry;
use ally_projections::workout::WorkoutView;
use poem_openapi::param::{Path, Query};
use poem_openapi::{ApiResponse, OpenApi};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::refused::{Refusals, Refused};
use super::submit::replay_mark;
use super::{Chapter, Desk, origin};
use crate::auth::Authenticated;
use crate::body::{Body, Readable};
use crate::cursor::CursorOf;
use crate::params::{AtPosition, Cursor, Faults, Given, IdempotencyKey, LogPageLimit, Page, PlanIdText, Required};
use crate::problem::Problem;
use crate::schema::{PainReportSchema, WorkoutSchema};
use crate::wire::{Answer, EntryBody, TrainingLogBody, TrainingLogSchema, Written};

pub(crate) struct Training(pub Desk);

#[derive(ApiResponse)]
pub(crate) enum Logged {
    /// It is safe in the log. The same request again gives the same entry.
    #[oai(status = 201)]
    Entry(
        Answer<EntryBody>,
        /// Where the log that holds it is read, at its position.
        #[oai(header = "Location")]
        String,
        /// `true` where the same request had been made before, and nothing was stored now.
        #[oai(header = "Idempotent-Replayed")]
        Option<bool>,
    ),
}

#[derive(ApiResponse)]
pub(crate) enum Listed {
    /// The plan's training log.
    #[oai(status = 200)]
    Log(Written<TrainingLogSchema, TrainingLogBody>),
}

pub(crate) struct Logging;
pub(crate) struct Listing;

impl Refusals for Logging {
    const STATUSES: &'static [u16] = &[400, 404, 408, 409, 415, 422];
}

impl Refusals for Listing {
    const STATUSES: &'static [u16] = &[400, 404];
}

/// A workout as the body spells it.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct WorkoutBody {
    plan_id: String,
    session_id: String,
    #[serde(with = "time::serde::rfc3339")]
    performed_at: OffsetDateTime,
    items: Vec<ItemDone>,
    #[serde(default)]
    session_rpe: Option<u8>,
    #[serde(default)]
    pain: Option<Vec<Pain>>,
    #[serde(default)]
    note: Option<String>,
}

/// A report of pain as the body spells it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PainBody {
    #[serde(default, with = "time::serde::rfc3339::option")]
    at: Option<OffsetDateTime>,
    pain: Vec<Pain>,
    #[serde(default)]
    note: Option<String>,
}

impl Readable for WorkoutBody {
    type Shape = WorkoutSchema;
}

impl Readable for PainBody {
    type Shape = PainReportSchema;
}

#[OpenApi(prefix_path = "/api/v1", tag = "Chapter::Training")]
impl Training {
    /// Log a workout
    ///
    /// Writes down what was done of a session. With an `Idempotency-Key` the request names its entry for ever. Another
    /// workout of the same session counts in the place of the earlier one. Nothing changes in the plan until its next
    /// version is asked for (`POST /plans/{id}/replan`).
    #[oai(path = "/workouts", method = "post", operation_id = "logWorkout")]
    async fn log(
        &self,
        Authenticated(caller): Authenticated,
        /// 1 to 128 visible ASCII characters, chosen by the client, one for each workout.
        #[oai(name = "Idempotency-Key")]
        IdempotencyKey(key): IdempotencyKey,
        Body(body): Body<WorkoutBody>,
    ) -> Result<Logged, Refused<Logging>> {
        let plan = plan_id(&body.plan_id)?;
        let named = fingerprint(&body).map_err(Problem::internal)?;
        let workout = Workout {
            session_id: body.session_id,
            performed_at: body.performed_at,
            items: body.items,
            session_rpe: body.session_rpe,
            pain: body.pain.unwrap_or_default(),
            note: body.note,
        };
        let (submissions, from, athlete) = (self.0.submissions.clone(), origin(&caller), caller.athlete.clone());
        let id = plan.clone();
        let log = async move { submissions.log_workout(&athlete, &id, key.as_deref(), (workout, named), &from).await };
        let entry = self.0.gate.run(log).await?;
        Ok(entry_answer(&plan, entry))
    }

    /// Report pain
    ///
    /// Writes down what hurts, without a workout. From 6 on, the next version replaces what strains the place, and no
    /// load rises before 3 or less is reported there. It binds new plans too, until something newer is said of the place or some
    /// weeks have passed; a note is read as a hint, and may lead to a question about health.
    #[oai(path = "/plans/:id/pain", method = "post", operation_id = "reportPain")]
    async fn pain(
        &self,
        Authenticated(caller): Authenticated,
        /// Which plan.
        Path(id): Path<String>,
        /// 1 to 128 visible ASCII characters, chosen by the client, one for each report.
        #[oai(name = "Idempotency-Key")]
        IdempotencyKey(key): IdempotencyKey,
        Body(body): Body<PainBody>,
    ) -> Result<Logged, Refused<Logging>> {
        let plan = plan_id(&id)?;
        let named = fingerprint(&body).map_err(Problem::internal)?;
        let submissions = self.0.submissions.clone();
        let report = PainReport { at: body.at.unwrap_or_else(|| submissions.now()), pain: body.pain, note: body.note };
        let (from, athlete, id) = (origin(&caller), caller.athlete.clone(), plan.clone());
        let log = async move { submissions.report_pain(&athlete, &id, key.as_deref(), (report, named), &from).await };
        let entry = self.0.gate.run(log).await?;
        Ok(entry_answer(&plan, entry))
    }

    /// Read a training log
    ///
    /// What was done of a plan and what hurt, in the order in which it happened, a page at a time: the newest workout of each
    /// session, and every report of pain.
    #[oai(path = "/workouts", method = "get", operation_id = "workouts")]
    async fn list(
        &self,
        Authenticated(caller): Authenticated,
        /// Which plan.
        #[oai(name = "planId")]
        Query(plan): Query<Required<PlanIdText>>,
        /// The most entries of the page, workouts and reports of pain together.
        Query(limit): Query<Option<Given<LogPageLimit>>>,
        /// The `next` of an earlier page.
        Query(cursor): Query<Option<Given<Cursor>>>,
        /// See at least the event at this position of the log, as an answer carries it. One that the log does not hold is a 400
        /// `position-unknown`.
        Query(position): Query<Option<Given<AtPosition>>>,
    ) -> Result<Listed, Refused<Listing>> {
        let mut faults = Faults::default();
        let plan = faults.require("planId", plan).unwrap_or_default();
        let position = faults.read("position", position);
        // A cursor of one plan's log is none of another's.
        let of = format!("{} {plan}", caller.athlete);
        let page = Page::read(&mut faults, (limit, cursor), &self.0.cursors, (CursorOf::TrainingLog, &of));
        faults.check()?;
        let plan = plan_id(&plan)?;
        let wanted = (page.behind, page.asked());
        let entries = self.0.lookup.training_log(&caller.athlete, &plan, wanted, position.as_ref()).await?;
        let mut entries = entries.ok_or_else(|| Problem::not_found("plan"))?;
        let next = page.cut(&mut entries, WorkoutView::place)?;
        Ok(Listed::Log(Written::of(TrainingLogBody::of(&plan, entries, next))))
    }
}

fn entry_answer(plan: &PlanId, entry: LoggedEntry) -> Logged {
    let location = format!("/api/v1/workouts?planId={plan}&position={}", entry.position);
    let replayed = replay_mark(entry.new);
    Logged::Entry(Answer(EntryBody::of(plan, entry)), location, replayed)
}

/// A text that cannot be an id names no plan, like any unknown one.
pub(super) fn plan_id(text: &str) -> Result<PlanId, Problem> {
    text.parse().map_err(|_| Problem::not_found("plan"))
}
