//! The views in memory: the projections' own folds over the log, as far as a test lets the projector get.

use std::sync::Mutex;
use std::time::Duration;

use ally_api::{ViewError, Views};
use ally_domain::envelope::{Position, Recorded};
use ally_domain::ids::{AggregateKind, AthleteId, JobId, PlanId};
use ally_domain::job::JobStatus;
use ally_domain::testing::MemoryEventStore;
use ally_projections::athlete_profile::{self, AthleteProfileView};
use ally_projections::job_status::{self, JobStatusView};
use ally_projections::plan::{self, PlanSummary, PlanView};
use ally_projections::workout::{self, WorkoutView};
use async_trait::async_trait;
use tokio::sync::watch;

pub struct MemoryViews {
    store: MemoryEventStore,
    state: Mutex<State>,
    /// How often a job was asked for.
    asked: watch::Sender<usize>,
}

#[derive(Default)]
struct State {
    /// The last sequence of every stream that is projected; all of them when not set.
    stuck_at: Option<u64>,
    outage: Option<String>,
    hangs: bool,
    jobs_hang: bool,
}

impl MemoryViews {
    pub fn new(store: MemoryEventStore) -> Self {
        Self { store, state: Mutex::default(), asked: watch::Sender::new(0) }
    }

    /// Stops the projector behind a sequence, or lets it go on.
    pub fn stick_at(&self, sequence: Option<u64>) {
        self.state.lock().unwrap().stuck_at = sequence;
    }

    /// Makes the database unreachable until it is told to be back.
    pub fn fail(&self, reason: Option<&str>) {
        self.state.lock().unwrap().outage = reason.map(str::to_owned);
    }

    /// Makes the database take questions and answer none, or go on.
    pub fn hang(&self, hangs: bool) {
        self.state.lock().unwrap().hangs = hangs;
    }

    /// Makes the database answer no question about a job any more.
    pub fn hang_jobs(&self) {
        self.state.lock().unwrap().jobs_hang = true;
    }

    /// Waits until a job is asked for once more.
    pub async fn asked_again(&self) {
        let mut asked = self.asked.subscribe();
        let before = *asked.borrow_and_update();
        asked.wait_for(|now| *now > before).await.unwrap();
    }

    fn projected(&self, stream: &str) -> Result<Vec<Recorded>, ViewError> {
        let state = self.state.lock().unwrap();
        if let Some(reason) = &state.outage {
            return Err(ViewError::Unavailable { reason: reason.clone() });
        }
        let mut events = self.store.events(stream);
        events.retain(|event| state.stuck_at.is_none_or(|last| event.position.sequence <= last));
        Ok(events)
    }

    fn all(&self) -> Result<Vec<Recorded>, ViewError> {
        Ok([self.projected("ONBOARDING")?, self.projected("PLANS")?].concat())
    }

    /// Every job that was requested.
    fn jobs(&self) -> Result<Vec<JobStatusView>, ViewError> {
        let events = self.all()?;
        let jobs = events.iter().filter(|event| event.aggregate.kind == AggregateKind::Job);
        let mut ids: Vec<_> = jobs.map(|event| JobId::from(&event.aggregate.id)).collect();
        ids.sort();
        ids.dedup();
        Ok(ids.iter().filter_map(|id| job_status::from_history(id, &events).unwrap()).collect())
    }

    fn versions(&self) -> Result<Vec<PlanView>, ViewError> {
        let events = self.projected("PLANS")?;
        Ok(events.iter().filter_map(|event| plan::from_event(event).unwrap()).collect())
    }
}

#[async_trait]
impl Views for MemoryViews {
    async fn job(&self, id: &JobId) -> Result<Option<JobStatusView>, ViewError> {
        self.asked.send_modify(|asked| *asked += 1);
        if self.state.lock().unwrap().jobs_hang {
            return std::future::pending().await;
        }
        Ok(job_status::from_history(id, &self.all()?).unwrap())
    }

    async fn jobs_of(
        &self,
        athlete: &AthleteId,
        wanted: &job_status::Wanted,
        behind: Option<&job_status::Place>,
        limit: u16,
    ) -> Result<Vec<JobStatusView>, ViewError> {
        let mut jobs = self.jobs()?;
        let as_of = |job: &JobStatusView| wanted.at.map_or_else(|| job.clone(), |at| job.clone().as_of(at));
        jobs.retain(|job| {
            job.athlete_id == *athlete
                && (wanted.statuses.is_empty() || wanted.statuses.contains(&as_of(job).status))
                && wanted.since.is_none_or(|since| job.created_at >= since)
                && wanted.until.is_none_or(|until| job.created_at < until)
                && behind.is_none_or(|behind| job.place() < *behind)
        });
        jobs.sort_by_key(|job| std::cmp::Reverse(job.place()));
        jobs.truncate(limit.into());
        Ok(jobs)
    }

    async fn plan(&self, id: &PlanId) -> Result<Option<PlanView>, ViewError> {
        Ok(self.versions()?.into_iter().rev().find(|plan| plan.summary.plan_id == *id))
    }

    async fn plan_version(&self, id: &PlanId, version: u32) -> Result<Option<PlanView>, ViewError> {
        let mut versions = self.versions()?.into_iter();
        Ok(versions.find(|plan| plan.summary.plan_id == *id && plan.summary.version == version))
    }

    async fn plan_versions(&self, id: &PlanId) -> Result<Vec<PlanSummary>, ViewError> {
        let versions = self.versions()?.into_iter().map(|plan| plan.summary);
        Ok(versions.filter(|plan| plan.plan_id == *id).collect())
    }

    async fn training_log(
        &self,
        id: &PlanId,
        behind: Option<workout::Place>,
        limit: u16,
    ) -> Result<Vec<WorkoutView>, ViewError> {
        let events = self.projected("PLANS")?;
        let entries = events.iter().filter_map(|event| workout::from_event(event).unwrap());
        let ordered = workout::in_order(entries.filter(|entry| entry.plan_id == *id).collect()).into_iter();
        Ok(ordered.filter(|entry| behind.is_none_or(|behind| entry.place() > behind)).take(limit.into()).collect())
    }

    async fn plans_of(
        &self,
        athlete: &AthleteId,
        before: Option<u64>,
        limit: u16,
    ) -> Result<Vec<PlanSummary>, ViewError> {
        let mut plans: Vec<_> = self.versions()?.into_iter().map(|plan| plan.summary).collect();
        plans.retain(|plan| plan.athlete_id == *athlete && before.is_none_or(|before| plan.position.sequence < before));
        plans.sort_by_key(|plan| std::cmp::Reverse(plan.position.sequence));
        plans.truncate(limit.into());
        Ok(plans)
    }

    async fn jobs_to_follow(
        &self,
        athlete: &AthleteId,
        since: Option<u64>,
        limit: u16,
    ) -> Result<Vec<JobId>, ViewError> {
        let events = self.all()?;
        let mut ids: Vec<JobId> = events.iter().filter_map(|event| event.aggregate.id.as_str().parse().ok()).collect();
        ids.sort();
        ids.dedup();
        let views = ids.iter().filter_map(|id| job_status::from_history(id, &events).unwrap());
        let wanted = views.filter(|view| {
            let is_new = since.is_some_and(|since| view.last.stream == "PLANS" && view.last.sequence > since);
            view.athlete_id == *athlete && (!view.status.is_final() || is_new)
        });
        let mut wanted: Vec<_> = wanted.collect();
        wanted.sort_by_key(|view| std::cmp::Reverse(view.created_at));
        Ok(wanted.into_iter().take(limit.into()).map(|view| view.job_id).collect())
    }

    async fn profile_of(&self, athlete: &AthleteId) -> Result<Option<AthleteProfileView>, ViewError> {
        let events = self.projected("ONBOARDING")?;
        let own = events.iter().filter(|event| AthleteId::from(&event.aggregate.id) == *athlete);
        Ok(own.into_iter().try_fold(None, athlete_profile::fold).unwrap())
    }

    async fn queued(&self) -> Result<u64, ViewError> {
        if self.state.lock().unwrap().hangs {
            return std::future::pending().await;
        }
        Ok(self.jobs()?.iter().filter(|job| job.status == JobStatus::Queued).count() as u64)
    }

    async fn reached(&self, position: &Position, _: Duration) -> bool {
        self.projected(&position.stream)
            .is_ok_and(|events| events.iter().any(|event| event.position.sequence >= position.sequence))
    }
}
