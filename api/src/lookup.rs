//! Answers reads: from the views, waiting for them within a bound where the caller names a position, and from the log
//! itself while they are behind or not reachable. What the log holds is never answered with 404. Listings come from the views
//! alone: where they have not come to a position that is named, the caller is asked to come back.

mod pace;
mod plans;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use ally_domain::envelope::{Position, Recorded};
use ally_domain::event_data::EncodingError;
use ally_domain::ids::{AggregateKind, AggregateRef, AthleteId, JobId};
use ally_domain::ports::EventStore;
use ally_domain::recent::Recent;
use ally_handlers::Submissions;
use ally_projections::JobNews;
use ally_projections::athlete_profile::{self, AthleteProfileView};
use ally_projections::job_status::{self, JobStatusView, Place, Reach, Request, Wanted};
use ally_projections::job_timeline::{self, TimelineEntry};

use self::pace::Pace;
use crate::ports::{ViewError, Views};
use crate::problem::{Kind, Problem};

/// How long a read that names a position waits for the views; then the log answers.
const CATCH_UP: Duration = Duration::from_millis(500);

/// When a caller comes back whose position the views have not come to.
const COME_BACK: Duration = Duration::from_secs(1);

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
    pace: Pace,
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
            pace: Pace::default(),
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
        let found = found.filter(|job| job.view.athlete_id == *athlete);
        // What is remembered may have become due since.
        let now = self.submissions.now();
        Ok(found.map(|job| Remembered { view: job.view.as_of(now), ..job }))
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
            self.pace.note(&found.view);
            self.remembered().keep(id.clone(), found.clone());
        }
        Ok(found)
    }

    /// How long a job takes yet, where that can be told.
    pub(crate) fn estimate(&self, job: &JobStatusView) -> Option<Duration> {
        self.pace.estimate(job, self.submissions.now())
    }

    /// Some of this athlete's jobs, newest first, behind a place.
    pub(crate) async fn jobs(
        &self,
        athlete: &AthleteId,
        wanted: &Wanted,
        (behind, limit): (Option<&Place>, u16),
        at: Option<&Position>,
    ) -> Result<Vec<JobStatusView>, Problem> {
        self.must_be_viewed(at).await?;
        let now = self.submissions.now();
        let wanted = Wanted { at: Some(now), ..wanted.clone() };
        let jobs = self.views.jobs_of(athlete, &wanted, behind, limit).await?;
        Ok(jobs.into_iter().map(|job| job.as_of(now)).collect())
    }

    /// The job that this athlete asked for last, or that onboarding has promised.
    pub(crate) async fn newest_job(&self, athlete: &AthleteId) -> Result<Option<JobStatusView>, Problem> {
        let newest = self.views.jobs_of(athlete, &Wanted::default(), None, 1).await?.into_iter().next();
        let id = match newest {
            Some(job) => Some(job.job_id),
            None => self.profile(athlete, None).await?.and_then(|profile| Some(profile.current()?.job_id.clone())),
        };
        match id {
            Some(id) => self.job(athlete, &id, None).await,
            None => Ok(None),
        }
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
        at: Option<&Position>,
    ) -> Result<Option<Vec<TimelineEntry>>, Problem> {
        self.must_exist(at).await?;
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
        self.must_exist(at).await.map(|()| false)
    }

    /// For what is answered from the log: a position that it does not hold is refused.
    async fn must_exist(&self, at: Option<&Position>) -> Result<(), Problem> {
        let Some(position) = at else { return Ok(()) };
        match self.store.end_of(&position.stream).await? {
            Some(end) if position.sequence <= end => Ok(()),
            end => Err(Problem::position_unknown(position, end)),
        }
    }

    /// For what only the views can answer.
    pub(crate) async fn must_be_viewed(&self, at: Option<&Position>) -> Result<(), Problem> {
        match (self.caught_up(at).await?, at) {
            (false, Some(position)) => {
                let detail = format!("the views have not come to {position} yet; send the request again");
                Err(Problem::new(Kind::Unavailable, detail).retry_after(COME_BACK))
            }
            _ => Ok(()),
        }
    }

    /// The same, straight from the log.
    pub(crate) async fn profile_of_log(&self, athlete: &AthleteId) -> Result<Option<AthleteProfileView>, Problem> {
        let history = self.store.load(&AggregateRef { kind: AggregateKind::Athlete, id: athlete.into() }).await?;
        Ok(history.events.iter().try_fold(None, athlete_profile::fold)?)
    }
}

/// A view that fails is a view that is behind: the log is asked instead.
fn behind<T>(view: &str, error: &ViewError) -> Option<T> {
    tracing::warn!(view, %error, "a view does not answer; asking the log");
    None
}
