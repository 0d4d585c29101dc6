//! The table of `docs/authorization.md`, walked: every operation by every kind of caller.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use ally_domain::engine::plan::Plan;
use ally_domain::ids::PlanId;
use ally_telemetry::export::SpanMemory;
use ally_telemetry::trace_tree::TraceSpan;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::harness::{Ally, Setup, all_answers, body, composed};
use crate::operator::as_kim;

const TABLE: &str = include_str!("../../../docs/authorization.md");
const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
/// What can be done once: behind them everything is as it was before.
const DONE_ONCE: [&str; 7] = [
    "cancelJob",
    "redriveDeadLetter",
    "discardDeadLetter",
    "redriveDeadLetters",
    "discardDeadLetters",
    "expediteJob",
    "removeWebhook",
];
const CALLERS: [&str; 4] = ["nobody", "athlete", "other", "operator"];

/// A gateway where Amy has a plan and a job that waits, and something of each kind is there for operators.
struct World {
    ally: Ally,
    plan: String,
    waiting: String,
    workout: Value,
    endpoint: String,
    delivery: String,
}

impl World {
    async fn start() -> Self {
        let traces = SpanMemory::default();
        traces.keep(&TraceSpan {
            trace_id: TRACE.into(),
            span_id: "00f067aa0ba902b7".into(),
            name: "work".into(),
            ..TraceSpan::default()
        });
        let ally = Ally::with(Setup { traces: Some(traces), ..Setup::default() }).await;
        ally.dead_letters.park("planner.PLANS-1", "f1");
        let job = ally.onboarded("amy").await;
        ally.begin(&job).await;
        let plan = ally.complete_with(&job, "amy", plan_of).await;
        let document = body(ally.get(&format!("/api/v1/plans/{plan}"), "amy").await).await;
        let session = &document["plan"]["weeks"][0]["sessions"][0];
        let workout = json!({
            "planId": plan, "sessionId": session["id"], "performedAt": "2026-11-20T07:00:00Z",
            "items": [{"exercise": session["blocks"][1]["items"][0]["exercise"], "sets": [{"reps": 8}]}],
        });
        let waiting = body(ally.post("/api/v1/plans/generate", "amy", &json!({})).await).await;
        let waiting = waiting["jobId"].as_str().unwrap().to_owned();
        let endpoint = as_operator(&ally, "/api/v1/operator/webhooks", Some(endpoint())).await["endpointId"].clone();
        let endpoint = endpoint.as_str().unwrap().to_owned();
        let ping = as_operator(&ally, &format!("/api/v1/operator/webhooks/{endpoint}/ping"), None).await;
        let delivery = ping["deliveryId"].as_str().unwrap().to_owned();
        Self { ally, plan, waiting, workout, endpoint, delivery }
    }

    /// An operation as it would work for Amy, or for an operator.
    fn request(&self, operation: &Operation) -> RequestBuilder {
        let id = match operation.path.as_str() {
            path if path.contains("/jobs/") => &self.waiting,
            path if path.contains("/plans/") => &self.plan,
            path if path.contains("/traces/") => TRACE,
            path if path.contains("/webhooks/") => &self.endpoint,
            path if path.contains("/exercises/") => "bodyweight-squat",
            _ => "planner.PLANS-1",
        };
        let path = operation.path.replace("{id}", id).replace("{session}", "w1d1").replace("{name}", "planner");
        let path = path.replace("{deliveryId}", &self.delivery);
        let query = match operation.name.as_str() {
            "planStatus" => format!("?jobId={}", self.waiting),
            "workouts" => format!("?planId={}", self.plan),
            "planDiff" => "?from=1".to_owned(),
            _ => String::new(),
        };
        let request = self.ally.server.request(operation.method.clone(), &format!("{path}{query}"));
        match self.body(&operation.name) {
            Some(body) => request.json(&body),
            None => request,
        }
    }

    fn body(&self, operation: &str) -> Option<Value> {
        Some(match operation {
            "answerOnboarding" => all_answers(),
            "generatePlans" => json!({"items": [{"idempotencyKey": "k"}]}),
            "generatePlan" | "replan" | "pauseConsumer" | "changeWebhook" | "rotateWebhookSecret" => json!({}),
            "registerWebhook" => endpoint(),
            "replayWebhookDeliveries" => json!({"since": "2026-11-20T08:00:00Z"}),
            "logWorkout" => self.workout.clone(),
            "reportPain" => json!({"pain": [{"bodyPart": "knee", "level": 2}]}),
            "previewTimeCrunch" => {
                json!({"planId": self.plan, "sessionId": self.workout["sessionId"], "targetMinutes": 60})
            }
            "redriveDeadLetters" | "discardDeadLetters" => json!({"note": "fixed", "all": true}),
            "redriveDeadLetter" | "discardDeadLetter" => json!({"note": "fixed"}),
            _ => return None,
        })
    }

    async fn status(&self, operation: &Operation, caller: &str) -> u16 {
        let request = self.request(operation);
        let token = |athlete| crate::harness::token(&self.ally.clock, athlete);
        let request = match caller {
            "nobody" => request,
            "athlete" => request.bearer_auth(token("amy")),
            "other" => request.bearer_auth(token("eve")),
            _ => as_kim(&self.ally, request),
        };
        request.send().await.unwrap().status().as_u16()
    }
}

/// An endpoint that may be registered.
fn endpoint() -> Value {
    json!({"app": "coach", "url": "https://app.example.org/hooks", "types": ["job.completed"]})
}

/// The answer to a command of an operator's.
async fn as_operator(ally: &Ally, path: &str, sent: Option<Value>) -> Value {
    let request = as_kim(ally, ally.server.request(Method::POST, path));
    let request = match sent {
        Some(sent) => request.json(&sent),
        None => request,
    };
    body(request.send().await.unwrap()).await
}

/// A plan of the engine, composed once: every world's has the same id.
fn plan_of(id: &PlanId) -> Plan {
    static PLAN: OnceLock<Plan> = OnceLock::new();
    let plan = PLAN.get_or_init(|| composed(id));
    assert_eq!(plan.plan_id, *id);
    plan.clone()
}

struct Operation {
    name: String,
    method: Method,
    path: String,
}

fn operations() -> Vec<Operation> {
    let document: Value = serde_json::from_str(&ally_api::openapi_json()).unwrap();
    let mut all = Vec::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let name = operation["operationId"].as_str().unwrap().to_owned();
            all.push(Operation { name, method: method.to_uppercase().parse().unwrap(), path: path.clone() });
        }
    }
    all
}

/// What the table says of each operation, in the order of the callers.
fn table() -> Vec<(String, Vec<String>)> {
    let rows = TABLE.lines().filter(|line| line.starts_with("| `"));
    let cells = |row: &str| row.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
    rows.map(cells).map(|cells| (cells[0].trim_matches('`').to_owned(), cells[1..].to_vec())).collect()
}

#[test]
fn the_table_has_every_operation_once() {
    let listed: Vec<String> = table().into_iter().map(|(operation, _)| operation).collect();
    let names: BTreeSet<String> = operations().into_iter().map(|operation| operation.name).collect();
    assert_eq!(listed.iter().cloned().collect::<BTreeSet<_>>(), names);
    assert_eq!(listed.len(), names.len(), "each once");
    assert!(table().iter().all(|(_, cells)| cells.len() == CALLERS.len()), "a word for every caller");
}

#[tokio::test]
async fn every_operation_lets_in_whom_the_table_says() {
    let (operations, mut world) = (operations(), World::start().await);
    for (name, cells) in table() {
        let operation = operations.iter().find(|operation| operation.name == name).unwrap();
        // The athlete last: what may be done once is theirs.
        for n in [0, 2, 3, 1] {
            let caller = CALLERS[n];
            let status = world.status(operation, caller).await;
            match cells[n].as_str() {
                "yes" => assert!(status < 500 && ![401, 403, 404].contains(&status), "{name} by {caller}: {status}"),
                refused => assert_eq!(status.to_string(), refused, "{name} by {caller}"),
            }
        }
        if DONE_ONCE.contains(&name.as_str()) {
            world = World::start().await;
        }
    }
}
