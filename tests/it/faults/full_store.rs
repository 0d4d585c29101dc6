//! A store that is full while jobs wait in it: whoever comes is told so at once, whoever was accepted waits, and once there
//! is room again every accepted job comes to its end by itself.

use std::time::{Duration, Instant};

use reqwest::StatusCode;
use serde_json::json;

use super::athletes::Load;
use super::filler::Filler;
use super::stage::Stage;
use super::{now, number, verdict};
use crate::system::{Client, answers, eventually};

const JOBS: usize = 7;
/// No attempt may be lost to a full store.
const MAX_ATTEMPTS: &str = "1";
/// How long the planner meets the full store: in `make test-faults` as long as it took to use up everything that was counted.
const FULL: (Duration, Duration) = (Duration::from_secs(6), Duration::from_secs(75));
/// A refusal is an answer, not a time-out.
const AT_ONCE: Duration = Duration::from_secs(5);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_store_strands_no_accepted_job() {
    let stage = Stage::single_with(|system| {
        system.set("MAX_ATTEMPTS", MAX_ATTEMPTS);
    })
    .await;
    let (begun, full) = (now(), if number("ALLY_FAULTS_SECONDS").is_some_and(|it| it > 60) { FULL.1 } else { FULL.0 });
    let client = Client::new(stage.roles.gateway().borrow().clone(), stage.roles.system.token("amy"));
    let mut accepted = vec![client.onboard(&answers()).await];
    client.ended(&accepted[0]).await;
    stage.roles.stop("planner").await;
    for n in 0..JOBS {
        accepted.push(client.generate(&format!("key-{n}")).await);
    }

    let filler = Filler::fill(&stage).await;
    let asked = Instant::now();
    let request = client.request(reqwest::Method::POST, "/api/v1/plans/generate").header("Idempotency-Key", "late");
    let refused = request.json(&json!({"weeks": 1})).send().await.unwrap();
    assert!(asked.elapsed() < AT_ONCE, "it took {:?} to be refused", asked.elapsed());
    let (status, later) = (refused.status(), refused.headers().contains_key("retry-after"));
    assert_eq!((status, later), (StatusCode::SERVICE_UNAVAILABLE, true), "{}", refused.text().await.unwrap());
    stage.roles.start_again("planner").await;
    tokio::time::sleep(full).await;
    filler.remove().await;

    let late = eventually("admission again", async || {
        let request = client.request(reqwest::Method::POST, "/api/v1/plans/generate").header("Idempotency-Key", "late");
        let answer = request.json(&json!({"weeks": 1})).send().await.ok()?;
        let body: serde_json::Value = answer.json().await.ok()?;
        body["jobId"].as_str().map(str::to_owned)
    })
    .await;
    accepted.push(late);
    let load = Load { accepted, repeated: 0, begun, ended: now() };
    let verdict = verdict::reach(&stage, &load).await;
    println!(
        "full for {full:?}: {} of {} jobs completed, stranded {:?}",
        verdict.completed,
        load.accepted.len(),
        verdict.stranded
    );
    verdict.hold();
    stage.leave().await;
}
