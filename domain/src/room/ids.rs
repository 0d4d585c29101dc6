//! Who a member is and where.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::ids::AggregateId;
use crate::token::{self, InvalidName};

/// A room, by the name that people gave it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RoomId(String);

impl RoomId {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The room whose events are an aggregate's; `None` for an id that no name gives.
    #[must_use]
    pub fn of(aggregate: &AggregateId) -> Option<Self> {
        token::unescape(aggregate.as_str()).map(Self)
    }
}

impl FromStr for RoomId {
    type Err = InvalidName;

    fn from_str(name: &str) -> Result<Self, InvalidName> {
        token::escape(name).map(|_| Self(name.to_owned()))
    }
}

impl TryFrom<String> for RoomId {
    type Error = InvalidName;

    fn try_from(name: String) -> Result<Self, InvalidName> {
        name.parse()
    }
}

impl From<RoomId> for String {
    fn from(room: RoomId) -> Self {
        room.0
    }
}

impl fmt::Display for RoomId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&RoomId> for AggregateId {
    fn from(room: &RoomId) -> Self {
        // A name was checked when it was parsed, so it has a token.
        Self::of_token(token::escape(&room.0).unwrap_or_default())
    }
}

/// A connection, for as long as it is one member of one room: a UUID of version 7, so that the order of ids is that of arrival.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ConnId(Uuid);

impl From<Uuid> for ConnId {
    fn from(id: Uuid) -> Self {
        Self(id)
    }
}

impl From<ConnId> for Uuid {
    fn from(conn: ConnId) -> Self {
        conn.0
    }
}

impl fmt::Display for ConnId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

/// A text that is no connection's id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not the id of a connection: send back the connId that the join was answered with")]
pub struct InvalidConnId {
    text: String,
}

impl FromStr for ConnId {
    type Err = InvalidConnId;

    fn from_str(text: &str) -> Result<Self, InvalidConnId> {
        // Only the one spelling that we give out, so that an id is one key everywhere.
        let id = Uuid::try_parse(text).ok().filter(|id| id.hyphenated().to_string() == text);
        id.map(Self).ok_or_else(|| InvalidConnId { text: text.chars().take(64).collect() })
    }
}
