//! Staying and going: heartbeats of sockets and by requests, and memberships that end by a request.

use std::sync::Arc;
use std::time::Instant;

use ally_domain::ids::AthleteId;
use ally_domain::room::{ConnId, Door, LeaveReason, RoomCommand, RoomId, RoomRefusal};
use serde_json::{Map, Value};

use super::error::PresenceError;
use super::node::Presence;
use super::observe;
use super::sockets::Socket;
use crate::submit::Origin;

/// What a heartbeat came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Beat {
    /// Whether the state is another one now.
    pub changed: bool,
    /// The epoch of the membership.
    pub epoch: u64,
}

impl Presence {
    /// A heartbeat with a patch, of a connection with a socket here. Where it changes nothing, nothing is written.
    ///
    /// # Errors
    /// Why it does not count: an epoch that is over or was never given out, a state that is too large.
    pub async fn heartbeat(
        &self,
        socket: &Arc<Socket>,
        epoch: Option<u64>,
        patch: Map<String, Value>,
        origin: &Origin,
    ) -> Result<Beat, PresenceError> {
        socket.touch();
        let current = socket.epoch;
        let span = observe::span_of(observe::HEARTBEAT, &socket.room, Some(socket.conn), Some(&socket.user));
        let work = async {
            check_live(socket, epoch)?;
            self.0.check_held(socket).await?;
            let command = RoomCommand::Update { conn: socket.conn, epoch: current, patch };
            let changed = self.0.command(&socket.room, command, None, origin).await?.changed;
            observe::beat(current, changed);
            Ok(Beat { changed, epoch: current })
        };
        observe::operation(observe::HEARTBEAT, span, work).await
    }

    /// A heartbeat without a patch of a connection with a socket here: a sign of life and nothing else, so nothing is awaited.
    ///
    /// # Errors
    /// Why it does not count: an epoch that is over or was never given out, a membership that has ended.
    pub fn beat(&self, socket: &Arc<Socket>, epoch: Option<u64>) -> Result<Beat, PresenceError> {
        socket.touch();
        let (span, begun) = (observe::heartbeat_span(socket), Instant::now());
        let beaten = check_live(socket, epoch).map(|()| Beat { changed: false, epoch: socket.epoch });
        observe::record_end(observe::HEARTBEAT, &span, begun, &beaten);
        beaten
    }

    /// A heartbeat by a request, of a connection without a socket: it is what keeps such a connection alive.
    ///
    /// # Errors
    /// Why it does not count.
    pub async fn heartbeat_by_request(
        &self,
        (room, conn): (&RoomId, ConnId),
        user: &AthleteId,
        epoch: Option<u64>,
        patch: Option<Map<String, Value>>,
        origin: &Origin,
    ) -> Result<Beat, PresenceError> {
        let span = observe::span_of(observe::HEARTBEAT, room, Some(conn), Some(user));
        let work = async {
            let member = self.member_of(room, conn, user).await?;
            // Its socket holds its lease and would lose it, and what it needs to come back, to this request.
            if member.door != Door::Http {
                return Err(PresenceError::OtherDoor { conn });
            }
            check_epoch(conn, epoch, member.epoch)?;
            self.0.renew_by_request(room, conn, user).await?;
            let epoch = member.epoch;
            let changed = match patch {
                None => false,
                Some(patch) => {
                    self.0.command(room, RoomCommand::Update { conn, epoch, patch }, None, origin).await?.changed
                }
            };
            observe::beat(epoch, changed);
            Ok(Beat { changed, epoch })
        };
        observe::operation(observe::HEARTBEAT, span, work).await
    }

    /// Ends a membership by a request of its user, or of an operator (`user` is `None`).
    ///
    /// # Errors
    /// When it is not theirs, or the log does not answer.
    pub async fn leave_by_request(
        &self,
        (room, conn): (&RoomId, ConnId),
        user: Option<&AthleteId>,
        reason: LeaveReason,
        origin: &Origin,
    ) -> Result<usize, PresenceError> {
        let span = observe::span_of(observe::LEAVE, room, Some(conn), user);
        let work = async {
            let member = match user {
                Some(user) => self.member_of(room, conn, user).await?,
                None => self.member(room, conn).await?,
            };
            let command = RoomCommand::Leave { conn, epoch: member.epoch, reason };
            let done = self.0.command(room, command, None, origin).await?;
            observe::went(reason, done.members);
            self.0.release(conn).await;
            Ok(done.members)
        };
        observe::operation(observe::LEAVE, span, work).await
    }
}

fn check_live(socket: &Socket, epoch: Option<u64>) -> Result<(), PresenceError> {
    check_epoch(socket.conn, epoch, socket.epoch)?;
    if socket.has_ended() { Err(PresenceError::Gone { conn: socket.conn }) } else { Ok(()) }
}

/// An epoch that a client sends back must be the one that it was given.
fn check_epoch(conn: ConnId, epoch: Option<u64>, current: u64) -> Result<(), PresenceError> {
    match epoch {
        Some(epoch) if epoch < current => Err(RoomRefusal::Stale { conn, epoch, current }.into()),
        Some(epoch) if epoch > current => Err(RoomRefusal::Unknown { conn, epoch, current }.into()),
        _ => Ok(()),
    }
}
