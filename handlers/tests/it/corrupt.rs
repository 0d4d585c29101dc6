//! A history with an event that cannot be read: what cannot be read today cannot be read tomorrow, so its message is given up at
//! once, parked, and nothing is decided.

use ally_domain::envelope::CommandContext;
use ally_domain::event_data::{EncodedEvent, EventType};
use ally_domain::ids::{AggregateKind, AggregateRef, PlanId};
use ally_domain::job::{JobCommand, JobDecider};
use ally_domain::outcome::Outcome;
use ally_domain::ports::{Append, EventHandler, EventStore, StoreError};
use ally_handlers::{ExecuteError, OnboardingHandler};

use crate::bench::{Bench, amy, deliver, origin, scripted};

/// Appends an event of a known type whose data is none of it.
async fn corrupt(bench: &Bench, aggregate: AggregateRef, event_type: EventType) {
    let expected = bench.store.load(&aggregate).await.unwrap().last_sequence();
    let data = serde_json::value::to_raw_value(&serde_json::json!(["no such thing"])).unwrap();
    let context = CommandContext { command_id: uuid::Uuid::now_v7().into(), ..bench.context() };
    let events = vec![EncodedEvent { event_type, data }];
    bench.store.append(Append { aggregate, expected, events, context, contexts: Vec::new() }).await.unwrap();
}

fn given_up(outcome: &Outcome) {
    match outcome {
        Outcome::GiveUp { reason } => assert!(reason.contains("cannot be read"), "{reason}"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_job_whose_history_cannot_be_read_is_given_up_at_once_and_parked_without_an_event() {
    let bench = Bench::new();
    let (job, requested) = bench.requested().await;
    let of_job = AggregateRef { kind: AggregateKind::Job, id: (&job).into() };
    corrupt(&bench, of_job, EventType::new("plan_job", "started", 1)).await;
    let decided = || bench.store.events("PLANS").iter().filter(|event| event.event_type.noun == "plan_job").count();
    let before = decided();
    let planner = bench.planner(scripted([]), 3);
    given_up(&deliver(&planner, &requested).await);
    // The runner parks the message and says so here: the letter is enough, since the job's own events cannot say it.
    planner.parked(&requested, "it cannot be read", "f").await.unwrap();
    assert_eq!((decided(), bench.plans()), (before, 0), "nothing was decided");
    let cancel = bench.executor.execute::<JobDecider>(&(&job).into(), &JobCommand::Cancel, &bench.context()).await;
    assert!(matches!(cancel, Err(ExecuteError::Store(StoreError::Corrupt { .. }))), "{cancel:?}");
}

#[tokio::test]
async fn a_job_on_a_plan_that_cannot_be_read_is_given_up_and_parked_with_an_event() {
    let bench = Bench::new();
    let (job, requested) = bench.requested().await;
    let planner = bench.planner(scripted([]), 3);
    assert_eq!(deliver(&planner, &requested).await, Outcome::Done);
    let plan = PlanId::for_job(&job);
    let asked = bench.submissions.replan(&amy(), &plan, Some("r"), None, &origin(&amy())).await.unwrap();
    let of_plan = AggregateRef { kind: AggregateKind::Plan, id: (&plan).into() };
    corrupt(&bench, of_plan, EventType::new("plan", "workout_logged", 1)).await;
    let wish = bench.event(&asked.job_id, "requested");
    given_up(&deliver(&planner, &wish).await);
    planner.parked(&wish, "its plan cannot be read", "f").await.unwrap();
    assert_eq!(bench.job(&asked.job_id).await.0, ally_domain::job::JobStatus::DeadLettered);
}

#[tokio::test]
async fn a_promise_whose_job_cannot_be_read_is_given_up() {
    let bench = Bench::new();
    let promised = bench.onboard(&amy()).await;
    let promise = bench.store.events("ONBOARDING").pop().unwrap();
    let of_job = AggregateRef { kind: AggregateKind::Job, id: (&promised).into() };
    corrupt(&bench, of_job, EventType::new("plan_job", "requested", 1)).await;
    given_up(&deliver(&OnboardingHandler::new(bench.executor.clone()), &promise).await);
}
