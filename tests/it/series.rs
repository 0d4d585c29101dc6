//! Counters and histograms stand at zero before their first event: `rate()` and alerts see the first one only then.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::process::{Command, Stdio};

use ally_telemetry::exposition::samples;
use ally_telemetry::names::{self, Kind, Metric, service};
use ally_telemetry::testing::{tool, undeclared};

use crate::system::{RoleProcess, System, answers, eventually};

/// Metrics that begin with their first event, each with the reason. A new metric is begun by its role (`series::begin`), or
/// stands here.
const EXCEPTIONS: [(&str, &str); 11] = [
    (names::API_REQUESTS_TOTAL, "a series for each route and status"),
    (names::API_RESPONSE_TIME_SECONDS, "a series for each route"),
    (names::API_ERRORS_TOTAL, "a series for each route and status"),
    (names::HTTP_SERVER_REQUEST_DURATION_SECONDS, "a series for each route and status"),
    (names::COMMAND_NEWER_EVENTS_TOTAL, "the types of later versions are not known"),
    (names::PROJECTION_UNKNOWN_EVENTS_TOTAL, "the types of later versions are not known"),
    (names::LLM_REQUESTS_TOTAL, "only where a model makes the plans, by its name"),
    (names::LLM_RESPONSE_TIME_SECONDS, "only where a model makes the plans, by its name"),
    (names::LLM_TOKENS_USED_TOTAL, "only where a model makes the plans, by its name"),
    (names::LLM_REPAIRS_TOTAL, "only where a model makes the plans, by its name"),
    (names::LLM_FALLBACKS_TOTAL, "only where a model makes the plans"),
];

const ROLES: [(&str, &str); 5] = [
    ("gateway", service::GATEWAY_BFF),
    ("onboarding", service::PROFILE_ONBOARDING),
    ("planner", service::PLANNING_ENGINE),
    ("presence", service::REALTIME_PRESENCE_SERVICE),
    ("projector", service::PROJECTOR),
];

fn begins(metric: &Metric) -> bool {
    metric.kind != Kind::Gauge && EXCEPTIONS.iter().all(|(excepted, _)| *excepted != metric.name)
}

/// The series of a page that must stand there from the beginning, each with its labels.
fn begun(page: &str) -> BTreeSet<String> {
    let known = samples(page).filter(|sample| !sample.name.ends_with("_bucket") && !sample.name.ends_with("_sum"));
    let begun = known.filter(|sample| names::metric(sample.name).is_some_and(begins));
    begun.map(|sample| format!("{}{:?}", sample.name, sample.labels)).collect()
}

/// What a role should show from the beginning and does not, once it shows the rest.
fn absent(page: &str, service: &str) -> Vec<&'static str> {
    let shown: BTreeSet<&str> =
        samples(page).filter_map(|sample| names::metric(sample.name)).map(|metric| metric.name).collect();
    let wanted = names::METRICS.iter().filter(|metric| begins(metric) && metric.roles.contains(&service));
    wanted.map(|metric| metric.name).filter(|name| !shown.contains(name)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_walk_counts_stood_at_zero_before() {
    let mut system = System::new();
    let archive = format!("file://{}", system.folder().join("archive").display());
    system.set("ARCHIVE_URL", &archive);
    let roles = system.start_ready(ROLES.map(|(role, _)| role)).await;
    let mut before = Vec::new();
    for (role, (name, service)) in roles.iter().zip(ROLES) {
        let page = role.metrics().await;
        assert_eq!(absent(&page, service), Vec::<&str>::new(), "{name} shows these at zero only once they happen");
        assert_eq!(undeclared(&page), BTreeSet::new(), "{name}");
        well_formed(name, &page);
        before.push(begun(&page));
    }
    let client = system.client(&roles[0], "amy");
    let first = client.onboard(&answers()).await;
    let other = client.generate("other").await;
    for job in [&first, &other] {
        assert_eq!(client.ended(job).await.status, "completed");
    }
    eventually("the jobs are counted", async || (made(&roles[2]).await >= 2.0).then_some(())).await;
    for ((role, (name, _)), before) in roles.iter().zip(ROLES).zip(before) {
        let after = begun(&role.metrics().await);
        let new: Vec<_> = after.difference(&before).collect();
        assert!(new.is_empty(), "{name} has begun these with their first event: {new:#?}");
    }
    system.remove().await;
}

/// What `promtool` says of a page: nothing.
fn well_formed(role: &str, page: &str) {
    let mut promtool = Command::new(tool("promtool"));
    promtool.args(["check", "metrics"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut promtool = promtool.spawn().unwrap();
    promtool.stdin.take().unwrap().write_all(page.as_bytes()).unwrap();
    let output = promtool.wait_with_output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    assert!(output.status.success() && said.is_empty(), "{role}: {}", String::from_utf8_lossy(&said));
}

async fn made(planner: &RoleProcess) -> f64 {
    let page = planner.metrics().await;
    samples(&page).filter(|sample| sample.name == names::PLAN_GENERATION_SUCCESS_TOTAL).map(|it| it.value).sum()
}
