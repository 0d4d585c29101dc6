//! The next version of a plan, asked for and made: what the planner does with a log of workouts and pain.

use std::sync::{Arc, Mutex};

use ally_domain::engine::profile::BodyPart;
use ally_domain::engine::workout::{Pain, PainReport};
use ally_domain::ids::{AggregateRef, AthleteId, JobId, PlanId};
use ally_domain::job::{FailureCode, JobEvent, JobStatus};
use ally_domain::outcome::Outcome;
use ally_domain::plan::{PlanDecider, PlanRefusal, PlanState};
use ally_domain::ports::{Append, Appended, Clock, EventStore, History, StoreError};
use ally_handlers::{ExecuteError, Executor, PlanWish, ReplanError, Submissions};
use async_trait::async_trait;
use time::macros::date;
use time::{Duration, OffsetDateTime};

use crate::bench::{Bench, NOW, amy, busy, deliver, origin, scripted};

/// When that plan was asked for: no plan begins in the past.
struct Then;

impl Clock for Then {
    fn now(&self) -> OffsetDateTime {
        NOW - Duration::days(12)
    }
}

/// A plan of Amy's that began eleven days ago.
pub async fn planned(bench: &Bench) -> PlanId {
    bench.onboard(&amy()).await;
    let wish = PlanWish { start: Some(date!(2026 - 11 - 09)), weeks: Some(4), ..PlanWish::default() };
    let then = Submissions::new(bench.executor.clone(), Arc::new(Then));
    let job = then.request_plan(&amy(), Some("plan"), &wish, &origin(&amy())).await.unwrap();
    let requested = bench.event(&job.job_id, "requested");
    assert_eq!(deliver(&bench.planner(scripted([]), 3), &requested).await, Outcome::Done);
    PlanId::for_job(&job.job_id)
}

fn hurts(body_part: BodyPart, level: u8) -> (PainReport, String) {
    (PainReport { at: NOW, pain: vec![Pain { body_part, level }], note: None }, format!("{level}"))
}

async fn report(bench: &Bench, plan: &PlanId, key: &str, pain: (PainReport, String)) {
    bench.submissions.report_pain(&amy(), plan, Some(key), pain, &origin(&amy())).await.unwrap();
}

async fn replan(bench: &Bench, plan: &PlanId, key: &str) -> JobId {
    bench.submissions.replan(&amy(), plan, Some(key), None, &origin(&amy())).await.unwrap().job_id
}

async fn state(bench: &Bench, plan: &PlanId) -> PlanState {
    bench.executor.load::<PlanDecider>(&plan.into()).await.unwrap().0
}

fn completed(bench: &Bench, job: &JobId) -> (u32, String) {
    let Ok(JobEvent::Completed(completed)) = bench.event(job, "completed").decode() else { panic!("not completed") };
    (completed.plan_version.unwrap(), completed.note.unwrap())
}

#[tokio::test]
async fn strong_pain_makes_the_next_version_and_the_same_request_is_the_same_job() {
    let bench = Bench::new();
    let plan = planned(&bench).await;
    report(&bench, &plan, "p", hurts(BodyPart::Knee, 7)).await;
    let job = replan(&bench, &plan, "r").await;
    assert_eq!(replan(&bench, &plan, "r").await, job);
    // No provider is asked: one that is busy makes no difference.
    let planner = bench.planner(scripted([busy()]), 3);
    assert_eq!(deliver(&planner, &bench.event(&job, "requested")).await, Outcome::Done);
    assert_eq!(bench.job(&job).await, (JobStatus::Completed, 1));
    let (version, note) = completed(&bench, &job);
    assert_eq!(version, 2);
    assert!(note.contains("substitute"), "{note}");
    let state = state(&bench, &plan).await;
    assert_eq!((state.version, state.plan.unwrap().parent), (2, Some(1)));
    let before = bench.store.events("PLANS").len();
    assert_eq!(deliver(&planner, &bench.event(&job, "requested")).await, Outcome::Done);
    assert_eq!(bench.store.events("PLANS").len(), before, "delivered again it changes nothing");
}

#[tokio::test]
async fn a_job_that_another_overtook_adapts_the_newest_version_and_says_that_nothing_is_left() {
    let bench = Bench::new();
    let plan = planned(&bench).await;
    report(&bench, &plan, "p", hurts(BodyPart::Knee, 7)).await;
    let (slow, fast) = (replan(&bench, &plan, "slow").await, replan(&bench, &plan, "fast").await);
    let planner = bench.planner(scripted([]), 3);
    for job in [&fast, &slow] {
        assert_eq!(deliver(&planner, &bench.event(job, "requested")).await, Outcome::Done);
    }
    assert_eq!(completed(&bench, &fast).0, 2);
    let (version, note) = completed(&bench, &slow);
    assert_eq!(version, 2);
    assert!(note.contains("nothing"), "{note}");
}

#[tokio::test]
async fn pain_that_calls_for_a_professional_fails_the_job_and_leaves_the_plan() {
    let bench = Bench::new();
    let plan = planned(&bench).await;
    report(&bench, &plan, "p", hurts(BodyPart::LowerBack, 9)).await;
    let job = replan(&bench, &plan, "r").await;
    assert_eq!(deliver(&bench.planner(scripted([]), 3), &bench.event(&job, "requested")).await, Outcome::Done);
    let Ok(JobEvent::Failed(failed)) = bench.event(&job, "failed").decode() else { panic!("not failed") };
    assert_eq!(failed.code, FailureCode::ClearanceRequired);
    assert!(failed.reason.contains("lower back"), "{}", failed.reason);
    assert_eq!(state(&bench, &plan).await.version, 1);
}

#[tokio::test]
async fn nobody_adapts_or_logs_anothers_plan() {
    let bench = Bench::new();
    let plan = planned(&bench).await;
    let eve: AthleteId = "eve".parse().unwrap();
    bench.onboard(&eve).await;
    let refused = bench.submissions.replan(&eve, &plan, None, None, &origin(&eve)).await;
    assert!(matches!(refused, Err(ReplanError::NotFound(_))));
    let refused = bench.submissions.report_pain(&eve, &plan, None, hurts(BodyPart::Hip, 2), &origin(&eve)).await;
    assert!(matches!(refused, Err(ExecuteError::Refused(PlanRefusal::Unknown))));
}

/// A log in which somebody appends right before the first joint append.
struct Interfering {
    inner: Arc<dyn EventStore>,
    first: Mutex<Option<Append>>,
}

#[async_trait]
impl EventStore for Interfering {
    async fn load(&self, aggregate: &AggregateRef) -> Result<History, StoreError> {
        self.inner.load(aggregate).await
    }

    async fn end_of(&self, stream: &str) -> Result<Option<u64>, StoreError> {
        self.inner.end_of(stream).await
    }

    async fn append_together(&self, appends: Vec<Append>) -> Result<Appended, StoreError> {
        let joint = appends.len() > 1;
        let first = if joint { self.first.lock().unwrap().take() } else { None };
        if let Some(first) = first {
            self.inner.append_together(vec![first]).await?;
        }
        self.inner.append_together(appends).await
    }
}

#[tokio::test]
async fn what_comes_in_between_is_read_and_adapted_to() {
    let bench = Bench::new();
    let plan = planned(&bench).await;
    report(&bench, &plan, "p", hurts(BodyPart::Knee, 7)).await;
    let job = replan(&bench, &plan, "r").await;
    // The shoulder's pain is reported after the planner has read the plan and before it hands its version in.
    let inner: Arc<dyn EventStore> = Arc::new(bench.store.clone());
    let late = {
        let aggregate = AggregateRef { kind: ally_domain::ids::AggregateKind::Plan, id: (&plan).into() };
        let expected = inner.load(&aggregate).await.unwrap().last_sequence();
        let (pain, fingerprint) = hurts(BodyPart::Shoulder, 7);
        let entry_id = "late".parse().unwrap();
        let event: ally_domain::plan::PlanEvent =
            ally_domain::plan::PainReported { entry_id, athlete_id: amy(), report: pain, fingerprint }.into();
        let events = vec![ally_domain::event_data::EventData::encode(&event).unwrap()];
        Append { aggregate, expected, events, context: bench.context(), contexts: Vec::new() }
    };
    let store = Arc::new(Interfering { inner, first: Mutex::new(Some(late)) });
    let disturbed = Bench { executor: Executor::new(store), ..bench.clone() };
    let planner = disturbed.planner(scripted([]), 3);
    assert_eq!(deliver(&planner, &bench.event(&job, "requested")).await, Outcome::Done);
    assert_eq!(completed(&bench, &job).0, 2);
    let plan = state(&bench, &plan).await.plan.unwrap();
    let facts = serde_json::to_string(&plan.adapted).unwrap();
    assert!(facts.contains("knee") && facts.contains("shoulder"), "{facts}");
}

/// A log that stores the first part of the first joint append and then cannot be reached, as on a machine that loses its power.
struct Torn {
    inner: Arc<dyn EventStore>,
    broken: Mutex<bool>,
}

#[async_trait]
impl EventStore for Torn {
    async fn load(&self, aggregate: &AggregateRef) -> Result<History, StoreError> {
        self.inner.load(aggregate).await
    }

    async fn end_of(&self, stream: &str) -> Result<Option<u64>, StoreError> {
        self.inner.end_of(stream).await
    }

    async fn append_together(&self, mut appends: Vec<Append>) -> Result<Appended, StoreError> {
        if appends.len() > 1 && !std::mem::replace(&mut *self.broken.lock().unwrap(), true) {
            appends.truncate(1);
            self.inner.append_together(appends).await?;
            return Err(StoreError::Unavailable { reason: "no quorum".into() });
        }
        self.inner.append_together(appends).await
    }
}

#[tokio::test]
async fn a_version_whose_completion_was_not_stored_is_completed_and_not_made_twice() {
    let bench = Bench::new();
    let plan = planned(&bench).await;
    report(&bench, &plan, "p", hurts(BodyPart::Knee, 7)).await;
    let job = replan(&bench, &plan, "r").await;
    let store = Arc::new(Torn { inner: Arc::new(bench.store.clone()), broken: Mutex::new(false) });
    let planner = Bench { executor: Executor::new(store), ..bench.clone() }.planner(scripted([]), 3);
    assert!(matches!(deliver(&planner, &bench.event(&job, "requested")).await, Outcome::Retry { .. }));
    assert_eq!(state(&bench, &plan).await.version, 2, "it is there, and its job is not completed");
    // Pain that is reported meanwhile asks for the version after it, which is another job's to make.
    report(&bench, &plan, "later", hurts(BodyPart::Shoulder, 7)).await;
    assert_eq!(deliver(&planner, &bench.event(&job, "requested")).await, Outcome::Done);
    let (version, note) = completed(&bench, &job);
    assert_eq!((version, state(&bench, &plan).await.version), (2, 2));
    assert!(note.contains("substitute"), "{note}");
}
