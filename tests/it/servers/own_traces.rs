//! What `ally up` shows of itself, from another terminal: the commands of `docs/tracing.md`, as they are printed.

use std::path::Path;

use reqwest::Method;
use serde_json::Value;
use tokio::process::Command;

use super::support::*;
use crate::system::{Client, answers};

/// The commands behind a mark `<!-- run: … -->`.
fn printed(block: &str) -> String {
    let guide = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/tracing.md")).unwrap();
    let mark = format!("<!-- run: {block} -->\n```sh\n");
    let script = guide.split(&mark).nth(1).unwrap_or_else(|| panic!("docs/tracing.md has no block {block}"));
    script.split("```").next().unwrap().to_owned()
}

fn port(url: &str) -> String {
    url.trim_end_matches("/metrics").rsplit(':').next().unwrap().to_owned()
}

#[tokio::test]
async fn one_command_shows_the_trace_of_ones_own_job_beside_ally_up() {
    let folder = open_folder();
    let up = Up::start(folder.path(), &[]).await;
    let gateway = up.url("gateway-bff", "http://");
    let mut token = ally(folder.path());
    token.args(["token", "--sub", "amy"]);
    let token = String::from_utf8(output(token).await.stdout).unwrap();
    let client = Client::new(gateway.clone(), token.trim().to_owned());
    let job = client.onboard(&answers()).await;
    assert_eq!(client.ended(&job).await.status, "completed");
    client.request(Method::GET, "/api/v1/plans/nowhere").send().await.unwrap();

    let run = async |block: &str| {
        let binary = Path::new(env!("CARGO_BIN_EXE_ally"));
        let script = printed(block).replace("target/debug/ally", binary.to_str().unwrap());
        let mut command = configure(Command::new("bash"), folder.path());
        command.args(["-euc", &script]).env("JOB", &job).env("GATEWAY_BFF_PORT", port(&gateway));
        command.env("NATS_URL", up.url("NATS", "nats://")).env("DATABASE_URL", up.url("PostgreSQL", "postgres://"));
        for (name, variable) in [
            ("gateway-bff", "GATEWAY_BFF_METRICS_PORT"),
            ("profile-onboarding", "PROFILE_ONBOARDING_METRICS_PORT"),
            ("planning-engine", "PLANNING_ENGINE_METRICS_PORT"),
            ("realtime-presence-service", "REALTIME_PRESENCE_SERVICE_METRICS_PORT"),
            ("projector", "PROJECTOR_METRICS_PORT"),
        ] {
            command.env(variable, port(&up.metrics_url(name)));
        }
        let ended = output(command).await;
        let (shown, said) = (String::from_utf8_lossy(&ended.stdout), String::from_utf8_lossy(&ended.stderr));
        assert!(ended.status.success(), "{script}\n{shown}\n{said}");
        shown.into_owned()
    };
    let shown = run("own-trace").await;
    for line in [
        "POST /api/v1/onboarding [SERVER] gateway-bff",
        "generate_plan [INTERNAL] planning-engine",
        "project PLANS [CONSUMER] projector",
    ] {
        assert!(shown.contains(line), "{line} in\n{shown}");
    }
    let checked = run("trace-check").await;
    assert!(checked.contains("the trace shows the walk from the request to the rows"), "{checked}");
    let listed = run("traces").await;
    assert!(listed.contains("POST /api/v1/onboarding") && listed.contains(&job), "{listed}");
    let top = run("top").await;
    assert!(top.contains("all answer") && top.contains("planner"), "{top}");
    let why = run("why").await;
    assert!(why.contains(&format!("job {job} was completed at")), "{why}");

    let mut unknown = ally(folder.path());
    unknown.args(["trace", "0af7651916cd43dd8448eb211c80319c", "--gateway", &gateway]);
    let unknown = output(unknown).await;
    let said = String::from_utf8_lossy(&unknown.stderr);
    assert!(
        unknown.status.code() == Some(2) && said.contains("no trace of 0af7651916cd43dd8448eb211c80319c"),
        "{said}"
    );
    let mut kept = ally(folder.path());
    kept.args(["trace", "--json", "--gateway", &gateway]);
    let kept = String::from_utf8(output(kept).await.stdout).unwrap();
    let rows: Vec<Value> = kept.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(rows.iter().all(|row| row["errors"] == 0), "{rows:#?}");
    up.stop().await;
}
