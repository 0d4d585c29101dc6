//! Jobs that must not begin before a moment, jobs that must be finished by one, and many requests at once.

use std::sync::Arc;
use std::time::Duration;

use ally_domain::dates::plus_days;
use ally_domain::engine::request::PlanRequest;
use ally_domain::envelope::Actor;
use ally_domain::job::{FailureCode, JobCommand, JobEvent, JobStatus, Priority};
use ally_domain::outcome::Outcome;
use ally_domain::ports::ProviderError;
use ally_handlers::{Deadlines, KeyedWish, PlanWish, RequestPlanError};
use time::OffsetDateTime;

use crate::bench::{At, Bench, NOW, amy, busy, deliver, deliver_again, meanwhile, origin, scripted};

const HOUR: Duration = Duration::from_secs(3_600);

fn later() -> PlanWish {
    PlanWish { not_before: Some(NOW + HOUR), ..PlanWish::default() }
}

fn in_time() -> PlanWish {
    PlanWish { deadline: Some(NOW + HOUR), ..PlanWish::default() }
}

fn faults(error: RequestPlanError) -> Vec<String> {
    match error {
        RequestPlanError::Moments(faults) => faults.into_iter().map(|fault| fault.field).collect(),
        error => panic!("{error}"),
    }
}

fn failure(bench: &Bench, job: &ally_domain::ids::JobId) -> (FailureCode, String) {
    match bench.event(job, "failed").decode() {
        Ok(JobEvent::Failed(failed)) => (failed.code, failed.reason),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_scheduled_job_waits_for_its_time_and_costs_no_attempt() {
    let bench = Bench::new();
    let (job, requested) = bench.requested_as(&later()).await;
    assert_eq!(bench.job(&job).await, (JobStatus::Scheduled, 0));
    let planner = |at| bench.planner_at(at, Priority::Normal, scripted([]), 3);
    let outcome = deliver(&planner(NOW), &requested).await;
    assert!(matches!(outcome, Outcome::Defer { after, .. } if after == HOUR), "{outcome:?}");
    // A clock that goes ahead brings the message early: it waits again.
    let outcome = deliver_again(&planner(NOW + HOUR - Duration::from_millis(3)), &requested).await;
    assert!(matches!(outcome, Outcome::Defer { after, .. } if after < HOUR), "{outcome:?}");
    assert_eq!(bench.job(&job).await, (JobStatus::Scheduled, 0));
    assert_eq!(deliver_again(&planner(NOW + HOUR), &requested).await, Outcome::Done);
    assert_eq!(bench.job(&job).await, (JobStatus::Completed, 1));
    assert_eq!(bench.plans(), 1);
}

/// Nobody was there to put the message off: it is worked on when somebody is.
#[tokio::test]
async fn a_scheduled_job_that_is_delivered_late_begins_at_once() {
    let bench = Bench::new();
    let (job, requested) = bench.requested_as(&later()).await;
    let planner = bench.planner_at(NOW + HOUR * 5, Priority::Normal, scripted([]), 3);
    assert_eq!(deliver(&planner, &requested).await, Outcome::Done);
    assert_eq!(bench.job(&job).await, (JobStatus::Completed, 1));
}

#[tokio::test]
async fn a_plan_that_is_made_later_begins_later() {
    let bench = Bench::new();
    let days = 40;
    let wish = PlanWish { not_before: Some(NOW + HOUR * 24 * days), ..PlanWish::default() };
    let (_, requested) = bench.requested_as(&wish).await;
    let Ok(JobEvent::Requested(requested)) = requested.decode() else { panic!() };
    let day = plus_days(NOW.date(), i64::from(days));
    assert_eq!(requested.request.start, PlanRequest::monday_after(day));
}

#[tokio::test]
async fn a_scheduled_job_is_cancelled_and_put_forward_before_its_time() {
    let bench = Bench::new();
    let (job, requested) = bench.requested_as(&later()).await;
    bench.command(&job, &JobCommand::Expedite).await;
    let ordinary = bench.planner_at(NOW + HOUR, Priority::Normal, scripted([]), 3);
    let express = bench.planner_at(NOW, Priority::High, scripted([]), 3);
    assert_eq!(deliver(&express, &bench.event(&job, "expedited")).await, Outcome::Done);
    assert_eq!(bench.job(&job).await, (JobStatus::Completed, 1));
    assert_eq!(deliver_again(&ordinary, &requested).await, Outcome::Done);
    assert_eq!(bench.plans(), 1, "the message that was put off finds nothing to do");

    let bench = Bench::new();
    let (job, requested) = bench.requested_as(&later()).await;
    bench.submissions.cancel(&amy(), &job, &origin(&amy())).await.unwrap();
    let ordinary = bench.planner_at(NOW + HOUR, Priority::Normal, scripted([]), 3);
    assert_eq!(deliver_again(&ordinary, &requested).await, Outcome::Done);
    assert_eq!((bench.job(&job).await, bench.plans()), ((JobStatus::Cancelled, 0), 0));
}

#[tokio::test]
async fn a_scheduled_job_of_high_priority_goes_to_the_express_workers_when_it_is_due() {
    let bench = Bench::new();
    let (job, requested) = bench.requested_as(&PlanWish { priority: Priority::High, ..later() }).await;
    let ordinary = |at| bench.planner_at(at, Priority::Normal, scripted([]), 3);
    assert!(matches!(deliver(&ordinary(NOW), &requested).await, Outcome::Defer { .. }));
    for _ in 0..2 {
        assert_eq!(deliver_again(&ordinary(NOW + HOUR), &requested).await, Outcome::Done);
        assert_eq!(bench.job(&job).await, (JobStatus::Queued, 0));
    }
    let express = bench.planner_at(NOW + HOUR, Priority::High, scripted([]), 3);
    assert_eq!(deliver(&express, &bench.event(&job, "expedited")).await, Outcome::Done);
    assert_eq!(bench.job(&job).await, (JobStatus::Completed, 1));
    let forward = bench.store.events("PLANS").into_iter().filter(|event| event.event_type.name == "expedited");
    assert_eq!(forward.count(), 1);
}

#[tokio::test]
async fn a_job_that_comes_to_a_worker_behind_its_deadline_fails() {
    let bench = Bench::new();
    let (job, requested) = bench.requested_as(&in_time()).await;
    let late = bench.planner_at(NOW + HOUR + Duration::from_secs(1), Priority::Normal, scripted([]), 3);
    assert_eq!(deliver(&late, &requested).await, Outcome::Done);
    assert_eq!(bench.job(&job).await, (JobStatus::Failed, 0));
    let (code, reason) = failure(&bench, &job);
    assert_eq!(code, FailureCode::DeadlinePassed);
    assert_eq!(reason, "the job was not finished by its deadline, 2026-11-20T13:00:00Z");
    assert_eq!(deliver_again(&late, &requested).await, Outcome::Done);
    assert_eq!(bench.plans(), 0);
}

#[tokio::test]
async fn a_retry_that_would_come_behind_the_deadline_ends_the_job() {
    let bench = Bench::new();
    let (job, requested) = bench.requested_as(&in_time()).await;
    let patient = ProviderError::Transient { reason: "busy".into(), after: Some(HOUR) };
    let planner = bench.planner(scripted([busy(), patient]), 3);
    assert!(matches!(deliver(&planner, &requested).await, Outcome::Retry { .. }), "there is time for another one");
    assert_eq!(deliver_again(&planner, &requested).await, Outcome::Done);
    assert_eq!(bench.job(&job).await, (JobStatus::Failed, 2));
    let (code, reason) = failure(&bench, &job);
    assert_eq!(code, FailureCode::DeadlinePassed);
    assert!(reason.starts_with("attempt 2 failed (busy), and another would come after"), "{reason}");
}

/// The deadline passes while the plan is made: the job ends meanwhile, and the plan is no one's.
#[tokio::test]
async fn a_plan_that_comes_behind_the_deadline_is_not_stored() {
    let bench = Bench::new();
    let (job, requested) = bench.requested_as(&in_time()).await;
    let (ending, job_of) = (bench.clone(), job.clone());
    let provider = meanwhile(scripted([]), move || {
        let (bench, job) = (ending.clone(), job_of.clone());
        Box::pin(async move {
            let deadlines = Deadlines::new(bench.executor.clone(), Arc::new(At(NOW + HOUR * 2)));
            assert_eq!(deadlines.end(&[job], &Actor::System("test")).await.unwrap(), 1);
        })
    });
    assert_eq!(deliver(&bench.planner(provider, 3), &requested).await, Outcome::Done);
    assert_eq!(bench.job(&job).await.0, JobStatus::Failed);
    assert_eq!(bench.plans(), 0);
}

#[tokio::test]
async fn jobs_behind_their_deadlines_end_by_themselves_and_once() {
    let bench = Bench::new();
    let (job, _) = bench.requested_as(&in_time()).await;
    let without =
        bench.submissions.request_plan(&amy(), Some("w"), &PlanWish::default(), &origin(&amy())).await.unwrap();
    let jobs = [job.clone(), without.job_id.clone(), "unknown".parse().unwrap()];
    let end = async |at: OffsetDateTime| {
        Deadlines::new(bench.executor.clone(), Arc::new(At(at))).end(&jobs, &Actor::System("test")).await.unwrap()
    };
    assert_eq!(end(NOW + HOUR).await, 0, "there is time until then");
    assert_eq!(end(NOW + HOUR * 2).await, 1);
    assert_eq!(end(NOW + HOUR * 2).await, 0);
    assert_eq!(bench.job(&job).await, (JobStatus::Failed, 0));
    assert_eq!(bench.job(&without.job_id).await, (JobStatus::Queued, 0));
}

#[tokio::test]
async fn moments_that_cannot_be_are_named_and_a_repeat_is_still_the_same_job() {
    let bench = Bench::new();
    let request = async |key: &str, wish: &PlanWish| {
        bench.submissions.request_plan(&amy(), Some(key), wish, &origin(&amy())).await
    };
    let far = PlanWish { not_before: Some(NOW + HOUR * 24 * 91), ..PlanWish::default() };
    let before = PlanWish { deadline: Some(NOW + HOUR / 2), ..later() };
    let passed = PlanWish { deadline: Some(NOW - HOUR), ..PlanWish::default() };
    bench.onboard(&amy()).await;
    for (wish, field) in [(far, "notBefore"), (before, "deadline"), (passed, "deadline")] {
        assert_eq!(faults(request("k", &wish).await.unwrap_err()), [field]);
    }
    let gone = PlanWish { not_before: Some(NOW - HOUR), ..PlanWish::default() };
    let first = request("gone", &gone).await.unwrap();
    assert_eq!(bench.job(&first.job_id).await.0, JobStatus::Queued, "a moment that has passed is now");
    assert_eq!(request("gone", &gone).await.unwrap().job_id, first.job_id);
    assert!(bench.submissions.request_plan(&amy(), Some("gone"), &later(), &origin(&amy())).await.is_err());
}

#[tokio::test]
async fn a_batch_is_answered_request_by_request_and_again_in_the_same_way() {
    let bench = Bench::new();
    bench.onboard(&amy()).await;
    let bad = PlanWish { deadline: Some(NOW - HOUR), ..PlanWish::default() };
    let wish = |key: &str, wish: PlanWish| KeyedWish { key: key.into(), wish };
    let other = PlanWish { weeks: Some(9), ..PlanWish::default() };
    let batch = [
        wish("a", PlanWish::default()),
        wish("b", bad),
        wish("c", later()),
        wish("a", PlanWish::default()),
        wish("a", other),
    ];
    let first = bench.submissions.request_plans(&amy(), &batch, &origin(&amy())).await.unwrap();
    let second = bench.submissions.request_plans(&amy(), &batch, &origin(&amy())).await.unwrap();
    let jobs = |answers: &[Result<ally_handlers::SubmittedJob, RequestPlanError>]| {
        answers.iter().map(|answer| answer.as_ref().ok().map(|job| job.job_id.clone())).collect::<Vec<_>>()
    };
    let of_first = jobs(&first);
    assert_eq!(of_first.iter().map(Option::is_some).collect::<Vec<_>>(), [true, false, true, true, false]);
    assert_eq!(of_first[0], of_first[3], "one key is one job, also within a batch");
    assert_eq!(jobs(&second), of_first);
    assert!(second.iter().flatten().all(|job| !job.new));
    assert_eq!(bench.store.events("PLANS").len(), 2);
}
