use std::sync::Arc;
use std::time::Duration;

use ally_domain::job::{FailureCode, JobCommand, JobEvent, JobStatus, Priority};
use ally_domain::outcome::Outcome;
use ally_domain::ports::{EventHandler, PlanProvider, ProviderError};

use crate::bench::{Bench, NOW, amy, busy, deliver, deliver_again, held, meanwhile, origin, scripted};

#[tokio::test]
async fn a_requested_job_becomes_exactly_one_plan() {
    let bench = Bench::new();
    let (job, requested) = bench.requested().await;
    let planner = bench.planner(scripted([]), 3);
    assert_eq!(deliver(&planner, &requested).await, Outcome::Done);
    assert_eq!(bench.job(&job).await, (JobStatus::Completed, 1));
    assert_eq!(bench.plans(), 1);
}

#[tokio::test]
async fn a_job_delivered_again_after_its_end_changes_nothing() {
    let bench = Bench::new();
    let (_, requested) = bench.requested().await;
    let planner = bench.planner(scripted([]), 3);
    assert_eq!(deliver(&planner, &requested).await, Outcome::Done);
    let before = bench.store.events("PLANS").len();
    assert_eq!(deliver(&planner, &requested).await, Outcome::Done);
    assert_eq!(bench.store.events("PLANS").len(), before);
}

#[tokio::test]
async fn what_the_worker_appends_follows_from_the_event_it_was_given() {
    let bench = Bench::new();
    let (job, requested) = bench.requested().await;
    assert_eq!(deliver(&bench.planner(scripted([]), 3), &requested).await, Outcome::Done);
    let event = bench.event(&job, "completed");
    assert_eq!(event.correlation, "request-1");
    assert_eq!(event.causation.as_deref(), Some(requested.event_id.as_str()));
    assert_eq!(event.actor, "system:planner");
    let Ok(JobEvent::Completed(completed)) = event.decode() else { panic!("{event:?}") };
    let begun = completed.begun.unwrap();
    assert_eq!((begun.at, begun.worker.as_str(), completed.attempt), (crate::bench::NOW, "w", 1));
}

#[tokio::test]
async fn a_passing_failure_announces_the_next_try_and_the_next_try_succeeds() {
    let bench = Bench::new();
    let (job, requested) = bench.requested().await;
    let planner = bench.planner(scripted([busy()]), 3);
    let after = Some(Duration::from_secs(1));
    assert_eq!(deliver(&planner, &requested).await, Outcome::Retry { reason: "busy".into(), after });
    assert_eq!(bench.job(&job).await, (JobStatus::Retrying, 1));
    let Ok(JobEvent::AttemptFailed(failed)) = bench.event(&job, "attempt_failed").decode() else { panic!() };
    assert_eq!(failed.retry_at, crate::bench::NOW + Duration::from_secs(1));
    assert_eq!(deliver(&planner, &requested).await, Outcome::Done);
    assert_eq!(bench.job(&job).await, (JobStatus::Completed, 2));
}

#[tokio::test]
async fn a_provider_that_says_when_is_asked_then() {
    let bench = Bench::new();
    let (_, requested) = bench.requested().await;
    let after = Some(Duration::from_secs(77));
    let planner = bench.planner(scripted([ProviderError::Transient { reason: "429".into(), after }]), 3);
    assert_eq!(deliver(&planner, &requested).await, Outcome::Retry { reason: "429".into(), after });
}

#[tokio::test]
async fn the_last_attempt_gives_up_and_the_parked_job_is_a_dead_letter() {
    let bench = Bench::new();
    let (job, requested) = bench.requested().await;
    let planner = bench.planner(scripted([busy(), busy()]), 2);
    assert!(matches!(deliver(&planner, &requested).await, Outcome::Retry { .. }));
    let Outcome::GiveUp { reason } = deliver(&planner, &requested).await else { panic!("not given up") };
    assert!(reason.contains("busy") && reason.contains('2'), "{reason}");
    planner.parked(&requested, &reason, "f").await.unwrap();
    planner.parked(&requested, &reason, "f").await.unwrap();
    assert_eq!(bench.job(&job).await, (JobStatus::DeadLettered, 2));
}

#[tokio::test]
async fn a_redriven_job_runs_again_from_its_history() {
    let bench = Bench::new();
    let (job, requested) = bench.requested().await;
    let planner = bench.planner(scripted([busy()]), 1);
    assert!(matches!(deliver(&planner, &requested).await, Outcome::GiveUp { .. }));
    planner.parked(&requested, "busy", "f").await.unwrap();
    bench.command(&job, &JobCommand::Redrive { note: "mended".into() }).await;
    assert_eq!(deliver(&planner, &bench.event(&job, "redriven")).await, Outcome::Done);
    assert_eq!(bench.job(&job).await, (JobStatus::Completed, 2));
    assert_eq!(bench.plans(), 1);
}

/// A provider that takes its worker down with it.
fn deadly() -> Arc<dyn PlanProvider> {
    meanwhile(scripted([]), || panic!("the worker dies on it"))
}

#[tokio::test]
async fn a_worker_that_dies_on_every_attempt_uses_up_the_budget() {
    let bench = Bench::new();
    let (job, requested) = bench.requested().await;
    // The first death comes before the attempt is counted.
    let (planner, event) = (bench.planner(deadly(), 2), requested.clone());
    assert!(tokio::spawn(async move { deliver(&planner, &event).await }).await.is_err());
    assert_eq!(bench.job(&job).await, (JobStatus::Queued, 0));
    for attempt in 1..=2 {
        let (planner, event) = (bench.planner(deadly(), 2), requested.clone());
        let died = tokio::spawn(async move { deliver_again(&planner, &event).await }).await;
        assert!(died.is_err(), "attempt {attempt} answered");
        assert_eq!(bench.job(&job).await, (JobStatus::Running, attempt));
    }
    // The next worker does not even try.
    assert!(matches!(deliver_again(&bench.planner(deadly(), 2), &requested).await, Outcome::GiveUp { .. }));
}

#[tokio::test]
async fn a_job_cancelled_while_it_runs_is_acknowledged_and_has_no_plan() {
    let bench = Bench::new();
    let (job, requested) = bench.requested().await;
    let (submissions, cancelled) = (bench.submissions.clone(), job.clone());
    let provider = meanwhile(scripted([]), move || {
        let (submissions, job) = (submissions.clone(), cancelled.clone());
        Box::pin(async move {
            submissions.cancel(&amy(), &job, &origin(&amy())).await.unwrap();
        })
    });
    assert_eq!(deliver_again(&bench.planner(provider, 3), &requested).await, Outcome::Done);
    assert_eq!(bench.job(&job).await, (JobStatus::Cancelled, 1));
    assert_eq!(bench.plans(), 0);
}

#[tokio::test]
async fn what_can_never_work_fails_the_job_with_its_reason() {
    let bench = Bench::new();
    let (job, requested) = bench.requested().await;
    let never = ProviderError::Permanent { code: FailureCode::Infeasible, reason: "no day is free".into() };
    assert_eq!(deliver(&bench.planner(scripted([never]), 3), &requested).await, Outcome::Done);
    assert_eq!(bench.job(&job).await, (JobStatus::Failed, 1));
    let Ok(JobEvent::Failed(failed)) = bench.event(&job, "failed").decode() else { panic!() };
    assert_eq!((failed.code, failed.reason.as_str()), (FailureCode::Infeasible, "no day is free"));
}

#[tokio::test]
async fn an_unreachable_log_is_a_later_try_and_never_a_dead_letter() {
    let bench = Bench::new();
    let (_, requested) = bench.requested().await;
    bench.store.set_outage(Some("the server is down"));
    let planner = bench.planner(scripted([]), 3);
    assert!(matches!(deliver(&planner, &requested).await, Outcome::Retry { .. }));
    assert!(planner.parked(&requested, "x", "f").await.is_err());
    bench.store.set_outage(None);
    assert_eq!(deliver(&planner, &requested).await, Outcome::Done);
}

#[tokio::test]
async fn work_that_a_full_log_keeps_from_beginning_is_put_off_and_no_attempt() {
    let bench = Bench::new();
    let (job, requested) = bench.requested().await;
    bench.store.set_full(true);
    let planner = bench.planner(scripted([]), 1);
    for _ in 0..3 {
        assert!(matches!(deliver(&planner, &requested).await, Outcome::Defer { .. }));
    }
    bench.store.set_full(false);
    assert_eq!(deliver(&planner, &requested).await, Outcome::Done);
    assert_eq!(bench.job(&job).await, (JobStatus::Completed, 1));
}

#[tokio::test]
async fn a_plan_that_is_made_when_the_log_is_full_waits_for_room_and_is_not_made_again() {
    let bench = Bench::new();
    let (job, requested) = bench.requested().await;
    let (provider, moments) = held();
    let planner = bench.planner(provider, 1);
    let work = tokio::spawn(async move { deliver(&planner, &requested).await });
    moments.begun.notified().await;
    bench.counted(&job).await;
    bench.store.set_full(true);
    moments.go_on.notify_one();
    while bench.store.refusals() < 2 {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    assert_eq!(bench.job(&job).await, (JobStatus::Running, 1));
    bench.store.set_full(false);
    assert_eq!(work.await.unwrap(), Outcome::Done);
    assert_eq!(bench.job(&job).await, (JobStatus::Completed, 1));
}

#[tokio::test]
async fn a_cancelled_job_leaves_nothing_to_do() {
    let bench = Bench::new();
    let (job, requested) = bench.requested().await;
    let athlete = amy();
    bench.submissions.cancel(&athlete, &job, &origin(&athlete)).await.unwrap();
    assert_eq!(deliver(&bench.planner(scripted([]), 3), &requested).await, Outcome::Done);
    assert_eq!(bench.job(&job).await, (JobStatus::Cancelled, 0));
    assert_eq!(bench.plans(), 0);
}

#[tokio::test]
async fn an_athlete_who_has_their_share_in_hand_waits_and_no_attempt_is_counted() {
    let bench = Bench::new();
    let (first, requested) = bench.requested().await;
    let wish = ally_handlers::PlanWish::default();
    let second = bench.submissions.request_plan(&amy(), Some("k2"), &wish, &origin(&amy())).await.unwrap().job_id;
    let (provider, moments) = held();
    let planner = Arc::new(bench.planner(provider, 3));
    let busy = tokio::spawn({
        let planner = planner.clone();
        async move { deliver(&*planner, &requested).await }
    });
    moments.begun.notified().await;
    let waiting = bench.event(&second, "requested");
    assert!(matches!(deliver(&*planner, &waiting).await, Outcome::Defer { .. }));
    assert_eq!(bench.job(&second).await, (JobStatus::Queued, 0));
    moments.go_on.notify_one();
    assert_eq!(busy.await.unwrap(), Outcome::Done);
    assert_eq!(bench.job(&first).await, (JobStatus::Completed, 1));
    moments.go_on.notify_one();
    assert_eq!(deliver(&*planner, &waiting).await, Outcome::Done);
    assert_eq!(bench.job(&second).await, (JobStatus::Completed, 1));
}

#[tokio::test]
async fn a_job_that_goes_before_others_is_left_to_the_express_workers() {
    let bench = Bench::new();
    let (job, requested) = bench.requested().await;
    bench.command(&job, &JobCommand::Expedite).await;
    assert_eq!(deliver(&bench.planner(scripted([]), 3), &requested).await, Outcome::Done);
    assert_eq!(bench.job(&job).await, (JobStatus::Queued, 0));
    let express = bench.planner_of(Priority::High, scripted([]), 3);
    assert_eq!(deliver(&express, &bench.event(&job, "expedited")).await, Outcome::Done);
    assert_eq!(bench.job(&job).await, (JobStatus::Completed, 1));
}

/// The delivery belongs to the other worker by now: an acknowledgement from here would be taken for its own, and the job
/// would be nobody's once that worker is lost.
#[tokio::test]
async fn a_worker_that_was_overtaken_leaves_the_delivery_to_the_other() {
    let bench = Bench::new();
    let (job, requested) = bench.requested().await;
    for inner in [scripted([]), scripted([busy()])] {
        let (other, taken) = (bench.clone(), job.clone());
        let provider = meanwhile(inner, move || {
            let (other, job) = (other.clone(), taken.clone());
            Box::pin(async move {
                let start =
                    JobCommand::Start { lane: Priority::Normal, worker: "other".into(), max_attempts: 9, at: NOW };
                other.command(&job, &start).await;
            })
        });
        let outcome = deliver_again(&bench.planner(provider, 9), &requested).await;
        assert!(matches!(outcome, Outcome::Superseded { .. }), "{outcome:?}");
    }
    assert_eq!(bench.job(&job).await, (JobStatus::Running, 4));
}
