//! The training log and versions of a plan as callers read them.

use ally_domain::engine::adapt::{Change, Decision, diff};
use ally_domain::engine::plan::Plan;
use ally_domain::ids::PlanId;
use ally_handlers::LoggedEntry;
use ally_projections::plan::PlanSummary;
use ally_projections::workout::{EntryKind, WorkoutView};
use poem_openapi::Object;
use serde::Serialize;
use serde_json::value::RawValue;
use time::OffsetDateTime;

use super::moment::Moment;
use super::plan::{plan_path, version_path};
use crate::schema::{ActionChoice, ChangeKindChoice, DateText, PainReportSchema, WorkoutSchema};

/// An entry that is safe in the log.
#[derive(Object)]
#[oai(rename = "LogEntry", rename_all = "camelCase")]
pub(crate) struct EntryBody {
    /// Which entry; the same for the same request, for ever.
    entry_id: String,
    /// Which plan.
    plan_id: String,
    /// The newest version of the plan.
    plan_version: u32,
    /// Where the entry stands in the log; name it in a read to see it.
    position: String,
    /// Where to go from here.
    links: EntryLinks,
}

/// Where to go from here.
#[derive(Object)]
#[oai(rename = "LogEntryLinks")]
struct EntryLinks {
    /// The plan.
    plan: String,
    /// Makes the next version from the log (POST).
    replan: String,
    /// The plan's training log.
    workouts: String,
}

impl EntryBody {
    pub(crate) fn of(plan: &PlanId, entry: LoggedEntry) -> Self {
        Self {
            entry_id: entry.entry_id.into(),
            plan_id: plan.to_string(),
            plan_version: entry.plan_version,
            position: entry.position.to_string(),
            links: EntryLinks {
                plan: plan_path(plan),
                replan: format!("{}/replan", plan_path(plan)),
                workouts: format!("/api/v1/workouts?planId={plan}"),
            },
        }
    }
}

/// A page of a plan's training log in the order in which it happened.
#[derive(Object)]
#[oai(rename = "TrainingLog", rename_all = "camelCase")]
pub(crate) struct TrainingLogSchema {
    /// Which plan.
    plan_id: String,
    /// The newest workout of each session.
    workouts: Vec<LoggedWorkoutShape>,
    /// Pain that was reported without a workout.
    pain_reports: Vec<LoggedPainShape>,
    /// Send it as `cursor` to get the next page; absent on the last.
    #[oai(skip_serializing_if_is_none)]
    next: Option<String>,
}

/// A workout in the log.
#[derive(Object)]
#[oai(rename = "LoggedWorkout", rename_all = "camelCase")]
struct LoggedWorkoutShape {
    /// Which entry.
    entry_id: String,
    /// The version of the plan that was the newest then.
    plan_version: u32,
    /// When it was written down.
    logged_at: Moment,
    /// What was done, as it was sent.
    workout: WorkoutSchema,
}

/// A report of pain in the log.
#[derive(Object)]
#[oai(rename = "LoggedPain", rename_all = "camelCase")]
struct LoggedPainShape {
    /// Which entry.
    entry_id: String,
    /// When it was written down.
    logged_at: Moment,
    /// What hurt, as it was sent.
    report: PainReportSchema,
}

/// A training log, shown as [`TrainingLogSchema`]; what was sent is passed on as it stands in the log.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TrainingLogBody {
    plan_id: String,
    workouts: Vec<LoggedWorkout>,
    pain_reports: Vec<LoggedPain>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LoggedWorkout {
    entry_id: String,
    plan_version: u32,
    #[serde(with = "time::serde::rfc3339")]
    logged_at: OffsetDateTime,
    workout: Box<RawValue>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LoggedPain {
    entry_id: String,
    #[serde(with = "time::serde::rfc3339")]
    logged_at: OffsetDateTime,
    report: Box<RawValue>,
}

impl TrainingLogBody {
    pub(crate) fn of(plan: &PlanId, entries: Vec<WorkoutView>, next: Option<String>) -> Self {
        let mut log = Self { plan_id: plan.to_string(), workouts: Vec::new(), pain_reports: Vec::new(), next };
        for entry in entries {
            let (entry_id, logged_at) = (entry.entry_id.into(), entry.logged_at);
            match entry.kind {
                EntryKind::Workout => log.workouts.push(LoggedWorkout {
                    entry_id,
                    plan_version: entry.plan_version.unwrap_or(1),
                    logged_at,
                    workout: of_plan(plan, entry.document),
                }),
                EntryKind::Pain => log.pain_reports.push(LoggedPain { entry_id, logged_at, report: entry.document }),
            }
        }
        log
    }
}

/// A workout as it was sent: the log has it under its plan, whose id it need not repeat.
fn of_plan(plan: &PlanId, workout: Box<RawValue>) -> Box<RawValue> {
    let named = workout.get().strip_prefix('{').map(|rest| format!("{{\"planId\":\"{plan}\",{rest}"));
    named.and_then(|named| RawValue::from_string(named).ok()).unwrap_or(workout)
}

/// The versions of a plan, oldest first.
#[derive(Object)]
#[oai(rename = "PlanVersions", rename_all = "camelCase")]
pub(crate) struct VersionsBody {
    /// Which plan.
    pub plan_id: String,
    /// Its versions.
    pub versions: Vec<VersionBody>,
}

/// A version of a plan.
#[derive(Object)]
#[oai(rename = "PlanVersion", rename_all = "camelCase")]
pub(crate) struct VersionBody {
    /// From 1.
    version: u32,
    /// The job that made it.
    job_id: String,
    /// When it was made.
    created_at: Moment,
    /// Where it is read.
    link: String,
    /// What changed from the version before it; absent for the first.
    #[oai(skip_serializing_if_is_none)]
    diff: Option<String>,
}

impl From<PlanSummary> for VersionBody {
    fn from(plan: PlanSummary) -> Self {
        let before = plan.version.checked_sub(1).filter(|before| *before > 0);
        let diff = before.map(|from| format!("{}/diff?from={from}&to={}", plan_path(&plan.plan_id), plan.version));
        Self {
            version: plan.version,
            link: version_path(&plan.plan_id, plan.version),
            job_id: plan.job_id.into(),
            created_at: Moment(plan.created_at),
            diff,
        }
    }
}

/// What changed from one version of a plan to another, and why.
#[derive(Object)]
#[oai(rename = "PlanDiff", rename_all = "camelCase")]
pub(crate) struct DiffBody {
    /// Which plan.
    plan_id: String,
    /// The version that is left.
    from: u32,
    /// The version that is reached.
    to: u32,
    /// Every change, in the order of the weeks.
    changes: Vec<ChangeBody>,
    /// What was decided for the versions after `from`, up to `to`.
    decisions: Vec<DecisionBody>,
}

/// One change.
#[derive(Object)]
#[oai(rename = "PlanChange", rename_all = "camelCase")]
struct ChangeBody {
    /// What kind.
    kind: ChangeKindChoice,
    /// Which week, from 1.
    week: u8,
    /// Which session; absent where the week itself changed.
    #[oai(skip_serializing_if_is_none)]
    session_id: Option<String>,
    /// When the session is.
    #[oai(skip_serializing_if_is_none)]
    date: Option<DateText>,
    /// Which exercise.
    #[oai(skip_serializing_if_is_none)]
    exercise: Option<String>,
    /// What was there; absent for what is new.
    #[oai(skip_serializing_if_is_none)]
    from: Option<String>,
    /// What is there; absent for what is gone.
    #[oai(skip_serializing_if_is_none)]
    to: Option<String>,
}

/// Something that adaptation decided for a version, and from which facts.
#[derive(Object)]
#[oai(rename = "VersionDecision", rename_all = "camelCase")]
struct DecisionBody {
    /// For which version.
    version: u32,
    /// What.
    action: ActionChoice,
    /// By which rule.
    rule: String,
    /// What it is about: an exercise's id, a week, a body part.
    about: String,
    /// What in the log led to it.
    facts: Vec<String>,
}

impl DiffBody {
    /// The difference of the first and the last of some versions in a row, with what was decided on the way.
    pub(crate) fn of(plan: &PlanId, versions: &[Plan]) -> Option<Self> {
        let (from, to) = (versions.first()?, versions.last()?);
        let steps = versions.iter().skip(1);
        let decided = steps.flat_map(|version| {
            let decisions = version.adapted.iter().flat_map(|adapted| &adapted.decisions);
            decisions.map(|decision| DecisionBody::of(version.version, decision))
        });
        Some(Self {
            plan_id: plan.to_string(),
            from: from.version,
            to: to.version,
            decisions: decided.collect(),
            changes: diff(from, to).into_iter().map(Into::into).collect(),
        })
    }
}

impl DecisionBody {
    fn of(version: u32, decision: &Decision) -> Self {
        Self {
            version,
            action: ActionChoice(decision.action),
            rule: decision.rule.code().to_owned(),
            about: decision.about.clone(),
            facts: decision.facts.clone(),
        }
    }
}

impl From<Change> for ChangeBody {
    fn from(change: Change) -> Self {
        Self {
            kind: ChangeKindChoice(change.kind),
            week: change.week,
            session_id: change.session_id,
            date: change.date.map(|date| DateText(date.to_string())),
            exercise: change.exercise,
            from: change.from,
            to: change.to,
        }
    }
}
