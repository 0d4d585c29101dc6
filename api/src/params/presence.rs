//! Parameters of presence: rooms, connections, places of a feed.

use ally_domain::ids::MAX_ID_CHARS;
use ally_domain::room::{ConnId, RoomId};
use ally_domain::token::InvalidName;
use ally_handlers::Cursor;
use ally_handlers::presence::Audience;
use poem_openapi::registry::MetaSchema;

use super::Parameter;
use crate::presence::PAGE;

/// A room, by the name that people gave it.
pub(crate) struct RoomName;

impl Parameter for RoomName {
    type Value = RoomId;
    const NAME: &'static str = "room";

    fn schema() -> MetaSchema {
        MetaSchema {
            min_length: Some(1),
            max_length: Some(MAX_ID_CHARS),
            example: Some("lobby".into()),
            ..MetaSchema::new("string")
        }
    }

    fn read(text: &str) -> Result<RoomId, String> {
        text.parse().map_err(|error: InvalidName| error.to_string())
    }
}

/// The id of a connection.
pub(crate) struct ConnIdText;

impl Parameter for ConnIdText {
    type Value = ConnId;
    const NAME: &'static str = "connId";

    fn schema() -> MetaSchema {
        MetaSchema::new_with_format("string", "uuid")
    }

    fn read(text: &str) -> Result<ConnId, String> {
        text.parse().map_err(|_| "the connId that a join was answered with".to_owned())
    }
}

/// The most members of a page.
pub(crate) struct MembersLimit;

impl Parameter for MembersLimit {
    type Value = usize;
    const NAME: &'static str = "limit";

    fn schema() -> MetaSchema {
        MetaSchema {
            minimum: Some(1.0),
            maximum: Some(PAGE as f64),
            default: Some(PAGE.into()),
            ..MetaSchema::new_with_format("integer", "int32")
        }
    }

    fn read(text: &str) -> Result<usize, String> {
        let limit = text.parse::<usize>().ok().filter(|limit| (1..=PAGE).contains(limit));
        limit.ok_or_else(|| format!("a whole number from 1 to {PAGE}"))
    }
}

/// A place of a room's feed. An empty one is none: what a client knows counts no more.
pub(crate) struct FeedPosition;

impl Parameter for FeedPosition {
    type Value = Option<Cursor>;
    const NAME: &'static str = "feedPosition";

    fn schema() -> MetaSchema {
        MetaSchema {
            pattern: Some("^([0-9a-f]{8}-[0-9]+)?$".to_owned()),
            example: Some("5bd1e995-42".into()),
            ..MetaSchema::new("string")
        }
    }

    fn read(text: &str) -> Result<Option<Cursor>, String> {
        if text.is_empty() {
            return Ok(None);
        }
        text.parse().map(Some).map_err(|_| "the position that came last, unchanged, or none".to_owned())
    }
}

/// How much of a room a follower is told.
pub(crate) struct FeedAudience;

const FULL: &str = "full";
const COUNTS: &str = "counts";

impl Parameter for FeedAudience {
    type Value = Audience;
    const NAME: &'static str = "audience";

    fn schema() -> MetaSchema {
        MetaSchema {
            enum_items: vec![FULL.into(), COUNTS.into()],
            default: Some(FULL.into()),
            ..MetaSchema::new("string")
        }
    }

    fn read(text: &str) -> Result<Audience, String> {
        match text {
            FULL => Ok(Audience::Full),
            COUNTS => Ok(Audience::Counts),
            _ => Err(format!("{FULL} or {COUNTS}")),
        }
    }
}
