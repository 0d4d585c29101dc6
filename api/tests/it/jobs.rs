//! Submit, status, cancel.

use std::time::Duration;

use ally_api::Limits;
use ally_domain::job::{FailureCode, JobCommand};
use ally_domain::ports::Clock as _;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Ally, Setup, body, fields, generous, header, problem};

const GENERATE: &str = "/api/v1/plans/generate";

async fn generate(ally: &Ally, athlete: &str, key: &str, wish: &Value) -> reqwest::Response {
    ally.request(Method::POST, GENERATE, athlete).header("idempotency-key", key).json(wish).send().await.unwrap()
}

async fn status(ally: &Ally, job: &str, athlete: &str) -> Value {
    let response = ally.get(&format!("/api/v1/jobs/{job}"), athlete).await;
    assert_eq!(response.status(), StatusCode::OK);
    body(response).await
}

#[tokio::test]
async fn a_plan_is_requested_with_or_without_a_wish() {
    let ally = Ally::start().await;
    ally.onboarded("amy").await;
    let empty = ally.request(Method::POST, GENERATE, "amy").send().await.unwrap();
    assert_eq!(empty.status(), StatusCode::ACCEPTED);
    let wish = json!({"startDate": "2027-01-04", "weeks": 16, "seed": 9_007_199_254_740_991_u64});
    let response = ally.post(GENERATE, "amy", &wish).await;
    assert_eq!(response.status(), StatusCode::ACCEPTED);
    let location = header(&response, "location").unwrap().to_owned();
    let accepted = body(response).await;
    assert_eq!(location, format!("/api/v1/jobs/{}", accepted["jobId"].as_str().unwrap()));
    assert_eq!(accepted["status"], "queued");
    assert!(accepted["position"].as_str().unwrap().starts_with("PLANS:"));
    assert_ne!(accepted["jobId"], body(empty).await["jobId"], "without a key each request is a job of its own");
}

#[tokio::test]
async fn a_key_names_one_job_for_ever() {
    let ally = Ally::start().await;
    ally.onboarded("amy").await;
    ally.onboarded("bea").await;
    let wish = json!({"weeks": 6});
    let first = body(generate(&ally, "amy", "k1", &wish).await).await;
    let events = ally.store.events("PLANS").len();
    ally.clock.forward(Duration::from_secs(40 * 24 * 3_600));
    let again = generate(&ally, "amy", "k1", &wish).await;
    assert_eq!(again.status(), StatusCode::ACCEPTED);
    assert_eq!(body(again).await["jobId"], first["jobId"]);
    assert_eq!(ally.store.events("PLANS").len(), events);
    problem(generate(&ally, "amy", "k1", &json!({"weeks": 7})).await, 422, "idempotency-key-reused").await;
    assert_ne!(body(generate(&ally, "amy", "k2", &wish).await).await["jobId"], first["jobId"]);
    assert_ne!(body(generate(&ally, "bea", "k1", &wish).await).await["jobId"], first["jobId"]);
}

#[tokio::test]
async fn no_profile_no_plan_and_what_to_do() {
    let ally = Ally::start().await;
    let document = problem(ally.post(GENERATE, "amy", &json!({})).await, 409, "no-profile").await;
    let detail = document["detail"].as_str().unwrap();
    assert!(detail.contains("POST /api/v1/onboarding") && detail.contains("step 1 (`purpose`)"), "{detail}");
    let without_equipment = json!({"purpose": "weight_loss", "proficiency": "advanced", "season": "inseason",
        "availabilityDays": 4, "weeklyGoalDays": 3, "recoveryHabits": []});
    ally.post("/api/v1/onboarding", "amy", &without_equipment).await;
    let document = problem(ally.post(GENERATE, "amy", &json!({})).await, 409, "no-profile").await;
    let detail = document["detail"].as_str().unwrap();
    assert!(detail.ends_with("takes step 5 (`equipment`, an empty list is an answer)"), "{detail}");
}

#[tokio::test]
async fn the_status_tells_the_whole_life() {
    let ally = Ally::start().await;
    let job = ally.onboarded("amy").await;
    let queued = status(&ally, &job, "amy").await;
    let own = format!("/api/v1/jobs/{job}");
    assert_eq!(
        queued,
        json!({
            "jobId": job, "status": "queued", "ended": false, "message": "The job waits for a worker.",
            "progress": 0, "attempts": 0, "createdAt": "2026-11-20T08:00:00Z", "position": "PLANS:2",
            "links": {"self": own, "cancel": format!("{own}/cancel")}
        })
    );

    ally.begin(&job).await;
    ally.work(&job, JobCommand::Progress { attempt: 1, phase: "drafting".into(), percent: 40 }).await;
    let running = status(&ally, &job, "amy").await;
    assert_eq!(
        (&running["status"], &running["phase"], &running["progress"]),
        (&json!("running"), &json!("drafting"), &json!(40))
    );

    let retry_at = ally.clock.now() + Duration::from_secs(5);
    ally.work(&job, JobCommand::FailAttempt { attempt: 1, reason: "no answer".into(), retry_at, attempts_left: 4 })
        .await;
    let retrying = status(&ally, &job, "amy").await;
    assert_eq!(retrying["status"], "retrying");
    assert_eq!(retrying["nextRetryAt"], "2026-11-20T08:00:05Z");
    assert_eq!(retrying["error"], json!({"code": "attempt_failed", "message": "no answer"}));
}

#[tokio::test]
async fn a_completed_job_leads_to_its_plan() {
    let ally = Ally::start().await;
    let job = ally.onboarded("amy").await;
    ally.begin(&job).await;
    let plan = ally.complete(&job, "amy").await;
    let response = ally.get(&format!("/api/v1/plans/status?jobId={job}"), "amy").await;
    assert_eq!(header(&response, "retry-after"), None, "an end needs no poll");
    let completed = body(response).await;
    assert_eq!(completed["status"], "completed");
    assert_eq!(completed["planId"], plan);
    assert_eq!(completed["links"]["plan"], format!("/api/v1/plans/{plan}"));
    assert_eq!(completed, status(&ally, &job, "amy").await, "both addresses answer alike");
}

/// The wait is a part of the request, so the request's deadline bounds it.
#[tokio::test]
async fn a_wait_beyond_the_deadline_ends_with_the_state_by_then() {
    let limits = Limits { deadline: Duration::from_secs(2), ..generous() };
    let ally = Ally::with(Setup { limits, ..Setup::default() }).await;
    let job = ally.onboarded("amy").await;
    for path in [format!("/api/v1/jobs/{job}?wait=10"), format!("/api/v1/plans/status?jobId={job}&wait=10")] {
        let response = ally.get(&path, "amy").await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        assert_eq!(body(response).await["status"], "queued", "{path}");
    }
}

/// What does not answer while a caller waits costs no more than the wait.
#[tokio::test]
async fn a_wait_ends_in_time_though_the_views_hang_meanwhile() {
    let limits = Limits { deadline: Duration::from_secs(4), ..generous() };
    let ally = Ally::with(Setup { limits, ..Setup::default() }).await;
    let job = ally.onboarded("amy").await;
    let path = format!("/api/v1/jobs/{job}?wait=30");
    let (response, ()) = tokio::join!(ally.get(&path, "amy"), async {
        ally.views.asked_again().await;
        ally.views.hang_jobs();
    });
    assert_eq!(response.status(), StatusCode::OK, "and not a 504");
    assert_eq!(body(response).await["status"], "queued");
}

#[tokio::test]
async fn a_failed_job_says_why() {
    let ally = Ally::start().await;
    let job = ally.onboarded("amy").await;
    ally.begin(&job).await;
    let reason = "no plan fits".to_owned();
    ally.work(&job, JobCommand::Fail { attempt: 1, code: FailureCode::Infeasible, reason }).await;
    assert_eq!(status(&ally, &job, "amy").await["error"], json!({"code": "infeasible", "message": "no plan fits"}));
}

#[tokio::test]
async fn another_athletes_job_and_an_unknown_one_look_the_same() {
    let ally = Ally::start().await;
    let job = ally.onboarded("amy").await;
    let unknown = "00000000-0000-7000-8000-000000000000";
    for method in ["GET", "POST"] {
        let mut answers = Vec::new();
        for id in [job.as_str(), unknown, "no%20id", "a.b.*"] {
            let path = if method == "GET" { format!("/api/v1/jobs/{id}") } else { format!("/api/v1/jobs/{id}/cancel") };
            let response = ally.request(method.parse().unwrap(), &path, "eve").send().await.unwrap();
            let mut document = problem(response, 404, "not-found").await;
            document["instance"] = json!(null);
            answers.push(document);
        }
        assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "{answers:#?}");
    }
}

#[tokio::test]
async fn a_waiting_job_is_cancelled_at_once() {
    let ally = Ally::start().await;
    let job = ally.onboarded("amy").await;
    let cancel = format!("/api/v1/jobs/{job}/cancel");
    for _ in 0..2 {
        let response = ally.post(&cancel, "amy", &json!({})).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(body(response).await["status"], "cancelled");
    }
    assert_eq!(status(&ally, &job, "amy").await["status"], "cancelled");
}

#[tokio::test]
async fn a_running_job_is_cancelled_when_its_worker_lets_go() {
    let ally = Ally::start().await;
    let job = ally.onboarded("amy").await;
    ally.begin(&job).await;
    let cancel = format!("/api/v1/jobs/{job}/cancel");
    let response = ally.request(Method::POST, &cancel, "amy").send().await.unwrap();
    assert_eq!(response.status(), StatusCode::ACCEPTED);
    assert_eq!(body(response).await["status"], "cancelling");
    ally.work(&job, JobCommand::ConfirmCancel).await;
    assert_eq!(ally.request(Method::POST, &cancel, "amy").send().await.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn an_ended_job_cannot_be_cancelled() {
    let ally = Ally::start().await;
    let job = ally.onboarded("amy").await;
    ally.begin(&job).await;
    ally.complete(&job, "amy").await;
    let response = ally.request(Method::POST, &format!("/api/v1/jobs/{job}/cancel"), "amy").send().await.unwrap();
    let document = problem(response, 409, "job-state").await;
    assert!(document["detail"].as_str().unwrap().contains("completed"));
}

#[tokio::test]
async fn a_promised_job_is_not_cancelled_before_it_is_queued() {
    let ally = Ally::start().await;
    let response = ally.post("/api/v1/onboarding", "amy", &crate::harness::all_answers()).await;
    let job = body(response).await["jobId"].as_str().unwrap().to_owned();
    let response = ally.request(Method::POST, &format!("/api/v1/jobs/{job}/cancel"), "amy").send().await.unwrap();
    assert_eq!(header(&response, "retry-after"), Some("1"));
    problem(response, 409, "job-state").await;
}

#[tokio::test]
async fn a_state_has_a_name_and_only_news_have_a_body() {
    let ally = Ally::start().await;
    let job = ally.onboarded("amy").await;
    let path = format!("/api/v1/jobs/{job}");
    let tag = header(&ally.get(&path, "amy").await, "etag").unwrap().to_owned();
    assert!(tag.starts_with("W/\""));
    let paths = [path, format!("/api/v1/plans/status?jobId={job}")];
    let ask = |path: &str| ally.request(Method::GET, path, "amy").header("if-none-match", &tag).send();
    for path in &paths {
        let unchanged = ask(path).await.unwrap();
        assert_eq!(unchanged.status(), StatusCode::NOT_MODIFIED, "{path}");
        assert_eq!(header(&unchanged, "etag"), Some(tag.as_str()));
        assert!(unchanged.bytes().await.unwrap().is_empty());
    }
    ally.begin(&job).await;
    for path in &paths {
        assert_eq!(ask(path).await.unwrap().status(), StatusCode::OK, "{path}");
    }
}

#[tokio::test]
async fn a_long_poll_answers_at_the_end() {
    let ally = Ally::start().await;
    let job = ally.onboarded("amy").await;
    ally.begin(&job).await;
    let path = format!("/api/v1/jobs/{job}?wait=15");
    let poll = ally.get(&path, "amy");
    let finish = async {
        tokio::task::yield_now().await;
        ally.complete(&job, "amy").await;
    };
    let (response, ()) = tokio::join!(poll, finish);
    assert_eq!(body(response).await["status"], "completed");
}

#[tokio::test]
async fn a_long_poll_with_a_known_state_answers_with_the_next() {
    let ally = Ally::start().await;
    let job = ally.onboarded("amy").await;
    let path = format!("/api/v1/jobs/{job}");
    let tag = header(&ally.get(&path, "amy").await, "etag").unwrap().to_owned();
    let poll = ally.request(Method::GET, &format!("{path}?wait=15"), "amy").header("if-none-match", tag).send();
    let (response, ()) = tokio::join!(poll, ally.begin(&job));
    assert_eq!(body(response.unwrap()).await["status"], "running");
}

#[tokio::test]
async fn a_long_poll_ends_without_news() {
    let ally = Ally::start().await;
    let job = ally.onboarded("amy").await;
    let response = ally.get(&format!("/api/v1/jobs/{job}?wait=1"), "amy").await;
    assert_eq!(body(response).await["status"], "queued");
}

#[tokio::test]
async fn a_read_that_names_a_position_sees_it_though_the_views_are_behind() {
    let ally = Ally::start().await;
    let job = ally.onboarded("amy").await;
    ally.views.stick_at(Some(1));
    ally.begin(&job).await;
    let stale = status(&ally, &job, "amy").await;
    assert_eq!(stale["status"], "queued", "without a position the view answers");
    let fresh = body(ally.get(&format!("/api/v1/jobs/{job}?position=PLANS:2"), "amy").await).await;
    assert_eq!(fresh["status"], "running");
    let later = status(&ally, &job, "amy").await;
    assert_eq!(later["status"], "running", "what was told is not taken back while the view is behind it");
    ally.views.stick_at(None);
    ally.complete(&job, "amy").await;
    assert_eq!(status(&ally, &job, "amy").await["status"], "completed", "a view that has come further answers again");
}

#[tokio::test]
async fn a_read_that_names_a_position_beyond_the_log_is_refused_and_not_answered_with_older_data() {
    let ally = Ally::start().await;
    let job = ally.onboarded("amy").await;
    let end = ally.store.events("PLANS").len();
    let reads =
        [format!("/api/v1/jobs/{job}"), format!("/api/v1/plans/status?jobId={job}"), "/api/v1/profile".to_owned()];
    for path in &reads {
        let with = |position: &str| format!("{path}{}position={position}", if path.contains('?') { '&' } else { '?' });
        assert_eq!(ally.get(&with(&format!("PLANS:{end}")), "amy").await.status(), 200, "{path}: the end itself");
        for (position, wrong) in
            [(format!("PLANS:{}", end + 1), format!("PLANS:{end}")), ("NOWHERE:1".to_owned(), "no stream".to_owned())]
        {
            let problem = problem(ally.get(&with(&position), "amy").await, 400, "position-unknown").await;
            assert_eq!(fields(&problem), ["position"], "{path}");
            let wrong_with_it = problem["errors"][0]["problem"].as_str().unwrap();
            assert!(wrong_with_it.contains(&position) && wrong_with_it.contains(&wrong), "{path}: {wrong_with_it}");
        }
    }
}

#[tokio::test]
async fn a_job_that_is_not_projected_is_answered_from_the_log() {
    let ally = Ally::start().await;
    ally.views.stick_at(Some(0));
    let job = ally.onboarded("amy").await;
    ally.begin(&job).await;
    assert_eq!(status(&ally, &job, "amy").await["status"], "running");
    // The view has the promise of the job now, and then its request: both are older than what was told.
    for projected in 1..=3 {
        ally.views.stick_at(Some(projected));
        assert_eq!(status(&ally, &job, "amy").await["status"], "running", "with {projected} events projected");
    }
    problem(ally.get(&format!("/api/v1/jobs/{job}"), "eve").await, 404, "not-found").await;
}
