//! The planner's queue, paused and resumed; jobs stopped by an operator.

use super::bench::{Ally, said, text};
use crate::system::eventually;

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
