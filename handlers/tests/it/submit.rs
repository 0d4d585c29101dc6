use ally_domain::engine::answers::Step;
use ally_domain::job::{JobRefusal, JobStatus};
use ally_handlers::{CancelError, ExecuteError, Onboarded, PlanWish, RequestPlanError};
use futures::future::join_all;

use crate::bench::{ANSWERS, Bench, amy, answers, origin};

#[tokio::test]
async fn partial_answers_say_what_is_missing() {
    let bench = Bench::new();
    let partial = answers(r#"{"purpose":"weight_loss","equipment":[]}"#);
    let onboarded = bench.submissions.answer(&amy(), partial, &origin(&amy())).await.unwrap();
    let Onboarded::Incomplete { missing, answered, completed_now, position, .. } = onboarded else {
        panic!("complete")
    };
    assert_eq!(missing, [Step::Proficiency, Step::Season, Step::Availability, Step::Recovery]);
    assert_eq!(answered, [Step::Purpose, Step::Equipment]);
    assert_eq!(completed_now, answered);
    assert_eq!(position.unwrap().to_string(), "ONBOARDING:1");
}

#[tokio::test]
async fn the_same_answers_again_promise_the_same_job() {
    let bench = Bench::new();
    let first = bench.onboard(&amy()).await;
    assert_eq!(bench.onboard(&amy()).await, first);
    assert_eq!(bench.store.events("ONBOARDING").len(), 2);
}

#[tokio::test]
async fn a_key_names_one_job_for_ever() {
    let bench = Bench::new();
    bench.onboard(&amy()).await;
    let wish = PlanWish { weeks: Some(6), ..PlanWish::default() };
    let request = |wish: PlanWish| {
        let bench = bench.clone();
        async move { bench.submissions.request_plan(&amy(), Some("k"), &wish, &origin(&amy())).await }
    };
    let first = request(wish.clone()).await.unwrap();
    let again = request(wish.clone()).await.unwrap();
    assert_eq!((again.job_id, again.position), (first.job_id, first.position));
    assert!(first.new && !again.new);
    let other = request(PlanWish { weeks: Some(7), ..wish }).await.unwrap_err();
    assert!(matches!(other, RequestPlanError::Execute(ExecuteError::Refused(JobRefusal::KeyReused))), "{other}");
}

#[tokio::test]
async fn many_submissions_of_one_key_at_once_make_one_job() {
    let bench = Bench::new();
    bench.onboard(&amy()).await;
    let wish = PlanWish::default();
    let origin = origin(&amy());
    let athlete = amy();
    let calls = (0..32).map(|_| bench.submissions.request_plan(&athlete, Some("k"), &wish, &origin));
    let jobs: Vec<_> = join_all(calls).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(jobs.iter().filter(|job| job.new).count(), 1);
    assert_eq!(bench.store.events("PLANS").len(), 1);
}

#[tokio::test]
async fn without_a_key_every_call_is_a_job_of_its_own() {
    let bench = Bench::new();
    bench.onboard(&amy()).await;
    let wish = PlanWish::default();
    let first = bench.submissions.request_plan(&amy(), None, &wish, &origin(&amy())).await.unwrap();
    let second = bench.submissions.request_plan(&amy(), None, &wish, &origin(&amy())).await.unwrap();
    assert_ne!(first.job_id, second.job_id);
}

#[tokio::test]
async fn without_a_profile_there_is_nothing_to_plan_for() {
    let bench = Bench::new();
    let error = bench.submissions.request_plan(&amy(), None, &PlanWish::default(), &origin(&amy())).await.unwrap_err();
    assert!(matches!(error, RequestPlanError::NoProfile { .. }), "{error}");
    assert!(bench.store.events("PLANS").is_empty());
}

#[tokio::test]
async fn another_athletes_job_is_not_found() {
    let bench = Bench::new();
    let (job, _) = bench.requested().await;
    let bob = "bob".parse().unwrap();
    let error = bench.submissions.cancel(&bob, &job, &origin(&bob)).await.unwrap_err();
    assert!(matches!(error, CancelError::NotFound(_)), "{error}");
    assert_eq!(bench.job(&job).await.0, JobStatus::Queued);
}

#[tokio::test]
async fn a_promised_job_has_a_history_before_it_is_requested() {
    let bench = Bench::new();
    let promised = bench.onboard(&amy()).await;
    let history = bench.submissions.job_history(&amy(), &promised).await.unwrap();
    assert_eq!(history.events.len(), 1);
    assert_eq!(history.events[0].event_type.to_string(), "athlete.onboarding_completed.v1");
    let unknown = "unknown".parse().unwrap();
    assert!(bench.submissions.job_history(&amy(), &unknown).await.unwrap().events.is_empty());
    assert!(bench.submissions.job_history(&"bob".parse().unwrap(), &promised).await.unwrap().events.is_empty());
}

#[tokio::test]
async fn a_log_that_is_down_takes_nothing_and_says_so() {
    let bench = Bench::new();
    bench.store.set_outage(Some("down"));
    let error = bench.submissions.answer(&amy(), answers(ANSWERS), &origin(&amy())).await.unwrap_err();
    assert!(matches!(error, ExecuteError::Store(_)), "{error}");
}
