//! One socket: answers its events in their order, writes what its client is to be sent, and ends its membership with it.

use std::sync::Arc;
use std::time::Duration;

use ally_domain::channel::Operation;
use ally_domain::room::{Door, LeaveReason};
use ally_handlers::channel::{ChannelFollower, ChannelNotice};
use ally_handlers::presence::{EndReason, Notice, Session, Snapshot, Start};
use socketioxide::extract::SocketRef;
use socketioxide::socket::DisconnectReason;
use socketioxide::{SendError, SocketError, TransportType};
use tokio::time::Instant;
use tracing::Instrument;

use super::super::client::{Client, Entry, Place, room_of};
use super::super::end::{Closed, reconnect_after};
use super::super::error::{Code, Refusal};
use super::super::shape::Yes;
use super::acceptor::SocketIo;
use super::event::{self, Event, Heartbeat, Join, Kind};
use super::frame::{self, DoneAck, EndPayload, HeartbeatAck, JoinAck, Own, Payload, RefusedAck, SnapshotPayload};
use super::inbox::{Asked, Opened, Refused};
use super::metadata::{self, Action, Metadata, MetadataEvent};
use super::transport::Transport;
use super::watched::LINGER;

/// A socket and all that its task works with.
pub(super) struct Socket {
    pub client: Client,
    pub socket: SocketRef,
    pub transport: Arc<Transport>,
    pub acceptor: SocketIo,
    /// The channels that it follows, once there is one.
    pub channels: Option<ChannelFollower>,
}

/// Why a socket ends.
enum End {
    /// The library let go of it, and said why if it did so first.
    Gone(Option<DisconnectReason>),
    /// We end it, and say why.
    Close(Close),
}

struct Close {
    reason: Closed,
    /// Why the member has left, if it still is one.
    leave: LeaveReason,
    reconnect_after: Option<Duration>,
    /// Clients of Socket.IO come back by themselves unless it is the socket that is closed, and not the connection.
    for_good: bool,
}

impl Close {
    const fn now(reason: Closed) -> End {
        End::Close(Self { reason, leave: LeaveReason::Cut, reconnect_after: None, for_good: false })
    }

    const fn for_good(reason: Closed) -> End {
        End::Close(Self { reason, leave: LeaveReason::Cut, reconnect_after: None, for_good: true })
    }
}

impl From<EndReason> for End {
    fn from(end: EndReason) -> Self {
        let leave = if end == EndReason::Draining { LeaveReason::Drained } else { LeaveReason::Cut };
        let for_good = end == EndReason::Left(LeaveReason::Kicked);
        Self::Close(Close { reason: end.into(), leave, reconnect_after: reconnect_after(end), for_good })
    }
}

impl Socket {
    /// Serves the socket to its end.
    pub(super) async fn run(mut self, mut opened: Opened) {
        self.span("connect").in_scope(|| tracing::debug!("a client connected"));
        let end = self.serve(&mut opened).await;
        self.transport.set_member(None);
        let span = self.span("disconnect");
        match end {
            End::Gone(reason) => {
                let reason = match reason {
                    Some(reason) => reason,
                    // The library knows why by now, or in a moment.
                    None => match tokio::time::timeout(LINGER, &mut opened.gone).await {
                        Ok(Ok(reason)) => reason,
                        _ => DisconnectReason::TransportError,
                    },
                };
                span.in_scope(|| tracing::debug!(%reason, "a client is gone"));
                let _ = Box::pin(self.client.leave(leave_reason_of(reason))).await;
                Box::pin(self.acceptor.hang_up(&self.socket, &self.transport)).await;
            }
            End::Close(close) => {
                span.in_scope(|| tracing::debug!(reason = close.reason.as_str(), "a client is disconnected"));
                Box::pin(self.close(close)).await;
            }
        }
    }

    async fn close(&mut self, close: Close) {
        let reconnect_after_ms = close.reconnect_after.map(|after| after.as_millis() as u64);
        let taken = self.transport.taken.notified();
        let last = EndPayload { reason: close.reason, reconnect_after_ms };
        // Whoever does not read does not learn why.
        let sent = self.socket.emit(frame::END, &last).is_ok();
        let _ = self.client.leave(close.leave).await;
        if close.for_good {
            let _ = self.socket.clone().disconnect();
            // Its client ends the connection once it knows; by long-polling it may take two polls to know.
            let _ = tokio::time::timeout(LINGER, self.transport.closed.cancelled()).await;
        } else if sent {
            let _ = tokio::time::timeout(LINGER, taken).await;
        }
        self.acceptor.hang_up(&self.socket, &self.transport).await;
    }

    async fn serve(&mut self, opened: &mut Opened) -> End {
        let begun = Instant::now();
        let draining = self.client.doors.presence.draining();
        loop {
            let by_age = begun + self.client.doors.limits.max_age;
            let ends_at = by_age.min(Instant::now() + self.client.doors.longest(self.client.caller.as_ref()));
            let step = tokio::select! {
                biased;
                gone = &mut opened.gone => Err(End::Gone(Some(gone.unwrap_or(DisconnectReason::TransportError)))),
                Some(asked) = opened.events.recv() => self.answer(*asked).await,
                notice = self.client.place.next() => match notice {
                    Some(notice) => self.write(notice).await,
                    None => Err(Close::now(Closed::RoomGone)),
                },
                change = next_of(&mut self.channels) => match change {
                    Some(change) => self.write_change(&change).await,
                    None => Err(EndReason::Slow.into()),
                },
                // Whoever is in a room learns it there.
                () = draining.cancelled(), if matches!(self.client.place, Place::Nowhere) =>
                    Err(EndReason::Draining.into()),
                () = tokio::time::sleep_until(ends_at) => Err(Close::now(Closed::TooOld)),
            };
            if let Err(end) = step {
                return end;
            }
        }
    }

    async fn answer(&mut self, mut asked: Asked) -> Result<(), End> {
        match asked.refused {
            None => {}
            Some(Refused::Flood) => return Err(Close::for_good(Closed::Flood)),
            Some(Refused::TooFast(wait)) => {
                let error = format!("too many messages; the next one is taken in {wait} ms");
                return self.reply(&mut asked, &frame::refused(Code::RateLimited, &error)).await;
            }
        }
        let read = event::read(asked.text.as_deref());
        let span = match &read {
            // A heartbeat has a span of its own further in; one around it only where it belongs to a trace of the client's.
            Ok(Event { kind: Kind::Heartbeat(_), traceparent: None }) | Err(_) => tracing::Span::none(),
            Ok(event) => self.span(event.kind.name()),
        };
        let traceparent = read.as_ref().ok().and_then(|event| event.traceparent.as_deref());
        self.client.continue_trace(&span, traceparent);
        let answered = async {
            // A socket has its own of this for as long as it lives: what is rare is boxed.
            match read?.kind {
                Kind::Join(join) => Box::pin(self.join(&mut asked, &join)).await,
                Kind::Heartbeat(heartbeat) => self.heartbeat(&mut asked, heartbeat).await,
                Kind::Leave(_) => Box::pin(self.leave(&mut asked)).await,
                Kind::SetChannel(metadata) => {
                    Box::pin(self.metadata(&mut asked, Action::Change(Operation::Set), metadata)).await
                }
                Kind::UpdateChannel(metadata) => {
                    Box::pin(self.metadata(&mut asked, Action::Change(Operation::Update), metadata)).await
                }
                Kind::RemoveChannel(metadata) => {
                    Box::pin(self.metadata(&mut asked, Action::Change(Operation::Remove), metadata)).await
                }
                Kind::GetChannel(metadata) => Box::pin(self.metadata(&mut asked, Action::Get, metadata)).await,
            }
        };
        match answered.instrument(span).await {
            Ok(written) => written,
            Err(refusal) => self.reply(&mut asked, &RefusedAck::from(&refusal)).await,
        }
    }

    async fn join(&mut self, asked: &mut Asked, join: &Join) -> Result<Result<(), End>, Refusal> {
        // Looked at first, so that nobody is told of somebody who cannot come in.
        if let Ok(room) = room_of(&join.room_id)
            && self.client.doors.presence.figures(&room).await?.members >= frame::MAX_SNAPSHOT_MEMBERS
        {
            return Err(too_large(&join.room_id));
        }
        let state = join.state.clone().unwrap_or_default();
        let entry = Entry {
            room: &join.room_id,
            user_id: join.user_id.as_deref(),
            state: &state,
            audience: join.audience.into(),
            door: Door::SocketIo,
            resumable: false,
        };
        let mut session = self.client.join(entry).await?;
        let members = self.members_of(&mut session);
        if members.len() > frame::MAX_SNAPSHOT_BYTES {
            let _ = session.leave(LeaveReason::Left, &self.client.origin()).await;
            return Err(too_large(&join.room_id));
        }
        let socket = Arc::clone(&session.socket);
        let own = Own { conn_id: socket.conn, epoch: socket.epoch() };
        self.transport.set_member(Some(socket));
        self.client.place = Place::Member(Box::new(session));
        Ok(self.reply(asked, &JoinAck { ok: Yes, snapshot: frame::raw(&members), own }).await)
    }

    async fn heartbeat(&self, asked: &mut Asked, heartbeat: Heartbeat) -> Result<Result<(), End>, Refusal> {
        let beat = match heartbeat.patch_state {
            Some(patch) => Box::pin(self.client.patch(heartbeat.epoch, patch)).await?,
            None => self.client.beat(heartbeat.epoch)?,
        };
        Ok(self.reply(asked, &HeartbeatAck { ok: Yes, changed: beat.changed, epoch: beat.epoch }).await)
    }

    async fn leave(&mut self, asked: &mut Asked) -> Result<Result<(), End>, Refusal> {
        self.transport.set_member(None);
        self.client.leave(LeaveReason::Left).await?;
        Ok(self.reply(asked, &DoneAck { ok: Yes }).await)
    }

    async fn metadata(
        &mut self,
        asked: &mut Asked,
        action: Action,
        metadata: Metadata,
    ) -> Result<Result<(), End>, Refusal> {
        let ack = metadata::carry_out(&self.client, &mut self.channels, action, metadata).await?;
        Ok(self.reply(asked, &ack).await)
    }

    async fn write(&self, notice: Notice) -> Result<(), End> {
        match notice {
            Notice::Change(change) => self.emit(frame::EVENT, &frame::change(&change)).await,
            Notice::Delta(delta) => match &delta.changes {
                Some(changes) => {
                    for change in changes {
                        self.emit(frame::EVENT, &frame::change(change)).await?;
                    }
                    Ok(())
                }
                None => self.emit(frame::COUNTS, &frame::counts(&delta)).await,
            },
            Notice::Fresh(snapshot) => Box::pin(self.write_snapshot(&snapshot)).await,
            Notice::End(end) => Err(end.into()),
        }
    }

    async fn write_snapshot(&self, snapshot: &Snapshot) -> Result<(), End> {
        let members = frame::members(snapshot, self.client.doors.clock.now());
        if members.len() > frame::MAX_SNAPSHOT_BYTES {
            return Err(Close::now(Closed::RoomTooLarge));
        }
        let payload = SnapshotPayload { room_id: snapshot.room.as_str(), snapshot: frame::raw(&members) };
        self.emit(frame::SNAPSHOT, &frame::write(&payload)).await
    }

    async fn write_change(&self, change: &ChannelNotice) -> Result<(), End> {
        self.emit(frame::METADATA, &frame::write(&MetadataEvent::from(change))).await
    }

    async fn emit(&self, event: &'static str, payload: &str) -> Result<(), End> {
        let raw = frame::raw(payload);
        self.when_room(payload.len(), || self.socket.emit(event, &raw)).await
    }

    async fn reply<T: Payload>(&self, asked: &mut Asked, answer: &T) -> Result<(), End> {
        let answer = frame::write(answer);
        let raw = frame::raw(&answer);
        self.when_room(answer.len(), || asked.reply().send(&raw)).await
    }

    /// Sends once there is room for so many bytes, unless the client does not read for too long.
    async fn when_room(&self, bytes: usize, mut send: impl FnMut() -> Result<(), SendError>) -> Result<(), End> {
        let until = Instant::now() + self.client.doors.limits.patience;
        loop {
            let taken = self.transport.taken.notified();
            if self.transport.has_room(bytes) {
                // Counted first: it may be taken before this task goes on.
                self.transport.left(bytes);
                match send() {
                    Ok(()) => return Ok(()),
                    Err(SendError::Socket(SocketError::InternalChannelFull)) => self.transport.took(bytes),
                    Err(_) => return Err(End::Gone(None)),
                }
            }
            tokio::select! {
                end = self.client.place.cut() => return Err(end.into()),
                waited = tokio::time::timeout_at(until, taken) => {
                    waited.map_err(|_| End::from(EndReason::Slow))?;
                }
            }
        }
    }

    /// Who is in the room that somebody has just joined.
    fn members_of(&self, session: &mut Session) -> Arc<str> {
        match session.take_start() {
            Start::Fresh(snapshot) => frame::members(&snapshot, self.client.doors.clock.now()),
            // Whoever joins knows no place of the feed.
            Start::Missed { .. } => Arc::from("[]"),
        }
    }

    fn span(&self, event: &'static str) -> tracing::Span {
        let transport = match self.socket.transport_type() {
            TransportType::Websocket => "websocket",
            TransportType::Polling => "polling",
        };
        self.client.span(event, transport)
    }
}

async fn next_of(channels: &mut Option<ChannelFollower>) -> Option<Arc<ChannelNotice>> {
    match channels {
        Some(channels) => channels.next().await,
        None => std::future::pending().await,
    }
}

fn too_large(room: &str) -> Refusal {
    let most = frame::MAX_SNAPSHOT_BYTES;
    Refusal::new(
        Code::RoomTooLarge,
        format!(
            "who is in room {room:?} takes more than the {most} bytes of one answer; join by /ws/v1/presence, which sends pages"
        ),
    )
}

/// Why a member has left whose socket the library let go of.
const fn leave_reason_of(reason: DisconnectReason) -> LeaveReason {
    match reason {
        DisconnectReason::ClientNSDisconnect | DisconnectReason::TransportClose => LeaveReason::Left,
        DisconnectReason::HeartbeatTimeout => LeaveReason::Expired,
        _ => LeaveReason::Cut,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size<F: Future>(_: impl FnOnce(Socket, Opened) -> F) -> usize {
        std::mem::size_of::<F>()
    }

    /// Each socket has one for as long as it lives, and most of them do nothing.
    #[test]
    fn what_serves_a_socket_is_small() {
        let bytes = size(|socket: Socket, opened| socket.run(opened));
        assert!(bytes < 3 * 1024, "{bytes} bytes: box what is rare");
    }
}
