//! What the endpoint does: late, never, too much, not now, not you.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ally_domain::ports::PlanProvider;
use ally_handlers::providers::{Fallback, LlmConfig};
use ally_handlers::testing::{FakeModel, Reply};
use futures::future::join_all;
use metrics_exporter_prometheus::PrometheusBuilder;

use super::{KEY, assert_permanent, assert_sound, config, make, order, provider, sound, transient};

const SHORT: Duration = Duration::from_millis(200);

#[tokio::test]
async fn an_endpoint_that_never_answers_is_left_in_time_and_asked_again() {
    let model = FakeModel::start(|_, _| Reply::Silence).await;
    assert_eq!(transient(make(LlmConfig { timeout: SHORT, ..config(&model) }).await), None);
    assert_eq!(model.seen().len(), 3, "the first request and two retries");
    model.hung_up(3).await;
}

#[tokio::test]
async fn a_trickle_is_no_sign_of_life() {
    let model = FakeModel::start(|_, _| Reply::Trickle).await;
    let config = LlmConfig { timeout: SHORT, max_retries: 0, ..config(&model) };
    assert_eq!(transient(make(config).await), None);
    model.hung_up(1).await;
}

#[tokio::test]
async fn the_deadline_of_the_whole_ends_a_request_before_its_own() {
    let model = FakeModel::start(|_, _| Reply::Silence).await;
    assert_eq!(transient(make(LlmConfig { deadline: SHORT, ..config(&model) }).await), None);
    assert_eq!(model.seen().len(), 1, "no time is left for a second one");
}

#[tokio::test]
async fn failures_that_pass_are_asked_again() {
    for reply in [
        Reply::status(500, ""),
        Reply::status(503, "retry-after: 0\r\n"),
        Reply::status(429, "retry-after: 0\r\n"),
        Reply::status(429, "retry-after: Fri, 20 Nov 2026 12:00:00 GMT\r\n"),
        Reply::status(408, ""),
        Reply::Bytes(b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{\"choices\"".to_vec()),
        Reply::Bytes(Vec::new()),
    ] {
        let told = format!("{reply:?}");
        let model =
            FakeModel::start(move |number, _| if number < 2 { reply.clone() } else { Reply::draft(&sound(&order())) })
                .await;
        let plan = make(config(&model)).await.unwrap_or_else(|error| panic!("{told}: {error}"));
        assert_sound(&plan);
        assert_eq!(plan.provenance.repairs, Some(0), "a retry is no repair");
        assert_eq!(model.seen().len(), 3);
    }
}

#[tokio::test]
async fn failures_that_last_are_the_jobs_to_repeat() {
    let model = FakeModel::start(|_, _| Reply::status(502, "")).await;
    assert_eq!(transient(make(config(&model)).await), None);
    assert_eq!(model.seen().len(), 3);
}

#[tokio::test]
async fn who_asks_for_time_is_given_it_by_the_job_in_both_forms() {
    for (status, header) in [
        (429, "retry-after: 120\r\n"),
        (429, "retry-after: Fri, 20 Nov 2026 12:02:00 GMT\r\n"),
        (503, "retry-after: 120\r\n"),
    ] {
        let model = FakeModel::start(move |_, _| Reply::status(status, header)).await;
        assert_eq!(transient(make(config(&model)).await), Some(Duration::from_secs(120)), "{header}");
        assert_eq!(model.seen().len(), 1, "a slot does not wait that long");
    }
}

#[tokio::test]
async fn what_is_refused_is_refused_for_good_and_no_word_of_the_endpoint_gets_out() {
    for status in [400, 401, 403, 404, 307] {
        let body = format!("your key {KEY} is wrong").into_bytes();
        let reply = Reply::Http(status, "location: http://127.0.0.1:9/\r\n".into(), body);
        let model = FakeModel::start(move |_, _| reply.clone()).await;
        let made = make(config(&model)).await;
        assert_permanent(&made, &status.to_string());
        let told = format!("{made:?}");
        assert!(!told.contains(KEY) && !told.contains("is wrong"), "{told}");
        assert_eq!(model.seen().len(), 1);
    }
}

#[tokio::test]
async fn a_huge_answer_is_not_read_to_its_end() {
    let model = FakeModel::start(|_, _| Reply::Http(200, String::new(), vec![b' '; 8 * 1024 * 1024])).await;
    assert_permanent(&make(config(&model)).await, "larger than");
}

#[tokio::test]
async fn a_huge_refusal_is_still_a_refusal() {
    let model = FakeModel::start(|_, _| Reply::Http(401, String::new(), vec![b'x'; 8 * 1024 * 1024])).await;
    assert_permanent(&make(config(&model)).await, "401");
}

#[tokio::test]
async fn where_nobody_listens_the_engine_stands_in_and_says_so() {
    let model = FakeModel::start(|_, _| Reply::Silence).await;
    let config = LlmConfig { fallback: Fallback::Builtin, ..config(&model) };
    drop(model);
    let plan = make(config).await.unwrap();
    assert_sound(&plan);
    assert_eq!(plan.provenance.fallback.unwrap().code, "unreachable");
}

#[tokio::test]
async fn an_endpoint_that_keeps_failing_is_left_alone() {
    let model = FakeModel::start(|_, _| Reply::status(500, "")).await;
    let config = LlmConfig { max_retries: 0, circuit_failures: 2, ..config(&model) };
    let provider = provider(config);
    for _ in 0..2 {
        assert_eq!(transient(provider.make(&order()).await), None);
    }
    let after = transient(provider.make(&order()).await).unwrap();
    assert!(after > Duration::from_secs(3_000) && after <= Duration::from_secs(3_600), "{after:?}");
    assert_eq!(model.seen().len(), 2, "the third plan asked nothing");
}

#[tokio::test]
async fn a_circuit_that_has_rested_closes_on_a_good_answer() {
    let model =
        FakeModel::start(|number, _| if number == 0 { Reply::status(500, "") } else { Reply::draft(&sound(&order())) })
            .await;
    let config = LlmConfig { max_retries: 0, circuit_failures: 1, circuit_rest: Duration::ZERO, ..config(&model) };
    let provider = provider(config);
    assert_eq!(transient(provider.make(&order()).await), None);
    for _ in 0..3 {
        assert_sound(&provider.make(&order()).await.unwrap());
    }
}

/// In a quiet night nobody asks for a plan, and the model would be shown as down until the morning.
#[tokio::test]
async fn an_endpoint_that_is_back_is_known_to_be_without_a_plan() {
    let failing = Arc::new(AtomicBool::new(true));
    let fails = failing.clone();
    let model =
        FakeModel::start(
            move |_, _| {
                if fails.load(Ordering::Relaxed) { Reply::status(500, "") } else { Reply::status(404, "") }
            },
        )
        .await;
    let config = LlmConfig { max_retries: 0, circuit_failures: 1, circuit_rest: Duration::ZERO, ..config(&model) };
    let recorder = PrometheusBuilder::new().build_recorder();
    let _guard = metrics::set_default_local_recorder(&recorder);
    let is_up = || recorder.handle().render().contains("dependency_up{dependency=\"llm\"} 1");
    let provider = provider(config);
    assert!(is_up());
    transient(provider.make(&order()).await);
    assert!(!is_up());
    provider.look().await;
    assert!(!is_up(), "it fails still");
    failing.store(false, Ordering::Relaxed);
    provider.look().await;
    assert!(is_up(), "it answers; what it has to say of plans is seen by the next one");
    assert_eq!(model.seen().len(), 3);
    failing.store(true, Ordering::Relaxed);
    provider.look().await;
    assert!(!is_up(), "and it is looked at until a plan tells more");
}

#[tokio::test]
async fn no_more_requests_are_open_than_allowed() {
    let model = FakeModel::start(|_, _| Reply::Held(Box::new(Reply::draft(&sound(&order()))))).await;
    let provider = Arc::new(provider(LlmConfig { max_concurrent: 2, ..config(&model) }));
    let made = join_all((0..6).map(|_| {
        let provider = provider.clone();
        tokio::spawn(async move { provider.make(&order()).await })
    }));
    let made = tokio::spawn(made);
    model.asked(2).await;
    model.release();
    for plan in made.await.unwrap() {
        assert_sound(&plan.unwrap().unwrap());
    }
    assert_eq!((model.seen().len(), model.most_open()), (6, 2));
}

#[tokio::test]
async fn who_finds_no_free_slot_in_time_comes_back_later() {
    let model = FakeModel::start(|_, _| Reply::Silence).await;
    let provider = Arc::new(provider(LlmConfig { max_concurrent: 1, deadline: SHORT, ..config(&model) }));
    let made = join_all((0..2).map(|_| {
        let provider = provider.clone();
        tokio::spawn(async move { provider.make(&order()).await })
    }));
    for plan in made.await {
        assert_eq!(transient(plan.unwrap()), None);
    }
    assert_eq!(model.most_open(), 1);
}

#[tokio::test]
async fn an_order_that_is_given_up_hangs_up() {
    let model = FakeModel::start(|_, _| Reply::Silence).await;
    let provider = provider(config(&model));
    let making = tokio::spawn(async move { provider.make(&order()).await });
    model.asked(1).await;
    making.abort();
    model.hung_up(1).await;
}
