//! Plan jobs: requested, stopped, and read straight from the log.

use ally_domain::athlete::{AthleteEvent, AthleteState};
use ally_domain::engine::answers::Step;
use ally_domain::engine::request::{DEFAULT_WEEKS, PlanRequest};
use ally_domain::envelope::Position;
use ally_domain::fingerprint::fingerprint;
use ally_domain::ids::{AggregateKind, AggregateRef, AthleteId, CommandId, JobId};
use ally_domain::job::{JobCommand, JobDecider, JobRefusal, JobStatus, Priority, RequestPlan};
use ally_domain::ports::{History, StoreError};
use ally_domain::problem::FieldError;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use super::moments::Moments;
use super::{Origin, Submissions};
use crate::execute::{ExecuteError, Known};

/// What an athlete may say of the plan they ask for.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct PlanWish {
    /// The first day; moved to the Monday on or after it. The next Monday unless told.
    pub start: Option<Date>,
    /// 1 to 16, 4 unless told.
    pub weeks: Option<u8>,
    /// The same seed gives the same plan; 0 unless told.
    pub seed: Option<u64>,
    /// The job must not begin before this moment. What is not set is not written: the print of a body without it stays what it
    /// always was.
    #[serde(with = "time::serde::rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub not_before: Option<OffsetDateTime>,
    /// The job fails if it is not finished by this moment.
    #[serde(with = "time::serde::rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub deadline: Option<OffsetDateTime>,
    /// Which workers take the job up.
    #[serde(skip_serializing_if = "Priority::is_normal")]
    pub priority: Priority,
}

/// A job that is safe in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubmittedJob {
    /// Its id.
    pub job_id: JobId,
    /// A read that names this position sees the job.
    pub position: Position,
    /// When it was requested; a repeat keeps the moment of the repeat.
    pub at: OffsetDateTime,
    /// False when the same request had been made before.
    pub new: bool,
    /// The moment before which it must not begin, where it is a new one that waits for that.
    pub not_before: Option<OffsetDateTime>,
    /// The moment by which it must be finished, where it is a new one that has one.
    pub deadline: Option<OffsetDateTime>,
}

/// Why no plan was requested.
#[derive(Debug, thiserror::Error)]
pub enum RequestPlanError {
    /// There is no profile to plan for.
    #[error("athlete {athlete} has no profile yet: complete onboarding first")]
    NoProfile {
        /// Who has none.
        athlete: AthleteId,
        /// The steps of onboarding that are open.
        missing: Vec<Step>,
    },
    /// A plan cannot begin on that day, or a job not wait that long or end by then.
    #[error("{}", .0.iter().map(|fault| format!("{}: {}; expected {}", fault.field, fault.problem, fault.expected)).collect::<Vec<_>>().join("; "))]
    Moments(Vec<FieldError>),
    /// The job refused, or the log did.
    #[error(transparent)]
    Execute(#[from] ExecuteError<JobRefusal>),
}

/// Why a job was not stopped.
#[derive(Debug, thiserror::Error)]
pub enum CancelError {
    /// There is no such job, or it is another athlete's.
    #[error("there is no job {0}")]
    NotFound(JobId),
    /// The job refused, or the log did.
    #[error(transparent)]
    Execute(#[from] ExecuteError<JobRefusal>),
}

impl Submissions {
    /// Requests a plan for the athlete's newest profile, with what was reported of their health since. A key names its job for
    /// ever; without one every call is a job of its own.
    ///
    /// # Errors
    /// No profile, the key used for another request, or why the log could not be asked.
    pub async fn request_plan(
        &self,
        athlete: &AthleteId,
        key: Option<&str>,
        wish: &PlanWish,
        origin: &Origin,
    ) -> Result<SubmittedJob, RequestPlanError> {
        let state = self.profiles.newest(&self.executor, athlete).await.map_err(ExecuteError::Store)?;
        self.request_plan_of(&state, athlete, key, wish, origin).await
    }

    /// The same, of an athlete's record that was read before.
    pub(super) async fn request_plan_of(
        &self,
        state: &AthleteState,
        athlete: &AthleteId,
        key: Option<&str>,
        wish: &PlanWish,
        origin: &Origin,
    ) -> Result<SubmittedJob, RequestPlanError> {
        let job_id = key.map_or_else(|| Uuid::now_v7().into(), |key| JobId::for_key(athlete, key));
        // The body as it was sent: what the defaults make of it depends on the day, and a repeat may come later.
        let print = fingerprint(wish).map_err(unwritable)?;
        let mut context = self.context(origin);
        let profile = state.profile_on(context.at.date());
        let no_profile = || RequestPlanError::NoProfile { athlete: athlete.clone(), missing: state.answers.missing() };
        let (current, profile) = state.current.as_ref().zip(profile).ok_or_else(no_profile)?;
        // Another body under the same key is another command, so that the log never takes one for the other.
        if key.is_some() {
            context.command_id = CommandId::caused_by(job_id.as_str(), &format!("request {print}"));
        }
        let moments = Moments::of(wish, context.at);
        let faults = moments.faults(wish, context.at);
        if !faults.is_empty() {
            // A repeat of a request is the same job for ever, also when its day has passed.
            let (known, _) = self.executor.load::<JobDecider>(&(&job_id).into()).await.map_err(ExecuteError::Store)?;
            if known.0.is_none() {
                return Err(RequestPlanError::Moments(faults));
            }
        }
        let command = JobCommand::Request(Box::new(RequestPlan {
            job_id: job_id.clone(),
            athlete_id: athlete.clone(),
            profile_revision: current.revision,
            profile,
            request: request(wish, moments.begin.date()),
            fingerprint: print,
            replan: None,
            priority: wish.priority,
            not_before: moments.not_before,
            deadline: wish.deadline,
        }));
        // A job that nobody has asked for yet has no events: whether that is so is told by the append.
        let unasked = Some(Known::default());
        let executed = self.executor.execute_on::<JobDecider>(&(&job_id).into(), unasked, &command, &context).await?;
        let new = !executed.events.is_empty();
        let position = executed.position.ok_or(ExecuteError::Refused(JobRefusal::Unknown))?;
        let (not_before, deadline) = (moments.not_before, wish.deadline);
        Ok(SubmittedJob { job_id, position, at: context.at, new, not_before, deadline })
    }

    /// Stops a job: at once when it waits, as soon as its worker says so when it runs.
    ///
    /// # Errors
    /// Not this athlete's job, already at another end, or why the log could not be asked.
    pub async fn cancel(
        &self,
        athlete: &AthleteId,
        job_id: &JobId,
        origin: &Origin,
    ) -> Result<(JobStatus, Option<Position>), CancelError> {
        let not_found = || CancelError::NotFound(job_id.clone());
        let (state, _) = self.executor.load::<JobDecider>(&job_id.into()).await.map_err(ExecuteError::Store)?;
        let job = state.0.filter(|job| job.athlete_id == *athlete).ok_or_else(not_found)?;
        let context = self.context(origin);
        let executed = self.executor.execute::<JobDecider>(&job_id.into(), &JobCommand::Cancel, &context).await?;
        Ok((executed.state.0.map_or(job.status, |job| job.status), executed.position))
    }

    /// Puts a job that waits for its first attempt before others, whoever's it is: an operator's command.
    ///
    /// # Errors
    /// No such job, not waiting (any more), or why the log could not be asked.
    pub async fn expedite(
        &self,
        job_id: &JobId,
        origin: &Origin,
    ) -> Result<(JobStatus, Option<Position>), ExecuteError<JobRefusal>> {
        let context = self.context(origin);
        let executed = self.executor.execute::<JobDecider>(&job_id.into(), &JobCommand::Expedite, &context).await?;
        Ok((executed.state.0.map_or(JobStatus::Queued, |job| job.status), executed.position))
    }

    /// Whether a job is completed, as the log holds it.
    ///
    /// # Errors
    /// When the log does not answer.
    pub async fn is_completed(&self, job_id: &JobId) -> Result<bool, StoreError> {
        let (state, _) = self.executor.load::<JobDecider>(&job_id.into()).await?;
        Ok(state.0.is_some_and(|job| job.status == JobStatus::Completed))
    }

    /// The history of a job as the log holds it, for answering before the projection has it: the job's own events and,
    /// where a completed onboarding promised it, that event before them. Empty when there is no such job.
    ///
    /// # Errors
    /// When the log does not answer, or the segment of the archive is missing that holds a job of this athlete.
    pub async fn job_history(&self, athlete: &AthleteId, job_id: &JobId) -> Result<History, StoreError> {
        let store = self.executor.store();
        let job = match store.look_back(&AggregateRef { kind: AggregateKind::Job, id: job_id.into() }).await {
            Err(error @ StoreError::ArchiveMissing { .. }) => {
                // Whose it was is known all the same: to anybody else there is no such job.
                let (state, _) = self.executor.load::<JobDecider>(&job_id.into()).await?;
                let own = state.0.is_some_and(|job| job.athlete_id == *athlete);
                return if own { Err(error) } else { Ok(History::default()) };
            }
            job => job?,
        };
        if !job.events.is_empty() {
            return Ok(job);
        }
        let onboarding = store.load(&AggregateRef { kind: AggregateKind::Athlete, id: athlete.into() }).await?;
        let promise = onboarding.events.into_iter().filter(|event| {
            matches!(event.decode(), Ok(AthleteEvent::OnboardingCompleted(completed)) if completed.job_id == *job_id)
        });
        Ok(History { events: promise.collect() })
    }
}

/// The wish with its defaults, as of the day on which the job may begin.
fn request(wish: &PlanWish, today: Date) -> PlanRequest {
    let start = wish.start.map_or_else(|| PlanRequest::monday_after(today), PlanRequest::monday_on_or_after);
    PlanRequest { start, weeks: wish.weeks.unwrap_or(DEFAULT_WEEKS), seed: wish.seed.unwrap_or(0) }
}

pub(super) fn unwritable(source: serde_json::Error) -> ExecuteError<JobRefusal> {
    let event_type = ally_domain::event_data::EventType::new("plan_job", "requested", 1);
    ExecuteError::Encoding(ally_domain::event_data::EncodingError::Json { event_type, source })
}
