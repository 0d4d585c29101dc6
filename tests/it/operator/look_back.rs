//! The log, for whoever looks back: an aggregate at a position or a time, step by step, and the newest events as they come.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use serde_json::Value;

use super::bench::{Ally, said, text};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_history_is_shown_as_of_any_position_or_time() {
    let ally = Ally::start().await;
    let job = ally.client.generate("one").await;
    assert_eq!(ally.client.ended(&job).await.status, "completed");

    let now = ally.objects(&["events", "show", "job", &job]).remove(0);
    let events = now["events"].as_array().unwrap();
    assert_eq!(now["state"]["status"], "completed");
    let completed = events.iter().find(|it| it["type"] == "plan_job.completed.v1").unwrap();
    let (position, requested) = (text(completed, "position"), text(&events[0], "position"));
    let then = ally.objects(&["events", "show", "job", &job, "--at", position]).remove(0);
    assert_eq!((&then["state"]["status"], &then["state"]["attempts"]), (&"completed".into(), &1.into()));
    let then = ally.objects(&["events", "show", "job", &job, "--at", requested.trim_start_matches("PLANS:")]).remove(0);
    assert_eq!(then["state"]["status"], "queued");
    let then = ally.objects(&["events", "show", "job", &job, "--at-time", text(&events[0], "at")]).remove(0);
    assert_eq!(then["state"]["status"], "queued");
    let early = ally.run(&["events", "show", "job", &job, "--at-time", "2020-01-01T00:00:00Z"]);
    assert_eq!(early.status.code(), Some(2));
    assert!(said(&early).contains(requested), "{}", said(&early));

    let athlete = ally.objects(&["events", "show", "athlete", "amy"]).remove(0);
    assert_eq!(athlete["state"]["revision"], 1);
    let plan = text(&now["state"], "planId");
    assert_eq!(ally.objects(&["events", "show", "plan", plan])[0]["state"]["jobId"], job.as_str());

    let steps = ally.objects(&["events", "replay", "job", &job]);
    let states = steps.iter().map(|step| text(&step["state"], "status")).collect::<Vec<_>>();
    assert_eq!((states[0], states[states.len() - 1], states.len()), ("queued", "completed", events.len()));
    assert!(ally.text(&["events", "replay", "job", &job]).contains("→ completed"));
    ally.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_newest_events_are_told_as_they_come() {
    let ally = Ally::start().await;
    let first = ally.client.generate("one").await;
    assert_eq!(ally.client.ended(&first).await.status, "completed");
    let newest = ally.objects(&["events", "tail", "--stream", "PLANS", "--type", "completed", "-n", "1"]);
    assert_eq!((newest.len(), text(&newest[0], "id")), (1, first.as_str()));
    let both = ally.objects(&["events", "tail"]);
    assert!(both.iter().any(|it| it["kind"] == "athlete") && both.iter().any(|it| it["kind"] == "plan"), "{both:?}");

    let mut command = ally.system.command(&["events", "tail", "--follow", "--type", "plan_job.completed", "--json"]);
    let mut tail = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(tail.stdout.take().unwrap()).lines();
    let mut next = move || -> Value { serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap() };
    assert_eq!(text(&next(), "id"), first);
    let second = ally.client.generate("two").await;
    assert_eq!(text(&next(), "id"), second);
    tail.kill().unwrap();
    tail.wait().unwrap();
    ally.remove().await;
}
