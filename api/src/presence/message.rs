//! What a client of the plain WebSocket sends: one JSON object a frame.

use ally_domain::json;
use ally_handlers::presence::Audience;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::error::Refusal;

/// The longest id of a message that is said back.
const MAX_ID_CHARS: usize = 64;

/// A message.
#[derive(Debug)]
pub(super) struct Incoming {
    /// What its answer carries as well.
    pub id: Option<Value>,
    /// The trace that the client works in.
    pub traceparent: Option<String>,
    pub request: Result<Request, Refusal>,
}

/// What a client asks.
#[derive(Debug)]
pub(super) enum Request {
    Hello(Hello),
    Join(Join),
    Resume(Resume),
    Observe(Observe),
    Heartbeat(Heartbeat),
    Members(Members),
    Leave(Leave),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Hello {
    pub token: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Join {
    pub room: String,
    pub user_id: Option<String>,
    #[serde(default)]
    pub state: Map<String, Value>,
    #[serde(default)]
    pub audience: Wanted,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Resume {
    pub resume: String,
    pub position: Option<String>,
    #[serde(default)]
    pub audience: Wanted,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Observe {
    pub room: String,
    pub position: Option<String>,
    #[serde(default)]
    pub audience: Wanted,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Heartbeat {
    pub epoch: Option<u64>,
    pub patch_state: Option<Map<String, Value>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Members {
    pub after: Option<String>,
    pub limit: Option<usize>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Leave {}

/// What a client wants to be told.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Wanted {
    #[default]
    Full,
    Counts,
    None,
}

impl From<Wanted> for Audience {
    fn from(wanted: Wanted) -> Self {
        match wanted {
            Wanted::Full => Self::Full,
            Wanted::Counts => Self::Counts,
            Wanted::None => Self::None,
        }
    }
}

/// Reads a frame. What is wrong with the request itself is told under the message's id.
///
/// # Errors
/// When it is no JSON object at all.
pub(super) fn read(frame: &[u8]) -> Result<Incoming, Refusal> {
    let value = json::read(frame).map_err(|error| Refusal::malformed(format!("the frame is no JSON: {error}")))?;
    let Value::Object(mut fields) = value else {
        return Err(Refusal::malformed("a frame is one JSON object, for example {\"type\":\"heartbeat\",\"id\":1}"));
    };
    let id = fields.remove("id").filter(|id| match id {
        Value::String(text) => text.len() <= MAX_ID_CHARS,
        id => id.is_number(),
    });
    let traceparent = fields.remove("traceparent").and_then(|value| value.as_str().map(str::to_owned));
    let kind = fields.remove("type");
    Ok(Incoming { id, traceparent, request: request(kind.as_ref(), fields) })
}

fn request(kind: Option<&Value>, fields: Map<String, Value>) -> Result<Request, Refusal> {
    match kind.and_then(Value::as_str) {
        Some("hello") => as_type(fields).map(Request::Hello),
        Some("join") => as_type(fields).map(Request::Join),
        Some("resume") => as_type(fields).map(Request::Resume),
        Some("observe") => as_type(fields).map(Request::Observe),
        Some("heartbeat") => as_type(fields).map(Request::Heartbeat),
        Some("members") => as_type(fields).map(Request::Members),
        Some("leave") => as_type(fields).map(Request::Leave),
        _ => Err(Refusal::new(
            "unknown_type",
            "`type` is none of hello, join, resume, observe, heartbeat, members and leave",
        )),
    }
}

fn as_type<T: DeserializeOwned>(fields: Map<String, Value>) -> Result<T, Refusal> {
    serde_json::from_value(Value::Object(fields))
        .map_err(|error| Refusal::malformed(format!("the fields of the message do not fit: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_told_under_the_id() {
        for (frame, code) in [
            (r#"{"type":"jump","id":7}"#, "unknown_type"),
            (r#"{"id":7}"#, "unknown_type"),
            (r#"{"type":"join","id":7}"#, "malformed"),
            (r#"{"type":"join","id":7,"room":"a","state":[]}"#, "malformed"),
            (r#"{"type":"heartbeat","id":7,"epoch":"9"}"#, "malformed"),
            (r#"{"type":"leave","id":7,"now":true}"#, "malformed"),
        ] {
            let incoming = read(frame.as_bytes()).unwrap();
            assert_eq!(incoming.id, Some(7.into()), "{frame}");
            assert_eq!(incoming.request.unwrap_err().code, code, "{frame}");
        }
    }

    #[test]
    fn a_frame_that_is_no_object_is_refused_whole() {
        for frame in ["", "[]", "1", "{", r#"{"id":1,"id":2}"#, "\u{0}"] {
            assert_eq!(read(frame.as_bytes()).unwrap_err().code, "malformed", "{frame}");
        }
    }

    #[test]
    fn an_id_is_short_or_none() {
        let long = format!(r#"{{"type":"leave","id":"{}"}}"#, "x".repeat(65));
        assert_eq!(read(long.as_bytes()).unwrap().id, None);
        assert_eq!(read(br#"{"type":"leave","id":{"a":1}}"#).unwrap().id, None);
    }
}
