//! The streams of server-sent events: every operation of the OpenAPI document that answers with one is a channel.

use serde_json::{Map, Value, json};

use super::channel::{Channel, Message};
use super::schemas::draft_7;
use super::words;
use crate::job_events::name;
use crate::wire::job_messages;

const EVENT_STREAM: &str = "text/event-stream";
/// The version of the binding of HTTP that operations are written in.
pub(super) const BINDING: &str = "0.3.0";

/// A channel of each stream.
pub(super) fn channels(openapi: &Value) -> Vec<Channel> {
    let paths = openapi["paths"].as_object().into_iter().flatten();
    let operations = paths.flat_map(|(path, methods)| {
        methods.as_object().into_iter().flatten().map(move |(method, operation)| (path, method, operation))
    });
    let streams = operations.filter(|(_, _, operation)| is_stream(operation));
    streams.map(|(path, method, operation)| channel(path, method, operation)).collect()
}

fn is_stream(operation: &Value) -> bool {
    operation["responses"]["200"]["content"].get(EVENT_STREAM).is_some()
}

fn channel(path: &str, method: &str, operation: &Value) -> Channel {
    let text = |field: &str| operation[field].as_str().unwrap_or_default().replace('\n', " ");
    let in_path = parameters(operation, "path").map(|(name, one)| (name, json!({"description": one["description"]})));
    let in_query: Map<String, Value> = parameters(operation, "query").map(described).collect();
    Channel {
        key: text("operationId"),
        address: Some(path.to_owned()),
        title: text("summary"),
        description: format!("{}\n\n{}", text("description"), words::stream()),
        parameters: in_path.collect(),
        http: json!({
            "method": method.to_uppercase(),
            "query": {"type": "object", "properties": in_query},
            "bindingVersion": BINDING,
        }),
        messages: job_messages().into_iter().map(|(name, schema)| message(name, schema)).collect(),
    }
}

/// The parameters of an operation that stand in one place, by name.
fn parameters<'a>(operation: &'a Value, place: &'a str) -> impl Iterator<Item = (String, &'a Value)> {
    let all = operation["parameters"].as_array().into_iter().flatten();
    let here = all.filter(move |parameter| parameter["in"] == place);
    here.map(|parameter| (parameter["name"].as_str().unwrap_or_default().to_owned(), parameter))
}

/// The schema of a parameter with its description.
fn described((name, parameter): (String, &Value)) -> (String, Value) {
    let mut schema = draft_7(&parameter["schema"]);
    schema["description"] = parameter["description"].clone();
    (name, schema)
}

fn message(event: &'static str, schema: String) -> Message {
    Message { key: event, name: event, headers: fields(event), schema }
}

/// The fields of a server-sent event beside its `data`.
fn fields(event: &str) -> Value {
    let mut properties = json!({"event": {"const": event, "description": "The name of the message."}});
    let mut required = vec!["event"];
    if matches!(event, name::SNAPSHOT | name::JOB) {
        required.push("id");
        properties["id"] = json!({
            "type": "string",
            "minLength": 1,
            "description": "Its place among all events. A client that comes back sends the last one, unchanged.",
        });
    }
    if event != name::JOB {
        properties["retry"] = json!({
            "type": "integer",
            "minimum": 0,
            "description": "How long a client waits before it comes back, in milliseconds.",
        });
    }
    json!({
        "type": "object",
        "description": "The fields of the server-sent event beside `data`.",
        "required": required,
        "properties": properties,
    })
}
