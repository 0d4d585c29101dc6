//! The planner's queue, paused and resumed; jobs stopped by an operator.

use async_nats::jetstream::{self, consumer::FromConsumer, consumer::pull};
use serde_json::Value;

use super::bench::{Ally, objects, said, text};
use crate::system::{RoleProcess, System, answers, eventually, server};

async fn plans(system: &System) -> jetstream::stream::Stream {
    let nats = jetstream::new(async_nats::connect(server("ALLY_TEST_NATS_URL")).await.unwrap());
    nats.get_stream(format!("{}_PLANS", system.variable("ALLY_PREFIX"))).await.unwrap()
}

/// What the doctor says of the consumers.
fn doctor(system: &System) -> Value {
    let found = objects(&system.command(&["doctor", "--json"]).output().unwrap());
    found.into_iter().find(|finding| finding["what"] == "consumers").unwrap()
}

async fn waits_for(role: &RoleProcess, line: &str) {
    eventually(line, async || role.metrics().await.lines().any(|it| it == line).then_some(())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_paused_planner_is_given_nothing_and_goes_on_when_it_is_resumed() {
    let ally = Ally::start().await;
    assert!(ally.runbook("streams", &[]).contains("nothing to change"));
    assert!(ally.runbook("pause", &[]).contains("paused"));
    ally.text(&["consumers", "pause", "planner-express", "--for", "10m"]);
    let jobs = [ally.client.generate("one").await, ally.client.generate("two").await];
    let planner = || {
        let consumers = ally.objects(&["consumers", "list"]);
        consumers.into_iter().find(|it| it["consumer"] == "planner").unwrap()
    };
    eventually("two jobs pending", async || (planner()["pending"] == 2).then_some(())).await;
    assert_eq!(planner()["paused"], true, "{}", planner());
    assert!(planner()["pauseLeftSeconds"].as_u64().unwrap() <= 600);
    assert_eq!(planner()["ackPending"], 0);
    assert!(ally.runbook("queue", &[]).contains("planner"));
    assert!(ally.runbook("store", &[]).contains("planner"));
    assert!(ally.runbook("roles", &[]).contains("planner"));

    let cancelled = ally.objects(&["jobs", "cancel", &jobs[0], "--as", "kim"]);
    assert_eq!(cancelled[0]["status"], "cancelled");
    let shown = ally.objects(&["jobs", "show", &jobs[0]]);
    let last = shown[0]["events"].as_array().unwrap().last().unwrap();
    assert_eq!((text(last, "type"), text(last, "actor")), ("plan_job.cancelled.v1", "operator:kim"));
    assert_eq!(ally.objects(&["jobs", "show", &jobs[1]])[0]["state"]["status"], "queued");

    assert!(ally.runbook("cancel", &[("JOB", &jobs[0])]).contains("is cancelled"), "twice is once");
    ally.runbook("resume", &[]);
    ally.text(&["consumers", "resume", "planner-express"]);
    assert_eq!(ally.client.ended(&jobs[1]).await.status, "completed");
    assert_eq!(planner()["paused"], false);
    let late = ally.run(&["jobs", "cancel", &jobs[1]]);
    assert_eq!(late.status.code(), Some(2));
    assert!(said(&late).contains("completed"), "{}", said(&late));
    ally.remove().await;
}

/// The filter narrowed by hand: the server says that nothing waits, and no job is an orphan. Everybody says what is wrong.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_consumer_that_somebody_has_changed_is_told_by_everybody_and_mended_by_a_command() {
    let ally = Ally::start().await;
    waits_for(&ally.projector, r#"consumer_faults{consumer="planner"} 0"#).await;
    let stream = plans(&ally.system).await;
    let info = stream.consumer_info("planner").await.unwrap();
    let mut narrowed = pull::Config::try_from_consumer_config(info.config).unwrap();
    narrowed.filter_subject = narrowed.filter_subject.replace(".requested", ".started");
    narrowed.max_deliver = 3;
    stream.create_consumer(narrowed).await.unwrap();

    eventually("the planner is not ready and says why", async || {
        let (status, report) = ally.planner.health().await;
        let planner = report["components"].as_array()?.iter().find(|part| part["name"] == "planner")?;
        let reason = planner["reason"].as_str()?;
        (status == 503 && reason.contains("max_deliver 3 where unlimited is needed")).then_some(())
    })
    .await;
    waits_for(&ally.projector, r#"consumer_faults{consumer="planner"} 2"#).await;
    let told = doctor(&ally.system);
    assert!(told["well"] == false && text(&told, "found").contains("has filter_subject "), "{told}");
    assert_eq!(text(&told, "remedy").matches("ally consumers apply --dry-run").count(), 1, "{told}");
    let job = ally.client.generate("one").await;
    let orphan = ally.text(&["jobs", "requeue", &job, "--note", "why does it wait?"]);
    assert!(
        orphan.contains("no orphan") && orphan.contains("but the consumer planner has filter_subject "),
        "{orphan}"
    );
    let planner = ally.objects(&["consumers", "list"]).into_iter().find(|it| it["consumer"] == "planner").unwrap();
    assert_eq!(planner["faults"].as_array().unwrap().len(), 2, "{planner}");

    let mended = ally.runbook("consumers", &[]);
    assert!(mended.contains("would become") && mended.contains("is now"), "{mended}");
    assert_eq!(ally.client.ended(&job).await.status, "completed");
    ally.planner.ready().await;
    // The worker of the third one never ran here.
    assert!(doctor(&ally.system)["well"] == true, "{}", doctor(&ally.system));
    waits_for(&ally.projector, r#"consumer_faults{consumer="planner"} 0"#).await;
    ally.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_consumer_that_is_gone_is_no_empty_queue() {
    let system = System::new();
    let [gateway, planner, projector] = system.start_ready(["gateway", "planner", "projector"]).await;
    let amy = system.client(&gateway, "amy");
    amy.onboard(&answers()).await;
    assert_eq!(planner.terminate().await, Some(0));
    let job = amy.generate("one").await;
    waits_for(&projector, r#"consumer_pending{consumer="planner"} 1"#).await;
    plans(&system).await.delete_consumer("planner").await.unwrap();
    waits_for(&projector, r#"consumer_faults{consumer="planner"} 1"#).await;
    waits_for(&projector, r#"consumer_pending{consumer="planner"} NaN"#).await;
    let told = doctor(&system);
    assert!(told["well"] == false && text(&told, "found").contains("the consumer planner is not there"), "{told}");
    let listed = objects(&system.command(&["consumers", "list", "--json"]).output().unwrap());
    let listed = listed.iter().find(|it| it["consumer"] == "planner").unwrap();
    assert!(listed["exists"] == false && listed.get("pending").is_none(), "{listed}");
    let [planner] = system.start_ready(["planner"]).await;
    assert_eq!(amy.ended(&job).await.status, "completed", "its role has made it anew");
    for role in [gateway, planner, projector] {
        assert_eq!(role.terminate().await, Some(0));
    }
    system.remove().await;
}
