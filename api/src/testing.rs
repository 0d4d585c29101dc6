//! What tests check answers with: the OpenAPI documents themselves, and the AsyncAPI documents.
//!
//! [`Conformance`] takes a whole answer and tells where it differs from the document: a status that the operation does
//! not name, another media type, a header that is missing, a body that its schema does not allow. A property that the
//! schema does not list is a difference too, although the document does not close its objects: whoever reads only the
//! document would not know of it.
//!
//! Under the cargo feature `testing`.

mod messages;
mod operation;
mod shape;

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use poem::http::{HeaderMap, header};
use serde_json::Value;

use self::operation::{Operation, operations};
use self::shape::Shapes;
use crate::problem::MEDIA_TYPE;

pub use self::messages::MessageConformance;

const JSON: &str = "application/json";
const HEALTH: &str = "application/health+json";

/// A whole answer, and what it answers.
#[derive(Debug, Clone, Copy)]
pub struct Answered<'a> {
    /// `GET`
    pub method: &'a str,
    /// Without the query.
    pub path: &'a str,
    /// `200`
    pub status: u16,
    /// As they were sent.
    pub headers: &'a HeaderMap,
    /// As it was sent.
    pub body: &'a [u8],
}

/// Compares answers with the document.
pub struct Conformance {
    document: Value,
    operations: Vec<Operation>,
    shapes: Mutex<HashMap<String, Shapes>>,
}

impl Default for Conformance {
    fn default() -> Self {
        Self::new()
    }
}

impl Conformance {
    /// A comparison with the gateway's document of this build.
    #[must_use]
    pub fn new() -> Self {
        Self::with(serde_json::from_str(&crate::openapi_json()).unwrap_or_default())
    }

    /// A comparison with the document of the port of presence.
    #[must_use]
    pub fn of_presence() -> Self {
        Self::with(serde_json::from_str(&crate::presence_openapi_json()).unwrap_or_default())
    }

    /// Where a value differs from a schema of the document: for what no answer holds whole, as the events of a stream.
    #[must_use]
    pub fn differences_from(&self, schema: &str, value: &Value) -> Vec<String> {
        let shape = serde_json::json!({"$ref": format!("#/components/schemas/{schema}")});
        Shapes::new(&self.document, &shape).differences(value)
    }

    /// For ports that serve no operation of the document: only that an error is a problem as the document describes it.
    #[must_use]
    pub fn without_operations() -> Self {
        Self { operations: Vec::new(), ..Self::new() }
    }

    fn with(document: Value) -> Self {
        Self { operations: operations(&document), document, shapes: Mutex::default() }
    }

    /// The operation and the status that the document has for an answer, as `GET /api/v1/plans 200`.
    #[must_use]
    pub fn documented(&self, method: &str, path: &str, status: u16) -> Option<String> {
        let operation = self.operation(method, path)?;
        operation.responses.contains_key(&status.to_string()).then(|| format!("{} {status}", operation.name()))
    }

    /// Everything that [`Self::documented`] can give: each operation with each of its statuses.
    #[must_use]
    pub fn all_documented(&self) -> Vec<String> {
        let of = |operation: &Operation| {
            operation.responses.keys().map(|status| format!("{} {status}", operation.name())).collect::<Vec<_>>()
        };
        self.operations.iter().flat_map(of).collect()
    }

    /// Which of the document's own examples differ from the schema that they stand at, and which answers in JSON show none.
    #[must_use]
    pub fn differing_examples(&self) -> Vec<String> {
        let answers = self.operations.iter().flat_map(|operation| {
            let of = move |(status, response): (&String, &Value)| {
                (format!("{} {status}", operation.name()), response.clone())
            };
            operation.responses.iter().map(of)
        });
        let of_answer = |(name, response): (String, Value)| {
            let content = response["content"].as_object().cloned().unwrap_or_default();
            let (_, media) =
                content.into_iter().find(|(media_type, _)| matches!(media_type.as_str(), JSON | MEDIA_TYPE))?;
            let Some(example) = media.get("example") else { return Some(format!("{name} has no example")) };
            let differences = Shapes::new(&self.document, &media["schema"]).differences(example);
            (!differences.is_empty()).then(|| format!("the example of {name}: {}", differences.join("; ")))
        };
        self.differing_examples_of_schemas().into_iter().chain(answers.filter_map(of_answer)).collect()
    }

    fn differing_examples_of_schemas(&self) -> Vec<String> {
        let schemas = self.document["components"]["schemas"].as_object().into_iter().flatten();
        let found = schemas.filter_map(|(name, schema)| {
            let differences = Shapes::new(&self.document, schema).differences(schema["examples"].get(0)?);
            (!differences.is_empty()).then(|| format!("the example of {name}: {}", differences.join("; ")))
        });
        found.collect()
    }

    /// Where an answer differs from the document; nothing when it is as documented. Each line names the operation and
    /// the status.
    #[must_use]
    pub fn differences(&self, answered: &Answered<'_>) -> Vec<String> {
        let (found, name) = match self.operation(answered.method, answered.path) {
            Some(operation) => (self.of_operation(operation, answered), operation.name()),
            None => (self.of_others(answered), format!("{} {}", answered.method, answered.path)),
        };
        found.into_iter().map(|found| format!("{name} answered {}: {found}", answered.status)).collect()
    }

    /// The operation of a request; `HEAD` is answered as `GET` is. Of two templates the one that says more.
    fn operation(&self, method: &str, path: &str) -> Option<&Operation> {
        let method = if method == "HEAD" { "GET" } else { method };
        let matching = self.operations.iter().filter(|operation| operation.method == method && operation.fits(path));
        matching.min_by_key(|operation| operation.vagueness())
    }

    fn of_operation(&self, operation: &Operation, answered: &Answered<'_>) -> Vec<String> {
        let operation = self.chosen_form(operation, answered).unwrap_or(operation);
        let Some(response) = operation.responses.get(&answered.status.to_string()) else {
            let known: Vec<&str> = operation.responses.keys().map(String::as_str).collect();
            return vec![format!("the document has only {}: {}", known.join(", "), excerpt(answered.body))];
        };
        let mut found = Vec::new();
        for name in operation::required_headers(response) {
            if !answered.headers.contains_key(name) {
                found.push(format!("the header {name} is missing"));
            }
        }
        let sent = media_type(answered.headers);
        let Some(content) = response["content"].as_object().filter(|content| !content.is_empty()) else {
            if !answered.body.is_empty() {
                found.push(format!("a body where none is documented: {}", excerpt(answered.body)));
            }
            return found;
        };
        match content.get(sent.as_str()) {
            // The answer to HEAD names the body's type and holds none.
            Some(_) if answered.method == "HEAD" => {}
            Some(media) => found.extend(self.of_body(&sent, &media["schema"], answered.body)),
            None => {
                let known: Vec<&str> = content.keys().map(String::as_str).collect();
                found.push(format!("the media type is {sent:?}, the document has {}", known.join(", ")));
            }
        }
        found
    }

    /// The operation whose form `Accept` has chosen at the address of all forms.
    fn chosen_form(&self, operation: &Operation, answered: &Answered<'_>) -> Option<&Operation> {
        let (status, sent) = (answered.status.to_string(), media_type(answered.headers));
        let gives = |one: &&Operation| one.responses.get(&status).is_some_and(|it| it["content"].get(&sent).is_some());
        let mut forms = self.operations.iter().filter(|form| form.is_form_of(operation));
        forms.find(|form| !gives(&operation) && gives(form))
    }

    /// Answers that no operation gives: pages, health, paths and methods that are not there. An error is a problem all
    /// the same, but for a process that says of itself that it is not well.
    fn of_others(&self, answered: &Answered<'_>) -> Vec<String> {
        let sent = media_type(answered.headers);
        match answered.status {
            ..400 => Vec::new(),
            503 if sent == HEALTH => Vec::new(),
            _ if sent != MEDIA_TYPE => vec![format!("the media type is {sent:?} and not {MEDIA_TYPE}")],
            _ if answered.method == "HEAD" => Vec::new(),
            _ => self.of_body(&sent, &serde_json::json!({"$ref": "#/components/schemas/Problem"}), answered.body),
        }
    }

    fn of_body(&self, media_type: &str, schema: &Value, body: &[u8]) -> Vec<String> {
        if !matches!(media_type, JSON | MEDIA_TYPE) {
            let text = schema["format"] != "binary";
            let broken = text && std::str::from_utf8(body).is_err();
            return broken.then(|| "the body is no text".to_owned()).into_iter().collect();
        }
        let value: Value = match serde_json::from_slice(body) {
            Ok(value) => value,
            Err(error) => return vec![format!("the body is no JSON ({error}): {}", excerpt(body))],
        };
        let mut shapes = self.shapes.lock().unwrap_or_else(PoisonError::into_inner);
        let shape = shapes.entry(schema.to_string()).or_insert_with(|| Shapes::new(&self.document, schema));
        shape.differences(&value)
    }
}

fn media_type(headers: &HeaderMap) -> String {
    let text = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// The beginning of a body, for people.
fn excerpt(body: &[u8]) -> String {
    String::from_utf8_lossy(body).chars().take(400).collect()
}

#[cfg(test)]
mod tests {
    use poem::http::HeaderValue;
    use serde_json::json;

    use super::*;

    fn document() -> Value {
        json!({
            "openapi": "3.1.1",
            "paths": {
                "/a/{id}": {"get": {"responses": {
                    "200": {
                        "headers": {"ETag": {"required": true}, "Vary": {"required": false}},
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/A"}}, "text/csv": {"schema": {"type": "string"}}}
                    },
                    "304": {},
                    "404": {"$ref": "#/components/responses/NotFound"}
                }}},
                "/a/{id}.ics": {"get": {"responses": {"200": {"content": {"text/calendar": {"schema": {"type": "string"}}}}}}},
                "/a/fixed": {"get": {"responses": {"202": {}}}}
            },
            "components": {"responses": {"NotFound": {"content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}}, "schemas": {
                "A": {"type": "object", "required": ["day"], "properties": {
                    "day": {"type": "string", "format": "date"},
                    "many": {"type": "object", "additionalProperties": {"type": "integer", "minimum": 1.0}},
                    "b": {"anyOf": [{"$ref": "#/components/schemas/B"}, {"type": "null"}]},
                    "n": {"type": ["integer", "null"]}
                }},
                "B": {"type": "object", "properties": {"allOf": {"type": "string", "enum": ["x"]}}},
                "Problem": {"type": "object", "required": ["errors"], "properties": {"errors": {"type": "array"}}}
            }}
        })
    }

    fn differences(
        method: &str,
        path: &str,
        status: u16,
        headers: &[(&'static str, &'static str)],
        body: &str,
    ) -> String {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, HeaderValue::from_static(value));
        }
        let answered = Answered { method, path, status, headers: &map, body: body.as_bytes() };
        Conformance::with(document()).differences(&answered).join("\n")
    }

    const AS_JSON: [(&str, &str); 2] = [("content-type", "application/json; charset=utf-8"), ("etag", "\"1\"")];

    #[test]
    fn what_is_documented_passes() {
        for body in [
            json!({"day": "2026-11-20"}),
            json!({"day": "2026-11-20", "b": null, "n": null, "many": {"x": 1}}),
            json!({"day": "2026-11-20", "b": {"allOf": "x"}, "n": 3}),
        ] {
            assert_eq!(differences("GET", "/a/1", 200, &AS_JSON, &body.to_string()), "");
        }
        assert_eq!(differences("HEAD", "/a/1", 200, &AS_JSON, ""), "");
        assert_eq!(differences("GET", "/a/1", 200, &[("content-type", "text/csv"), ("etag", "\"1\"")], "a,b"), "");
        assert_eq!(differences("GET", "/a/1", 304, &[], ""), "");
        // The address names the form, or Accept has.
        for path in ["/a/1.ics", "/a/1"] {
            assert_eq!(differences("GET", path, 200, &[("content-type", "text/calendar")], "BEGIN"), "");
        }
        assert_eq!(differences("GET", "/a/fixed", 202, &[], ""), "");
        let problem = [("content-type", MEDIA_TYPE)];
        assert_eq!(differences("GET", "/none", 404, &problem, "{\"errors\":[]}"), "");
        assert_eq!(differences("GET", "/health", 503, &[("content-type", HEALTH)], "{}"), "");
        assert_eq!(differences("GET", "/docs", 200, &[("content-type", "text/html")], "<p>"), "");
    }

    #[test]
    fn each_difference_is_named() {
        let problem = [("content-type", MEDIA_TYPE)];
        /// A path, a status, headers, a body, and what must be said of them.
        type Case<'a> = (&'a str, u16, &'a [(&'static str, &'static str)], &'a str, &'a str);
        let cases: &[Case<'_>] = &[
            ("/a/1", 418, &[], "", "GET /a/{id} answered 418: the document has only 200, 304, 404"),
            ("/a/fixed", 200, &[], "", "GET /a/fixed answered 200: the document has only 202"),
            ("/a/1", 200, &AS_JSON[..1], "{\"day\":\"2026-11-20\"}", "ETag is missing"),
            ("/a/1", 200, &AS_JSON, "{}", "\"day\" is a required property"),
            ("/a/1", 200, &AS_JSON, "{\"day\":\"2026-11-31\"}", "/day"),
            ("/a/1", 200, &AS_JSON, "{\"day\":\"2026-11-20\",\"more\":1}", "more"),
            ("/a/1", 200, &AS_JSON, "{\"day\":\"2026-11-20\",\"many\":{\"x\":0}}", "/many/x"),
            ("/a/1", 200, &AS_JSON, "{\"day\":\"2026-11-20\",\"b\":{\"allOf\":\"y\"}}", "/b"),
            ("/a/1", 200, &AS_JSON, "nonsense", "no JSON"),
            ("/a/1", 200, &[("content-type", "text/html"), ("etag", "")], "", "the media type is \"text/html\""),
            ("/a/1.ics", 200, &AS_JSON, "{\"day\":\"2026-11-20\"}", "the document has text/calendar"),
            ("/a/1", 304, &[], "x", "a body where none is documented"),
            ("/a/1", 404, &problem, "{}", "\"errors\" is a required property"),
            ("/none", 404, &problem, "{}", "\"errors\" is a required property"),
            ("/none", 404, &[("content-type", "text/plain")], "", "and not application/problem+json"),
            ("/health", 500, &[("content-type", HEALTH)], "{}", "and not application/problem+json"),
        ];
        for (path, status, headers, body, named) in cases {
            let found = differences("GET", path, *status, headers, body);
            assert!(found.contains(named), "{named:?} is not in {found:?}");
        }
    }

    #[test]
    fn every_documented_status_has_a_name() {
        let conformance = Conformance::new();
        let all = conformance.all_documented();
        assert!(all.len() > 250, "{}", all.len());
        let name = conformance.documented("GET", "/api/v1/plans/some-id", 406).unwrap();
        assert!(all.contains(&name), "{name}");
        assert_eq!(conformance.documented("GET", "/api/v1/plans", 418), None);
    }
}
