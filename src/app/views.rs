//! The gateway's questions, answered by the projections.

use std::time::Duration;

use ally_api::{ViewError, Views};
use ally_domain::envelope::Position;
use ally_domain::ids::{AthleteId, JobId, PlanId};
use ally_domain::job::JobStatus;
use ally_projections::athlete_profile::{self, AthleteProfileView};
use ally_projections::job_status::{self, JobStatusView};
use ally_projections::plan::{self, PlanSummary, PlanView};
use ally_projections::workout::{self, WorkoutView};
use ally_projections::{Checkpoints, Database, DatabaseError, JobNews, Waited};
use async_trait::async_trait;

/// The views in Postgres.
pub struct PostgresViews {
    database: Database,
    checkpoints: Checkpoints,
}

impl PostgresViews {
    /// The views of a database, with the waiter for its checkpoints.
    pub const fn new(database: Database, checkpoints: Checkpoints) -> Self {
        Self { database, checkpoints }
    }
}

#[async_trait]
impl Views for PostgresViews {
    async fn job(&self, id: &JobId) -> Result<Option<JobStatusView>, ViewError> {
        job_status::get(&self.database, id).await.map_err(view_error)
    }

    async fn jobs_of(
        &self,
        athlete: &AthleteId,
        wanted: &job_status::Wanted,
        behind: Option<&job_status::Place>,
        limit: u16,
    ) -> Result<Vec<JobStatusView>, ViewError> {
        job_status::page_for_athlete(&self.database, athlete, wanted, behind, limit.into()).await.map_err(view_error)
    }

    async fn plan(&self, id: &PlanId) -> Result<Option<PlanView>, ViewError> {
        plan::get(&self.database, id).await.map_err(view_error)
    }

    async fn plan_version(&self, id: &PlanId, version: u32) -> Result<Option<PlanView>, ViewError> {
        plan::get_version(&self.database, id, version).await.map_err(view_error)
    }

    async fn plan_versions(&self, id: &PlanId) -> Result<Vec<PlanSummary>, ViewError> {
        plan::versions(&self.database, id).await.map_err(view_error)
    }

    async fn training_log(
        &self,
        id: &PlanId,
        behind: Option<workout::Place>,
        limit: u16,
    ) -> Result<Vec<WorkoutView>, ViewError> {
        workout::of_plan(&self.database, id, behind, limit.into()).await.map_err(view_error)
    }

    async fn plans_of(
        &self,
        athlete: &AthleteId,
        before: Option<u64>,
        limit: u16,
    ) -> Result<Vec<PlanSummary>, ViewError> {
        plan::page_for_athlete(&self.database, athlete, before, limit.into()).await.map_err(view_error)
    }

    async fn profile_of(&self, athlete: &AthleteId) -> Result<Option<AthleteProfileView>, ViewError> {
        athlete_profile::get(&self.database, athlete).await.map_err(view_error)
    }

    async fn jobs_to_follow(
        &self,
        athlete: &AthleteId,
        since: Option<u64>,
        limit: u16,
    ) -> Result<Vec<JobId>, ViewError> {
        job_status::to_follow(&self.database, athlete, since, limit).await.map_err(view_error)
    }

    async fn queued(&self) -> Result<u64, ViewError> {
        Ok(job_status::counts(&self.database).await.map_err(view_error)?.of(JobStatus::Queued))
    }

    fn follow(&self, job: &JobId) -> JobNews {
        self.checkpoints.follow(job)
    }

    fn contain(&self, position: &Position) -> bool {
        self.checkpoints.contain(position)
    }

    async fn reached(&self, position: &Position, bound: Duration) -> bool {
        self.checkpoints.wait_for(position, bound).await == Waited::Reached
    }
}

/// The database's own words, as the API knows them.
pub(super) fn view_error(error: DatabaseError) -> ViewError {
    match error {
        DatabaseError::Unreadable { what, reason } => ViewError::Unreadable { what, reason },
        error => ViewError::Unavailable { reason: error.to_string() },
    }
}
