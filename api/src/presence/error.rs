//! Why a client of presence is told no: a code for programs, a sentence for people.

use ally_handlers::channel::ChannelError;
use ally_handlers::presence::{Coded, PresenceError};
use serde::Serialize;

/// A refusal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Refusal {
    pub code: &'static str,
    pub message: String,
}

impl Refusal {
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    pub(crate) fn malformed(message: impl Into<String>) -> Self {
        Self::new("malformed", message)
    }

    pub(crate) fn unauthorized(message: impl std::fmt::Display) -> Self {
        Self::new(
            "unauthorized",
            format!("{message}; send {{\"type\":\"hello\",\"token\":…}} with a valid token first"),
        )
    }

    pub(crate) fn forbidden(room: &str, what: &str) -> Self {
        Self::new("forbidden", format!("your token does not let you {what} room {room:?}; ask whoever issues tokens"))
    }

    pub(crate) fn wrong_user() -> Self {
        Self::new("wrong_user", "userId is another one than the token's; leave it out, the token says who you are")
    }

    pub(crate) fn nowhere() -> Self {
        Self::new("not_joined", "this connection is in no room; join or observe one first")
    }

    pub(crate) fn somewhere() -> Self {
        Self::new("already_joined", "this connection is in a room; leave it first, or open another connection")
    }
}

impl From<PresenceError> for Refusal {
    fn from(error: PresenceError) -> Self {
        Self::new(error.code(), error.to_string())
    }
}

impl From<ChannelError> for Refusal {
    fn from(error: ChannelError) -> Self {
        Self::new(error.code(), error.to_string())
    }
}
