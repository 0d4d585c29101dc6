//! The rules of a plan: one job makes one plan.

use super::command::PlanCommand;
use super::event::{Created, PlanEvent};
use super::state::PlanState;
use crate::decider::Decider;
use crate::ids::{AggregateKind, JobId};

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
        }
    }

    fn decide(state: &PlanState, command: &PlanCommand) -> Result<Vec<PlanEvent>, PlanRefusal> {
        let PlanCommand::Create { job_id, athlete_id, plan } = command;
        match &state.job_id {
            None => Ok(vec![
                Created { job_id: job_id.clone(), athlete_id: athlete_id.clone(), plan: (**plan).clone() }.into(),
            ]),
            Some(by) if by == job_id => Ok(Vec::new()),
            Some(by) => Err(PlanRefusal::Exists { by: by.clone() }),
        }
    }

    fn evolve(_: PlanState, event: &PlanEvent) -> PlanState {
        let PlanEvent::Created(created) = event;
        PlanState { version: created.plan.version, job_id: Some(created.job_id.clone()) }
    }
}
