//! What a newer version has written: nothing is decided without it, and no attempt is spent on it.

use ally_domain::event_data::{EncodedEvent, EventType};
use ally_domain::ids::{AggregateKind, AggregateRef, JobId, PlanId};
use ally_domain::job::JobCommand;
use ally_domain::outcome::Outcome;
use ally_domain::ports::{Append, EventStore, StoreError};
use ally_handlers::{ExecuteError, OnboardingHandler};

use crate::bench::{Bench, amy, deliver, origin, scripted};

/// A newer process appends to an aggregate.
pub async fn append(bench: &Bench, aggregate: AggregateRef, event_type: EventType) {
    let expected = bench.store.load(&aggregate).await.unwrap().last_sequence();
    let data = serde_json::value::to_raw_value(&serde_json::json!({"moons": 2})).unwrap();
    let context = ally_domain::envelope::CommandContext { command_id: uuid::Uuid::now_v7().into(), ..bench.context() };
    let events = vec![EncodedEvent { event_type, data }];
    bench.store.append(Append { aggregate, expected, events, context, contexts: Vec::new() }).await.unwrap();
}

fn of_job(job: &JobId) -> AggregateRef {
    AggregateRef { kind: AggregateKind::Job, id: job.into() }
}

fn deferred(outcome: &Outcome) {
    match outcome {
        Outcome::Defer { reason, .. } => assert!(reason.contains("written by a newer version"), "{reason}"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_worker_leaves_a_job_with_newer_events_to_a_newer_worker_and_spends_no_attempt() {
    for newer in [EventType::new("plan_job", "suspended", 1), EventType::new("plan_job", "progressed", 9)] {
        let bench = Bench::new();
        let (job, requested) = bench.requested().await;
        append(&bench, of_job(&job), newer).await;
        let decided = || bench.store.events("PLANS").iter().filter(|event| event.event_type.noun == "plan_job").count();
        let before = decided();
        let planner = bench.planner(scripted([]), 3);
        for _ in 0..5 {
            deferred(&deliver(&planner, &requested).await);
        }
        assert_eq!(decided(), before, "nothing was decided");
        assert_eq!(bench.plans(), 0);
    }
}

#[tokio::test]
async fn a_plan_with_newer_events_is_not_revised_and_the_job_keeps_its_attempts() {
    let bench = Bench::new();
    let (job, requested) = bench.requested().await;
    let planner = bench.planner(scripted([]), 3);
    assert_eq!(deliver(&planner, &requested).await, Outcome::Done);
    let plan = PlanId::for_job(&job);
    let asked = bench.submissions.replan(&amy(), &plan, Some("r"), None, &origin(&amy())).await.unwrap();
    append(
        &bench,
        AggregateRef { kind: AggregateKind::Plan, id: (&plan).into() },
        EventType::new("plan", "race_entered", 1),
    )
    .await;
    let before = bench.store.events("PLANS").len();
    for _ in 0..5 {
        deferred(&deliver(&planner, &bench.event(&asked.job_id, "requested")).await);
    }
    assert_eq!(bench.store.events("PLANS").len(), before, "no attempt began");
}

#[tokio::test]
async fn commands_are_refused_with_the_cause_by_its_name_and_counted() {
    let recorder = metrics_exporter_prometheus::PrometheusBuilder::new().build_recorder();
    let _guard = metrics::set_default_local_recorder(&recorder);
    let bench = Bench::new();
    let (job, _) = bench.requested().await;
    append(&bench, of_job(&job), EventType::new("plan_job", "suspended", 1)).await;
    let command = JobCommand::Cancel;
    let refused =
        bench.executor.execute::<ally_domain::job::JobDecider>(&(&job).into(), &command, &bench.context()).await;
    let Err(ExecuteError::Store(StoreError::Newer { event_type, position, .. })) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!((event_type.to_string().as_str(), position.stream.as_str()), ("plan_job.suspended.v1", "PLANS"));
    let told = recorder.handle().render();
    assert!(told.contains(r#"command_newer_events_total{type="plan_job.suspended.v1"} 1"#), "{told}");
}

#[tokio::test]
async fn a_completed_onboarding_of_a_newer_version_waits_for_a_newer_process() {
    let bench = Bench::new();
    bench.onboard(&amy()).await;
    let mut completed = bench.store.events("ONBOARDING").pop().unwrap();
    completed.event_type.version += 1;
    let handler = OnboardingHandler::new(bench.executor.clone());
    deferred(&deliver(&handler, &completed).await);
    assert!(bench.store.events("PLANS").is_empty());
}
