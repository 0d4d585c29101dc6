//! Where an answer leads: the operations that take what it holds.

use serde_json::{Map, Value, json};

use super::parts::{members, operations, referred};

/// From the schema of an answer to an operation: the link's name, the operation, and which of its parameters takes what of the body.
type Link = (&'static str, &'static str, &'static str, &'static [(&'static str, &'static str)]);

const LINKS: &[Link] = &[
    ("AcceptedJob", "job", "job", &[("id", "/jobId")]),
    ("AcceptedJob", "cancel", "cancelJob", &[("id", "/jobId")]),
    ("OnboardingAnswer", "job", "job", &[("id", "/jobId")]),
    ("OnboardingAnswer", "cancel", "cancelJob", &[("id", "/jobId")]),
    ("Job", "plan", "plan", &[("id", "/planId")]),
    ("Job", "timeline", "jobTimeline", &[("id", "/jobId")]),
    ("Job", "cancel", "cancelJob", &[("id", "/jobId")]),
    ("Cancellation", "job", "job", &[("id", "/jobId")]),
    ("ExpeditedJob", "timeline", "jobTimeline", &[("id", "/jobId")]),
    ("PlanList", "plan", "plan", &[("id", "/plans/0/planId")]),
    ("PlanDocument", "versions", "planVersions", &[("id", "/planId")]),
    ("PlanDocument", "session", "planSession", &[("id", "/planId"), ("session", "/plan/weeks/0/sessions/0/id")]),
    ("PlanDocument", "calendar", "planCalendar", &[("id", "/planId")]),
    ("PlanVersions", "plan", "plan", &[("id", "/planId"), ("version", "/versions/0/version")]),
    ("LogEntry", "plan", "plan", &[("id", "/planId")]),
    ("LogEntry", "replan", "replan", &[("id", "/planId")]),
    ("LogEntry", "workouts", "workouts", &[("planId", "/planId")]),
    ("Profile", "job", "job", &[("id", "/jobId")]),
    ("ExerciseList", "exercise", "exercise", &[("id", "/exercises/0/id")]),
    ("DeadLetters", "deadLetter", "deadLetter", &[("id", "/letters/0/id")]),
    ("Consumers", "pause", "pauseConsumer", &[("name", "/consumers/0/name")]),
    ("Traces", "trace", "trace", &[("id", "/traces/0/traceId")]),
    ("RegisteredWebhookEndpoint", "endpoint", "webhook", &[("id", "/endpointId")]),
    ("RegisteredWebhookEndpoint", "ping", "pingWebhook", &[("id", "/endpointId")]),
    ("WebhookEndpoints", "endpoint", "webhook", &[("id", "/endpoints/0/endpointId")]),
    ("WebhookEndpoint", "deliveries", "webhookDeliveries", &[("id", "/endpointId")]),
    ("WebhookEndpoint", "secret", "webhookSecret", &[("id", "/endpointId")]),
    ("QueuedWebhookDelivery", "delivery", "webhookDelivery", &[("id", "/endpointId"), ("deliveryId", "/deliveryId")]),
    ("WebhookDelivery", "replay", "replayWebhookDelivery", &[("id", "/endpointId"), ("deliveryId", "/deliveryId")]),
];

pub(super) fn link(document: &mut Value) {
    let id = |operation: &mut Value| operation.get("operationId").and_then(Value::as_str).map(str::to_owned);
    let known: Vec<String> = operations(document).filter_map(id).collect();
    for operation in operations(document) {
        let own = operation.get("operationId").and_then(Value::as_str).unwrap_or_default().to_owned();
        for (_, response) in members(operation.get_mut("responses")) {
            let links = links_of(response, |target| target != own && known.iter().any(|known| known == target));
            if let (Some(response), false) = (response.as_object_mut(), links.is_empty()) {
                response.insert("links".to_owned(), Value::Object(links));
            }
        }
    }
}

fn links_of(response: &Value, is_there: impl Fn(&str) -> bool) -> Map<String, Value> {
    let schema = response.pointer("/content/application~1json/schema");
    let Some(schema) = schema.and_then(referred) else { return Map::new() };
    let fitting = LINKS.iter().filter(|(from, _, target, _)| *from == schema && is_there(target));
    let written = fitting.map(|(_, name, operation, parameters)| {
        let taken = parameters
            .iter()
            .map(|(name, pointer)| ((*name).to_owned(), Value::String(format!("$response.body#{pointer}"))));
        let parameters: Map<String, Value> = taken.collect();
        ((*name).to_owned(), json!({"operationId": operation, "parameters": parameters}))
    });
    written.collect()
}

#[cfg(test)]
mod tests {
    use super::super::parts::reference;
    use super::*;

    #[test]
    fn a_job_leads_to_the_operations_that_are_there() {
        let answer = |id: &str| json!({"operationId": id, "responses": {"200": {"content": {"application/json": {"schema": reference("Job")}}}, "304": {}}});
        let mut document = json!({"paths": {"/a": {"get": answer("job"), "post": answer("plan")}}});
        link(&mut document);
        let links = &document["paths"]["/a"]["get"]["responses"]["200"]["links"];
        assert_eq!(*links, json!({"plan": {"operationId": "plan", "parameters": {"id": "$response.body#/planId"}}}));
        assert_eq!(document["paths"]["/a"]["get"]["responses"]["304"], json!({}));
    }
}
