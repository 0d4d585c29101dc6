//! The next version of a plan: asked for, as a job like any other.

use ally_domain::athlete::AthleteEvent;
use ally_domain::engine::adapt::request_of;
use ally_domain::engine::plan::Plan;
use ally_domain::engine::profile::Profile;
use ally_domain::fingerprint::fingerprint;
use ally_domain::ids::{AggregateKind, AggregateRef, AthleteId, CommandId, JobId, PlanId};
use ally_domain::job::{JobCommand, JobDecider, JobRefusal, Priority, Replan, RequestPlan};
use ally_domain::plan::PlanDecider;
use ally_domain::ports::StoreError;
use uuid::Uuid;

use super::health::Health;
use super::job::unwritable;
use super::{Origin, Submissions, SubmittedJob};
use crate::execute::{ExecuteError, Known};

/// Why no next version was requested.
#[derive(Debug, thiserror::Error)]
pub enum ReplanError {
    /// There is no such plan, or it is another athlete's.
    #[error("there is no plan {0}")]
    NotFound(PlanId),
    /// The job refused, or the log did.
    #[error(transparent)]
    Execute(#[from] ExecuteError<JobRefusal>),
}

impl From<StoreError> for ReplanError {
    fn from(error: StoreError) -> Self {
        Self::Execute(error.into())
    }
}

impl Submissions {
    /// Requests the next version of a plan, made from what was done and what hurts. What the reason mentions of the athlete's
    /// health is kept in mind. A key names its job for ever.
    ///
    /// # Errors
    /// Not this athlete's plan, the key used for another request, or why the log could not be asked.
    pub async fn replan(
        &self,
        athlete: &AthleteId,
        plan_id: &PlanId,
        key: Option<&str>,
        reason: Option<&str>,
        origin: &Origin,
    ) -> Result<SubmittedJob, ReplanError> {
        let not_found = || ReplanError::NotFound(plan_id.clone());
        let (state, _) = self.executor.load::<PlanDecider>(&plan_id.into()).await?;
        let owned = state.athlete_id.as_ref() == Some(athlete);
        let plan = state.plan.filter(|_| owned).ok_or_else(not_found)?;
        let profile = self.profile_of(athlete, &plan).await?.ok_or_else(not_found)?;
        let job_id = key.map_or_else(|| Uuid::now_v7().into(), |key| JobId::for_key(athlete, key));
        let print = fingerprint(&("replan", plan_id, reason)).map_err(unwritable)?;
        let health = Health { at: self.clock.now(), pain: Vec::new(), note: reason.map(str::to_owned) };
        self.keep_health(athlete, health, key.map(|_| job_id.as_str()), origin).await?;
        let mut context = self.context(origin);
        if key.is_some() {
            context.command_id = CommandId::caused_by(job_id.as_str(), &format!("replan {print}"));
        }
        let command = JobCommand::Request(Box::new(RequestPlan {
            job_id: job_id.clone(),
            athlete_id: athlete.clone(),
            profile_revision: plan.profile_rev,
            profile,
            request: request_of(&plan, context.at.date()),
            fingerprint: print,
            replan: Some(Replan {
                plan_id: plan_id.clone(),
                base_version: plan.version,
                reason: reason.map(str::to_owned),
            }),
            priority: Priority::Normal,
            not_before: None,
            deadline: None,
        }));
        let unasked = Some(Known::default());
        let executed = self.executor.execute_on::<JobDecider>(&(&job_id).into(), unasked, &command, &context).await?;
        let new = !executed.events.is_empty();
        let position = executed.position.ok_or(ExecuteError::Refused(JobRefusal::Unknown))?;
        Ok(SubmittedJob { job_id, position, at: context.at, new, not_before: None, deadline: None })
    }

    /// The profile that a plan was made for: the log keeps every revision. The planner looks at the athlete as they are when the
    /// version is made.
    async fn profile_of(&self, athlete: &AthleteId, plan: &Plan) -> Result<Option<Profile>, StoreError> {
        let record = AggregateRef { kind: AggregateKind::Athlete, id: athlete.into() };
        let history = self.executor.store().load(&record).await?;
        Ok(history.events.iter().find_map(|event| match event.decode() {
            Ok(AthleteEvent::OnboardingCompleted(completed)) if completed.revision == plan.profile_rev => {
                Some(completed.profile)
            }
            _ => None,
        }))
    }
}
