//! A PostgreSQL that hangs: what is written needs none, and figures say that it hangs.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::time::{Duration, Instant};

use ally_telemetry::exposition::samples;
use ally_telemetry::names;
use reqwest::Method;
use serde_json::json;

use crate::faults::postgres::Postgres;
use crate::system::{RoleProcess, System, answers, eventually};

/// What a request that writes may take while PostgreSQL hangs.
const SOON: Duration = Duration::from_secs(2);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_is_accepted_and_the_hang_is_counted() {
    let mut system = System::new();
    let folder = tempfile::tempdir().unwrap();
    // The server may run as somebody else.
    std::fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
    let postgres = Postgres::start(folder.path()).await;
    system.set("DATABASE_URL", &postgres.url());
    let [gateway, onboarding, planner, projector] =
        system.start_ready(["gateway", "onboarding", "planner", "projector"]).await;
    let client = system.client(&gateway, "amy");
    let first = client.onboard(&answers()).await;
    assert_eq!(client.ended(&first).await.status, "completed");
    eventually("both measure", async || {
        let measured = [measured_at(&gateway).await, measured_at(&projector).await];
        measured.iter().all(Option::is_some).then_some(())
    })
    .await;

    postgres.suspend();
    let before = unanswered(&projector).await;
    for key in ["a", "b", "c"] {
        let begun = Instant::now();
        let request = client.request(Method::POST, "/api/v1/plans/generate").header("Idempotency-Key", key);
        assert_eq!(request.json(&json!({})).send().await.unwrap().status(), 202, "{key}");
        assert!(begun.elapsed() < SOON, "{key} took {:?}", begun.elapsed());
    }
    assert!(count(&gateway, names::ADMISSION_UNMEASURED_TOTAL, &[]).await >= 1.0);
    for role in [&gateway, &planner, &projector] {
        eventually("statements without an answer are counted", async || {
            (unanswered(role).await > before).then_some(())
        })
        .await;
        eventually("the dependency is down", async || {
            (count(role, names::DEPENDENCY_UP, &[("dependency", "postgres")]).await == 0.0).then_some(())
        })
        .await;
    }
    // The workers need none either.
    eventually("the jobs are made", async || {
        (count(&planner, names::PLAN_GENERATION_SUCCESS_TOTAL, &[]).await >= 4.0).then_some(())
    })
    .await;

    postgres.wake();
    for role in [&gateway, &onboarding, &planner, &projector] {
        role.ready().await;
    }
    let last = client.generate("last").await;
    assert_eq!(client.ended(&last).await.status, "completed");
}

/// Statements that nobody answered: refused for want of an answer, timed out, given up.
async fn unanswered(role: &RoleProcess) -> f64 {
    let ended = |outcome: &'static str| async move {
        count(role, names::DATABASE_QUERIES_TOTAL, &[("outcome", outcome)]).await
    };
    ended("error").await + ended("timeout").await + ended("dropped").await
}

async fn measured_at(role: &RoleProcess) -> Option<f64> {
    let at = count(role, names::FIGURES_TIMESTAMP_SECONDS, &[("figures", "projection_lag")]).await;
    (at > 1.5e9).then_some(at)
}

/// The sum of a metric over the labels that are not named.
async fn count(role: &RoleProcess, name: &str, labels: &[(&str, &str)]) -> f64 {
    let page = role.metrics().await;
    let found = samples(&page)
        .filter(|sample| sample.name == name && labels.iter().all(|(key, value)| sample.label(key) == *value));
    found.map(|sample| sample.value).sum()
}
