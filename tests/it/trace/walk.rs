//! One trace, from the HTTP request to the row: parents and roles checked, and how many spans it takes.

use std::collections::BTreeSet;

use ally_telemetry::names::attr;
use ally_telemetry::testing::OtlpReceiver;
use ally_telemetry::trace_tree::{SpanKind, trace_tree};

use super::Walk;
use crate::system::{System, answers};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const CALLER: &str = "00f067aa0ba902b7";
/// An athlete's first job, from their answers to the row, each hop once: what a collector has to take for it. An attempt that lasts
/// is counted by an event of its own.
const MOST_HOPS: usize = 13;
/// How many batches the projector makes of the events depends on how fast they come: never more than there are appends.
const MOST_BATCHES: usize = 5;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_trace_runs_from_the_request_to_the_row() {
    let receiver = OtlpReceiver::start().await.unwrap();
    let mut system = System::new();
    system.set("OTEL_EXPORTER_OTLP_ENDPOINT", &receiver.endpoint());
    system.set("OTEL_RESOURCE_ATTRIBUTES", "team=plans%20and%20more,deployment.environment.name=test");
    system.set("OTEL_EXPORTER_OTLP_HEADERS", "x-tenant=ally");
    let roles = system.start_ready(["gateway", "onboarding", "planner", "projector"]).await;
    let client = system.client(&roles[0], "amy");
    let request = client.request(reqwest::Method::POST, "/api/v1/onboarding");
    let request = request.header("traceparent", format!("00-{TRACE}-{CALLER}-01"));
    let answer = request.json(&answers()).send().await.unwrap();
    assert_eq!(answer.status(), 202);
    let body: serde_json::Value = answer.json().await.unwrap();
    let id = body["jobId"].as_str().unwrap();
    let job = client.ended(id).await;
    assert_eq!(job.status, "completed");
    assert_eq!(job.trace_id.as_deref(), Some(TRACE), "the status names the trace of the request");

    // The view has shown the end, so every hop has happened; a role that drains exports what it still holds.
    for role in roles {
        assert_eq!(role.terminate().await, Some(0));
    }
    let spans: Vec<_> = receiver.spans().into_iter().filter(|span| span.trace_id == TRACE).collect();
    println!("{}", trace_tree(&spans));
    let walk = Walk { spans };
    hops(&walk);
    walk.check_attributes();

    let known = walk.all(|span| span.service != "gateway-bff" || span.kind == SpanKind::Server);
    let nameless: Vec<_> = known.into_iter().filter(|span| span.text(attr::JOB_ID) != Some(id)).collect();
    // A batch that holds nothing but the plan names no job.
    assert!(nameless.iter().all(|span| span.name.starts_with("project ")), "{nameless:#?}");
    let conversations: BTreeSet<_> =
        walk.spans.iter().filter_map(|span| span.text(attr::MESSAGING_MESSAGE_CONVERSATION_ID)).collect();
    assert_eq!(conversations.len(), 1, "{conversations:?}");

    let instances: BTreeSet<_> = walk.spans.iter().map(|span| &span.resource[attr::SERVICE_INSTANCE_ID]).collect();
    assert_eq!(instances.len(), 4, "{instances:?}");
    assert!(walk.spans.iter().all(|span| span.resource["team"] == "plans and more"));
    assert!(receiver.headers().contains(&("x-tenant".to_owned(), "ally".to_owned())));
    let batches = walk.all(|span| span.name.starts_with("project ")).len();
    let hops = walk.spans.len() - batches;
    assert!(hops <= MOST_HOPS && batches <= MOST_BATCHES, "{hops} and {batches}:\n{}", trace_tree(&walk.spans));
    system.remove().await;
}

fn hops(walk: &Walk) {
    let request = walk.one("gateway-bff", SpanKind::Server, "POST /api/v1/onboarding");
    assert_eq!(request.parent_span_id.as_deref(), Some(CALLER), "the caller's span is the parent");
    let answered = walk.one("gateway-bff", SpanKind::Producer, "onboarding_completed");
    walk.descends(answered, request);
    let managed = walk.one("profile-onboarding", SpanKind::Consumer, "onboarding_completed");
    walk.descends(managed, answered);
    let requested = walk.one("profile-onboarding", SpanKind::Producer, "job.{id}.requested");
    walk.descends(requested, managed);
    // A first plan goes before others: the express workers take it up.
    let expedited = walk.one("profile-onboarding", SpanKind::Producer, "job.{id}.expedited");
    walk.descends(expedited, managed);
    let worked = walk.one("planning-engine", SpanKind::Consumer, "expedited");
    walk.descends(worked, expedited);
    assert_eq!(worked.text(attr::MESSAGING_NATS_SETTLEMENT), Some("ack"));
    let generated = walk.one("planning-engine", SpanKind::Internal, "generate_plan");
    walk.descends(generated, worked);
    let completed = walk.one("planning-engine", SpanKind::Producer, "job.{id}.completed");
    walk.descends(completed, worked);
    let projected = walk.all(|span| span.name == "project PLANS");
    let last = projected.last().unwrap();
    assert_eq!(last.text(attr::DB_SYSTEM_NAME), Some(attr::POSTGRESQL));
    assert!(last.text(attr::DATABASE_TABLE).unwrap().contains("job_status"), "{last:?}");
    walk.descends(last, request);
    let linked = |span: &&&ally_telemetry::trace_tree::TraceSpan| {
        span.links.contains(&(TRACE.to_owned(), completed.span_id.clone()))
    };
    assert!(projected.iter().any(|span| linked(&span)), "the batch links to each of its events: {projected:#?}");
}
