//! Answers reads: from the views, waiting for them within a bound where the caller names a position, and from the log
//! itself while they are behind or not reachable. What the log holds is never answered with 404.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use ally_domain::envelope::{Position, Recorded};
use ally_domain::event_data::EncodingError;
use ally_domain::ids::{AggregateKind, AggregateRef, AthleteId, JobId, PlanId};
use ally_domain::ports::EventStore;
use ally_domain::recent::Recent;
use ally_handlers::Submissions;
use ally_projections::JobNews;
use ally_projections::athlete_profile::{self, AthleteProfileView};
use ally_projections::job_status::{self, JobStatusView, Reach, Request};
use ally_projections::job_timeline::{self, TimelineEntry};
use ally_projections::plan::{self, PlanSummary, PlanView};
use ally_projections::workout::{self, WorkoutView};

use crate::ports::{ViewError, Views};
use crate::problem::Problem;

/// How long a read that names a position waits for the views; then the log answers.
const CATCH_UP: Duration = Duration::from_millis(500);

/// Jobs whose reach in the log is remembered: far more than the views are ever behind by.
const HEARD_JOBS: usize = 8_192;

/// How long a job is answered from memory though no news of it came: an announcement may have been lost with a connection.
const REMEMBERED: Duration = Duration::from_secs(1);

/// The reads of the gateway. Every one is asked for an athlete and sees nothing of another's.
pub(crate) struct Lookup {
    submissions: Submissions,
    store: Arc<dyn EventStore>,
    views: Arc<dyn Views>,
    /// What the log was heard to say about jobs: a view that has not come so far is not asked, so that no job goes back.
    heard: Mutex<Recent<JobId, Reach>>,
    /// Jobs as they were read last.
    remembered: Mutex<Recent<JobId, Remembered>>,
}

/// A job as it was read, and whether there is news of it.
#[derive(Clone)]
pub(crate) struct Remembered {
    pub(crate) view: JobStatusView,
    pub(crate) news: JobNews,
    at: Instant,
}

impl Remembered {
    fn new(view: JobStatusView, news: JobNews) -> Self {
        Self { view, news, at: Instant::now() }
    }

    /// Whether it may be answered still, to somebody who wants to see a position.
    fn holds(&self, at: Option<&Position>) -> bool {
        let last = &self.view.last;
        let seen = at.is_none_or(|at| at.stream == last.stream && at.sequence <= last.sequence);
        seen && !self.news.has_changed() && self.at.elapsed() < REMEMBERED
    }
}

impl From<ViewError> for Problem {
    fn from(error: ViewError) -> Self {
        match error {
            ViewError::Unavailable { reason } => Self::unavailable("the database", reason),
            ViewError::Unreadable { .. } => Self::internal(error),
        }
    }
}

impl From<EncodingError> for Problem {
    fn from(error: EncodingError) -> Self {
        Self::internal(error)
    }
}

impl Lookup {
    pub(crate) fn new(submissions: Submissions, store: Arc<dyn EventStore>, views: Arc<dyn Views>) -> Self {
        Self {
            submissions,
            store,
            views,
            heard: Mutex::new(Recent::new(HEARD_JOBS)),
            remembered: Mutex::new(Recent::new(HEARD_JOBS)),
        }
    }

    /// Where a job of this athlete stands.
    pub(crate) async fn job(
        &self,
        athlete: &AthleteId,
        id: &JobId,
        at: Option<&Position>,
    ) -> Result<Option<JobStatusView>, Problem> {
        Ok(self.job_with_news(athlete, id, at).await?.map(|job| job.view))
    }

    /// The same, and news of it from then on.
    pub(crate) async fn job_with_news(
        &self,
        athlete: &AthleteId,
        id: &JobId,
        at: Option<&Position>,
    ) -> Result<Option<Remembered>, Problem> {
        let known = self.remembered().get(id).filter(|known| known.holds(at)).cloned();
        let found = match known {
            Some(known) => Some(known),
            None => self.read_job(athlete, id, at).await?,
        };
        Ok(found.filter(|job| job.view.athlete_id == *athlete))
    }

    async fn read_job(
        &self,
        athlete: &AthleteId,
        id: &JobId,
        at: Option<&Position>,
    ) -> Result<Option<Remembered>, Problem> {
        // Before anything is read, so that no news falls between.
        let news = self.views.follow(id);
        let viewed = match self.caught_up(at).await? {
            true => self.views.job(id).await.unwrap_or_else(|error| behind("job_status", &error)),
            false => None,
        };
        let newest = viewed.filter(|view| self.heard().get(id).is_none_or(|heard| *heard <= view.reach()));
        let found = match newest {
            Some(view) => Some(view),
            None => {
                let history = self.submissions.job_history(athlete, id).await?;
                let found = job_status::from_history(id, &history.events)?;
                if let Some(view) = &found {
                    self.heard().advance(id.clone(), view.reach());
                }
                found
            }
        };
        let found = found.map(|view| Remembered::new(view, news));
        if let Some(found) = &found {
            self.remembered().keep(id.clone(), found.clone());
        }
        Ok(found)
    }

    /// Remembers a job that this process has just requested, unless the views have come so far already.
    pub(crate) fn remember_request(&self, athlete: &AthleteId, id: &JobId, request: Request) {
        // In this order: a projector announces the checkpoint before the jobs.
        let news = self.views.follow(id);
        if !self.views.contain(&request.position) {
            let view = JobStatusView::requested(id.clone(), athlete.clone(), request);
            self.heard().advance(id.clone(), view.reach());
            self.remembered().keep(id.clone(), Remembered::new(view, news));
        }
    }

    /// What happened to a job of this athlete, straight from the log.
    pub(crate) async fn timeline(
        &self,
        athlete: &AthleteId,
        id: &JobId,
    ) -> Result<Option<Vec<TimelineEntry>>, Problem> {
        if self.job(athlete, id, None).await?.is_none() {
            return Ok(None);
        }
        let history = self.submissions.job_history(athlete, id).await?;
        let entries = history.events.iter().filter_map(|event| job_timeline::entry(event).transpose());
        Ok(Some(entries.collect::<Result<_, _>>()?))
    }

    /// A job's events, oldest first, straight from the log; with what promised it where nothing else is known.
    pub(crate) async fn job_history(&self, athlete: &AthleteId, id: &JobId) -> Result<Vec<Recorded>, Problem> {
        Ok(self.submissions.job_history(athlete, id).await?.events)
    }

    /// The sequence of the last event of a stream, as of now.
    pub(crate) async fn end_of(&self, stream: &str) -> Result<u64, Problem> {
        Ok(self.store.end_of(stream).await?.unwrap_or_default())
    }

    /// The jobs of an athlete of which something may come, or came behind a sequence of the log, as of a position at least.
    pub(crate) async fn jobs_to_follow(
        &self,
        athlete: &AthleteId,
        since: Option<u64>,
        limit: u16,
        (seen, bound): (&Position, Duration),
    ) -> Result<Vec<JobId>, Problem> {
        if seen.sequence > 0 && !self.views.reached(seen, bound).await {
            return Err(Problem::unavailable("the view of jobs", format!("it has not come to {seen}")));
        }
        Ok(self.views.jobs_to_follow(athlete, since, limit).await?)
    }

    /// A plan of this athlete: its newest version, or the one that is asked for.
    pub(crate) async fn plan(
        &self,
        athlete: &AthleteId,
        id: &PlanId,
        version: Option<u32>,
    ) -> Result<Option<PlanView>, Problem> {
        let viewed = match version {
            Some(version) => self.views.plan_version(id, version).await,
            None => self.views.plan(id).await,
        };
        let found = match viewed.unwrap_or_else(|error| behind("plan", &error)) {
            Some(view) => Some(view),
            None => {
                let mut versions = self.versions_of_log(id).await?.into_iter().rev();
                versions.find(|plan| version.is_none_or(|version| plan.summary.version == version))
            }
        };
        Ok(found.filter(|plan| plan.summary.athlete_id == *athlete))
    }

    /// The versions of a plan before one of them, oldest first, straight from the log.
    pub(crate) async fn plans_before(&self, plan: &PlanView) -> Result<Vec<PlanView>, Problem> {
        if plan.summary.version <= 1 {
            return Ok(Vec::new());
        }
        let mut versions = self.versions_of_log(&plan.summary.plan_id).await?;
        versions.retain(|version| version.summary.version < plan.summary.version);
        Ok(versions)
    }

    /// Every version of a plan of this athlete, oldest first; none when there is no such plan.
    pub(crate) async fn plan_versions(&self, athlete: &AthleteId, id: &PlanId) -> Result<Vec<PlanSummary>, Problem> {
        let viewed = self.views.plan_versions(id).await;
        let mut versions = viewed.map_or_else(|error| behind("plan", &error), Some).unwrap_or_default();
        if versions.is_empty() {
            versions = self.versions_of_log(id).await?.into_iter().map(|version| version.summary).collect();
        }
        versions.retain(|version| version.athlete_id == *athlete);
        Ok(versions)
    }

    /// The training log of a plan of this athlete; `None` when there is no such plan.
    pub(crate) async fn training_log(
        &self,
        athlete: &AthleteId,
        id: &PlanId,
        at: Option<&Position>,
    ) -> Result<Option<Vec<WorkoutView>>, Problem> {
        if self.plan_versions(athlete, id).await?.is_empty() {
            return Ok(None);
        }
        let viewed = match self.caught_up(at).await? {
            true => self.views.training_log(id).await.map_or_else(|error| behind("workout", &error), Some),
            false => None,
        };
        if let Some(entries) = viewed {
            return Ok(Some(entries));
        }
        let history = self.store.load(&AggregateRef { kind: AggregateKind::Plan, id: id.into() }).await?;
        let entries = history.events.iter().filter_map(|event| workout::from_event(event).transpose());
        Ok(Some(workout::in_order(entries.collect::<Result<_, _>>()?)))
    }

    /// Some of this athlete's plans, newest first, made before a sequence of the log.
    pub(crate) async fn plans(
        &self,
        athlete: &AthleteId,
        before: Option<u64>,
        limit: u16,
    ) -> Result<Vec<PlanSummary>, Problem> {
        Ok(self.views.plans_of(athlete, before, limit).await?)
    }

    /// This athlete's onboarding and profile; `None` when nothing was ever answered.
    pub(crate) async fn profile(
        &self,
        athlete: &AthleteId,
        at: Option<&Position>,
    ) -> Result<Option<AthleteProfileView>, Problem> {
        let viewed = match self.caught_up(at).await? {
            true => self.views.profile_of(athlete).await.unwrap_or_else(|error| behind("athlete_profile", &error)),
            false => None,
        };
        match viewed {
            Some(view) => Ok(Some(view)),
            None => self.profile_of_log(athlete).await,
        }
    }

    fn heard(&self) -> MutexGuard<'_, Recent<JobId, Reach>> {
        // Whoever panicked with it in hand left a hint behind, whole or not noted.
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn remembered(&self) -> MutexGuard<'_, Recent<JobId, Remembered>> {
        // An entry is kept whole or not at all.
        self.remembered.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the views hold what stands at a position, waiting for them within a bound. A position that the log itself does
    /// not hold is refused: every answer would be older than what was asked for.
    async fn caught_up(&self, at: Option<&Position>) -> Result<bool, Problem> {
        let Some(position) = at else { return Ok(true) };
        if self.views.reached(position, CATCH_UP).await {
            return Ok(true);
        }
        match self.store.end_of(&position.stream).await? {
            Some(end) if position.sequence <= end => Ok(false),
            end => Err(Problem::position_unknown(position, end)),
        }
    }

    async fn versions_of_log(&self, id: &PlanId) -> Result<Vec<PlanView>, Problem> {
        let history = self.store.load(&AggregateRef { kind: AggregateKind::Plan, id: id.into() }).await?;
        let versions = history.events.iter().filter_map(|event| plan::from_event(event).transpose());
        let mut shown = Vec::new();
        for version in versions {
            let version = version?;
            // As the views show it: not before its job is completed.
            if self.submissions.is_completed(&version.summary.job_id).await? {
                shown.push(version);
            }
        }
        Ok(shown)
    }

    async fn profile_of_log(&self, athlete: &AthleteId) -> Result<Option<AthleteProfileView>, Problem> {
        let history = self.store.load(&AggregateRef { kind: AggregateKind::Athlete, id: athlete.into() }).await?;
        Ok(history.events.iter().try_fold(None, athlete_profile::fold)?)
    }
}

/// A view that fails is a view that is behind: the log is asked instead.
fn behind<T>(view: &str, error: &ViewError) -> Option<T> {
    tracing::warn!(view, %error, "a view does not answer; asking the log");
    None
}
