//! The feed of a room as server-sent events: the frames of the plain WebSocket as data, the position as the id that a client
//! comes back with by itself.
//!
//! It is bounded by the follower's queue, and by the places of its user and address; it holds no slot of a request and ends at no
//! request's deadline.

use std::convert::Infallible;
use std::fmt::Display;
use std::time::Duration;

use ally_handlers::Cursor;
use ally_handlers::presence::{Audience, Delta, Encoded, EndReason, Notice, Observer, PresenceError, Snapshot, Start};
use futures::FutureExt;
use poem::Body;
use tokio::time::Instant;

use super::door::Doors;
use super::end::{Closed, reconnect_after};
use super::frame;
use crate::auth::Caller;
use crate::event_stream::{self, Admission, Client, EventText, Unsent};
use crate::server::HangUp;

/// Notices that are written in one piece, at most.
const MAX_WRITTEN: usize = 64;
/// A piece that is larger goes out before the next notice.
const PIECE_BYTES: usize = 64 * 1024;

/// What somebody wants to follow.
pub(crate) struct Follow {
    pub audience: Audience,
    /// The place of the feed that they know.
    pub since: Option<Cursor>,
}

/// One client's feed.
pub(crate) struct Feed {
    doors: Doors,
    observer: Observer,
    counts_only: bool,
    /// Given back when the feed ends.
    _admission: Admission,
    ends_at: Instant,
    hang_up: Option<HangUp>,
}

/// Why a feed ends.
enum End {
    /// The client is gone.
    Gone,
    /// The client is told why.
    Close { reason: Closed, reconnect_after: Option<Duration> },
}

impl From<EndReason> for End {
    fn from(end: EndReason) -> Self {
        Self::Close { reason: end.into(), reconnect_after: reconnect_after(end) }
    }
}

impl Feed {
    /// Lets a client follow a room.
    ///
    /// # Errors
    /// When the node does not know the rooms yet, or is about to end.
    pub(crate) async fn open(
        doors: &Doors,
        room: &ally_domain::room::RoomId,
        follow: Follow,
        (caller, admission, hang_up): (&Caller, Admission, Option<HangUp>),
    ) -> Result<Self, PresenceError> {
        let counts_only = follow.audience == Audience::Counts;
        // Counts are told whole each time; what was missed of them is of no use.
        let since = follow.since.filter(|_| !counts_only);
        let observer = doors.presence.observe(room, follow.audience, since).await?;
        let ends_at = Instant::now() + doors.longest(Some(caller));
        Ok(Self { doors: doors.clone(), observer, counts_only, _admission: admission, ends_at, hang_up })
    }

    /// The body that the client reads.
    pub(crate) fn body(mut self) -> Body {
        let (client, body) = event_stream::body(self.doors.limits.patience, self.hang_up.take());
        let tasks = self.doors.tasks.clone();
        tasks.spawn(self.run(client));
        body
    }

    async fn run(mut self, client: Client) {
        let Err(End::Close { reason, reconnect_after }) = self.serve(&client).await else { return };
        let after_ms = reconnect_after.map(|after| after.as_millis() as u64);
        let mut last = EventText::default();
        if let Some(after) = reconnect_after {
            last.retry(after);
        }
        last.unplaced("end", &frame::end(reason, after_ms));
        client.send_last(last).await;
    }

    async fn serve(&mut self, client: &Client) -> Result<Infallible, End> {
        let mut piece = EventText::default();
        match &self.observer.take_start() {
            Start::Fresh(snapshot) => self.begin_with(&mut piece, snapshot),
            Start::Missed { changes, cursor } => {
                changes.iter().for_each(|change| piece.message(Some(&change.cursor), "event", &frame::change(change)));
                // Nothing is to be done about it; the client comes back from here.
                piece.position(cursor);
            }
        }
        self.send(client, piece).await?;
        loop {
            let quiet = tokio::time::sleep(self.doors.limits.comment_every);
            let piece = tokio::select! {
                notice = self.observer.next() => self.tell(client, notice).await?,
                () = client.closed() => return Err(End::Gone),
                () = tokio::time::sleep_until(self.ends_at) => {
                    return Err(End::Close { reason: Closed::TooOld, reconnect_after: None });
                }
                () = quiet => EventText::of_comment(),
            };
            self.send(client, piece).await?;
        }
    }

    /// What waits, some notices at once.
    async fn tell(&mut self, client: &Client, first: Option<Notice>) -> Result<EventText, End> {
        let (mut piece, mut notice) = (EventText::default(), first);
        for _ in 0..MAX_WRITTEN {
            match notice.ok_or(End::Gone)? {
                Notice::Change(change) => piece.message(Some(&change.cursor), "event", &frame::change(&change)),
                Notice::Delta(delta) => piece.message(Some(&delta.to), "delta", &frame::delta(&delta)),
                Notice::Fresh(snapshot) => self.begin_with(&mut piece, &snapshot),
                Notice::End(end) => {
                    self.send(client, piece).await?;
                    return Err(end.into());
                }
            }
            if piece.len() >= PIECE_BYTES {
                break;
            }
            match self.observer.next().now_or_never() {
                Some(next) => notice = next,
                None => break,
            }
        }
        Ok(piece)
    }

    /// What counts no matter what was known before.
    fn begin_with(&self, piece: &mut EventText, snapshot: &Snapshot) {
        if self.counts_only {
            let counts = counts_of(snapshot);
            return piece.message(Some(&counts.to), "delta", &frame::delta(&counts));
        }
        let pages = frame::snapshot(snapshot, self.doors.limits.whole_snapshot);
        let mut pages = pages.iter().peekable();
        // A snapshot that breaks off is none: its pages take back the position that was known, up to the last one.
        while let Some(page) = pages.next() {
            let is_last = pages.peek().is_none();
            piece.message(is_last.then_some(&snapshot.cursor as &dyn Display), "snapshot", page);
        }
    }

    /// Sends, unless the client is to be cut off or does not read for too long.
    async fn send(&self, client: &Client, piece: EventText) -> Result<(), End> {
        let cut = self.observer.cut();
        tokio::select! {
            biased;
            sent = client.send(piece) => Ok(sent?),
            end = cut => Err(end.into()),
        }
    }
}

impl From<Unsent> for End {
    fn from(unsent: Unsent) -> Self {
        match unsent {
            Unsent::Gone => Self::Gone,
            Unsent::Slow => EndReason::Slow.into(),
        }
    }
}

fn counts_of(snapshot: &Snapshot) -> Delta {
    let (room, at) = (snapshot.room.clone(), snapshot.cursor);
    let (members, users) = (snapshot.state.member_count(), snapshot.state.user_count());
    Delta { room, from: at, to: at, members, users, changes: None, encoded: Encoded::default() }
}
