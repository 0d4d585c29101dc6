//! The streams are made by `ally streams apply` and by nothing else: roles wait for them, say what is wrong with them, and go on
//! once it is mended.

use std::process::Output;

use crate::system::{RoleProcess, System, answers, eventually, server};

const ROLES: [&str; 4] = ["gateway", "onboarding", "planner", "projector"];

async fn raw() -> async_nats::jetstream::Context {
    async_nats::jetstream::new(async_nats::connect(server("ALLY_TEST_NATS_URL")).await.unwrap())
}

/// Waits until a role says of its streams what contains this.
async fn says(role: &RoleProcess, sentence: &str) {
    eventually(sentence, async || {
        let (status, report) = role.health().await;
        let streams = report["components"].as_array()?.iter().find(|part| part["name"] == "streams")?;
        (status == 503 && streams["reason"].as_str()?.contains(sentence)).then_some(())
    })
    .await;
}

fn run(system: &System, arguments: &[&str]) -> (Option<i32>, String) {
    let Output { status, stdout, stderr } = system.command(arguments).output().unwrap();
    (status.code(), format!("{}{}", String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr)))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn roles_make_no_stream_and_wait_until_somebody_has() {
    let mut system = System::new();
    // The command alone reads it.
    system.set("NATS_REPLICAS", "1");
    let mut roles = Vec::new();
    for role in ROLES {
        roles.push(system.start_without_streams(role).await);
    }
    for role in &roles {
        says(role, "`ally streams apply` makes them").await;
    }
    let plans = format!("{}_PLANS", system.variable("ALLY_PREFIX"));
    let (code, shown) = run(&system, &["streams", "apply", "--dry-run"]);
    assert_eq!(code, Some(1), "{shown}");
    assert!(shown.contains(&plans) && shown.contains("a new one") && shown.contains("nothing was changed"), "{shown}");
    let (code, said) = run(&system, &["dlq", "list", "--from-stream"]);
    assert!(code == Some(2) && said.contains("`ally streams apply` makes them"), "{said}");
    assert!(raw().await.get_stream(&plans).await.is_err(), "a role or a look has made the stream");

    let (code, shown) = run(&system, &["streams", "apply"]);
    assert!(code == Some(0) && shown.contains(&plans), "{shown}");
    for role in &roles {
        role.ready().await;
    }
    let (code, shown) = run(&system, &["streams", "apply", "--dry-run", "--json"]);
    assert_eq!((code, shown.trim()), (Some(0), ""));
    let client = system.client(&roles[0], "amy");
    let job = client.onboard(&answers()).await;
    assert_eq!(client.ended(&job).await.status, "completed");

    // One is deleted while all run: each notices, none makes it anew, not even one that starts now.
    let onboarding = format!("{}_ONBOARDING", system.variable("ALLY_PREFIX"));
    raw().await.delete_stream(&onboarding).await.unwrap();
    for role in &roles {
        says(role, &format!("the stream {onboarding} is gone")).await;
    }
    let late = system.start_without_streams("onboarding").await;
    says(&late, &format!("the stream {onboarding} is gone")).await;
    assert!(raw().await.get_stream(&onboarding).await.is_err());
    let (_, shown) = run(&system, &["doctor", "--json"]);
    let finding = shown.lines().find(|line| line.contains("\"what\":\"streams\"")).unwrap();
    assert!(finding.contains(&format!("the stream {onboarding} is gone")), "{finding}");
    assert!(finding.contains("\"well\":false") && finding.contains("ally streams apply"), "{finding}");

    assert_eq!(run(&system, &["streams", "apply"]).0, Some(0));
    for role in roles.iter().take(3).chain([&late]) {
        role.ready().await;
    }
    // The projector reads on in no stream but the one that its views were made from, until somebody decides so.
    eventually("the projector says that the stream is another one", async || {
        let (status, report) = roles[3].health().await;
        let projections = report["components"].as_array()?.iter().find(|part| part["name"] == "projections")?;
        let reason = projections["reason"].as_str()?;
        (status == 503 && reason.contains("is not the one that the views were made from")).then_some(())
    })
    .await;
    client.onboard(&answers()).await;
    let (code, said) = run(&system, &["projections", "rebuild", "athlete_profile"]);
    assert!(code == Some(2) && said.contains("--accept-new-stream"), "{said}");
    let (code, said) = run(&system, &["projections", "status"]);
    assert!(code == Some(0) && said.contains("another stream") && said.contains("ONBOARDING"), "{said}");
    let followed =
        crate::operator::bench::runbook(&system, "new-stream", &[("VIEWS", "athlete_profile job_status job_timeline")]);
    assert_eq!(followed.matches("was rebuilt from").count(), 3, "{followed}");
    roles[3].ready().await;
    drop((roles, late));
    system.remove().await;
}
