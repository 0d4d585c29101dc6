//! After one job has walked, each role shows the metrics that dashboards and alerts are built on.

use crate::system::{System, answers, eventually};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_role_counts_its_part_of_the_walk() {
    let system = System::new();
    let [gateway, onboarding, planner, projector] =
        system.start_ready(["gateway", "onboarding", "planner", "projector"]).await;
    let client = system.client(&gateway, "amy");
    let job = client.onboard(&answers()).await;
    assert_eq!(client.ended(&job).await.status, "completed");
    for (role, series) in [
        (
            &gateway,
            &[
                "plan_generation_requests_total",
                "onboarding_requests_total",
                "onboarding_completions_total",
                "onboarding_step_duration_seconds_bucket",
                "api_requests_total",
                "api_response_time_seconds_bucket",
                "messages_published_total",
                "database_queries_total",
                "database_query_duration_seconds_bucket",
                "append_duration_seconds_bucket",
                "process_resident_memory_bytes",
                "build_info",
            ][..],
        ),
        (&onboarding, &["messages_consumed_total", "messages_settled_total", "messages_published_total"]),
        (
            &planner,
            &[
                "plan_generation_duration_seconds_bucket",
                "plan_generation_success_total",
                "plan_attempts_total",
                "job_duration_seconds_bucket",
                "worker_slots",
                "messages_consumed_total",
                "messages_settled_total",
                "message_process_duration_seconds_bucket",
                "job_wait_seconds_bucket",
            ],
        ),
        (&projector, &["projection_events_total", "projection_lag_events", "database_queries_total"]),
    ] {
        eventually(&format!("{series:?} at {}", role.metrics), async || {
            let text = role.metrics().await;
            let has = |name: &&str| text.lines().any(|line| line.starts_with(*name));
            series.iter().all(has).then_some(())
        })
        .await;
    }
    // An athlete's id in a label would be a series for each of them.
    for role in [&gateway, &onboarding, &planner, &projector] {
        let text = role.metrics().await;
        assert!(!text.contains("amy") && !text.contains(&job), "a label is unbounded:\n{text}");
    }
    system.remove().await;
}
