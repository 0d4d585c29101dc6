//! A job that failed twice, was retried by schedule, dead-lettered, redriven and completed: its trace, as `docs/tracing.md` shows it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ally_handlers::testing::{FakeModel, Reply};
use ally_telemetry::names::{attr, publish};
use ally_telemetry::testing::OtlpReceiver;
use ally_telemetry::trace_tree::{SpanKind, TraceSpan, trace_shape, trace_tree};
use reqwest::Method;
use serde_json::{Value, json};

use super::Walk;
use crate::model::{asking, draft};
use crate::operator::bench::text;
use crate::system::{Client, answers, eventually};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
/// Long enough for the next try to be a schedule of the server's and no delay of a delivery.
const LATER: &str = "retry-after: 6\r\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_trace_of_a_job_that_was_put_back_is_the_one_in_the_documentation() {
    let mended = Arc::new(AtomicBool::new(false));
    let is_mended = Arc::clone(&mended);
    let model = FakeModel::start(move |_, _| match is_mended.load(Ordering::SeqCst) {
        // Held until the job is seen to run: an attempt that lasts has an event of its own.
        true => Reply::Held(Box::new(draft())),
        false => Reply::status(503, LATER),
    })
    .await;
    let receiver = OtlpReceiver::start().await.unwrap();
    let mut system = asking(&model.base_url());
    system.set("OTEL_EXPORTER_OTLP_ENDPOINT", &receiver.endpoint());
    system.set("LLM_FALLBACK", "fail").set("LLM_MAX_RETRIES", "0").set("MAX_ATTEMPTS", "2");
    let roles = system.start_ready(["gateway", "onboarding", "planner", "projector"]).await;
    let client = system.client(&roles[0], "amy");
    let request = client.request(Method::POST, "/api/v1/onboarding");
    let request = request.header("traceparent", format!("00-{TRACE}-00f067aa0ba902b7-01"));
    let body: Value = request.json(&answers()).send().await.unwrap().json().await.unwrap();
    let job = text(&body, "jobId");
    let ended = client.ended(job).await;
    assert_eq!((ended.status.as_str(), ended.attempts), ("dead_lettered", 2), "{ended:?}");

    mended.store(true, Ordering::SeqCst);
    let token = system.command(&["token", "--sub", "kim", "--role", "operator"]).output().unwrap();
    let kim = Client::new(roles[0].http.clone(), String::from_utf8(token.stdout).unwrap().trim().to_owned());
    let letter = eventually("the dead letter", async || {
        let listed = kim.request(Method::GET, "/api/v1/operator/dead-letters").send().await.unwrap();
        let listed: Value = listed.json().await.unwrap();
        listed["letters"][0]["id"].as_str().map(str::to_owned)
    })
    .await;
    let redrive = kim.request(Method::POST, &format!("/api/v1/operator/dead-letters/{letter}/redrive"));
    let redriven = redrive.json(&json!({"note": "the model is back"})).send().await.unwrap();
    assert_eq!(redriven.status(), 200, "{}", redriven.text().await.unwrap());
    eventually("the job runs", async || (client.job(job).await.status == "running").then_some(())).await;
    model.release();
    eventually("the job completed", async || (client.job(job).await.status == "completed").then_some(())).await;
    for role in roles {
        assert_eq!(role.terminate().await, Some(0));
    }

    // What is of the job's conversation, and the request that put it back.
    let all = receiver.spans();
    let redrive = all.iter().find(|span| span.name == "redrive").expect("a span of the redrive");
    let spans: Vec<_> = all
        .iter()
        .filter(|span| [TRACE, redrive.trace_id.as_str()].contains(&span.trace_id.as_str()))
        .cloned()
        .collect();
    println!("{}", trace_tree(&spans));
    let walk = Walk { spans };
    let sent = walk.one("profile-onboarding", SpanKind::Producer, "job.{id}.expedited");
    assert_eq!(redrive.links, [(TRACE.to_owned(), sent.span_id.clone())], "linked to what was given up");
    let conversations: std::collections::BTreeSet<_> =
        walk.spans.iter().filter_map(|span| span.text(attr::MESSAGING_MESSAGE_CONVERSATION_ID)).collect();
    assert_eq!(conversations.len(), 1, "a redrive is of the conversation that it goes on with: {conversations:?}");
    let errors = walk.all(|span| span.is_error());
    assert!(errors.iter().all(|span| span.service == "planning-engine"), "{errors:#?}");

    // What depends on how fast all this goes: how many batches the projector makes, whether a figure is read anew, whether an attempt
    // tells how far it is, and whether that comes in between an append.
    let by_chance =
        |name: &str| ["project ", "SELECT "].iter().any(|it| name.starts_with(it)) || name.ends_with(".progressed");
    let lost = |span: &TraceSpan| span.text(attr::APPEND_OUTCOME) == Some(publish::CONFLICT);
    let shown: Vec<_> = walk.all(|span| !by_chance(&span.name) && !lost(span)).into_iter().cloned().collect();
    let shape = trace_shape(&shown).replace(system.variable("ALLY_PREFIX"), "ally");
    let documented = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/tracing.md")).unwrap();
    assert!(documented.contains(&format!("```\n{shape}```\n")), "docs/tracing.md does not show this:\n{shape}");
    Walk { spans: shown }.check_attributes();
    system.remove().await;
}
