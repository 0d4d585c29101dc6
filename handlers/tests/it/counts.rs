//! What is counted and logged of jobs: each once, however often it was tried, delivered and appended.

use ally_domain::athlete::AthleteEvent;
use ally_domain::job::{FailureCode, JobStatus};
use ally_domain::outcome::Outcome;
use ally_domain::ports::{EventHandler, ProviderError};
use ally_handlers::{OnboardingHandler, PlanWish};
use ally_telemetry::export::{LogBuffer, LogFormat, LogOutput, Telemetry, TelemetryConfig};
use ally_telemetry::exposition::samples;
use serde_json::Value;

use crate::bench::{Bench, amy, busy, deliver, deliver_again, meanwhile, origin, scripted};

/// A role's telemetry, of this thread.
struct Role {
    telemetry: Telemetry,
    logs: LogBuffer,
    _dispatch: tracing::dispatcher::DefaultGuard,
}

impl Role {
    fn begin() -> Self {
        let logs = LogBuffer::default();
        let config = TelemetryConfig {
            log_format: LogFormat::Json,
            log_output: LogOutput::Memory(logs.clone()),
            ..TelemetryConfig::development("planning-engine")
        };
        let telemetry = Telemetry::new(config).unwrap();
        std::mem::forget(metrics::set_default_local_recorder(telemetry.recorder()));
        Self { logs, _dispatch: tracing::dispatcher::set_default(&telemetry.dispatch()), telemetry }
    }

    /// The sum of a series over the labels that are not named.
    fn count(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        let page = self.telemetry.render_metrics();
        let wanted = samples(&page)
            .filter(|sample| sample.name == name && labels.iter().all(|(key, value)| sample.label(key) == *value));
        wanted.map(|sample| sample.value).sum()
    }

    /// How the jobs of the log ended, in their order.
    fn endings(&self) -> Vec<(String, u64)> {
        let lines = self.logs.text();
        let lines = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let ended = lines.filter(|line| line["message"] == "a job ended");
        ended.map(|line| (line["outcome"].as_str().unwrap().to_owned(), line["attempts"].as_u64().unwrap())).collect()
    }
}

/// A job of its own, and the event that requested it.
async fn requested(bench: &Bench, key: &str) -> (ally_domain::ids::JobId, ally_domain::envelope::Recorded) {
    let job = bench.submissions.request_plan(&amy(), Some(key), &PlanWish::default(), &origin(&amy())).await.unwrap();
    let event = bench.event(&job.job_id, "requested");
    (job.job_id, event)
}

#[tokio::test]
async fn a_job_is_counted_once_at_its_end_and_an_attempt_once_at_its_own() {
    let (role, bench) = (Role::begin(), Bench::new());
    bench.onboard(&amy()).await;
    for key in ["dead-1", "dead-2", "dead-3"] {
        let (_, event) = requested(&bench, key).await;
        let planner = bench.planner(scripted([busy(), busy()]), 2);
        assert!(matches!(deliver(&planner, &event).await, Outcome::Retry { .. }));
        let Outcome::GiveUp { reason } = deliver(&planner, &event).await else { panic!("not given up") };
        planner.parked(&event, &reason, "f").await.unwrap();
        // The worker was lost before it had settled: the message comes again, and is parked again.
        planner.parked(&event, &reason, "f").await.unwrap();
    }
    for key in ["waiting-1", "waiting-2"] {
        let (job, event) = requested(&bench, key).await;
        bench.submissions.cancel(&amy(), &job, &origin(&amy())).await.unwrap();
        // The worker reads nothing before it begins: it is told by its append.
        assert_eq!(deliver(&bench.planner(scripted([]), 3), &event).await, Outcome::Done);
    }
    for key in ["running-1", "running-2"] {
        let (job, event) = requested(&bench, key).await;
        let (submissions, running) = (bench.submissions.clone(), job.clone());
        let provider = meanwhile(scripted([]), move || {
            let (submissions, job) = (submissions.clone(), running.clone());
            Box::pin(async move {
                submissions.cancel(&amy(), &job, &origin(&amy())).await.unwrap();
            })
        });
        assert_eq!(deliver_again(&bench.planner(provider, 3), &event).await, Outcome::Done);
        assert_eq!(bench.job(&job).await.0, JobStatus::Cancelled);
    }
    for key in ["made-1", "made-2"] {
        let (_, event) = requested(&bench, key).await;
        // The same request once more is the same job.
        requested(&bench, key).await;
        let planner = bench.planner(scripted([]), 3);
        assert_eq!(deliver(&planner, &event).await, Outcome::Done);
        assert_eq!(deliver_again(&planner, &event).await, Outcome::Done);
    }
    let never = ProviderError::Permanent { code: FailureCode::Infeasible, reason: "no day is free".into() };
    let (_, event) = requested(&bench, "never").await;
    assert_eq!(deliver(&bench.planner(scripted([never]), 3), &event).await, Outcome::Done);

    let series = |name: &str, labels: &[(&str, &str)]| role.count(name, labels);
    assert_eq!(series("plan_generation_requests_total", &[]), 10.0);
    assert_eq!(series("plan_generation_success_total", &[]), 2.0);
    assert_eq!(series("plan_generation_failures_total", &[]), 4.0);
    assert_eq!(series("plan_generation_failures_total", &[("reason", "dead_lettered")]), 3.0);
    assert_eq!(series("plan_generation_failures_total", &[("reason", "infeasible")]), 1.0);
    for (outcome, attempts) in [("made", 2.0), ("failed", 1.0), ("transient", 6.0), ("cancelled", 4.0), ("lost", 0.0)] {
        assert_eq!(series("plan_attempts_total", &[("outcome", outcome)]), attempts, "{outcome}");
    }
    assert_eq!(series("plan_generation_duration_seconds_count", &[]), 13.0);
    for (status, jobs) in [("completed", 2.0), ("failed", 1.0), ("dead_lettered", 3.0), ("cancelled", 4.0)] {
        assert_eq!(series("job_duration_seconds_count", &[("status", status)]), jobs, "{status}");
    }
    let ended = role.endings();
    assert_eq!(ended.len(), 10, "one line a job: {ended:?}");
    assert_eq!(ended.iter().filter(|(outcome, attempts)| outcome == "dead_lettered" && *attempts == 2).count(), 3);
}

#[tokio::test]
async fn a_promise_that_is_kept_twice_is_one_job() {
    let (role, bench) = (Role::begin(), Bench::new());
    bench.onboard(&amy()).await;
    let promises = bench.store.events("ONBOARDING").into_iter();
    let completed =
        |event: &ally_domain::envelope::Recorded| matches!(event.decode(), Ok(AthleteEvent::OnboardingCompleted(_)));
    let promise = promises.rev().find(completed).unwrap();
    let handler = OnboardingHandler::new(bench.executor.clone());
    for _ in 0..3 {
        assert_eq!(deliver(&handler, &promise).await, Outcome::Done);
    }
    assert_eq!(role.count("plan_generation_requests_total", &[]), 1.0);
}
