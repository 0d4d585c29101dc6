//! The feed of a room as server-sent events: the frames of the plain WebSocket as data, the position as the id that a client
//! comes back with by itself.
//!
//! A task of its own writes, not the body that the client reads: a client that does not read is noticed all the same, and its
//! connection is cut off. So the feed is bounded by the follower's queue, and by the admission of its user and address; it holds
//! no slot of a request and ends at no request's deadline.

use std::convert::Infallible;
use std::fmt::Write as _;
use std::time::Duration;

use ally_handlers::presence::{
    Audience, Cursor, Delta, Encoded, EndReason, Notice, Observer, PresenceError, Snapshot, Start,
};
use bytes::Bytes;
use futures::FutureExt;
use poem::Body;
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::door::{Admission, Doors};
use super::end::{Closed, reconnect_after};
use super::frame;
use crate::auth::Caller;
use crate::server::HangUp;

/// Notices that are written in one piece, at most.
const MAX_WRITTEN: usize = 64;
/// A piece that is larger goes out before the next notice.
const PIECE_BYTES: usize = 64 * 1024;
const COMMENT: &[u8] = b":\n\n";

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
    pub(crate) fn body(self) -> Body {
        let (client, pieces) = mpsc::channel(1);
        let tasks = self.doors.tasks.clone();
        tasks.spawn(self.run(client));
        let pieces = futures::stream::unfold(pieces, |mut pieces| async move {
            let piece: Bytes = pieces.recv().await?;
            Some((Ok::<_, std::io::Error>(piece), pieces))
        });
        Body::from_bytes_stream(pieces)
    }

    async fn run(mut self, client: mpsc::Sender<Bytes>) {
        let Err(End::Close { reason, reconnect_after }) = self.serve(&client).await else { return };
        let mut last = Piece::default();
        last.end(reason, reconnect_after);
        // Whoever does not read does not learn why; the connection goes, and what waits in it.
        if let (Err(_), Some(hang_up)) = (self.send_within(&client, last).await, &self.hang_up) {
            hang_up.now();
        }
    }

    async fn serve(&mut self, client: &mpsc::Sender<Bytes>) -> Result<Infallible, End> {
        let mut piece = Piece::default();
        match &self.observer.take_start() {
            Start::Fresh(snapshot) => self.begin_with(&mut piece, snapshot),
            Start::Missed { changes, cursor } => {
                changes.iter().for_each(|change| piece.message(Some(change.cursor), "event", &frame::change(change)));
                // Nothing is to be done about it; the client comes back from here.
                piece.id(*cursor);
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
                () = quiet => Piece::comment(),
            };
            self.send(client, piece).await?;
        }
    }

    /// What waits, some notices at once.
    async fn tell(&mut self, client: &mpsc::Sender<Bytes>, first: Option<Notice>) -> Result<Piece, End> {
        let (mut piece, mut notice) = (Piece::default(), first);
        for _ in 0..MAX_WRITTEN {
            match notice.ok_or(End::Gone)? {
                Notice::Change(change) => piece.message(Some(change.cursor), "event", &frame::change(&change)),
                Notice::Delta(delta) => piece.message(Some(delta.to), "delta", &frame::delta(&delta)),
                Notice::Fresh(snapshot) => self.begin_with(&mut piece, &snapshot),
                Notice::End(end) => {
                    self.send(client, piece).await?;
                    return Err(end.into());
                }
            }
            if piece.0.len() >= PIECE_BYTES {
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
    fn begin_with(&self, piece: &mut Piece, snapshot: &Snapshot) {
        if self.counts_only {
            let counts = counts_of(snapshot);
            return piece.message(Some(counts.to), "delta", &frame::delta(&counts));
        }
        let pages = frame::snapshot(snapshot, self.doors.limits.whole_snapshot);
        let mut pages = pages.iter().peekable();
        // A snapshot that breaks off is none: its pages take back the position that was known, up to the last one.
        while let Some(page) = pages.next() {
            let is_last = pages.peek().is_none();
            piece.message(is_last.then_some(snapshot.cursor), "snapshot", page);
        }
    }

    /// Sends, unless the client is to be cut off or does not read for too long.
    async fn send(&self, client: &mpsc::Sender<Bytes>, piece: Piece) -> Result<(), End> {
        let cut = self.observer.cut();
        tokio::select! {
            biased;
            sent = self.send_within(client, piece) => sent,
            end = cut => Err(end.into()),
        }
    }

    async fn send_within(&self, client: &mpsc::Sender<Bytes>, piece: Piece) -> Result<(), End> {
        if piece.0.is_empty() {
            return Ok(());
        }
        match tokio::time::timeout(self.doors.limits.patience, client.send(piece.0.into())).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(End::Gone),
            Err(_) => Err(EndReason::Slow.into()),
        }
    }
}

fn counts_of(snapshot: &Snapshot) -> Delta {
    let (room, at) = (snapshot.room.clone(), snapshot.cursor);
    let (members, users) = (snapshot.state.member_count(), snapshot.state.user_count());
    Delta { room, from: at, to: at, members, users, changes: None, encoded: Encoded::default() }
}

/// Text of an event stream (WHATWG HTML, section 9.2).
#[derive(Default)]
struct Piece(String);

impl Piece {
    fn comment() -> Self {
        Self(String::from_utf8_lossy(COMMENT).into_owned())
    }

    /// A message. Without a position it takes back the one that the client knows: it comes back without any.
    fn message(&mut self, position: Option<Cursor>, event: &str, data: &str) {
        match position {
            Some(position) => _ = writeln!(self.0, "id: {position}"),
            None => self.0.push_str("id\n"),
        }
        _ = writeln!(self.0, "event: {event}");
        // JSON may break between its tokens only.
        for line in data.split(['\n', '\r']) {
            _ = writeln!(self.0, "data: {line}");
        }
        self.0.push('\n');
    }

    /// A position without a message.
    fn id(&mut self, position: Cursor) {
        _ = write!(self.0, "id: {position}\n\n");
    }

    fn end(&mut self, reason: Closed, reconnect_after: Option<Duration>) {
        let after_ms = reconnect_after.map(|after| after.as_millis() as u64);
        if let Some(after_ms) = after_ms {
            _ = writeln!(self.0, "retry: {after_ms}");
        }
        let data = frame::end(reason, after_ms);
        _ = write!(self.0, "event: end\ndata: {data}\n\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_written_as_browsers_read_them() {
        let mut piece = Piece::default();
        let position = Cursor { log: 0xab, sequence: 7 };
        piece.message(None, "snapshot", "{}");
        piece.message(Some(position), "event", "{\n}");
        piece.id(position);
        piece.end(Closed::Draining, Some(Duration::from_millis(1_500)));
        assert_eq!(
            piece.0,
            "id\nevent: snapshot\ndata: {}\n\n\
             id: 000000ab-7\nevent: event\ndata: {\ndata: }\n\n\
             id: 000000ab-7\n\n\
             retry: 1500\nevent: end\ndata: {\"type\":\"end\",\"reason\":\"draining\",\"reconnectAfterMs\":1500}\n\n"
        );
    }
}
