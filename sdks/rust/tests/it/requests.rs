//! Requests that are refused or break off, problems, and waiting for a job.

use std::num::NonZeroU32;
use std::time::{Duration, Instant};

use ally_sdk::types::{JobStatus, OperatorNote, PlanWish, Profile, WebhookRotation};
use ally_sdk::{Ally, Error, PROBLEM_TYPES, ProblemKind, ResponseValue, RetryLimits};
use serde_json::json;

use super::double::{Answer, Double, Ends, JOB, job};

fn limits(attempts: u32) -> RetryLimits {
    RetryLimits { attempts, ..RetryLimits::default() }
}

fn accepted() -> Answer {
    let body = json!({"jobId": JOB, "status": "queued", "position": "PLANS:1", "links": {"self": "/"}});
    Answer::json(202, &body)
}

fn job_answer(status: &str, ended: bool, tag: &str) -> Answer {
    Answer::json(200, &job(status, ended)).header("etag", format!("\"{tag}\""))
}

async fn profile(ally: &Ally) -> Result<ResponseValue<Profile>, Error> {
    Ok(ally.api().profile().send().await?)
}

#[tokio::test]
async fn a_command_is_sent_again_with_the_same_key() {
    let double = Double::in_turn([
        Answer::problem(503, "overloaded").header("retry-after", "0"),
        Answer::new(202, "application/json", "{\"jobId\":").ends(Ends::Reset),
        Answer::problem(504, "deadline-exceeded"),
        accepted(),
    ])
    .await;
    let ally = double.client();
    let wish = PlanWish::builder().weeks(NonZeroU32::new(4));
    let accepted = ally.api().generate_plan().body(wish).send().await.unwrap();
    assert_eq!(accepted.job_id, JOB);
    let keys = double.headers("idempotency-key");
    assert_eq!(keys.len(), 4);
    assert!(keys[0].is_some() && keys.iter().all(|key| *key == keys[0]), "{keys:?}");
}

#[tokio::test]
async fn a_key_of_the_callers_stays() {
    let double = Double::in_turn([accepted()]).await;
    let ally = double.client();
    ally.api().generate_plan().idempotency_key("spring").body(PlanWish::builder()).send().await.unwrap();
    assert_eq!(double.headers("idempotency-key"), [Some("spring".to_owned())]);
}

#[tokio::test]
async fn a_command_without_a_key_is_not_sent_again_when_it_may_have_been_carried_out() {
    for (status, kind) in [(503, "draining"), (503, "unavailable"), (504, "deadline-exceeded")] {
        let double = Double::in_turn([Answer::problem(status, kind)]).await;
        assert_eq!(redriven(&double).await, Some(status), "{kind}");
        assert_eq!(double.headers("idempotency-key"), [None], "{kind}");
    }
}

#[tokio::test]
async fn a_command_without_a_key_is_sent_again_when_nothing_was_done() {
    let double = Double::in_turn([
        Answer::problem(429, "rate-limited").header("retry-after", "0"),
        Answer::problem(503, "overloaded").header("retry-after", "0"),
        Answer::problem(404, "not-found"),
    ])
    .await;
    assert_eq!(redriven(&double).await, Some(404));
    assert_eq!(double.asked().len(), 3);
}

#[tokio::test]
async fn commands_of_operators_that_take_a_key_get_one_and_are_sent_again_with_it() {
    let answers = [Answer::problem(503, "unavailable").header("retry-after", "0"), Answer::problem(404, "not-found")];
    for command in ["secret", "ping"] {
        let double = Double::in_turn(answers.clone()).await;
        let ally = double.client();
        match command {
            "secret" => drop(ally.api().rotate_webhook_secret().id(JOB).body(WebhookRotation::builder()).send().await),
            _ => drop(ally.api().ping_webhook().id(JOB).send().await),
        }
        let keys = double.headers("idempotency-key");
        assert!(keys.len() == 2 && keys[0].is_some() && keys[0] == keys[1], "{command}: {keys:?}");
    }
}

/// The status of the answer to a command that takes no key.
async fn redriven(double: &Double) -> Option<u16> {
    let ally = double.client();
    let command = ally.api().redrive_dead_letter().id("planner.PLANS-42").body(OperatorNote::builder().note("x"));
    command.send().await.err()?.status().map(|status| status.as_u16())
}

#[tokio::test]
async fn tries_have_limits() {
    let double = Double::serve(|_, _| Answer::problem(429, "rate-limited").header("retry-after", "0")).await;
    let often = double.builder().retry(limits(3)).build().unwrap();
    assert!(profile(&often).await.is_err());
    assert_eq!(double.asked().len(), 3);
    let late = Double::serve(|_, _| Answer::problem(429, "rate-limited").header("retry-after", "3600")).await;
    let short = RetryLimits { total: Duration::from_secs(5), ..RetryLimits::default() };
    let refused = profile(&late.builder().retry(short).build().unwrap()).await;
    let Err(Error::Problem(problem)) = refused else { panic!("{refused:?}") };
    assert_eq!(problem.retry_after, Some(Duration::from_secs(3_600)));
    assert_eq!(late.asked().len(), 1, "a wait that is longer than the limit is not begun");
}

#[tokio::test]
async fn a_request_that_gets_no_answer_in_its_time_is_sent_again() {
    let never = Answer::new(200, "application/json", "{").ends(Ends::Never);
    let double = Double::in_turn([never, job_answer("completed", true, "1")]).await;
    let limits = RetryLimits { attempts: 2, attempt: Duration::from_millis(100), ..RetryLimits::default() };
    let ally = double.builder().retry(limits).build().unwrap();
    assert!(ally.api().job().id(JOB).send().await.unwrap().ended);
    assert_eq!(double.asked().len(), 2);
}

#[tokio::test]
async fn a_server_that_is_not_there_is_an_error() {
    let double = Double::in_turn([]).await;
    let http = reqwest::ClientBuilder::new().no_proxy().build().unwrap();
    let ally = Ally::builder("http://127.0.0.1:9", "token").http(http).retry(limits(2)).build().unwrap();
    assert!(matches!(profile(&ally).await, Err(Error::Transport(_))));
    assert!(double.asked().is_empty());
}

#[tokio::test]
async fn a_job_is_waited_for_with_the_state_that_is_known() {
    let double = Double::in_turn([
        job_answer("queued", false, "1"),
        Answer::new(304, "application/json", ""),
        job_answer("running", false, "2"),
        job_answer("completed", true, "3"),
    ])
    .await;
    let mut seen = Vec::new();
    let ended = double.client().wait_for_job_within(JOB, Duration::from_secs(60), |job| seen.push(job.status)).await;
    assert_eq!(ended.unwrap().status, JobStatus::Completed);
    assert_eq!(seen, [JobStatus::Queued, JobStatus::Running, JobStatus::Completed]);
    let tags = [None, Some("\"1\""), Some("\"1\""), Some("\"2\"")];
    assert_eq!(double.headers("if-none-match"), tags.map(|tag| tag.map(str::to_owned)));
    assert_eq!(double.asked()[0].path, format!("/api/v1/jobs/{JOB}?wait=30"));
}

#[tokio::test]
async fn a_job_is_waited_for_through_failures_of_the_server_until_the_time_is_over() {
    let refusals =
        [408, 429, 500, 502, 503, 504].map(|status| Answer::problem(status, "made-up").header("retry-after", "0"));
    let cut = Answer::new(200, "application/json", "{").ends(Ends::Reset);
    let answers: Vec<_> = refusals.into_iter().chain([cut, job_answer("completed", true, "1")]).collect();
    let double = Double::in_turn(answers).await;
    let ally = double.builder().retry(limits(1)).build().unwrap();
    assert_eq!(ally.wait_for_job(JOB).await.unwrap().status, JobStatus::Completed);
    assert_eq!(double.asked().len(), 8);
}

#[tokio::test]
async fn a_server_that_stays_away_is_the_cause_of_a_job_that_has_not_ended() {
    let double = Double::serve(|_, _| Answer::problem(503, "draining").header("retry-after", "3600")).await;
    let ally = double.builder().retry(limits(1)).build().unwrap();
    let begun = Instant::now();
    let waited = ally.wait_for_job_within(JOB, Duration::from_millis(300), |_| ()).await;
    let Err(Error::JobNotEnded(late)) = waited else { panic!("{waited:?}") };
    let failure = late.failure.unwrap();
    assert!(matches!(&*failure, Error::Problem(problem) if problem.kind() == ProblemKind::Draining), "{failure:?}");
    assert!(begun.elapsed() < Duration::from_secs(5), "no wait goes beyond the time");
}

#[tokio::test]
async fn a_refusal_for_good_ends_the_wait_at_once() {
    let double = Double::in_turn([Answer::problem(404, "not-found")]).await;
    let refused = double.client().wait_for_job(JOB).await;
    assert!(matches!(&refused, Err(Error::Problem(problem)) if problem.status() == 404), "{refused:?}");
}

#[tokio::test]
async fn times_without_end_are_no_error() {
    let double = Double::serve(|_, count| match count {
        1 => Answer::problem(429, "rate-limited").header("retry-after", "0"),
        _ => job_answer("completed", true, "1"),
    })
    .await;
    let limits = RetryLimits { attempts: 5, total: Duration::MAX, attempt: Duration::MAX };
    let ally = double.builder().retry(limits).build().unwrap();
    let ended = ally.wait_for_job_within(JOB, Duration::MAX, |_| ()).await.unwrap();
    assert_eq!(ended.status, JobStatus::Completed);
}

#[tokio::test]
async fn a_wait_of_centuries_is_longer_than_any_limit() {
    let centuries = u64::MAX.to_string();
    let double =
        Double::serve(move |_, _| Answer::problem(429, "rate-limited").header("retry-after", &centuries)).await;
    assert!(profile(&double.client()).await.is_err());
    assert_eq!(double.asked().len(), 1);
}

#[tokio::test]
async fn a_job_that_goes_on_is_no_failure_of_the_job() {
    let double = Double::serve(|_, _| job_answer("running", false, "1")).await;
    let waited = double.client().wait_for_job_within(JOB, Duration::from_millis(100), |_| ()).await;
    let Err(Error::JobNotEnded(late)) = waited else { panic!("{waited:?}") };
    assert_eq!(late.job.unwrap().status, JobStatus::Running);
}

#[tokio::test]
async fn every_kind_of_problem_is_typed_and_a_newer_one_survives() {
    let paths: Vec<&str> = PROBLEM_TYPES.iter().copied().chain(["/problems/made-up"]).collect();
    let answers: Vec<_> =
        paths.iter().map(|path| Answer::problem(422, path.trim_start_matches("/problems/"))).collect();
    let double = Double::in_turn(answers).await;
    let ally = double.client();
    for path in paths {
        let refused = ally.api().generate_plan().body(PlanWish::builder()).send().await;
        let Err(Error::Problem(problem)) = refused.map_err(Error::from) else { panic!("{path} is no problem") };
        assert_eq!((problem.kind().as_str(), problem.status()), (path, 422));
        assert_eq!(matches!(problem.kind(), ProblemKind::Other(_)), path == "/problems/made-up", "{path}");
    }
}

#[tokio::test]
async fn what_something_between_answers_is_a_problem_too() {
    // The document lists one of these, and not the other.
    for status in [502, 503] {
        let double = Double::serve(move |_, _| Answer::new(status, "text/html", "<h1>Bad gateway</h1>")).await;
        let refused = profile(&double.builder().retry(limits(1)).build().unwrap()).await;
        let Err(Error::Problem(problem)) = refused else { panic!("{refused:?}") };
        assert_eq!((problem.kind().as_str(), problem.status()), ("about:blank", status));
        assert!(problem.to_string().contains("Bad gateway"), "{problem}");
    }
}
