//! What the followers of a room are told.

use std::sync::{Arc, OnceLock};

use ally_domain::envelope::TraceContext;
use ally_domain::room::{ConnId, LeaveReason, RoomEvent, RoomId, RoomState};
use time::OffsetDateTime;

use crate::cursor::Cursor;

/// The frames that a notice is written as, one a door: written once, however many are told.
#[derive(Debug, Default)]
pub struct Encoded([OnceLock<Arc<str>>; 2]);

impl Encoded {
    /// The frame of a door's form (0 or 1), written now if nobody needed it yet.
    pub fn get(&self, form: usize, write: impl FnOnce() -> String) -> Arc<str> {
        match self.0.get(form) {
            Some(slot) => Arc::clone(slot.get_or_init(|| write().into())),
            None => write().into(),
        }
    }
}

/// Something that happened in a room.
#[derive(Debug)]
pub struct Change {
    /// The room.
    pub room: RoomId,
    /// Where the feed is after it.
    pub cursor: Cursor,
    /// What happened.
    pub event: RoomEvent,
    /// When it was decided.
    pub at: OffsetDateTime,
    /// The trace that it belongs to.
    pub trace: TraceContext,
    /// Its frames.
    pub encoded: Encoded,
}

impl Change {
    /// What it weighs in a queue, in bytes.
    pub(super) fn weight(&self) -> usize {
        let state = match &self.event {
            RoomEvent::Joined(joined) => joined.state.as_json().len(),
            RoomEvent::Updated(updated) => updated.state.as_json().len(),
            RoomEvent::Left(_) => 0,
        };
        state + 256
    }
}

/// What happened in a big room since its followers were told last.
#[derive(Debug)]
pub struct Delta {
    /// The room.
    pub room: RoomId,
    /// Where the feed was.
    pub from: Cursor,
    /// Where it is.
    pub to: Cursor,
    /// Members.
    pub members: usize,
    /// Users.
    pub users: usize,
    /// The last change of each connection that changed; `None` when there were too many to tell.
    pub changes: Option<Vec<Arc<Change>>>,
    /// Its frames.
    pub encoded: Encoded,
}

/// Everybody in a room, at a place of its feed.
#[derive(Debug)]
pub struct Snapshot {
    /// The room.
    pub room: RoomId,
    /// Where the feed is.
    pub cursor: Cursor,
    /// Who is there.
    pub state: RoomState,
    /// The frames of its first page.
    pub encoded: Encoded,
}

impl Snapshot {
    /// A room in which nobody is.
    pub(super) fn empty(room: RoomId, cursor: Cursor) -> Self {
        Self { room, cursor, state: RoomState::default(), encoded: Encoded::default() }
    }
}

/// What a follower begins with.
#[derive(Debug, Clone)]
pub enum Start {
    /// Everybody who is there; what was known before counts no more.
    Fresh(Arc<Snapshot>),
    /// What was missed since the place that the follower knew, perhaps nothing.
    Missed {
        /// What happened since, in order.
        changes: Vec<Arc<Change>>,
        /// Where the feed is.
        cursor: Cursor,
    },
}

impl Start {
    /// Where the feed is.
    #[must_use]
    pub fn cursor(&self) -> Cursor {
        match self {
            Self::Fresh(snapshot) => snapshot.cursor,
            Self::Missed { cursor, .. } => *cursor,
        }
    }

    /// Takes it out, and leaves nothing missed.
    pub(super) fn take(&mut self) -> Self {
        let nothing = Self::Missed { changes: Vec::new(), cursor: self.cursor() };
        std::mem::replace(self, nothing)
    }
}

/// Why nothing more comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndReason {
    /// The follower's own membership ended.
    Left(LeaveReason),
    /// The follower was too slow for what happened.
    Slow,
    /// Another connection took the membership over.
    Resumed,
    /// The node ends: connect to another one.
    Draining,
}

/// One thing that a follower is told.
#[derive(Debug, Clone)]
pub enum Notice {
    /// Something happened.
    Change(Arc<Change>),
    /// Some things happened in a big room.
    Delta(Arc<Delta>),
    /// Begin afresh: what was known counts no more.
    Fresh(Arc<Snapshot>),
    /// Nothing more comes.
    End(EndReason),
}

impl Notice {
    /// What it weighs in a queue, in bytes.
    pub(super) fn weight(&self) -> usize {
        match self {
            Self::Change(change) => change.weight(),
            Self::Delta(delta) => {
                256 + delta.changes.as_ref().map_or(0, |changes| changes.iter().map(|change| change.weight()).sum())
            }
            // Shared by all who get it, and written page by page.
            Self::Fresh(_) | Self::End(_) => 256,
        }
    }

    /// Whether it tells of a connection's own end.
    pub(super) fn ends(&self, conn: ConnId) -> Option<LeaveReason> {
        match self {
            Self::Change(change) => match &change.event {
                RoomEvent::Left(left) if left.conn_id == conn => Some(left.reason),
                _ => None,
            },
            _ => None,
        }
    }
}
