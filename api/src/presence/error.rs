//! Why a client of presence is told no: a code for programs, a sentence for people.

use ally_domain::channel::ChannelRefusal;
use ally_domain::ports::LockError;
use ally_domain::room::RoomRefusal;
use ally_handlers::channel::ChannelError;
use ally_handlers::presence::PresenceError;
use schemars::JsonSchema;
use serde::Serialize;

use super::spelled::spelled;

spelled! {
    /// Why a request did nothing.
    pub(crate) enum Code {
        /// The message is no JSON object, or a field of it is missing, unknown or of the wrong type. Send what this document describes.
        Malformed = "malformed",
        /// By plain WebSocket: `type` names no request.
        UnknownType = "unknown_type",
        /// By Socket.IO: the event is none of presence.
        UnknownEvent = "unknown_event",
        /// No token, or one that does not count. Get a new one.
        Unauthorized = "unauthorized",
        /// The message names another user than the token does. Leave the user out.
        WrongUser = "wrong_user",
        /// The token does not open the room or the channel for this.
        Forbidden = "forbidden",
        /// The connection is in no room. Join or observe one first.
        NotJoined = "not_joined",
        /// The connection is in a room. Leave it first, or open another connection.
        AlreadyJoined = "already_joined",
        /// The room, or the user's part of it, has as many members as may be.
        RoomFull = "room_full",
        /// By Socket.IO: who is in the room does not fit into one acknowledgement. Join by plain WebSocket.
        RoomTooLarge = "room_too_large",
        /// The epoch is one of an earlier membership, which is over.
        StaleEpoch = "stale_epoch",
        /// The epoch was never given out.
        UnknownEpoch = "unknown_epoch",
        /// The state is, or would become, larger than a state may be.
        StateTooLarge = "state_too_large",
        /// The resume token opens no membership any more. Join again.
        Unresumable = "unresumable",
        /// Messages come faster than they are taken. Wait as long as the sentence says.
        RateLimited = "rate_limited",
        /// As many connections of the user or the address are open as may be. Close one.
        TooManyConnections = "too_many_connections",
        /// By Socket.IO: the connection has, or had, a socket already. Connect anew for another one.
        AlreadyConnected = "already_connected",
        /// The membership is over. Join again.
        Gone = "gone",
        /// The server has as much to do as it takes. Send the message again, a little later.
        Busy = "busy",
        /// The server is about to end. Connect again to reach another one.
        Draining = "draining",
        /// The log or the leases do not answer. Whoever is there stays there; try again in a few seconds.
        Unavailable = "unavailable",
        /// By Socket.IO: a revision is another one than the command expects, or others kept changing the channel. Get the channel, and send the command again.
        MetadataConflict = "METADATA_CONFLICT",
        /// By Socket.IO: the lock that the command names is not held by its user.
        MetadataLock = "METADATA_LOCK",
        /// By Socket.IO: a name, a key, a value or the number of items is not what a channel takes.
        MetadataInvalid = "METADATA_INVALID",
        /// By Socket.IO: the connection follows as many channels as may be.
        TooManyChannels = "too_many_channels",
    }
}

/// Why a request did nothing, for programs and for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "Error")]
pub(crate) struct Refusal {
    pub code: Code,
    /// What is wrong and what to do next, for people.
    pub message: String,
}

impl Refusal {
    pub(crate) fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    pub(crate) fn malformed(message: impl Into<String>) -> Self {
        Self::new(Code::Malformed, message)
    }

    pub(crate) fn unauthorized(message: impl std::fmt::Display) -> Self {
        Self::new(
            Code::Unauthorized,
            format!("{message}; send {{\"type\":\"hello\",\"token\":…}} with a valid token first"),
        )
    }

    pub(crate) fn forbidden(room: &str, what: &str) -> Self {
        Self::new(
            Code::Forbidden,
            format!("your token does not let you {what} room {room:?}; ask whoever issues tokens"),
        )
    }

    pub(crate) fn wrong_user() -> Self {
        Self::new(Code::WrongUser, "userId is another one than the token's; leave it out, the token says who you are")
    }

    pub(crate) fn nowhere() -> Self {
        Self::new(Code::NotJoined, "this connection is in no room; join or observe one first")
    }

    pub(crate) fn somewhere() -> Self {
        Self::new(Code::AlreadyJoined, "this connection is in a room; leave it first, or open another connection")
    }
}

impl From<&PresenceError> for Code {
    fn from(error: &PresenceError) -> Self {
        match error {
            PresenceError::Refused(RoomRefusal::Full { .. }) => Self::RoomFull,
            PresenceError::Refused(RoomRefusal::Member { .. }) => Self::AlreadyJoined,
            PresenceError::Refused(RoomRefusal::NoMember { .. }) => Self::NotJoined,
            PresenceError::Refused(RoomRefusal::Stale { .. }) => Self::StaleEpoch,
            PresenceError::Refused(RoomRefusal::Unknown { .. }) => Self::UnknownEpoch,
            PresenceError::Refused(RoomRefusal::State(_)) => Self::StateTooLarge,
            PresenceError::Gone { .. } => Self::Gone,
            // A socket speaks only for its own connection; what is said to requests over HTTP has problems of its own.
            PresenceError::Foreign { .. } | PresenceError::OtherDoor { .. } => Self::Forbidden,
            PresenceError::Unresumable => Self::Unresumable,
            PresenceError::Unavailable { .. } => Self::Unavailable,
            PresenceError::Busy => Self::Busy,
            PresenceError::Draining => Self::Draining,
        }
    }
}

impl From<PresenceError> for Refusal {
    fn from(error: PresenceError) -> Self {
        Self::new(Code::from(&error), error.to_string())
    }
}

impl From<&ChannelError> for Code {
    fn from(error: &ChannelError) -> Self {
        match error {
            ChannelError::Refused(ChannelRefusal::Conflict(_)) | ChannelError::Contended { .. } => {
                Self::MetadataConflict
            }
            ChannelError::Refused(ChannelRefusal::Fenced { .. })
            | ChannelError::Lock(LockError::Held { .. } | LockError::NotHeld { .. }) => Self::MetadataLock,
            ChannelError::Refused(
                ChannelRefusal::NoItem { .. }
                | ChannelRefusal::NoItems
                | ChannelRefusal::Repeated { .. }
                | ChannelRefusal::TooManyItems { .. }
                | ChannelRefusal::TooLarge { .. },
            ) => Self::MetadataInvalid,
            ChannelError::FollowsTooMany { .. } => Self::TooManyChannels,
            ChannelError::Lock(LockError::Unavailable { .. }) | ChannelError::Unavailable { .. } => Self::Unavailable,
        }
    }
}

impl From<ChannelError> for Refusal {
    fn from(error: ChannelError) -> Self {
        Self::new(Code::from(&error), error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use ally_domain::room::ConnId;
    use ally_handlers::presence::Coded;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn clients_are_sent_the_code_that_metrics_and_spans_have() {
        let conn = ConnId::from(Uuid::nil());
        let (epoch, current) = (1, 2);
        for error in [
            PresenceError::Refused(RoomRefusal::Full { max_members: 1 }),
            PresenceError::Refused(RoomRefusal::Member { conn }),
            PresenceError::Refused(RoomRefusal::NoMember { conn }),
            PresenceError::Refused(RoomRefusal::Stale { conn, epoch, current }),
            PresenceError::Refused(RoomRefusal::Unknown { conn, epoch, current }),
            PresenceError::Gone { conn },
            PresenceError::Unresumable,
            PresenceError::Unavailable { reason: String::new() },
            PresenceError::Busy,
            PresenceError::Draining,
        ] {
            assert_eq!(Code::from(&error).as_str(), error.code());
        }
        let lock = "lock".parse().unwrap();
        for error in [
            ChannelError::Refused(ChannelRefusal::NoItems),
            ChannelError::Lock(LockError::NotHeld { name: lock }),
            ChannelError::Lock(LockError::Unavailable { reason: String::new() }),
            ChannelError::FollowsTooMany { followed: 1 },
            ChannelError::Unavailable { reason: String::new() },
        ] {
            assert_eq!(Code::from(&error).as_str(), error.code());
        }
    }
}
