//! What a client of the plain WebSocket sends: one JSON object a frame.

use ally_domain::json;
use ally_handlers::presence::Audience;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::ack::{Beaten, Gone, Listed, Named, Welcome};
use super::asyncapi::{Exchange, Schemas};
use super::error::{Code, Refusal};
use super::page::PAGE;
use super::shape;

/// The longest id of a message that is said back.
pub(super) const MAX_ID_BYTES: usize = 64;

/// A message.
#[derive(Debug)]
pub(super) struct Incoming {
    /// What its answer carries as well.
    pub id: Option<Value>,
    /// The trace that the client works in.
    pub traceparent: Option<String>,
    pub request: Result<Request, Refusal>,
}

/// The requests: how `type` spells each, what it is read as, and what it is answered with when it is done. The document lists them
/// from here, so that none is missing.
macro_rules! requests {
    ($($name:literal => $kind:ident, $done:ty;)+) => {
        /// What a client asks.
        #[derive(Debug)]
        pub(super) enum Request {
            $($kind($kind),)+
        }

        impl Request {
            const NAMES: &[&str] = &[$($name),+];

            pub(super) const fn name(&self) -> &'static str {
                match self {
                    $(Self::$kind(_) => $name,)+
                }
            }

            fn read(name: Option<&str>, fields: Map<String, Value>) -> Result<Self, Refusal> {
                match name {
                    $(Some($name) => as_type(fields).map(Self::$kind),)+
                    _ => Err(Refusal::new(Code::UnknownType, format!("`type` is none of {}", Self::NAMES.join(", ")))),
                }
            }

            /// The requests and their acknowledgements, for the document.
            pub(super) fn described(schemas: &mut Schemas) -> Vec<Exchange> {
                vec![$(Exchange {
                    name: $name,
                    request: schemas.read::<$kind>(),
                    done: schemas.done::<$done>(),
                },)+]
            }
        }
    };
}

requests! {
    "hello" => Hello, Named;
    "join" => Join, Welcome<'_>;
    "resume" => Resume, Welcome<'_>;
    "observe" => Observe, Welcome<'_>;
    "heartbeat" => Heartbeat, Beaten;
    "members" => Members, Listed<'_>;
    "leave" => Leave, Gone;
}

/// Says who the client is: the first message of a connection whose handshake had no header `Authorization`. A newer token of the same
/// user keeps the connection open for longer.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Hello {
    /// The bearer token, without `Bearer`.
    pub token: String,
}

/// Makes the client a member of a room.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Join {
    /// The room.
    #[schemars(with = "shape::Name")]
    pub room: String,
    /// The user that the token names: by its subject or by the id that members have.
    pub user_id: Option<String>,
    /// What the member says of itself.
    #[serde(default)]
    #[schemars(with = "shape::State")]
    pub state: Map<String, Value>,
    #[serde(default)]
    pub audience: Wanted,
}

/// Comes back as the member that one was, after a cut or another server's end.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Resume {
    /// `resume` of the last acknowledgement.
    pub resume: String,
    /// The last position that the client knows. With it, it gets what it missed and no more, where that is known whole.
    #[schemars(with = "Option<shape::Position>")]
    pub position: Option<String>,
    #[serde(default)]
    pub audience: Wanted,
}

/// Follows a room without being a member of it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Observe {
    /// The room.
    #[schemars(with = "shape::Name")]
    pub room: String,
    /// The last position that the client knows. With it, it gets what it missed and no more, where that is known whole.
    #[schemars(with = "Option<shape::Position>")]
    pub position: Option<String>,
    #[serde(default)]
    pub audience: Wanted,
}

/// A sign of life that may change the member's state. None is needed to stay: the connection itself is alive.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Heartbeat {
    /// The epoch of the membership that is meant.
    #[schemars(with = "Option<shape::Epoch>")]
    pub epoch: Option<u64>,
    /// Keys that take the place of the state's own; the others stay. `null` is a value like others.
    #[schemars(with = "Option<shape::State>")]
    pub patch_state: Option<Map<String, Value>>,
}

/// Lists members of the client's room, page by page.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Members {
    /// The last `connId` of the page before.
    #[schemars(with = "Option<shape::ConnectionId>")]
    pub after: Option<String>,
    #[schemars(description = format!("How many to list: {PAGE} where nothing is said, and no more than that; 0 counts as 1."))]
    pub limit: Option<usize>,
}

/// Leaves the room. The connection stays open.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Leave {}

/// What the client wants to be sent of the room.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "Audience")]
pub(super) enum Wanted {
    /// Every change.
    #[default]
    Full,
    /// How many there are, a few times a second at most.
    Counts,
    /// After the first snapshot nothing but the end.
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
        Value::String(text) => text.len() <= MAX_ID_BYTES,
        id => id.is_number(),
    });
    let traceparent = fields.remove("traceparent").and_then(|value| value.as_str().map(str::to_owned));
    let name = fields.remove("type");
    Ok(Incoming { id, traceparent, request: Request::read(name.as_ref().and_then(Value::as_str), fields) })
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
            assert_eq!(incoming.request.unwrap_err().code.as_str(), code, "{frame}");
        }
    }

    #[test]
    fn a_frame_that_is_no_object_is_refused_whole() {
        for frame in ["", "[]", "1", "{", r#"{"id":1,"id":2}"#, "\u{0}"] {
            assert_eq!(read(frame.as_bytes()).unwrap_err().code, Code::Malformed, "{frame}");
        }
    }

    #[test]
    fn an_id_is_short_or_none() {
        let long = format!(r#"{{"type":"leave","id":"{}"}}"#, "x".repeat(65));
        assert_eq!(read(long.as_bytes()).unwrap().id, None);
        assert_eq!(read(br#"{"type":"leave","id":{"a":1}}"#).unwrap().id, None);
    }
}
