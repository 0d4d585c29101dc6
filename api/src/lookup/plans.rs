//! Plans and what stands in their logs.

use ally_domain::envelope::Position;
use ally_domain::ids::{AggregateKind, AggregateRef, AthleteId, PlanId};
use ally_projections::plan::{self, PlanSummary, PlanView};
use ally_projections::workout::{self, WorkoutView};

use super::{Lookup, behind};
use crate::problem::Problem;

impl Lookup {
    /// A plan of this athlete: its newest version, or the one that is asked for.
    pub(crate) async fn plan(
        &self,
        athlete: &AthleteId,
        id: &PlanId,
        version: Option<u32>,
        at: Option<&Position>,
    ) -> Result<Option<PlanView>, Problem> {
        let viewed = match (self.caught_up(at).await?, version) {
            (false, _) => Ok(None),
            (true, Some(version)) => self.views.plan_version(id, version).await,
            (true, None) => self.views.plan(id).await,
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

    /// The plan that this athlete trains by: the one that was made or adapted last, in its newest version.
    pub(crate) async fn current_plan(
        &self,
        athlete: &AthleteId,
        at: Option<&Position>,
    ) -> Result<Option<PlanView>, Problem> {
        match self.plans(athlete, (None, 1), at).await?.into_iter().next() {
            Some(latest) => self.plan(athlete, &latest.plan_id, None, at).await,
            None => Ok(None),
        }
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
    pub(crate) async fn plan_versions(
        &self,
        athlete: &AthleteId,
        id: &PlanId,
        at: Option<&Position>,
    ) -> Result<Vec<PlanSummary>, Problem> {
        let viewed = match self.caught_up(at).await? {
            true => self.views.plan_versions(id).await.map_or_else(|error| behind("plan", &error), Some),
            false => None,
        };
        let mut versions = viewed.unwrap_or_default();
        if versions.is_empty() {
            versions = self.versions_of_log(id).await?.into_iter().map(|version| version.summary).collect();
        }
        versions.retain(|version| version.athlete_id == *athlete);
        Ok(versions)
    }

    /// Some of the training log of a plan of this athlete, behind a place; `None` when there is no such plan.
    pub(crate) async fn training_log(
        &self,
        athlete: &AthleteId,
        id: &PlanId,
        (place, limit): (Option<workout::Place>, u16),
        at: Option<&Position>,
    ) -> Result<Option<Vec<WorkoutView>>, Problem> {
        if self.plan_versions(athlete, id, None).await?.is_empty() {
            return Ok(None);
        }
        let viewed = match self.caught_up(at).await? {
            true => {
                let entries = self.views.training_log(id, place, limit).await;
                entries.map_or_else(|error| behind("workout", &error), Some)
            }
            false => None,
        };
        if let Some(entries) = viewed {
            return Ok(Some(entries));
        }
        let history = self.store.load(&AggregateRef { kind: AggregateKind::Plan, id: id.into() }).await?;
        let entries = history.events.iter().filter_map(|event| workout::from_event(event).transpose());
        let ordered = workout::in_order(entries.collect::<Result<_, _>>()?).into_iter();
        let page = ordered.filter(|entry| place.is_none_or(|place| entry.place() > place)).take(limit.into());
        Ok(Some(page.collect()))
    }

    /// Some of this athlete's plans, newest first, made before a sequence of the log.
    pub(crate) async fn plans(
        &self,
        athlete: &AthleteId,
        (before, limit): (Option<u64>, u16),
        at: Option<&Position>,
    ) -> Result<Vec<PlanSummary>, Problem> {
        self.must_be_viewed(at).await?;
        Ok(self.views.plans_of(athlete, before, limit).await?)
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
}
