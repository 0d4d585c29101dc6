//! One trace, from the HTTP request to the row: received as a collector would, parents and roles checked.

use ally_telemetry::testing::OtlpReceiver;
use ally_telemetry::trace_tree::{SpanKind, TraceSpan, trace_tree};

use crate::system::{System, answers};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const CALLER: &str = "00f067aa0ba902b7";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_trace_runs_from_the_request_to_the_row() {
    let receiver = OtlpReceiver::start().await.unwrap();
    let mut system = System::new();
    system.set("OTEL_EXPORTER_OTLP_ENDPOINT", &receiver.endpoint());
    let roles = system.start_ready(["gateway", "onboarding", "planner", "projector"]).await;
    let client = system.client(&roles[0], "amy");
    let request = client.request(reqwest::Method::POST, "/api/v1/onboarding");
    let request = request.header("traceparent", format!("00-{TRACE}-{CALLER}-01"));
    let answer = request.json(&answers()).send().await.unwrap();
    assert_eq!(answer.status(), 202);
    let body: serde_json::Value = answer.json().await.unwrap();
    let job = client.ended(body["jobId"].as_str().unwrap()).await;
    assert_eq!(job.status, "completed");
    assert_eq!(job.trace_id.as_deref(), Some(TRACE), "the status names the trace of the request");

    // The view has shown the end, so every hop has happened; a role that drains exports what it still holds.
    for role in roles {
        assert_eq!(role.terminate().await, Some(0));
    }
    let spans: Vec<_> = receiver.spans().into_iter().filter(|span| span.trace_id == TRACE).collect();
    println!("{}", trace_tree(&spans));
    let walk = Walk { spans };

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
    let generated = walk.one("planning-engine", SpanKind::Internal, "generate_plan");
    walk.descends(generated, worked);
    let completed = walk.one("planning-engine", SpanKind::Producer, "job.{id}.completed");
    walk.descends(completed, worked);
    let projected = walk.one("projector", SpanKind::Consumer, "plan_job.completed");
    walk.descends(projected, completed);
    let rows = walk.children(projected);
    assert!(
        rows.iter().any(|span| span.attributes.get("db.system.name").is_some_and(|name| name == "postgresql")),
        "{rows:?}"
    );
    system.remove().await;
}

struct Walk {
    spans: Vec<TraceSpan>,
}

impl Walk {
    /// The first span of a role with this kind and a name that holds this.
    fn one(&self, service: &str, kind: SpanKind, name: &str) -> &TraceSpan {
        let mut found: Vec<_> = self
            .spans
            .iter()
            .filter(|span| span.service == service && span.kind == kind && span.name.contains(name))
            .collect();
        found.sort_by_key(|span| span.start_unix_ns);
        found.first().unwrap_or_else(|| panic!("{service} has no {kind:?} span {name:?}:\n{}", trace_tree(&self.spans)))
    }

    fn children(&self, parent: &TraceSpan) -> Vec<&TraceSpan> {
        self.spans.iter().filter(|span| span.parent_span_id.as_deref() == Some(&parent.span_id)).collect()
    }

    #[track_caller]
    fn descends(&self, span: &TraceSpan, ancestor: &TraceSpan) {
        let mut at = span;
        while let Some(parent) = &at.parent_span_id {
            if *parent == ancestor.span_id {
                return;
            }
            let Some(next) = self.spans.iter().find(|span| span.span_id == *parent) else { break };
            at = next;
        }
        panic!("{} does not descend from {}:\n{}", span.name, ancestor.name, trace_tree(&self.spans));
    }
}
