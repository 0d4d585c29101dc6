use ally_domain::ids::JobId;
use ally_domain::job::{JobDecider, JobStatus};
use ally_domain::outcome::Outcome;
use ally_handlers::OnboardingHandler;

use crate::bench::{Bench, amy, answers, deliver, origin};

#[tokio::test]
async fn a_completed_onboarding_requests_the_job_that_was_promised() {
    let bench = Bench::new();
    let promised = bench.onboard(&amy()).await;
    let handler = OnboardingHandler::new(bench.executor.clone());
    for event in bench.store.events("ONBOARDING") {
        assert_eq!(deliver(&handler, &event).await, Outcome::Done);
    }
    assert_eq!(bench.job(&promised).await, (JobStatus::Queued, 0));
    let requested = bench.event(&promised, "requested");
    assert_eq!(requested.correlation, "request-1");
    assert_eq!(requested.actor, "system:onboarding");
}

#[tokio::test]
async fn replaying_its_whole_input_changes_nothing() {
    let bench = Bench::new();
    bench.onboard(&amy()).await;
    let changed = answers(r#"{"equipment":["dumbbells"]}"#);
    bench.submissions.answer(&amy(), changed, &origin(&amy())).await.unwrap();
    let handler = OnboardingHandler::new(bench.executor.clone());
    let input = bench.store.events("ONBOARDING");
    for event in &input {
        assert_eq!(deliver(&handler, event).await, Outcome::Done);
    }
    let before = bench.store.events("PLANS").len();
    assert_eq!(before, 3, "one job for each revision, the first of them put before others");
    for event in input.iter().rev().chain(&input) {
        assert_eq!(deliver(&handler, event).await, Outcome::Done);
    }
    assert_eq!(bench.store.events("PLANS").len(), before);
}

#[tokio::test]
async fn an_unreachable_log_is_a_later_try() {
    let bench = Bench::new();
    let promised = bench.onboard(&amy()).await;
    let event = bench.store.events("ONBOARDING").pop().unwrap();
    let handler = OnboardingHandler::new(bench.executor.clone());
    bench.store.set_outage(Some("down"));
    assert!(matches!(deliver(&handler, &event).await, Outcome::Retry { .. }));
    bench.store.set_outage(None);
    bench.store.set_full(true);
    assert!(matches!(deliver(&handler, &event).await, Outcome::Defer { .. }));
    bench.store.set_full(false);
    assert_eq!(deliver(&handler, &event).await, Outcome::Done);
    assert_eq!(bench.job(&promised).await.0, JobStatus::Queued);
}

#[tokio::test]
async fn data_that_cannot_be_read_is_given_up() {
    let bench = Bench::new();
    bench.onboard(&amy()).await;
    let mut event = bench.store.events("ONBOARDING").pop().unwrap();
    event.data = "{}".into();
    let outcome = deliver(&OnboardingHandler::new(bench.executor.clone()), &event).await;
    assert!(matches!(outcome, Outcome::GiveUp { .. }), "{outcome:?}");
    let (state, _) = bench.executor.load::<JobDecider>(&(&JobId::for_profile(&amy(), 1)).into()).await.unwrap();
    assert!(state.0.is_none());
}
