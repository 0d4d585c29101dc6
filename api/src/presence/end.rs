//! Why a connection ends by the server's will, as its client is told, and when it is to come back.

use std::time::Duration;

use ally_domain::room::LeaveReason;
use ally_handlers::presence::EndReason;
use rand::RngExt;

use super::spelled::spelled;

/// Clients of a node that ends come back within this time, not all at once.
const RECONNECT_WITHIN: Duration = Duration::from_secs(5);

spelled! {
    /// Why the server ends a connection.
    pub(super) enum Closed {
        /// The member left by a request over HTTP.
        Left = "left",
        /// Nothing was received for the time to live.
        Expired = "expired",
        /// The connection broke, and its client did not come back within the grace.
        Cut = "cut",
        /// An operator removed the member.
        Kicked = "kicked",
        /// The member's server ended.
        Drained = "drained",
        /// The same client joined by another connection.
        Replaced = "replaced",
        /// The client took what it was sent too slowly. Connect again, and resume.
        SlowConsumer = "slow_consumer",
        /// The same membership was resumed by another connection.
        ResumedElsewhere = "resumed_elsewhere",
        /// The server is about to end. Connect again after `reconnectAfterMs` to reach another one, and resume.
        Draining = "draining",
        /// No token that counts came in time.
        Unauthorized = "unauthorized",
        /// The token ended, or the connection is as old as one may become. Connect again with a new token, and resume.
        TooOld = "too_old",
        /// The client went on sending messages although they were refused for their rate.
        Flood = "flood",
        /// A message was larger than one may be.
        MessageTooLarge = "message_too_large",
        /// By plain WebSocket: a binary message was sent.
        TextOnly = "text_only",
        /// By plain WebSocket: a message was no UTF-8.
        NotUtf8 = "not_utf8",
        /// By plain WebSocket: the WebSocket protocol was broken.
        Protocol = "protocol",
        /// By Socket.IO: who is in the room does not fit into one event any more. Join by plain WebSocket.
        RoomTooLarge = "room_too_large",
        /// By Socket.IO: the room is closed on this server. Connect again.
        RoomGone = "closed",
    }
}

impl From<EndReason> for Closed {
    fn from(end: EndReason) -> Self {
        match end {
            EndReason::Left(LeaveReason::Left) => Self::Left,
            EndReason::Left(LeaveReason::Expired) => Self::Expired,
            EndReason::Left(LeaveReason::Cut) => Self::Cut,
            EndReason::Left(LeaveReason::Kicked) => Self::Kicked,
            EndReason::Left(LeaveReason::Drained) => Self::Drained,
            EndReason::Left(LeaveReason::Replaced) => Self::Replaced,
            EndReason::Slow => Self::SlowConsumer,
            EndReason::Resumed => Self::ResumedElsewhere,
            EndReason::Draining => Self::Draining,
        }
    }
}

/// When a client whose connection ends is to come back, if at all: those of a node that ends not all at once.
pub(super) fn reconnect_after(end: EndReason) -> Option<Duration> {
    match end {
        EndReason::Draining => {
            let within = RECONNECT_WITHIN.as_millis() as u64;
            Some(Duration::from_millis(rand::rng().random_range(0..within)))
        }
        EndReason::Slow => Some(Duration::from_secs(1)),
        EndReason::Left(_) | EndReason::Resumed => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_of_leaving_is_spelled_as_the_domain_does() {
        for reason in LeaveReason::ALL {
            assert_eq!(Closed::from(EndReason::Left(reason)).as_str(), reason.as_str());
        }
    }
}
