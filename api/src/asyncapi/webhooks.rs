//! Webhooks: one channel, at an address that the receiver chooses, with a message about jobs and one about endpoints.

use serde_json::{Map, Value, json};

use super::channel::{Channel, Message};
use super::streams::BINDING;
use crate::document::{WEBHOOK_HEADERS, WEBHOOK_OF_ENDPOINTS, WEBHOOK_OF_JOBS};

/// The channel of webhooks.
pub(super) fn channel() -> Channel {
    Channel {
        key: "webhooks".to_owned(),
        address: None,
        title: "Webhooks".to_owned(),
        description: "\
What happens to jobs and to endpoints, sent to the endpoints that operators register, by the specification Standard Webhooks. The receiver chooses the address and is asked for no token: the signature says who \
sent it. A message comes at least once and in no order: `webhook-id` tells a repeat, and `position` the order. Any 2xx within 15 seconds takes it, 410 ends all, and anything else is tried again."
            .to_owned(),
        parameters: Map::new(),
        http: json!({"method": "POST", "bindingVersion": BINDING}),
        messages: vec![message("job_webhook", WEBHOOK_OF_JOBS), message("endpoint_webhook", WEBHOOK_OF_ENDPOINTS)],
    }
}

fn message(key: &'static str, schema: &str) -> Message {
    Message { key, name: key, headers: headers(), schema: schema.to_owned() }
}

fn headers() -> Value {
    let text = |description: &str| json!({"type": "string", "minLength": 1, "description": description});
    let properties: Map<String, Value> =
        WEBHOOK_HEADERS.iter().map(|(name, description)| ((*name).to_owned(), text(description))).collect();
    json!({
        "type": "object",
        "description": "The headers of a message.",
        "required": properties.keys().collect::<Vec<_>>(),
        "properties": properties,
    })
}
