//! One plain WebSocket: reads what its client asks, writes what it is to be told, and notices when it is gone.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use ally_handlers::presence::{EndReason, Notice, Start};
use futures::{FutureExt, SinkExt, StreamExt};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, MissedTickBehavior};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{self, Message, Utf8Bytes};

use super::answer::Answer;
use super::client::{Client, Place};
use super::end::{Closed, reconnect_after};
use super::error::{Code, Refusal};
use super::rate::Share;
use super::{ack, answer, frame, message};

/// This kind of socket, in spans.
pub(super) const TRANSPORT: &str = "websocket";

/// Notices that are written before the socket is flushed and read again, at most.
const MAX_WRITTEN: usize = 64;
/// How long a client may take to end a connection that is closed.
const LINGER: Duration = Duration::from_secs(2);

/// A connection.
pub(super) struct Connection {
    pub client: Client,
    share: Share,
    opened: Instant,
    /// When it ends, because of its age or its token's.
    ends_at: Instant,
}

/// Why a connection ends.
pub(super) enum End {
    /// The client closed it, or it broke.
    Gone,
    /// We close it, and say why.
    Close { code: CloseCode, reason: Closed, reconnect_after: Option<Duration> },
}

impl End {
    pub(super) const fn close(code: CloseCode, reason: Closed) -> Self {
        Self::Close { code, reason, reconnect_after: None }
    }
}

impl Connection {
    pub(super) fn new(client: Client) -> Self {
        let limits = &client.doors.limits;
        let share = Share::new(limits.messages_per_second, limits.messages_burst, std::time::Instant::now());
        let opened = Instant::now();
        let mut connection = Self { client, share, opened, ends_at: opened };
        connection.set_end();
        connection
    }

    /// Says anew when the connection ends: its client has another token.
    pub(super) fn set_end(&mut self) {
        let doors = &self.client.doors;
        let by_token = Instant::now() + doors.longest(self.client.caller.as_ref());
        self.ends_at = by_token.min(self.opened + doors.limits.max_age);
    }

    /// When something must have happened or the connection ends.
    fn due(&self) -> Instant {
        let nameless_until = self.opened + self.client.doors.limits.patience;
        if self.is_nameless() { nameless_until.min(self.ends_at) } else { self.ends_at }
    }

    /// Serves the connection to its end.
    pub(super) async fn run<S>(mut self, mut stream: WebSocketStream<S>)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send,
    {
        self.client.span("connect", TRANSPORT).in_scope(|| tracing::debug!("a client connected"));
        let end = self.serve(&mut stream).await;
        let span = self.client.span("disconnect", TRANSPORT);
        if let End::Close { code, reason, reconnect_after } = end {
            span.in_scope(|| tracing::debug!(reason = reason.as_str(), "a client is disconnected"));
            let last = frame::end(reason, reconnect_after.map(|after| after.as_millis() as u64));
            let closing = async {
                stream.send(Message::text(last)).await?;
                stream.close(Some(CloseFrame { code, reason: Utf8Bytes::from_static(reason.as_str()) })).await
            };
            // Whoever does not read does not learn why.
            if let Ok(Ok(())) = tokio::time::timeout(self.client.doors.limits.patience, closing).await {
                // What is still on its way from the client is read: a socket that is closed over it takes back what was written.
                let rest = async { while let Some(Ok(_)) = stream.next().await {} };
                let _ = tokio::time::timeout(LINGER, rest).await;
            }
        }
    }

    async fn serve<S>(&mut self, stream: &mut WebSocketStream<S>) -> End
    where
        S: AsyncRead + AsyncWrite + Unpin + Send,
    {
        // One timer for all of its life: made anew for each message it would cost as much as the message.
        let mut due = std::pin::pin!(tokio::time::sleep_until(self.due()));
        let mut ping = tokio::time::interval(self.client.doors.time_to_live / 3);
        ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
        ping.reset();
        let draining = self.client.doors.presence.draining();
        loop {
            if due.deadline() != self.due() {
                due.as_mut().reset(self.due());
            }
            let step = tokio::select! {
                received = stream.next() => match received {
                    Some(Ok(received)) => self.receive(stream, received).await,
                    Some(Err(error)) => Err(broken(&error)),
                    None => Err(End::Gone),
                },
                notice = self.client.place.next() => self.tell(stream, notice).await,
                _ = ping.tick() => self.write(stream, Message::Ping(tokio_tungstenite::tungstenite::Bytes::new())).await,
                // Whoever is in a room is told there.
                () = draining.cancelled(), if matches!(self.client.place, Place::Nowhere) => Err(end_of(EndReason::Draining)),
                () = &mut due => {
                    let reason = if self.is_nameless() { Closed::Unauthorized } else { Closed::TooOld };
                    Err(End::close(CloseCode::Policy, reason))
                }
            };
            if let Err(end) = step {
                return end;
            }
        }
    }

    fn is_nameless(&self) -> bool {
        self.client.caller.is_none() && !self.client.doors.limits.trust_user_ids
    }

    async fn receive<S>(&mut self, stream: &mut WebSocketStream<S>, received: Message) -> Result<(), End>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send,
    {
        if let Place::Member(session) = &self.client.place {
            session.socket.touch();
        }
        let bytes = match &received {
            Message::Text(text) => text.as_bytes(),
            Message::Binary(_) => return Err(End::close(CloseCode::Unsupported, Closed::TextOnly)),
            Message::Close(_) => return Err(self.close().await),
            Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => return Ok(()),
        };
        let now = std::time::Instant::now();
        if let Err(refused) = self.share.take(now) {
            if refused >= self.client.doors.limits.refused_until_cut {
                return Err(End::close(CloseCode::Policy, Closed::Flood));
            }
            let wait = self.share.wait().as_millis();
            let refusal =
                Refusal::new(Code::RateLimited, format!("too many messages; the next one is taken in {wait} ms"));
            return self.write(stream, Message::text(ack::refused(None, &refusal))).await;
        }
        match message::read(bytes) {
            Ok(incoming) => self.answer(stream, incoming).await,
            Err(refusal) => self.write(stream, Message::text(ack::refused(None, &refusal))).await,
        }
    }

    async fn answer<S>(&mut self, stream: &mut WebSocketStream<S>, incoming: message::Incoming) -> Result<(), End>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send,
    {
        let id = incoming.id.clone();
        match answer::to(self, incoming).await {
            Ok(Answer { ack, start }) => {
                self.feed(stream, Message::text(ack)).await?;
                if let Some(start) = start {
                    Box::pin(self.begin(stream, &start)).await?;
                }
            }
            Err(refusal) => self.feed(stream, Message::text(ack::refused(id.as_ref(), &refusal))).await?,
        }
        self.flush(stream).await
    }

    /// Writes what somebody who came in begins with. All of it together may take as long as one message: while it lasts nothing else is
    /// looked at, and what it is written from is kept.
    async fn begin<S>(&mut self, stream: &mut WebSocketStream<S>, start: &Start) -> Result<(), End>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send,
    {
        let until = Instant::now() + self.client.doors.limits.patience;
        match start {
            Start::Fresh(snapshot) => {
                for page in frame::snapshot(snapshot, self.client.doors.limits.whole_snapshot).iter() {
                    self.feed_until(until, stream, Message::text(page)).await?;
                }
            }
            Start::Missed { changes, .. } => {
                for change in changes {
                    self.feed_until(until, stream, text(&frame::change(change))).await?;
                }
            }
        }
        Ok(())
    }

    /// Writes what waits, some notices at once.
    async fn tell<S>(&mut self, stream: &mut WebSocketStream<S>, first: Option<Notice>) -> Result<(), End>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send,
    {
        let mut notice = first;
        for _ in 0..MAX_WRITTEN {
            let Some(told) = notice else { return Err(End::Gone) };
            match told {
                Notice::Change(change) => self.feed(stream, text(&frame::change(&change))).await?,
                Notice::Delta(delta) => self.feed(stream, text(&frame::delta(&delta))).await?,
                Notice::Fresh(snapshot) => Box::pin(self.begin(stream, &Start::Fresh(snapshot))).await?,
                Notice::End(end) => {
                    self.flush(stream).await?;
                    return Err(end_of(end));
                }
            }
            match self.client.place.next().now_or_never() {
                Some(next) => notice = next,
                None => break,
            }
        }
        self.flush(stream).await
    }

    /// The client said goodbye: it leaves at once, without a grace.
    async fn close(&mut self) -> End {
        let _ = Box::pin(self.client.leave(ally_domain::room::LeaveReason::Left)).await;
        End::Gone
    }

    async fn write<S>(&mut self, stream: &mut WebSocketStream<S>, message: Message) -> Result<(), End>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send,
    {
        self.feed(stream, message).await?;
        self.flush(stream).await
    }

    async fn feed<S>(&mut self, stream: &mut WebSocketStream<S>, message: Message) -> Result<(), End>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send,
    {
        let until = Instant::now() + self.client.doors.limits.patience;
        self.feed_until(until, stream, message).await
    }

    async fn feed_until<S>(
        &mut self,
        until: Instant,
        stream: &mut WebSocketStream<S>,
        message: Message,
    ) -> Result<(), End>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send,
    {
        self.within(until, |context| stream.poll_ready_unpin(context)).await?;
        stream.start_send_unpin(message).map_err(|error| broken(&error))
    }

    async fn flush<S>(&mut self, stream: &mut WebSocketStream<S>) -> Result<(), End>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send,
    {
        let until = Instant::now() + self.client.doors.limits.patience;
        self.within(until, |context| stream.poll_flush_unpin(context)).await
    }

    /// Writes, unless the client is to be cut off or does not read for too long. What is done at once, as nearly everything is,
    /// costs no timer.
    async fn within(
        &self,
        until: Instant,
        mut write: impl FnMut(&mut Context<'_>) -> Poll<Result<(), tungstenite::Error>>,
    ) -> Result<(), End> {
        let at_once = poll_fn(|context| Poll::Ready(write(context))).await;
        let written = match at_once {
            Poll::Ready(written) => Ok(written),
            Poll::Pending => tokio::select! {
                biased;
                written = tokio::time::timeout_at(until, poll_fn(write)) =>
                    written.map_err(|_| EndReason::Slow),
                end = self.client.place.cut() => Err(end),
            },
        };
        written.map_err(end_of)?.map_err(|error| broken(&error))
    }
}

fn text(frame: &Arc<str>) -> Message {
    Message::text(frame.as_ref())
}

fn broken(error: &tungstenite::Error) -> End {
    use tungstenite::Error;
    match error {
        Error::Capacity(_) => End::close(CloseCode::Size, Closed::MessageTooLarge),
        Error::Utf8(_) => End::close(CloseCode::Invalid, Closed::NotUtf8),
        Error::Protocol(_) => End::close(CloseCode::Protocol, Closed::Protocol),
        _ => End::Gone,
    }
}

fn end_of(end: EndReason) -> End {
    let code = match end {
        EndReason::Draining => CloseCode::Away,
        EndReason::Slow => CloseCode::Again,
        EndReason::Left(_) | EndReason::Resumed => CloseCode::Policy,
    };
    End::Close { code, reason: end.into(), reconnect_after: reconnect_after(end) }
}

#[cfg(test)]
mod tests;
