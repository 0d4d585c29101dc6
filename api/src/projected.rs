//! The ports of this crate, answered by the views in Postgres.

use std::sync::Arc;
use std::time::Duration;

use ally_domain::envelope::Position;
use ally_domain::ids::{AthleteId, JobId, PlanId};
use ally_domain::job::JobStatus;
use ally_projections::athlete_profile::{self, AthleteProfileView};
use ally_projections::job_status::{self, JobStatusView};
use ally_projections::plan::{self, PlanSummary, PlanView};
use ally_projections::{Checkpoints, Database, DatabaseError, Waited};
use ally_telemetry::names::dependency;
use async_trait::async_trait;

use crate::ports::{Probe, QueueFigures, SlotFigures, ViewError, Views, Workload};

/// How many of the busiest athletes the queue's figures name.
const BUSIEST: u32 = 10;

/// The views as the projector keeps them.
#[derive(Clone)]
pub struct ProjectedViews {
    database: Database,
    checkpoints: Checkpoints,
}

impl ProjectedViews {
    /// Views of a database, with what this process knows of their checkpoints.
    #[must_use]
    pub const fn new(database: Database, checkpoints: Checkpoints) -> Self {
        Self { database, checkpoints }
    }
}

impl From<DatabaseError> for ViewError {
    fn from(error: DatabaseError) -> Self {
        match error {
            DatabaseError::Unreadable { what, reason } => Self::Unreadable { what, reason },
            other => Self::Unavailable { reason: other.to_string() },
        }
    }
}

#[async_trait]
impl Views for ProjectedViews {
    async fn job(&self, id: &JobId) -> Result<Option<JobStatusView>, ViewError> {
        Ok(job_status::get(&self.database, id).await?)
    }

    async fn plan(&self, id: &PlanId) -> Result<Option<PlanView>, ViewError> {
        Ok(plan::get(&self.database, id).await?)
    }

    async fn plans_of(
        &self,
        athlete: &AthleteId,
        before: Option<u64>,
        limit: u16,
    ) -> Result<Vec<PlanSummary>, ViewError> {
        Ok(plan::page_for_athlete(&self.database, athlete, before, limit.into()).await?)
    }

    async fn profile_of(&self, athlete: &AthleteId) -> Result<Option<AthleteProfileView>, ViewError> {
        Ok(athlete_profile::get(&self.database, athlete).await?)
    }

    async fn queued(&self) -> Result<u64, ViewError> {
        Ok(job_status::counts(&self.database).await?.of(JobStatus::Queued))
    }

    async fn reached(&self, position: &Position, bound: Duration) -> bool {
        self.checkpoints.wait_for(position, bound).await == Waited::Reached
    }
}

/// The queue's figures from the views, and the slots of this process.
#[derive(Clone)]
pub struct ProjectedWorkload {
    database: Database,
    slots: Arc<dyn Fn() -> SlotFigures + Send + Sync>,
}

impl ProjectedWorkload {
    /// The figures of a database and of whoever counts the slots.
    #[must_use]
    pub const fn new(database: Database, slots: Arc<dyn Fn() -> SlotFigures + Send + Sync>) -> Self {
        Self { database, slots }
    }
}

#[async_trait]
impl Workload for ProjectedWorkload {
    async fn queue(&self) -> Result<QueueFigures, ViewError> {
        let figures = job_status::queue(&self.database, BUSIEST).await?;
        let of = |status| figures.jobs.of(status);
        Ok(QueueFigures {
            queued: of(JobStatus::Queued),
            running: of(JobStatus::Running),
            retrying: of(JobStatus::Retrying),
            dead_lettered: of(JobStatus::DeadLettered),
            oldest_queued_at: figures.oldest_queued_at,
            busiest: figures.busiest.into_iter().map(|load| (load.athlete_id, load.open_jobs)).collect(),
        })
    }

    fn slots(&self) -> SlotFigures {
        (self.slots)()
    }
}

/// Whether Postgres answers.
#[async_trait]
impl Probe for Database {
    fn name(&self) -> &'static str {
        dependency::POSTGRES
    }

    async fn check(&self) -> Result<(), String> {
        self.ping().await.map_err(|error| error.to_string())
    }
}
