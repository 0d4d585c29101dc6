//! A room on this node: its members at a position of the log, the commands that wait for it, and its followers.
//!
//! A state machine without IO: the shard gives it what happens and does what it asks for.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use ally_domain::decider::Decider;
use ally_domain::envelope::{CommandContext, Recorded};
use ally_domain::event_data::EventData;
use ally_domain::ids::AggregateRef;
use ally_domain::ports::Append;
use ally_domain::room::{RoomCommand, RoomDecider, RoomEvent, RoomId, RoomState};
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::config::PresenceConfig;
use super::error::PresenceError;
use super::followers::{Follower, Followers};
use super::notice::{Change, Encoded, Snapshot, Start};
use super::recent::Recent;
use crate::cursor::Cursor;

/// Commands that share one append, at most.
const MAX_COMMANDS: usize = 256;

/// How long a snapshot is kept after somebody has needed it.
const SNAPSHOT_FOR: Duration = Duration::from_secs(5);

/// Where a node is, and what it allows.
#[derive(Clone, Copy)]
pub(super) struct At<'a> {
    pub config: &'a PresenceConfig,
    /// The mark of the log in cursors.
    pub mark: u32,
    /// How far the log was read: every event up to it was applied, to whichever room.
    pub fed: u64,
}

/// A command that waits.
pub(super) struct Asked {
    pub command: RoomCommand,
    pub context: CommandContext,
    pub deadline: Instant,
    /// Who wants to follow the room from the position at which the command happened.
    pub follower: Option<Follower>,
    pub answer: Option<oneshot::Sender<Result<Done, PresenceError>>>,
}

/// What a command came to.
#[derive(Debug)]
pub(super) struct Done {
    /// Whether anything happened.
    pub changed: bool,
    /// Members of the room after it.
    pub members: usize,
    /// What its follower begins with.
    pub start: Option<Start>,
}

struct PendingAppend {
    commands: Vec<Asked>,
    /// Where the last of its events stands, once the log has told.
    stored: Option<u64>,
}

pub(super) struct LiveRoom {
    id: RoomId,
    pub state: RoomState,
    /// The sequence of the last event that was applied.
    position: u64,
    /// What the next append expects: the sequence of the last event that the log keeps of the room. `None` where it must be asked.
    expected: Option<u64>,
    locating: bool,
    pub recent: Recent,
    pub followers: Followers,
    waiting: VecDeque<Asked>,
    in_flight: Option<PendingAppend>,
    /// Since when it waits for what somebody else has appended: the own append was too late.
    outrun_at: Option<Instant>,
    /// An event of a newer version: nothing is decided without it.
    newer: Option<String>,
    /// The snapshot of the position, once somebody has needed it.
    snapshot: Option<Arc<Snapshot>>,
    /// When somebody needed it last.
    asked_at: Instant,
    pub used_at: Instant,
}

impl LiveRoom {
    pub(super) fn new(id: RoomId, state: RoomState, expected: Option<u64>, floor: u64) -> Self {
        Self {
            id,
            state,
            position: expected.unwrap_or(0),
            expected,
            locating: false,
            recent: Recent::behind(floor),
            followers: Followers::default(),
            waiting: VecDeque::new(),
            in_flight: None,
            outrun_at: None,
            newer: None,
            snapshot: None,
            asked_at: Instant::now(),
            used_at: Instant::now(),
        }
    }

    /// The sequence of its last event.
    pub(super) const fn position(&self) -> u64 {
        self.position
    }

    /// Whether nothing would be lost with it but its recent events.
    pub(super) fn is_idle(&self) -> bool {
        self.state.member_count() == 0
            && self.followers.is_empty()
            && self.waiting.is_empty()
            && self.in_flight.is_none()
    }

    /// Forgets the snapshot, and the frames that were written of it, once the burst of those who need it is over.
    pub(super) fn let_snapshot_go(&mut self, now: Instant) {
        if now.duration_since(self.asked_at) >= SNAPSHOT_FOR {
            self.snapshot = None;
        }
    }

    pub(super) fn ask(&mut self, asked: Asked) {
        self.waiting.push_back(asked);
    }

    /// Decides what waits, on the members as they will be, and gives the append of what was decided; one at a time.
    pub(super) fn next_append(&mut self, at: At<'_>) -> Option<Append> {
        if self.in_flight.is_some() || self.outrun_at.is_some() {
            return None;
        }
        let expected = self.expected?;
        let mut ahead = self.state.clone();
        let (mut events, mut commands, mut later) = (Vec::new(), Vec::new(), VecDeque::new());
        while commands.len() < MAX_COMMANDS
            && let Some(asked) = self.waiting.pop_front()
        {
            let decided = self.decide(&ahead, &asked.command);
            match decided {
                Ok(Some(event)) => match event.encode() {
                    Ok(encoded) => {
                        ahead = RoomDecider::evolve(ahead, &event);
                        events.push(encoded);
                        commands.push(asked);
                    }
                    Err(error) => {
                        self.finish(asked, Err(PresenceError::unavailable(error.to_string())), at);
                    }
                },
                // It may be so because of what is not stored yet: decided again when it is.
                _ if !commands.is_empty() => later.push_back(asked),
                Ok(None) => self.finish(asked, Ok(false), at),
                Err(error) => self.finish(asked, Err(error), at),
            }
        }
        later.append(&mut self.waiting);
        self.waiting = later;
        let context = commands.first()?.context.clone();
        let contexts = commands.iter().map(|asked| asked.context.clone()).collect();
        self.in_flight = Some(PendingAppend { commands, stored: None });
        let aggregate = AggregateRef { kind: RoomDecider::KIND, id: (&self.id).into() };
        Some(Append { aggregate, expected, events, context, contexts })
    }

    fn decide(&self, ahead: &RoomState, command: &RoomCommand) -> Result<Option<RoomEvent>, PresenceError> {
        if let Some(event_type) = &self.newer {
            return Err(PresenceError::unavailable(format!(
                "room {} holds a {event_type}, which a newer version of Ally wrote",
                self.id
            )));
        }
        let events = RoomDecider::decide(ahead, command)?;
        Ok(events.into_iter().next())
    }

    /// The append in flight is stored up to a sequence.
    pub(super) fn stored(&mut self, sequence: u64, at: At<'_>) {
        if let Some(in_flight) = &mut self.in_flight {
            in_flight.stored = Some(sequence);
        }
        self.settle(at);
    }

    /// Somebody else was faster: what was decided is decided again once that is known.
    pub(super) fn outrun(&mut self, expected: u64) {
        let Some(in_flight) = self.in_flight.take() else { return };
        for asked in in_flight.commands.into_iter().rev() {
            self.waiting.push_front(asked);
        }
        // Unless it is known already.
        self.outrun_at = (self.expected == Some(expected)).then(Instant::now);
    }

    /// Asks the log anew what to expect, where somebody else's event has not come for too long: what was expected may be gone by age.
    pub(super) fn try_again(&mut self, waited_since: Instant) {
        if self.outrun_at.take_if(|at| *at <= waited_since).is_some() {
            self.expected = None;
        }
    }

    /// Whether the log must be asked what to expect, before anything that waits is decided.
    pub(super) fn is_unlocated(&self) -> bool {
        self.expected.is_none() && !self.waiting.is_empty()
    }

    /// Whether the log is to be asked now; false while it is being asked.
    pub(super) fn locate(&mut self) -> bool {
        !std::mem::replace(&mut self.locating, true)
    }

    /// The log's answer: where the last event of the room stands, 0 where it has none. One that this node has yet to read comes
    /// with the feed; without an answer the log is asked again.
    pub(super) fn located(&mut self, sequence: Option<u64>, at: At<'_>) {
        self.locating = false;
        if let Some(sequence) = sequence.filter(|sequence| *sequence <= at.fed.max(self.position)) {
            self.expected.get_or_insert(sequence);
        }
    }

    /// The append in flight failed. Whether it is stored all the same is told by the feed.
    pub(super) fn failed(&mut self, error: &PresenceError) {
        for asked in self.in_flight.take().map(|in_flight| in_flight.commands).unwrap_or_default() {
            asked.refuse(error.clone());
        }
    }

    /// An event of the log. One that was applied before changes nothing.
    pub(super) fn apply(&mut self, recorded: Recorded, at: At<'_>) -> Option<Arc<Change>> {
        let sequence = recorded.position.sequence;
        if sequence <= self.position {
            return None;
        }
        self.position = sequence;
        self.expected = Some(sequence);
        self.outrun_at = None;
        self.snapshot = None;
        self.used_at = Instant::now();
        let event = match recorded.decode::<RoomEvent>() {
            Ok(event) => event,
            Err(error) => {
                tracing::error!(room_id = %self.id, position = %recorded.position, %error, "an event of a room cannot be read; nothing is decided there");
                self.newer = Some(recorded.event_type.to_string());
                return None;
            }
        };
        self.state = RoomDecider::evolve(std::mem::take(&mut self.state), &event);
        let change = Arc::new(Change {
            room: self.id.clone(),
            cursor: Cursor { log: at.mark, sequence },
            event,
            at: recorded.at,
            trace: recorded.trace,
            encoded: Encoded::default(),
        });
        self.recent.push(Arc::clone(&change), at.config.recent_events, at.config.recent_bytes);
        self.followers.tell(&change, self.state.member_count(), at.config);
        Some(change)
    }

    /// Answers the commands whose events were applied.
    pub(super) fn settle(&mut self, at: At<'_>) {
        let is_applied = |in_flight: &mut PendingAppend| in_flight.stored.is_some_and(|stored| stored <= self.position);
        let Some(in_flight) = self.in_flight.take_if(is_applied) else { return };
        for asked in in_flight.commands {
            self.finish(asked, Ok(true), at);
        }
    }

    fn finish(&mut self, mut asked: Asked, outcome: Result<bool, PresenceError>, at: At<'_>) {
        let answer = outcome.map(|changed| Done {
            changed,
            members: self.state.member_count(),
            start: asked.follower.take().map(|follower| self.follow(follower, None, at)),
        });
        if let Some(sender) = asked.answer {
            // Whoever asked may be gone; what happened has happened.
            let _ = sender.send(answer);
        }
    }

    /// Where the feed of the room is. This node knows of no later event of it up to `fed`.
    pub(super) fn cursor(&self, at: At<'_>) -> Cursor {
        Cursor { log: at.mark, sequence: at.fed.max(self.position) }
    }

    /// Lets somebody follow the room: from the place that they know, if what they missed is known whole, else afresh.
    pub(super) fn follow(&mut self, mut follower: Follower, since: Option<Cursor>, at: At<'_>) -> Start {
        self.used_at = Instant::now();
        let cursor = self.cursor(at);
        let known = since.filter(|since| since.log == at.mark && since.sequence <= cursor.sequence);
        let big = self.followers.is_big(self.state.member_count(), at.config);
        // Whoever knew the room while it was big may have known a part of it.
        let known = known.filter(|since| big || since.sequence >= self.followers.last_big());
        let missed = known.and_then(|since| self.recent.since(since.sequence));
        follower.partial = big;
        let start = match missed {
            Some(changes) => Start::Missed { changes, cursor },
            None => Start::Fresh(self.snapshot(at)),
        };
        self.followers.add(follower, cursor);
        start
    }

    /// Everybody who is there.
    pub(super) fn snapshot(&mut self, at: At<'_>) -> Arc<Snapshot> {
        self.asked_at = Instant::now();
        let cursor = self.cursor(at);
        let (id, state) = (&self.id, &self.state);
        Arc::clone(self.snapshot.get_or_insert_with(|| {
            Arc::new(Snapshot { room: id.clone(), cursor, state: state.clone(), encoded: Encoded::default() })
        }))
    }

    /// Tells followers what is told together.
    pub(super) fn flush(&mut self, at: At<'_>) {
        let (cursor, state) = (self.cursor(at), &self.state);
        let ended = self.followers.flush(&self.id, cursor, (state.member_count(), state.user_count()), at.config);
        if ended {
            let snapshot = self.snapshot(at);
            self.followers.complete(&snapshot);
        }
    }

    /// Answers those who have waited for too long.
    pub(super) fn expire(&mut self, now: Instant) {
        let late = || PresenceError::unavailable("the log of presence did not answer in time");
        let (gone, waiting): (VecDeque<_>, _) =
            std::mem::take(&mut self.waiting).into_iter().partition(|asked| asked.deadline <= now);
        self.waiting = waiting;
        gone.into_iter().for_each(|asked| asked.refuse(late()));
        for asked in self.in_flight.iter_mut().flat_map(|in_flight| &mut in_flight.commands) {
            if asked.deadline <= now
                && let Some(answer) = asked.answer.take()
            {
                let _ = answer.send(Err(late()));
                asked.follower = None;
            }
        }
    }

    /// Ends what waits: the room is made anew from another log.
    pub(super) fn abandon(mut self, error: &PresenceError) -> Followers {
        self.failed(error);
        std::mem::take(&mut self.waiting).into_iter().for_each(|asked| asked.refuse(error.clone()));
        self.followers
    }

    /// Whether anybody waits for the log here.
    pub(super) fn is_waiting(&self) -> bool {
        self.in_flight.is_some() || !self.waiting.is_empty()
    }
}

impl Asked {
    fn refuse(self, error: PresenceError) {
        if let Some(answer) = self.answer {
            let _ = answer.send(Err(error));
        }
    }
}
