//! What an athlete answered and reported since a plan was made: it binds the next version and the next plan.

use std::sync::Arc;

use ally_domain::athlete::AthleteDecider;
use ally_domain::engine::plan::Plan;
use ally_domain::engine::profile::{BodyPart, Profile};
use ally_domain::engine::workout::{ItemDone, Pain, PainReport, SetDone, Workout};
use ally_domain::engine::{Catalogue, red_flags};
use ally_domain::ids::{AggregateKind, AggregateRef, JobId, PlanId};
use ally_domain::job::{FailureCode, JobEvent, JobStatus};
use ally_domain::outcome::Outcome;
use ally_domain::plan::PlanDecider;
use ally_domain::ports::{Append, Appended, EventStore, History, StoreError};
use ally_domain::testing::MemoryEventStore;
use ally_handlers::{ExecuteError, Executor, Onboarded, OnboardingHandler, PlanWish, Submissions};
use async_trait::async_trait;
use time::Duration;

use crate::bench::{ANSWERS, Bench, NOW, StillClock, amy, answers, deliver, origin, scripted};
use crate::replan::planned as begun;

/// A plan of Amy's that begins on Monday.
async fn planned(bench: &Bench) -> PlanId {
    bench.onboard(&amy()).await;
    let job = generate(bench, "first").await;
    assert_eq!(ends(bench, &job).await, None);
    PlanId::for_job(&job)
}

async fn generate(bench: &Bench, key: &str) -> JobId {
    let wish = PlanWish::default();
    bench.submissions.request_plan(&amy(), Some(key), &wish, &origin(&amy())).await.unwrap().job_id
}

async fn replan(bench: &Bench, plan: &PlanId, key: &str, reason: Option<&str>) -> JobId {
    bench.submissions.replan(&amy(), plan, Some(key), reason, &origin(&amy())).await.unwrap().job_id
}

/// Works on a job: why it failed, if it did.
async fn ends(bench: &Bench, job: &JobId) -> Option<(FailureCode, String)> {
    assert_eq!(deliver(&bench.planner(scripted([]), 3), &bench.event(job, "requested")).await, Outcome::Done);
    match bench.job(job).await.0 {
        JobStatus::Completed => None,
        JobStatus::Failed => match bench.event(job, "failed").decode() {
            Ok(JobEvent::Failed(failed)) => Some((failed.code, failed.reason)),
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

async fn needs_clearance(bench: &Bench, job: &JobId) -> String {
    let (code, reason) = ends(bench, job).await.unwrap();
    assert_eq!(code, FailureCode::ClearanceRequired, "{reason}");
    reason
}

async fn report(bench: &Bench, plan: &PlanId, body_part: BodyPart, level: u8, note: Option<&str>) {
    let report = PainReport { at: NOW, pain: vec![Pain { body_part, level }], note: note.map(str::to_owned) };
    let key = format!("{body_part:?}{level}{note:?}");
    bench.submissions.report_pain(&amy(), plan, Some(&key), (report, key.clone()), &origin(&amy())).await.unwrap();
}

async fn answer(bench: &Bench, json: &str) -> Onboarded {
    bench.submissions.answer(&amy(), answers(json), &origin(&amy())).await.unwrap()
}

fn requested(bench: &Bench, job: &JobId) -> Profile {
    match bench.event(job, "requested").decode() {
        Ok(JobEvent::Requested(requested)) => requested.profile,
        other => panic!("{other:?}"),
    }
}

async fn newest(bench: &Bench, plan: &PlanId) -> Plan {
    *bench.executor.load::<PlanDecider>(&plan.into()).await.unwrap().0.plan.unwrap()
}

#[tokio::test]
async fn a_version_looks_at_the_newest_answers() {
    let bench = Bench::new();
    let plan = planned(&bench).await;
    answer(&bench, r#"{"screening":{"chestPain":true}}"#).await;
    let job = replan(&bench, &plan, "chest", None).await;
    let reason = needs_clearance(&bench, &job).await;
    assert!(
        reason.contains("chest pain at rest or in activity") && reason.contains("clearedByProfessional"),
        "{reason}"
    );
    answer(&bench, r#"{"screening":{"chestPain":false},"equipment":[]}"#).await;
    let job = replan(&bench, &plan, "bands", None).await;
    assert_eq!(ends(&bench, &job).await, None);
    let (version, owned) = (newest(&bench, &plan).await, [].into());
    assert_eq!(version.version, 2);
    let catalogue = Catalogue::shared().unwrap();
    let items = version.weeks.iter().flat_map(|week| &week.sessions).flat_map(|session| &session.blocks);
    let used = items.flat_map(|block| &block.items).map(|item| catalogue.get(&item.ex).unwrap());
    let gone: Vec<_> = used.filter(|exercise| !exercise.equipment.met_by(&owned)).map(|ex| ex.id.as_str()).collect();
    assert_eq!(gone, [""; 0], "the bands are gone");
}

#[tokio::test]
async fn pain_on_a_plans_log_binds_the_next_plan_and_onboarding() {
    let bench = Bench::new();
    let plan = planned(&bench).await;
    report(&bench, &plan, BodyPart::Knee, 7, None).await;
    let job = generate(&bench, "sore").await;
    let injuries = requested(&bench, &job).injuries;
    assert_eq!(
        injuries.iter().map(|injury| (injury.body_part, injury.pain)).collect::<Vec<_>>(),
        [(BodyPart::Knee, 7)]
    );
    report(&bench, &plan, BodyPart::Knee, 9, None).await;
    let job = generate(&bench, "severe").await;
    assert!(needs_clearance(&bench, &job).await.contains("pain 9 of 10 in the knee"));
    // Other answers change nothing about it, also when all of them are sent again.
    let changed = ANSWERS.replace("bands", "dumbbells");
    let Onboarded::Complete { clearance, job, .. } = answer(&bench, &changed).await else { panic!("complete") };
    assert_eq!(clearance, ["pain 9 of 10 in the knee"]);
    let promise = bench.store.events("ONBOARDING").pop().unwrap();
    assert_eq!(deliver(&OnboardingHandler::new(bench.executor.clone()), &promise).await, Outcome::Done);
    assert!(needs_clearance(&bench, &job.job_id).await.contains("knee"));
    let Onboarded::Complete { clearance, .. } = answer(&bench, r#"{"injuries":[{"bodyPart":"knee","pain":2}]}"#).await
    else {
        panic!("complete")
    };
    assert_eq!(clearance, [""; 0]);
    let job = generate(&bench, "better").await;
    assert_eq!(ends(&bench, &job).await, None);
    // The plan's own log gives way to the newer answer too.
    let job = replan(&bench, &plan, "goes-on", None).await;
    assert_eq!(ends(&bench, &job).await, None);
}

#[tokio::test]
async fn notes_and_reasons_are_read_as_hints() {
    let bench = Bench::new();
    let plan = planned(&bench).await;
    report(&bench, &plan, BodyPart::Knee, 1, Some("fine, but I nearly passed out afterwards")).await;
    let job = generate(&bench, "faint").await;
    assert!(needs_clearance(&bench, &job).await.contains("dizzinessOrFainting was not answered since"));
    answer(&bench, r#"{"screening":{"dizzinessOrFainting":false}}"#).await;
    let job = generate(&bench, "well").await;
    assert_eq!(ends(&bench, &job).await, None);
    let job = replan(&bench, &plan, "reason", Some("tight chest when I run, so make it easier")).await;
    assert!(needs_clearance(&bench, &job).await.contains("chest pain"));
    // Leaving the words out does not unsay them.
    let job = replan(&bench, &plan, "silent", None).await;
    assert!(needs_clearance(&bench, &job).await.contains("chestPain"));
    let job = generate(&bench, "another").await;
    assert!(needs_clearance(&bench, &job).await.contains("chestPain"));
    answer(&bench, r#"{"clearedByProfessional":true}"#).await;
    let job = replan(&bench, &plan, "yes", None).await;
    assert_eq!(ends(&bench, &job).await, None);
}

#[tokio::test]
async fn a_workouts_pain_and_note_count_like_a_report_and_a_repeat_adds_nothing() {
    let bench = Bench::new();
    let plan = begun(&bench).await;
    let session = newest(&bench, &plan).await.weeks[0].sessions[0].clone();
    let workout = |performed_at| Workout {
        session_id: session.id.clone(),
        performed_at,
        items: vec![ItemDone {
            exercise: session.blocks[0].items[0].ex.clone(),
            sets: vec![SetDone { seconds: Some(30), ..SetDone::default() }],
        }],
        session_rpe: None,
        pain: vec![Pain { body_part: BodyPart::Shoulder, level: 9 }],
        note: Some("out of breath, and my vision went black for a moment".into()),
    };
    let log = async |workout: Workout| {
        bench.submissions.log_workout(&amy(), &plan, Some("w"), (workout, "f".into()), &origin(&amy())).await
    };
    let flags = async || {
        let (state, _) = bench.executor.load::<AthleteDecider>(&(&amy()).into()).await.unwrap();
        red_flags(&state.profile_on(NOW.date()).unwrap())
    };
    assert!(log(workout(NOW + Duration::days(1))).await.is_err(), "in the future");
    assert_eq!(flags().await, [""; 0], "nothing of a refused one is kept");
    log(workout(NOW - Duration::days(2))).await.unwrap();
    let flagged = flags().await;
    assert_eq!(flagged.len(), 2, "{flagged:?}");
    assert!(flagged[0].contains("pain 9 of 10 in the shoulder") && flagged[1].contains("fainting"), "{flagged:?}");
    let before = bench.store.events("ONBOARDING").len();
    log(workout(NOW - Duration::days(2))).await.unwrap();
    assert_eq!(bench.store.events("ONBOARDING").len(), before, "the same key again");
}

/// A log that takes nothing of athletes.
struct NoAthletes(MemoryEventStore);

#[async_trait]
impl EventStore for NoAthletes {
    async fn load(&self, aggregate: &AggregateRef) -> Result<History, StoreError> {
        self.0.load(aggregate).await
    }

    async fn end_of(&self, stream: &str) -> Result<Option<u64>, StoreError> {
        self.0.end_of(stream).await
    }

    async fn append_together(&self, appends: Vec<Append>) -> Result<Appended, StoreError> {
        match appends.iter().any(|append| append.aggregate.kind == AggregateKind::Athlete) {
            true => Err(StoreError::Unavailable { reason: "no quorum".into() }),
            false => self.0.append_together(appends).await,
        }
    }
}

#[tokio::test]
async fn a_report_whose_second_event_failed_is_refused_and_made_whole_by_the_same_request() {
    let bench = Bench::new();
    let plan = planned(&bench).await;
    let (pain, key) = (vec![Pain { body_part: BodyPart::Knee, level: 9 }], "Knee9None".to_owned());
    let report_9 = (PainReport { at: NOW, pain, note: None }, key.clone());
    let cut = Submissions::new(Executor::new(Arc::new(NoAthletes(bench.store.clone()))), Arc::new(StillClock));
    let (athletes, plans) = (bench.store.events("ONBOARDING").len(), bench.store.events("PLANS").len());
    let refused = cut.report_pain(&amy(), &plan, Some(&key), report_9, &origin(&amy())).await;
    assert!(matches!(refused, Err(ExecuteError::Store(StoreError::Unavailable { .. }))), "{refused:?}");
    assert_eq!(bench.store.events("PLANS").len(), plans + 1, "the plan's log has it");
    report(&bench, &plan, BodyPart::Knee, 9, None).await;
    assert_eq!(bench.store.events("PLANS").len(), plans + 1, "once");
    assert_eq!(bench.store.events("ONBOARDING").len(), athletes + 1);
    let Onboarded::Complete { clearance, .. } = answer(&bench, r#"{"age":41}"#).await else { panic!("complete") };
    assert_eq!(clearance, ["pain 9 of 10 in the knee"]);
}
