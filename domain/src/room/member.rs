//! A member and what it says of itself.

use std::fmt;
use std::sync::Arc;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::ids::AthleteId;

/// The most bytes of a member's state, as JSON.
pub const MAX_STATE_BYTES: usize = 4 * 1024;

/// The way by which a member came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Door {
    /// A plain WebSocket.
    Websocket,
    /// Socket.IO, whichever transport.
    SocketIo,
    /// Requests over HTTP, alive for as long as its heartbeats come.
    Http,
}

impl Door {
    /// Every door.
    pub const ALL: [Self; 3] = [Self::Websocket, Self::SocketIo, Self::Http];

    /// The door as events, views and labels spell it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Websocket => "websocket",
            Self::SocketIo => "socket_io",
            Self::Http => "http",
        }
    }
}

/// What a member says of itself: a JSON object of at most [`MAX_STATE_BYTES`], kept as the text that goes out.
#[derive(Clone, PartialEq, Eq)]
pub struct MemberState(Arc<str>);

/// A state that is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the state has {bytes} bytes of JSON and may have {MAX_STATE_BYTES}; send less of it")]
pub struct InvalidState {
    /// How many it has.
    pub bytes: usize,
}

impl MemberState {
    /// A state.
    ///
    /// # Errors
    /// When it is too long.
    pub fn new(state: &Map<String, Value>) -> Result<Self, InvalidState> {
        // A map of JSON values always has a text.
        let text = serde_json::to_string(state).unwrap_or_else(|_| "{}".to_owned());
        let bytes = text.len();
        if bytes > MAX_STATE_BYTES { Err(InvalidState { bytes }) } else { Ok(Self(text.into())) }
    }

    /// The state with the keys of a patch in the place of its own.
    ///
    /// # Errors
    /// When it would be too long.
    pub fn patched(&self, patch: &Map<String, Value>) -> Result<Self, InvalidState> {
        let mut state: Map<String, Value> = serde_json::from_str(&self.0).unwrap_or_default();
        state.extend(patch.iter().map(|(key, value)| (key.clone(), value.clone())));
        Self::new(&state)
    }

    /// The JSON.
    #[must_use]
    pub fn as_json(&self) -> &str {
        &self.0
    }
}

impl Default for MemberState {
    fn default() -> Self {
        Self("{}".into())
    }
}

impl fmt::Debug for MemberState {
    /// The length: what people say of themselves belongs into no log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MemberState({} bytes)", self.0.len())
    }
}

impl Serialize for MemberState {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let raw: &RawValue = serde_json::from_str(&self.0).map_err(serde::ser::Error::custom)?;
        raw.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for MemberState {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        if !raw.get().starts_with('{') {
            return Err(D::Error::custom("a member's state is an object"));
        }
        Ok(Self(String::from(Box::<str>::from(raw)).into()))
    }
}

/// A member of a room: one connection. A user with several connections is several members.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// Who it is, from its token.
    pub user: AthleteId,
    /// How it came in.
    pub door: Door,
    /// Its lease's revision when it joined. It tells this membership from an earlier one of the same connection.
    pub epoch: u64,
    /// What it says of itself.
    pub state: MemberState,
}
