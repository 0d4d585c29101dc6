//! What values of the domain look like on the wire, for the AsyncAPI document: the domain knows no schemas. Limits are the domain's own.
//!
//! Each is named at a field by `#[schemars(with = "…")]`. Deliberately not here: the messages, which serde and the document read off
//! the same types.

use std::borrow::Cow;
use std::collections::BTreeMap;

use ally_domain::channel::{MAX_CHANNEL_CHARS, MAX_ITEMS, MAX_KEY_BYTES, MAX_VALUE_BYTES, Operation};
use ally_domain::ids::MAX_ID_CHARS;
use ally_domain::room::{Door, LeaveReason, MAX_STATE_BYTES};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::Value;

use super::message::MAX_ID_BYTES;
use super::spelled::constants;

/// Shapes, each with its schema: `inline` ones stand where they are used; the others have a name, so that a field's own words do not
/// take the place of their limits.
macro_rules! shapes {
    (inline $inline:literal: $($name:ident = $schema:expr;)+) => {
        $(
            pub(crate) enum $name {}

            impl JsonSchema for $name {
                fn inline_schema() -> bool {
                    $inline
                }

                fn schema_name() -> Cow<'static, str> {
                    stringify!($name).into()
                }

                fn json_schema(_: &mut SchemaGenerator) -> Schema {
                    $schema
                }
            }
        )+
    };
}

shapes! {
    inline false:

    Name = json_schema!({
        "type": "string",
        "minLength": 1,
        "maxLength": MAX_ID_CHARS,
        "description": format!(
            "1 to {MAX_ID_CHARS} letters, digits, `-` or `_` and no control characters; each byte of another character counts as three."
        ),
    });
    ChannelName = json_schema!({
        "type": "string",
        "minLength": 1,
        "maxLength": MAX_CHANNEL_CHARS,
        "description": format!(
            "At least one letter, digit, `-` or `_` and no control characters. The type and the name of a channel have \
             {MAX_CHANNEL_CHARS} characters together; each byte of another character counts as three."
        ),
    });
    State = json_schema!({
        "type": "object",
        "additionalProperties": true,
        "description": format!("What a member says of itself: any object of at most {MAX_STATE_BYTES} bytes of JSON."),
    });
    ItemKey = json_schema!({
        "type": "string",
        "minLength": 1,
        "maxLength": MAX_KEY_BYTES,
        "description": format!("1 to {MAX_KEY_BYTES} bytes and no control characters."),
    });
    ItemValue = json_schema!({"description": format!("Any JSON of at most {MAX_VALUE_BYTES} bytes.")});
}

shapes! {
    inline true:

    MessageId = json_schema!({
        "type": ["string", "number"],
        "maxLength": MAX_ID_BYTES,
        "description": format!("Any number, or a text of up to {MAX_ID_BYTES} bytes. The answer carries it as well."),
    });
    TraceParent = json_schema!({
        "type": "string",
        "description": "The trace that the message belongs to (W3C Trace Context).",
        "examples": ["00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"],
    });
    ConnectionId = json_schema!({"type": "string", "format": "uuid", "description": "A connection, for as long as it is one member."});
    UserId = json_schema!({"type": "string", "minLength": 1, "description": "A user: what the server makes of the token's subject."});
    Position = json_schema!({"type": "string", "description": "A place in a room's feed, opaque."});
    Epoch = json_schema!({
        "type": "integer",
        "minimum": 0,
        "description": "Which membership of the connection: a number that the server gives out.",
    });
    Moment = json_schema!({"type": "string", "format": "date-time"});
    Revision = json_schema!({"type": "integer", "minimum": 0});
    LeaveReasonText = spellings(&LeaveReason::ALL.map(LeaveReason::as_str));
    OperationText = spellings(&Operation::ALL.map(Operation::as_str));
    DoorText = spellings(&Door::ALL.map(Door::as_str));
}

constants! {
    /// Of what was done.
    pub(crate) Yes = true;
    /// Of what was not done.
    pub(crate) No = false;
}

fn spellings(texts: &[&str]) -> Schema {
    json_schema!({"type": "string", "enum": texts})
}

/// An item of a channel.
#[derive(JsonSchema)]
#[schemars(rename = "Item", rename_all = "camelCase")]
#[expect(dead_code, reason = "stands for an item of the domain in the document")]
pub(crate) struct Item {
    /// What it holds.
    #[schemars(with = "ItemValue")]
    value: Value,
    /// The major revision that wrote it.
    #[schemars(with = "Revision")]
    revision: u64,
    /// When it was written, where its writer wanted that kept.
    #[schemars(with = "Moment", skip_serializing_if = "Option::is_none")]
    updated: Option<String>,
    /// Who wrote it, where they wanted that kept.
    #[schemars(with = "UserId", skip_serializing_if = "Option::is_none")]
    author_uid: Option<String>,
}

/// Items by their keys.
pub(crate) enum Items {}

impl JsonSchema for Items {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Items".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut items = generator.subschema_for::<BTreeMap<String, Item>>();
        items.insert("maxProperties".to_owned(), MAX_ITEMS.into());
        items
    }
}
