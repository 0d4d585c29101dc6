//! A newer version has written to the log: what an operator and an athlete see of it from an older one.

use ally_domain::envelope::{Actor, CommandContext, TraceContext};
use ally_domain::event_data::{EncodedEvent, EventType};
use ally_domain::ids::{AggregateKind, AggregateRef, JobId};
use ally_domain::ports::{Append, Clock, EventStore};
use reqwest::Method;
use serde_json::Value;

use super::bench::{Ally, objects, said, text};
use crate::system::{SystemClock, eventually};

async fn append_newer(ally: &Ally, job: &str) {
    let log = ally.system.log().await;
    let id: JobId = job.parse().unwrap();
    let aggregate = AggregateRef { kind: AggregateKind::Job, id: (&id).into() };
    let context = CommandContext {
        command_id: uuid::Uuid::now_v7().into(),
        correlation: "newer".into(),
        causation: None,
        actor: Actor::Operator("olga".into()),
        at: SystemClock.now(),
        trace: TraceContext::default(),
    };
    let data = serde_json::value::to_raw_value(&serde_json::json!({"until": "spring"})).unwrap();
    let events = vec![EncodedEvent { event_type: EventType::new("plan_job", "suspended", 1), data }];
    let expected = log.load(&aggregate).await.unwrap().last_sequence();
    log.append(Append { aggregate, expected, events, context, contexts: Vec::new() }).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_of_a_newer_version_ends_decisions_and_marks_the_views_that_go_without_it() {
    let ally = Ally::start().await;
    // Paused, so that the job waits while the newer version writes to it.
    ally.text(&["consumers", "pause", "planner", "--for", "1h"]);
    let job = ally.client.generate("one").await;
    append_newer(&ally, &job).await;

    // The athlete: neither done nor denied.
    let cancel = ally.client.request(Method::POST, &format!("/api/v1/jobs/{job}/cancel")).send().await.unwrap();
    assert!(cancel.headers().contains_key("retry-after"));
    let (status, told) = (cancel.status().as_u16(), cancel.json::<Value>().await.unwrap());
    assert_eq!((status, text(&told, "type")), (503, "/problems/outdated"), "{told}");
    let cancel = ally.run(&["jobs", "cancel", &job]);
    assert!(cancel.status.code() == Some(2) && said(&cancel).contains("newer version"), "{}", said(&cancel));

    // The worker: it waits, however often it looks, and no attempt begins.
    ally.text(&["consumers", "resume", "planner"]);
    let waits = |subjects: Vec<String>| subjects.iter().any(|subject| subject.contains(".schedule.PLANS.planner."));
    eventually("the worker has put the job off", async || waits(ally.system.hot_subjects().await).then_some(())).await;
    let metrics = ally.planner.metrics().await;
    assert!(metrics.contains(r#"command_newer_events_total{type="plan_job.suspended.v1"}"#), "{metrics}");
    assert!(ally.system.hot_subjects().await.iter().all(|subject| !subject.contains(&format!("{job}.started"))));

    // The views: they go on, and say that they are not all.
    eventually("the projector's health warns", async || {
        let (status, report) = ally.projector.health().await;
        let warned = report["components"].as_array()?.iter().find(|it| it["name"] == "projections")?.clone();
        assert_eq!(status, 200, "it is no reason to take it out of service: {report}");
        assert_ne!(warned["status"], "down", "{report}");
        let reason = warned["reason"].as_str().filter(|_| warned["status"] == "degraded")?;
        reason.contains("plan_job.suspended.v1").then_some(())
    })
    .await;
    let rows = ally.objects(&["projections", "status"]);
    let passed = |view: &str| {
        let mut rows = rows.iter().filter(|it| it["projection"] == view && it["stream"] == "PLANS");
        rows.next().unwrap()["passedOver"].as_u64()
    };
    assert_eq!((passed("job_status"), passed("job_timeline"), passed("plan")), (Some(1), Some(1), Some(0)));
    let verified = ally.run(&["projections", "verify", "job_status", "--json"]);
    assert_eq!(verified.status.code(), Some(1), "{}", said(&verified));
    let verified = objects(&verified).remove(0);
    assert_eq!((&verified["differing"], &verified["passedOver"]), (&0.into(), &1.into()));
    let told = ally.runbook("incomplete", &[]);
    assert!(told.contains("it is incomplete") && told.contains("update Ally"), "{told}");
    let mut doctor = ally.system.command(&["doctor", "--json"]);
    let (host, port) = ally.projector.http.trim_start_matches("http://").rsplit_once(':').unwrap();
    assert_eq!(host, "127.0.0.1");
    let found = objects(&doctor.env("PROJECTOR_PORT", port).output().unwrap());
    let warned = found.iter().find(|it| it.to_string().contains("goes without")).unwrap_or_else(|| panic!("{found:?}"));
    assert_eq!(warned["well"], false);
    ally.remove().await;
}
