//! What a client of Socket.IO sends: the name of an event and one object.

use ally_domain::json;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::super::asyncapi::{Exchange, Schemas};
use super::super::error::{Code, Refusal};
use super::super::message::Wanted;
use super::super::shape;
use super::frame::{DoneAck, HeartbeatAck, JoinAck};
use super::metadata::{Metadata, MetadataAck};

/// An event of a client. Fields that it has beside these are other servers' and are not read.
#[derive(Debug)]
pub(super) struct Event {
    /// The trace that the client works in.
    pub traceparent: Option<String>,
    pub kind: Kind,
}

/// The events: the name of each, what its payload is read as, and what it is acknowledged with when it is done. The document lists
/// them from here, so that none is missing.
macro_rules! events {
    ($($name:literal => $kind:ident($payload:ty), $done:ty;)+) => {
        /// What a client asks.
        #[derive(Debug)]
        pub(super) enum Kind {
            $($kind($payload),)+
        }

        impl Kind {
            const NAMES: &[&str] = &[$($name),+];

            fn read(name: &str, fields: Map<String, Value>) -> Result<Self, Refusal> {
                match name {
                    $($name => fit(fields).map(Self::$kind),)+
                    _ => {
                        let names = Self::NAMES.join(", ");
                        Err(Refusal::new(Code::UnknownEvent, format!("the event is none of {names}")))
                    }
                }
            }

            /// The events and their acknowledgements, for the document.
            pub(super) fn described(schemas: &mut Schemas) -> Vec<Exchange> {
                vec![$(Exchange {
                    name: $name,
                    request: schemas.read::<$payload>(),
                    done: schemas.written::<$done>(),
                },)+]
            }
        }
    };
}

events! {
    "presence:join" => Join(Join), JoinAck;
    "presence:heartbeat" => Heartbeat(Heartbeat), HeartbeatAck;
    "presence:leave" => Leave(Leave), DoneAck;
    "metadata:setChannel" => SetChannel(Metadata), MetadataAck;
    "metadata:updateChannel" => UpdateChannel(Metadata), MetadataAck;
    "metadata:removeChannel" => RemoveChannel(Metadata), MetadataAck;
    "metadata:getChannel" => GetChannel(Metadata), MetadataAck;
}

/// Makes the client a member of a room.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "SocketIoJoin")]
pub(super) struct Join {
    /// The room.
    #[schemars(with = "shape::Name")]
    pub room_id: String,
    /// The user that the token names: by its subject or by the id that members have.
    pub user_id: Option<String>,
    /// What the member says of itself.
    #[schemars(with = "Option<shape::State>")]
    pub state: Option<Map<String, Value>>,
    #[serde(default)]
    pub audience: Wanted,
}

/// A sign of life that may change the member's state. None is needed to stay: the connection itself is alive.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "SocketIoHeartbeat")]
pub(super) struct Heartbeat {
    /// The epoch of the membership that is meant.
    #[schemars(with = "Option<shape::Epoch>")]
    pub epoch: Option<u64>,
    /// Keys that take the place of the state's own; the others stay. `null` is a value like others.
    #[schemars(with = "Option<shape::State>")]
    pub patch_state: Option<Map<String, Value>>,
}

/// Leaves the room. The socket stays connected.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "SocketIoLeave")]
pub(super) struct Leave {}

impl Kind {
    /// As spans name it.
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::Join(_) => "join",
            Self::Heartbeat(_) => "heartbeat",
            Self::Leave(_) => "leave",
            Self::SetChannel(_) | Self::UpdateChannel(_) | Self::RemoveChannel(_) | Self::GetChannel(_) => "metadata",
        }
    }
}

/// Reads `[event, payload]`.
///
/// # Errors
/// When it is no event of presence, or not whole.
pub(super) fn read(text: Option<&str>) -> Result<Event, Refusal> {
    let text = text.ok_or_else(|| Refusal::malformed("binary attachments are not taken; send plain JSON"))?;
    let value =
        json::read(text.as_bytes()).map_err(|error| Refusal::malformed(format!("the event is no JSON: {error}")))?;
    let Value::Array(mut parts) = value else { return Err(Refusal::malformed("an event is a name and one object")) };
    let payload = if parts.len() > 1 { parts.swap_remove(1) } else { Value::Null };
    let mut fields = match payload {
        Value::Object(fields) => fields,
        Value::Null => Map::new(),
        _ => {
            return Err(Refusal::malformed(
                "the payload of an event is one object, for example {\"roomId\":\"lobby\"}",
            ));
        }
    };
    let traceparent = fields.remove("traceparent").and_then(|value| value.as_str().map(str::to_owned));
    let name = parts.first().and_then(Value::as_str).unwrap_or_default();
    let kind = Kind::read(name, fields)?;
    Ok(Event { traceparent, kind })
}

fn fit<T: DeserializeOwned>(fields: Map<String, Value>) -> Result<T, Refusal> {
    serde_json::from_value(Value::Object(fields))
        .map_err(|error| Refusal::malformed(format!("the fields of the event do not fit: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_without_a_payload_is_one_with_an_empty_one() {
        for text in [r#"["presence:heartbeat"]"#, r#"["presence:heartbeat",null]"#, r#"["presence:heartbeat",{}]"#] {
            let event = read(Some(text)).unwrap();
            assert!(matches!(event.kind, Kind::Heartbeat(Heartbeat { epoch: None, patch_state: None })), "{text}");
        }
        assert!(matches!(read(Some(r#"["presence:leave"]"#)).unwrap().kind, Kind::Leave(_)));
    }

    #[test]
    fn what_is_wrong_has_a_code() {
        for (text, code) in [
            (None, "malformed"),
            (Some("[]"), "unknown_event"),
            (Some("{}"), "malformed"),
            (Some(r#"["presence:jump",{}]"#), "unknown_event"),
            (Some(r#"["presence:join"]"#), "malformed"),
            (Some(r#"["presence:join",[1]]"#), "malformed"),
            (Some(r#"["presence:join","lobby"]"#), "malformed"),
            (Some(r#"["presence:join",{"roomId":1}]"#), "malformed"),
            (Some(r#"["presence:join",{"roomId":"a","state":[]}]"#), "malformed"),
            (Some(r#"["presence:heartbeat",{"epoch":"9"}]"#), "malformed"),
            (Some(r#"["presence:heartbeat",{"a":1,"a":2}]"#), "malformed"),
        ] {
            assert_eq!(read(text).unwrap_err().code.as_str(), code, "{text:?}");
        }
    }
}
