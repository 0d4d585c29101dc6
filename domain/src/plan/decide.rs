//! The rules of a plan: one job makes one version, versions follow each other, and the log holds what fits the plan.
//!
//! A plan is read whole for every decision about it, so its history is bounded: by its versions and by its entries.

use super::command::PlanCommand;
use super::event::{Created, PainReported, PlanEvent, Revised, WorkoutLogged};
use super::state::PlanState;
use crate::decider::Decider;
use crate::engine::plan::Plan;
use crate::engine::rules::follows;
use crate::engine::{Catalogue, check_report, check_workout};
use crate::ids::{AggregateKind, AthleteId, JobId, LogEntryId};
use crate::problem::FieldError;

/// The most versions of a plan: one for every session that 16 weeks can hold is far more than anybody asks for.
pub const MAX_VERSIONS: u32 = 50;
/// The most workouts and reports of pain, corrections with them: 16 weeks hold 112 sessions.
pub const MAX_ENTRIES: usize = 500;

/// The plan as a decider.
#[derive(Debug)]
pub struct PlanDecider;

/// Why a plan refuses a command.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanRefusal {
    /// Another job made this plan.
    #[error("the plan was made by job {by} already")]
    Exists {
        /// That job.
        by: JobId,
    },
    /// There is no such plan, or it is another athlete's.
    #[error("there is no such plan")]
    Unknown,
    /// The version does not follow the newest one.
    #[error("version {parent} was adapted, and the newest is {newest}: adapt that one")]
    Superseded {
        /// What it was made from.
        parent: u32,
        /// What counts now.
        newest: u32,
    },
    /// The version changes what must not change.
    #[error("the version cannot follow: {found}")]
    Broken {
        /// What R28 found.
        found: String,
    },
    /// The plan has as many versions, or its log as many entries, as one may have.
    #[error("the plan has {most} {what}, the most there may be: ask for a new plan")]
    Full {
        /// `versions` or `log entries`.
        what: &'static str,
        /// How many.
        most: usize,
    },
    /// The key names an entry that was made with another body.
    #[error("this idempotency key was used for another request; send a new key")]
    KeyReused,
    /// The entry does not fit the plan, or itself.
    #[error("{} of the request {} wrong", .0.len(), if .0.len() == 1 { "field is" } else { "fields are" })]
    Invalid(Vec<FieldError>),
}

impl Decider for PlanDecider {
    type Command = PlanCommand;
    type Event = PlanEvent;
    type State = PlanState;
    type Refusal = PlanRefusal;

    const KIND: AggregateKind = AggregateKind::Plan;

    fn name(command: &PlanCommand) -> &'static str {
        match command {
            PlanCommand::Create { .. } => "create_plan",
            PlanCommand::Revise { .. } => "revise_plan",
            PlanCommand::LogWorkout { .. } => "log_workout",
            PlanCommand::ReportPain { .. } => "report_pain",
        }
    }

    fn decide(state: &PlanState, command: &PlanCommand) -> Result<Vec<PlanEvent>, PlanRefusal> {
        match command {
            PlanCommand::Create { job_id, athlete_id, plan } => match &state.job_id {
                None => Ok(vec![
                    Created { job_id: job_id.clone(), athlete_id: athlete_id.clone(), plan: (**plan).clone() }.into(),
                ]),
                Some(by) if by == job_id => Ok(Vec::new()),
                Some(by) => Err(PlanRefusal::Exists { by: by.clone() }),
            },
            PlanCommand::Revise { job_id, athlete_id, plan, today } => {
                let newest = own(state, athlete_id)?;
                if state.made_by.contains_key(job_id) {
                    return Ok(Vec::new());
                }
                follow(newest, plan, *today)?;
                Ok(vec![
                    Revised { job_id: job_id.clone(), athlete_id: athlete_id.clone(), plan: (**plan).clone() }.into(),
                ])
            }
            PlanCommand::LogWorkout { entry_id, athlete_id, workout, fingerprint, now } => {
                let plan = own(state, athlete_id)?;
                if is_known(state, entry_id, fingerprint)? {
                    return Ok(Vec::new());
                }
                let catalogue = Catalogue::shared().map_err(|_| PlanRefusal::Unknown)?;
                fits(check_workout(workout, plan, *now, catalogue))?;
                Ok(vec![
                    WorkoutLogged {
                        entry_id: entry_id.clone(),
                        athlete_id: athlete_id.clone(),
                        plan_version: state.version,
                        workout: (**workout).clone(),
                        fingerprint: fingerprint.clone(),
                    }
                    .into(),
                ])
            }
            PlanCommand::ReportPain { entry_id, athlete_id, report, fingerprint, now } => {
                let plan = own(state, athlete_id)?;
                if is_known(state, entry_id, fingerprint)? {
                    return Ok(Vec::new());
                }
                fits(check_report(report, plan, *now))?;
                let (entry_id, athlete_id) = (entry_id.clone(), athlete_id.clone());
                let (report, fingerprint) = ((**report).clone(), fingerprint.clone());
                Ok(vec![PainReported { entry_id, athlete_id, report, fingerprint }.into()])
            }
        }
    }

    fn evolve(state: PlanState, event: &PlanEvent) -> PlanState {
        state.evolve(event)
    }
}

/// The newest version, if the plan is there and this athlete's.
fn own<'s>(state: &'s PlanState, athlete: &AthleteId) -> Result<&'s Plan, PlanRefusal> {
    let owned = state.athlete_id.as_ref() == Some(athlete);
    state.plan.as_deref().filter(|_| owned).ok_or(PlanRefusal::Unknown)
}

fn follow(newest: &Plan, next: &Plan, today: time::Date) -> Result<(), PlanRefusal> {
    if next.parent != Some(newest.version) {
        let (parent, newest) = (next.parent.unwrap_or(0), newest.version);
        return Err(PlanRefusal::Superseded { parent, newest });
    }
    if newest.version >= MAX_VERSIONS {
        return Err(PlanRefusal::Full { what: "versions", most: MAX_VERSIONS as usize });
    }
    match follows(newest, next, today).first() {
        Some(finding) => Err(PlanRefusal::Broken { found: format!("{}: {}", finding.place, finding.want) }),
        None => Ok(()),
    }
}

/// Whether this very entry was made before. The same key for another request is a mistake of the caller.
fn is_known(state: &PlanState, entry: &LogEntryId, fingerprint: &str) -> Result<bool, PlanRefusal> {
    match state.entries.get(entry) {
        Some(known) if known == fingerprint => Ok(true),
        Some(_) => Err(PlanRefusal::KeyReused),
        None if state.entries.len() >= MAX_ENTRIES => Err(PlanRefusal::Full { what: "log entries", most: MAX_ENTRIES }),
        None => Ok(false),
    }
}

fn fits(wrong: Vec<FieldError>) -> Result<(), PlanRefusal> {
    if wrong.is_empty() { Ok(()) } else { Err(PlanRefusal::Invalid(wrong)) }
}
