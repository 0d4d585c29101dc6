//! A job that came to a bad end, asked for again: as a job of its own, of the athlete as they are now.

use ally_domain::dates::start_fault;
use ally_domain::ids::{AthleteId, JobId};
use ally_domain::job::{JobDecider, JobRefusal, JobStatus, Requested};
use ally_domain::ports::StoreError;

use super::{Origin, PlanWish, ReplanError, RequestPlanError, Submissions, SubmittedJob};
use crate::execute::ExecuteError;

/// Why a job was not asked for again.
#[derive(Debug, thiserror::Error)]
pub enum RetryError {
    /// There is no such job, or it is another athlete's.
    #[error("there is no job {0}")]
    NotFound(JobId),
    /// The job has not come to a bad end, or the log does not hold any more what was asked for.
    #[error("the job is {0:?}, so it is not asked for again")]
    NotPossible(JobStatus),
    /// The plan was not requested.
    #[error(transparent)]
    Request(#[from] RequestPlanError),
    /// The next version was not requested.
    #[error(transparent)]
    Replan(#[from] ReplanError),
}

impl From<StoreError> for RetryError {
    fn from(error: StoreError) -> Self {
        Self::Request(RequestPlanError::Execute(error.into()))
    }
}

/// The key by which a job names its retry. No client's key has a space, so none names the same job.
#[must_use]
pub fn retry_key(job: &JobId) -> String {
    format!("retry {job}")
}

impl Submissions {
    /// Asks again for what a failed or dead-lettered job was to make. The job names its retry for ever: twice is once.
    ///
    /// # Errors
    /// Not this athlete's job, no bad end, or why the request was refused.
    pub async fn retry(
        &self,
        athlete: &AthleteId,
        job_id: &JobId,
        origin: &Origin,
    ) -> Result<SubmittedJob, RetryError> {
        let (state, _) = self.executor.load::<JobDecider>(&job_id.into()).await?;
        let owned = state.0.filter(|job| job.athlete_id == *athlete);
        let job = owned.ok_or_else(|| RetryError::NotFound(job_id.clone()))?;
        let key = retry_key(job_id);
        if let Some(known) = self.known(JobId::for_key(athlete, &key)).await? {
            return Ok(known);
        }
        let ended = matches!(job.status, JobStatus::Failed | JobStatus::DeadLettered);
        let requested = job.requested.filter(|_| ended).ok_or(RetryError::NotPossible(job.status))?;
        let asked = self.ask_again(athlete, &key, &requested, origin).await;
        match asked {
            // Another one was faster, on another day.
            Err(error) if error.is_of_a_used_key() => self.known(JobId::for_key(athlete, &key)).await?.ok_or(error),
            asked => asked,
        }
    }

    async fn ask_again(
        &self,
        athlete: &AthleteId,
        key: &str,
        requested: &Requested,
        origin: &Origin,
    ) -> Result<SubmittedJob, RetryError> {
        if let Some(replan) = &requested.replan {
            let reason = replan.reason.as_deref();
            return Ok(self.replan(athlete, &replan.plan_id, Some(key), reason, origin).await?);
        }
        let asked = &requested.request;
        let today = self.clock.now().date();
        // A first day that has passed meanwhile is as if none had been asked for.
        let start = Some(asked.start).filter(|start| start_fault("startDate", *start, today).is_none());
        // It begins at once and takes its time: the moments that were asked for were those of the job that failed.
        let wish = PlanWish { start, weeks: Some(asked.weeks), seed: Some(asked.seed), ..PlanWish::default() };
        Ok(self.request_plan(athlete, Some(key), &wish, origin).await?)
    }

    /// A job that was requested before.
    async fn known(&self, job_id: JobId) -> Result<Option<SubmittedJob>, StoreError> {
        let (state, position) = self.executor.load::<JobDecider>(&(&job_id).into()).await?;
        let known = state.0.and(position);
        Ok(known.map(|position| SubmittedJob {
            job_id,
            position,
            at: self.clock.now(),
            new: false,
            not_before: None,
            deadline: None,
        }))
    }
}

impl RetryError {
    fn is_of_a_used_key(&self) -> bool {
        let (Self::Request(RequestPlanError::Execute(error)) | Self::Replan(ReplanError::Execute(error))) = self else {
            return false;
        };
        matches!(error, ExecuteError::Refused(JobRefusal::KeyReused))
    }
}
