//! What presence refuses, as problems.

use std::time::Duration;

use ally_domain::room::RoomRefusal;
use ally_handlers::presence::PresenceError;

use super::{Kind, Problem};
use crate::presence::{Code, Refusal};

/// Another node, or this one with less to do.
const SOON: Duration = Duration::from_secs(1);
/// Somebody has to close a connection first.
const CLOSE_ONE: Duration = Duration::from_secs(10);

impl From<PresenceError> for Problem {
    fn from(error: PresenceError) -> Self {
        let told = |kind| Self::new(kind, error.to_string());
        match &error {
            PresenceError::Refused(refusal) => told(match refusal {
                RoomRefusal::Full { .. } => Kind::RoomFull,
                // Every join by a request is a connection of its own.
                RoomRefusal::Member { .. } => Kind::Conflict,
                RoomRefusal::NoMember { .. } => Kind::NotAMember,
                RoomRefusal::Stale { .. } => Kind::StaleEpoch,
                RoomRefusal::Unknown { .. } => Kind::UnknownEpoch,
                RoomRefusal::State(_) => Kind::StateTooLarge,
            }),
            PresenceError::Gone { .. } | PresenceError::Unresumable => told(Kind::NotAMember),
            PresenceError::Foreign { .. } => told(Kind::ForeignConnection),
            PresenceError::OtherDoor { .. } => told(Kind::OtherDoor),
            PresenceError::Unavailable { reason } => Self::unavailable("presence", reason),
            PresenceError::Busy => told(Kind::Overloaded).retry_after(SOON),
            PresenceError::Draining => told(Kind::Draining).retry_after(SOON),
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let told = |kind| Self::new(kind, refusal.message.clone());
        match refusal.code {
            Code::Unauthorized => told(Kind::Unauthorized),
            Code::Forbidden | Code::WrongUser => told(Kind::Forbidden),
            Code::StateTooLarge => told(Kind::StateTooLarge),
            Code::TooManyConnections => told(Kind::RateLimited).retry_after(CLOSE_ONE),
            _ => told(Kind::Validation),
        }
    }
}
