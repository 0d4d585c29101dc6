//! What a client of Socket.IO sends: the name of an event and one object.

use ally_domain::json;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::super::error::Refusal;
use super::super::message::Wanted;
use super::metadata::{Action, Metadata};

/// An event of a client. Fields that it has beside these are other servers' and are not read.
#[derive(Debug)]
pub(super) struct Event {
    /// The trace that the client works in.
    pub traceparent: Option<String>,
    pub kind: Kind,
}

#[derive(Debug)]
pub(super) enum Kind {
    Join(Join),
    Heartbeat(Heartbeat),
    Leave,
    Metadata(Action, Metadata),
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Join {
    pub room_id: String,
    pub user_id: Option<String>,
    pub state: Option<Map<String, Value>>,
    #[serde(default)]
    pub audience: Wanted,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Heartbeat {
    pub epoch: Option<u64>,
    pub patch_state: Option<Map<String, Value>>,
}

impl Kind {
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::Join(_) => "join",
            Self::Heartbeat(_) => "heartbeat",
            Self::Leave => "leave",
            Self::Metadata(..) => "metadata",
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
    let kind = match name {
        "presence:join" => Kind::Join(fit(fields)?),
        "presence:heartbeat" => Kind::Heartbeat(fit(fields)?),
        "presence:leave" => Kind::Leave,
        "metadata:setChannel" => Kind::Metadata(Action::Set, fit(fields)?),
        "metadata:updateChannel" => Kind::Metadata(Action::Update, fit(fields)?),
        "metadata:removeChannel" => Kind::Metadata(Action::Remove, fit(fields)?),
        "metadata:getChannel" => Kind::Metadata(Action::Get, fit(fields)?),
        _ => {
            return Err(Refusal::new(
                "unknown_event",
                "the event is none of presence:join, presence:heartbeat, presence:leave and metadata:set|update|remove|getChannel",
            ));
        }
    };
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
        assert!(matches!(read(Some(r#"["presence:leave"]"#)).unwrap().kind, Kind::Leave));
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
            assert_eq!(read(text).unwrap_err().code, code, "{text:?}");
        }
    }
}
