//! An attempt at the next version of a plan: the plan and its log are read, adapted, and handed in together with the job's
//! completion. Whatever came in between (another version, a workout) is read again and adapted again.

use std::time::Instant;

use ally_domain::athlete::{AthleteDecider, AthleteState};
use ally_domain::decider::Decider;
use ally_domain::engine::Catalogue;
use ally_domain::engine::adapt::{AdaptError, AdaptInput, Adaptation, adapt, in_words};
use ally_domain::engine::plan::Plan;
use ally_domain::engine::today::of_today;
use ally_domain::envelope::Recorded;
use ally_domain::ids::{AggregateKind, AggregateRef, JobId};
use ally_domain::job::{
    FailureCode, JobCommand, JobDecider, JobEvent, JobRefusal, JobState, JobStatus, Replan, Requested,
};
use ally_domain::outcome::Outcome;
use ally_domain::plan::{PlanCommand, PlanDecider, PlanRefusal, PlanState};
use ally_domain::ports::{Append, StoreError};
use ally_telemetry::names::{attempt_outcome, attr, provider, span};
use time::Date;
use tracing::Instrument;

use super::PlannerHandler;
use super::attempt::Attempt;
use crate::execute::{self, ExecuteError, Known};
use crate::metrics;

/// How often a version is made anew when something came in between.
const MAX_HAND_INS: u32 = 8;

/// Why an attempt made no version.
enum Unmade {
    /// It can never work.
    Never(FailureCode, String),
    /// Somebody appended to the plan or the job: look again.
    Again,
    /// The job is not this attempt's any more, or the log did not answer.
    Job(ExecuteError<JobRefusal>),
}

impl From<StoreError> for Unmade {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict { .. } => Self::Again,
            error => Self::Job(error.into()),
        }
    }
}

impl PlannerHandler {
    /// Makes the next version and hands it in, or tells the job that nothing has to change.
    pub(super) async fn revise(&self, attempt: &Attempt, replan: &Replan, event: &Recorded) -> Outcome {
        let begun = Instant::now();
        let ended = |outcome| metrics::attempt_ended(provider::ADAPTATION, outcome, begun.elapsed());
        let generation = tracing::info_span!(
            span::GENERATE_PLAN,
            { attr::JOB_ID } = attempt.job_id.as_str(),
            { attr::JOB_ATTEMPT } = attempt.number(),
            { attr::PLAN_ID } = replan.plan_id.as_str(),
            { attr::PLAN_PROVIDER } = provider::ADAPTATION,
        );
        for _ in 0..MAX_HAND_INS {
            match self.revise_once(attempt, replan, event).instrument(generation.clone()).await {
                Ok(made) => {
                    ended(made);
                    return Outcome::Done;
                }
                Err(Unmade::Again) => {}
                Err(Unmade::Never(code, reason)) => {
                    ended(attempt_outcome::FAILED);
                    let fail = |attempt| JobCommand::Fail { attempt, code, reason: reason.clone() };
                    return self.end(attempt, fail, event, Outcome::Done).await;
                }
                Err(Unmade::Job(error)) => {
                    let stopped = matches!(&error, ExecuteError::Refused(refusal) if super::ended(refusal));
                    ended(if stopped { attempt_outcome::CANCELLED } else { attempt_outcome::LOST });
                    return self.not_handed_in(attempt, error, event).await;
                }
            }
        }
        ended(attempt_outcome::TRANSIENT);
        let reason = format!("plan {} kept changing while its next version was handed in", replan.plan_id);
        self.postpone(attempt, reason, None, event).await
    }

    async fn not_handed_in(&self, attempt: &Attempt, error: ExecuteError<JobRefusal>, event: &Recorded) -> Outcome {
        match error {
            ExecuteError::Refused(JobRefusal::NotPossible(JobStatus::Cancelling)) => self.stopped(attempt, event).await,
            ExecuteError::Refused(refusal) if super::ended(&refusal) => super::outcome_of(&refusal),
            error @ (ExecuteError::Refused(_) | ExecuteError::Encoding(_)) => Outcome::give_up(error),
            ExecuteError::Store(error @ (StoreError::Rejected { .. } | StoreError::Corrupt { .. })) => {
                Outcome::give_up(error)
            }
            ExecuteError::Store(error @ StoreError::Newer { .. }) => execute::outcome_of(&error),
            error => self.postpone(attempt, error.to_string(), None, event).await,
        }
    }

    async fn revise_once(&self, attempt: &Attempt, replan: &Replan, event: &Recorded) -> Result<&'static str, Unmade> {
        let store = self.patient.store();
        let plan = AggregateRef { kind: AggregateKind::Plan, id: (&replan.plan_id).into() };
        let job = AggregateRef { kind: AggregateKind::Job, id: (&attempt.job_id).into() };
        let (plan_history, job_history) = (store.load(&plan).await?, store.load(&job).await?);
        let plan_state: PlanState = execute::replay::<PlanDecider>(&plan_history)?;
        let job_state: JobState = execute::replay::<JobDecider>(&job_history)?;
        let context = self.context(event);
        let today = context.at.date();
        // As the athlete is today, whatever the plan was made for.
        let athlete = (&attempt.requested.athlete_id).into();
        let (athlete, _) = self.patient.load::<AthleteDecider>(&athlete).await?;
        let made = match made_before(&plan_state, &attempt.job_id) {
            Some(made) => made,
            None => self.next_version(&attempt.requested, &plan_state, &athlete, today).await?,
        };

        let complete = JobCommand::Complete {
            attempt: attempt.number(),
            plan_id: replan.plan_id.clone(),
            plan_version: Some(made.version),
            note: Some(made.note),
            at: context.at,
        };
        let refused = |refusal| Unmade::Job(ExecuteError::Refused(refusal));
        let completed = JobDecider::decide(&job_state, &complete).map_err(refused)?;
        if completed.is_empty() {
            return Ok(attempt_outcome::MADE);
        }
        // Behind the job's deadline the plan stays as it is.
        let is_late = !completed.iter().any(|event| matches!(event, JobEvent::Completed(_)));
        let mut later = context.clone();
        later.command_id = uuid::Uuid::now_v7().into();
        let mut appends: Vec<Append> = Vec::new();
        if let Some(next) = made.next.filter(|_| !is_late) {
            let revise = PlanCommand::Revise {
                job_id: attempt.job_id.clone(),
                athlete_id: attempt.requested.athlete_id.clone(),
                plan: next,
                today,
            };
            let revised = PlanDecider::decide(&plan_state, &revise).map_err(never)?;
            appends.push(execute::encode(&plan, plan_history.last_sequence(), &revised, &context).map_err(unwritable)?);
        }
        appends.push(execute::encode(&job, job_history.last_sequence(), &completed, &later).map_err(unwritable)?);
        let (at, since) = (later.at, job_history.events.first().map(|event| event.at));
        let appended = store.append_together(appends).await?;
        let state = completed.iter().fold(job_state, JobDecider::evolve);
        if !appended.duplicate {
            let known = Known::<JobDecider> { state, sequence: appended.position.sequence, since };
            self.executor.count(&(&attempt.job_id).into(), &known, &completed, at);
        }
        Ok(if is_late { attempt_outcome::FAILED } else { attempt_outcome::MADE })
    }

    /// The next version by the pure engine, on a thread that may block.
    async fn next_version(
        &self,
        requested: &Requested,
        state: &PlanState,
        athlete: &AthleteState,
        today: Date,
    ) -> Result<Made, Unmade> {
        let owned = state.athlete_id.as_ref() == Some(&requested.athlete_id);
        let newest = state.plan.clone().filter(|_| owned);
        let newest = newest.ok_or_else(|| Unmade::Never(FailureCode::Rejected, "there is no such plan".to_owned()))?;
        let (mut log, planned) = (state.log.clone(), &requested.profile);
        let profile = athlete.profile_on(today).map_or_else(|| planned.clone(), |newest| of_today(planned, &newest));
        athlete.settled_pain().into_iter().for_each(|report| log.report(report));
        let work = tokio::task::spawn_blocking(move || {
            let catalogue =
                Catalogue::shared().map_err(|error| Unmade::Never(FailureCode::Rejected, error.to_string()))?;
            match adapt(&AdaptInput::new(&newest, &profile, &log, today), catalogue) {
                Ok(Adaptation::Same(decisions)) => {
                    Ok(Made { next: None, version: newest.version, note: in_words(&decisions, false) })
                }
                Ok(Adaptation::Next(next)) => {
                    let (version, note) = (next.version, changes(&next));
                    Ok(Made { next: Some(next), version, note })
                }
                Err(error @ AdaptError::ClearanceRequired { .. }) => {
                    Err(Unmade::Never(FailureCode::ClearanceRequired, error.to_string()))
                }
                Err(error @ AdaptError::Infeasible { .. }) => {
                    Err(Unmade::Never(FailureCode::Infeasible, error.to_string()))
                }
            }
        });
        work.await.unwrap_or_else(|panicked| {
            let reason = format!("the plan engine broke down: {panicked}");
            Err(Unmade::Job(StoreError::Unavailable { reason }.into()))
        })
    }
}

struct Made {
    /// The next version to be stored; none when nothing has to change, or it is there.
    next: Option<Box<Plan>>,
    /// The version that the job ends with.
    version: u32,
    note: String,
}

/// The version that this very job made before: it was stored, and the job's completion was not.
fn made_before(plan: &PlanState, job: &JobId) -> Option<Made> {
    let version = *plan.made_by.get(job)?;
    let newest = plan.plan.as_deref().filter(|newest| newest.version == version);
    let note = newest.map_or_else(|| "a newer version has followed since".to_owned(), changes);
    Some(Made { next: None, version, note })
}

fn changes(plan: &Plan) -> String {
    let decisions = plan.adapted.as_ref().map(|adapted| adapted.decisions.as_slice());
    in_words(decisions.unwrap_or_default(), true)
}

#[allow(clippy::needless_pass_by_value, reason = "it is an argument of map_err")]
fn never(refusal: PlanRefusal) -> Unmade {
    match refusal {
        // Another version came in between the reading and the decision: it is read again.
        PlanRefusal::Superseded { .. } => Unmade::Again,
        refusal => Unmade::Never(FailureCode::Rejected, refusal.to_string()),
    }
}

fn unwritable(error: ally_domain::event_data::EncodingError) -> Unmade {
    Unmade::Job(ExecuteError::Encoding(error))
}
