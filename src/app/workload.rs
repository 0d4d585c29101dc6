//! What the planner says of its queue and its slots.

use ally_api::{QueueFigures, SlotFigures, ViewError, Workload};
use ally_domain::job::JobStatus;
use ally_nats::Workload as Hands;
use ally_projections::{Database, job_status};
use async_trait::async_trait;

use super::views::view_error;

/// How many athletes with open jobs are named.
const BUSIEST: u32 = 10;

/// The queue from the view, the slots from this process's runners.
pub struct PlannerWorkload {
    database: Database,
    hands: Vec<Hands>,
}

impl PlannerWorkload {
    /// Figures of a database and of runners.
    pub fn new(database: Database, hands: Vec<Hands>) -> Self {
        Self { database, hands }
    }
}

#[async_trait]
impl Workload for PlannerWorkload {
    async fn queue(&self) -> Result<QueueFigures, ViewError> {
        let figures = job_status::queue(&self.database, BUSIEST).await.map_err(view_error)?;
        Ok(QueueFigures {
            queued: figures.jobs.of(JobStatus::Queued),
            running: figures.jobs.of(JobStatus::Running),
            retrying: figures.jobs.of(JobStatus::Retrying),
            dead_lettered: figures.jobs.of(JobStatus::DeadLettered),
            oldest_queued_at: figures.oldest_queued_at,
            busiest: figures.busiest.into_iter().map(|load| (load.athlete_id, load.open_jobs)).collect(),
        })
    }

    fn slots(&self) -> SlotFigures {
        SlotFigures {
            current: self.hands.iter().map(Hands::in_flight).sum(),
            max: self.hands.iter().map(Hands::limit).sum(),
        }
    }
}
