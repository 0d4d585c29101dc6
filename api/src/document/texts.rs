//! What texts look like: a field or a parameter of one name holds the same kind of text wherever it stands, and what is sent keeps the
//! rules that hold of every text and every date (`ally_domain::text`, `ally_domain::dates`).

use serde_json::{Value, json};

use super::bodies::sent;
use super::parts::{Object, items, members, named};

/// By the name of a field.
const FIELDS: &[(&str, &str)] = &[
    ("jobId", UUID),
    ("planId", UUID),
    ("entryId", UUID),
    ("connId", UUID),
    ("endpointId", UUID),
    ("deliveryId", UUID),
    ("jobIds", UUID),
    ("traceId", "^[0-9a-f]{32}$"),
    ("spanId", "^[0-9a-f]{16}$"),
    ("parentSpanId", "^[0-9a-f]{16}$"),
    ("link", REFERENCE),
    ("self", REFERENCE),
    ("plan", REFERENCE),
    ("cancel", REFERENCE),
    ("replan", REFERENCE),
    ("workouts", REFERENCE),
    ("diff", REFERENCE),
    ("deliveries", REFERENCE),
    ("ping", REFERENCE),
    ("endpoint", REFERENCE),
    ("instance", REFERENCE),
    ("why", "^R[0-9]+(:.+)?$"),
    ("messageId", NOT_EMPTY),
    ("secret", "^whsec_[A-Za-z0-9+/=]+$"),
    ("title", NOT_EMPTY),
    ("detail", NOT_EMPTY),
    ("message", NOT_EMPTY),
    ("problem", NOT_EMPTY),
    ("summary", NOT_EMPTY),
    ("asks", NOT_EMPTY),
    ("name", NOT_EMPTY),
    ("fingerprint", NOT_EMPTY),
];

/// By the beginning of a path, and the name of a parameter in it or behind it.
const PARAMETERS: &[(&str, &str, &str)] = &[
    ("/api/v1/jobs/{id}", "id", UUID),
    ("/api/v1/operator/jobs/{id}", "id", UUID),
    ("/api/v1/plans/{id}", "id", UUID),
    ("/api/v1/plans/{id}", "session", "^w[0-9]+d[1-7]$"),
    ("/api/v1/exercises/{id}", "id", "^[a-z0-9-]{1,80}$"),
    ("/api/v1/operator/dead-letters/{id}", "id", "^[a-z_-]+\\.[A-Z_]+-[0-9]+$"),
    ("/api/v1/operator/traces/{id}", "id", "^[0-9a-f]{32}$"),
    ("/api/v1/operator/consumers/{name}", "name", "^[a-z_-]{1,64}$"),
    ("/api/v1/operator/webhooks/{id}", "id", UUID),
    ("/api/v1/operator/webhooks/{id}", "deliveryId", UUID),
    ("/api/v1/plans/status", "jobId", UUID),
    ("/api/v1/workouts", "planId", UUID),
    ("/api/v1/exercises", "cursor", "^[a-z0-9-]{1,80}$"),
    ("", "Idempotency-Key", "^[!-~]{1,128}$"),
];
/// No text that is sent has control characters but tab and the ends of lines.
const TEXT: &str = "^[^\\u0000-\\u0008\\u000B\\u000C\\u000E-\\u001F\\u007F-\\u009F]*$";
/// Dates and moments that are sent are of 1900 to 2199.
const DATE: &str = "^(19|20|21)[0-9]{2}-";

/// Where the gateway's log is: `PLANS:42`. A feed of presence has positions of another kind.
const POSITION: &str = "^[A-Z_]+:[0-9]+$";
const UUID: &str = "uuid";
const REFERENCE: &str = "uri-reference";
const NOT_EMPTY: &str = "not empty";

pub(super) fn describe(document: &mut Value) {
    for (name, schema) in members(document.pointer_mut("/components/schemas")) {
        let of_a_feed = name.starts_with("Feed") || name.starts_with("Presence");
        for (field, property) in members(schema.get_mut("properties")) {
            if field == "position" && !of_a_feed {
                text(property, POSITION);
            }
            // The rules of an exercise are a list; what stood in the way of a plan is a sentence.
            if field == "why" && property.get("items").is_none() {
                continue;
            }
            if let Some((_, kind)) = FIELDS.iter().find(|(known, _)| *known == field.as_str()) {
                text(property, kind);
            }
        }
    }
    let sent = sent(document);
    for (_, schema) in named(document).into_iter().flatten().filter(|(name, _)| sent.contains(*name)) {
        members(schema.get_mut("properties")).for_each(|(_, property)| as_sent(property));
    }
    for (path, methods) in members(document.get_mut("paths")) {
        for (_, operation) in members(Some(methods)) {
            for parameter in items(operation.get_mut("parameters")) {
                let known =
                    |(begin, name, _): &&(&str, &str, &str)| path.starts_with(begin) && parameter["name"] == **name;
                let kind = PARAMETERS.iter().find(known).map(|(_, _, kind)| *kind);
                // A header is compared as it came; what could be no text is none that is known.
                let is_header = parameter["in"] == "header";
                let Some(schema) = parameter.get_mut("schema") else { continue };
                if let Some(kind) = kind {
                    text(schema, kind);
                }
                if !is_header {
                    as_sent(schema);
                }
            }
        }
    }
}

/// Says which texts and which dates are taken.
fn as_sent(schema: &mut Value) {
    let Some(schema) = schema.as_object_mut() else { return };
    if let Some(items) = schema.get_mut("items") {
        return as_sent(items);
    }
    let word = |schema: &Object, keyword: &str| schema.get(keyword).and_then(Value::as_str).map(str::to_owned);
    let pattern = match (word(schema, "type").as_deref(), word(schema, "format").as_deref()) {
        (Some("string"), Some("date" | "date-time")) => DATE,
        (Some("string"), None) if !schema.contains_key("enum") => TEXT,
        _ => return,
    };
    schema.entry("pattern").or_insert_with(|| pattern.into());
}

/// Says of a text, or of each text of a list, what it looks like, unless that is said already.
fn text(schema: &mut Value, kind: &str) {
    let Some(schema) = schema.as_object_mut() else { return };
    if let Some(items) = schema.get_mut("items") {
        return text(items, kind);
    }
    if schema.get("type").is_none_or(|kind| kind != "string") {
        return;
    }
    let (rule, value) = match kind {
        UUID | REFERENCE => ("format", json!(kind)),
        NOT_EMPTY => ("minLength", json!(1)),
        pattern => ("pattern", json!(pattern)),
    };
    if ["format", "pattern", "enum"].iter().all(|rule| !schema.contains_key(*rule)) {
        schema.entry(rule).or_insert(value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_what_a_text_looks_like() {
        let string = || json!({"type": "string"});
        let mut document = json!({
            "paths": {"/api/v1/plans/{id}/sessions/{session}": {"get": {"parameters": [
                {"name": "id", "schema": string()}, {"name": "session", "schema": string()}, {"name": "start", "schema": string()}
            ], "requestBody": {"$ref": "#/components/schemas/Sent"}}}},
            "components": {"schemas": {
                "Job": {"properties": {"jobId": string(), "position": string(), "jobIds": {"type": "array", "items": string()}, "plan": {"$ref": "x"}}},
                "Sent": {"properties": {"at": {"type": "string", "format": "date"}, "note": string(), "one": {"type": "integer"}}},
                "FeedEvent": {"properties": {"position": string(), "name": {"type": "string", "pattern": "x"}}}
            }}
        });
        describe(&mut document);
        let parameters = &document["paths"]["/api/v1/plans/{id}/sessions/{session}"]["get"]["parameters"];
        assert_eq!(parameters[0]["schema"]["format"], "uuid");
        assert_eq!(parameters[1]["schema"]["pattern"], "^w[0-9]+d[1-7]$");
        assert_eq!(parameters[2]["schema"], json!({"type": "string", "pattern": TEXT}));
        let job = &document["components"]["schemas"]["Job"]["properties"];
        assert_eq!(job["jobId"], json!({"type": "string", "format": "uuid"}));
        assert_eq!(job["position"], json!({"type": "string", "pattern": POSITION}));
        assert_eq!(job["jobIds"]["items"]["format"], "uuid");
        assert_eq!(job["plan"], json!({"$ref": "x"}));
        let sent = &document["components"]["schemas"]["Sent"]["properties"];
        assert_eq!(sent["at"], json!({"type": "string", "format": "date", "pattern": DATE}));
        assert_eq!(sent["note"]["pattern"], TEXT);
        assert_eq!(sent["one"], json!({"type": "integer"}));
        let event = &document["components"]["schemas"]["FeedEvent"]["properties"];
        assert_eq!(event["position"], string());
        assert_eq!(event["name"], json!({"type": "string", "pattern": "x"}));
    }
}
