//! A task that owns some of the rooms: everything that happens to a room happens here, one thing after the other.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use ally_domain::envelope::{CommandContext, Recorded};
use ally_domain::ids::{AggregateKind, AggregateRef};
use ally_domain::ports::{EventStore, StoreError};
use ally_domain::room::{ConnId, LeaveReason, Member, RoomCommand, RoomEvent, RoomId, RoomState};
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::config::PresenceConfig;
use super::error::PresenceError;
use super::input::{Awaited, Input, Known};
use super::live_room::{Asked, At, LiveRoom};
use super::look::RoomFigures;
use super::notice::Snapshot;
use super::observe;
use crate::cursor::Cursor;

/// How often the shard looks for what waits for too long, and for rooms that nobody uses.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Somebody else's event was stored, so the feed brings it; after this long it is tried again without.
const OUTRUN_FOR: Duration = Duration::from_millis(250);

pub(super) struct Shard {
    config: Arc<PresenceConfig>,
    store: Arc<dyn EventStore>,
    input: mpsc::WeakUnboundedSender<Input>,
    rooms: HashMap<RoomId, LiveRoom>,
    /// The room of each member.
    homes: HashMap<ConnId, RoomId>,
    mark: u32,
    fed: u64,
    /// Rooms that are not kept any more had no event behind this sequence.
    forgotten: u64,
    /// Since when members are without a lease.
    unleased: HashMap<ConnId, Instant>,
    /// When members were asked to leave by the reaper, for as long as that may be under way.
    let_go: HashMap<ConnId, Instant>,
    /// Members that somebody waits for.
    awaited: Vec<(RoomId, Awaited)>,
    /// When the followers of big rooms are told next.
    flush_at: Option<Instant>,
    /// Rooms with members, as they were counted last.
    active: i64,
}

impl Shard {
    pub(super) fn new(
        config: Arc<PresenceConfig>,
        store: Arc<dyn EventStore>,
        input: mpsc::WeakUnboundedSender<Input>,
    ) -> Self {
        Self {
            config,
            store,
            input,
            rooms: HashMap::new(),
            homes: HashMap::new(),
            mark: 0,
            fed: 0,
            forgotten: 0,
            unleased: HashMap::new(),
            let_go: HashMap::new(),
            awaited: Vec::new(),
            flush_at: None,
            active: 0,
        }
    }

    /// Works until nobody can ask any more.
    pub(super) async fn run(mut self, mut inputs: mpsc::UnboundedReceiver<Input>) {
        let mut look = tokio::time::interval(LOOK_EVERY);
        look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            let flush_at = self.flush_at;
            let flush = async {
                match flush_at {
                    Some(at) => tokio::time::sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                input = inputs.recv() => match input {
                    Some(input) => self.handle(input),
                    None => return,
                },
                () = flush => self.flush(),
                _ = look.tick() => self.look(),
            }
        }
    }

    fn at(config: &PresenceConfig, mark: u32, fed: u64) -> At<'_> {
        At { config, mark, fed }
    }

    fn handle(&mut self, input: Input) {
        match input {
            Input::Reset { rooms, members, mark, sequence } => self.reset(rooms, members, mark, sequence),
            Input::Feed { events, up_to } => self.feed(events, up_to),
            Input::Ask { room, asked } => {
                self.room(&room).ask(*asked);
                self.append(&room);
            }
            Input::Appended { room, expected, answer } => self.appended(&room, expected, answer),
            Input::Follow { room, follower, since, answer } => {
                let config = Arc::clone(&self.config);
                let at = Self::at(&config, self.mark, self.fed);
                let start = self.room(&room).follow(follower, since, at);
                let _ = answer.send(start);
                self.schedule_flush(&room);
            }
            Input::Unfollow { room, follower } => {
                let Some(followed) = self.rooms.get_mut(&room) else { return };
                followed.followers.remove(follower);
                if followed.is_idle() && followed.position() == 0 {
                    // Nothing ever happened there, as far as this node knows: it was a name that somebody followed.
                    self.rooms.remove(&room);
                }
            }
            Input::Look { room, answer } => {
                let config = Arc::clone(&self.config);
                let at = Self::at(&config, self.mark, self.fed);
                let seen = match self.rooms.get_mut(&room) {
                    Some(room) => (room.snapshot(at), room.followers.len()),
                    // Looking at a room that is not there makes none.
                    None => (Arc::new(Snapshot::empty(room, Cursor { log: at.mark, sequence: at.fed })), 0),
                };
                let _ = answer.send(seen);
            }
            Input::AwaitMember { room, awaited } => {
                self.awaited.push((room, awaited));
                self.answer_awaited(Instant::now());
            }
            Input::Rooms { answer } => {
                let _ = answer.send(self.rooms.iter().map(look_at).collect());
            }
            Input::Located { room, sequence } => {
                let config = Arc::clone(&self.config);
                let at = Self::at(&config, self.mark, self.fed);
                self.room(&room).located(sequence, at);
                // Else the log is asked again when the shard looks next.
                if self.rooms.get(&room).is_some_and(|room| !room.is_unlocated()) {
                    self.append(&room);
                }
            }
            Input::Member { room, conn, answer } => {
                let member = self.rooms.get(&room).and_then(|room| room.state.shared_member(conn));
                let _ = answer.send(member);
            }
            Input::Reap { leases, context, answer } => {
                let _ = answer.send(self.reap(&leases, &context));
            }
        }
    }

    /// A room; one that is not kept has no member, and nothing happened there behind what was forgotten.
    fn room(&mut self, id: &RoomId) -> &mut LiveRoom {
        let forgotten = self.forgotten;
        let new = || LiveRoom::new(id.clone(), RoomState::default(), None, forgotten);
        self.rooms.entry(id.clone()).or_insert_with(new)
    }

    fn feed(&mut self, events: Vec<(RoomId, Recorded)>, up_to: u64) {
        let config = Arc::clone(&self.config);
        let mut touched = HashSet::new();
        for (id, recorded) in events {
            let at = Self::at(&config, self.mark, recorded.position.sequence);
            let change = self.room(&id).apply(recorded, at);
            if let Some(change) = change {
                observe::count_event(&change);
                match &change.event {
                    RoomEvent::Joined(joined) => {
                        self.homes.insert(joined.conn_id, id.clone());
                    }
                    RoomEvent::Left(left) => {
                        self.homes.remove(&left.conn_id);
                    }
                    RoomEvent::Updated(_) => {}
                }
            }
            touched.insert(id);
        }
        self.fed = self.fed.max(up_to);
        self.answer_awaited(Instant::now());
        for id in touched {
            let at = Self::at(&config, self.mark, self.fed);
            if let Some(room) = self.rooms.get_mut(&id) {
                room.settle(at);
            }
            self.append(&id);
            self.schedule_flush(&id);
        }
    }

    /// Sends off what waits in a room, if nothing is under way there.
    fn append(&mut self, id: &RoomId) {
        let config = Arc::clone(&self.config);
        let at = Self::at(&config, self.mark, self.fed);
        let Some(room) = self.rooms.get_mut(id) else { return };
        let Some(input) = self.input.upgrade() else { return };
        let store = Arc::clone(&self.store);
        if room.is_unlocated() {
            if room.locate() {
                tokio::spawn(locate(store, input, id.clone()));
            }
            return;
        }
        let Some(append) = room.next_append(at) else { return };
        let (room, expected) = (id.clone(), append.expected);
        tokio::spawn(async move {
            let answer = store.append(append).await.map(|appended| appended.position.sequence);
            let _ = input.send(Input::Appended { room, expected, answer });
        });
    }

    fn appended(&mut self, id: &RoomId, expected: u64, answer: Result<u64, StoreError>) {
        let config = Arc::clone(&self.config);
        let at = Self::at(&config, self.mark, self.fed);
        let Some(room) = self.rooms.get_mut(id) else { return };
        match answer {
            Ok(sequence) => room.stored(sequence, at),
            Err(StoreError::Conflict { .. }) => {
                observe::outrun();
                room.outrun(expected);
            }
            Err(error) => room.failed(&PresenceError::from(&error)),
        }
        self.append(id);
        self.schedule_flush(id);
    }

    fn reset(&mut self, rooms: Vec<(RoomId, u64)>, members: Vec<(RoomId, ConnId, Member)>, mark: u32, sequence: u64) {
        let mut before = std::mem::take(&mut self.rooms);
        (self.mark, self.fed, self.forgotten) = (mark, sequence, sequence);
        self.homes = members.iter().map(|(room, conn, _)| (*conn, room.clone())).collect();
        let mut states: HashMap<RoomId, Vec<(ConnId, Member)>> = HashMap::new();
        for (room, conn, member) in members {
            states.entry(room).or_default().push((conn, member));
        }
        for (id, position) in rooms {
            let state = RoomState::with(states.remove(&id).unwrap_or_default());
            self.rooms.insert(id.clone(), LiveRoom::new(id, state, Some(position), position));
        }
        for (id, members) in states {
            self.rooms.insert(id.clone(), LiveRoom::new(id, RoomState::with(members), None, sequence));
        }
        let config = Arc::clone(&self.config);
        let at = Self::at(&config, mark, sequence);
        let error = PresenceError::unavailable("the log of presence was made anew");
        for (id, room) in before.drain() {
            let mut followers = room.abandon(&error);
            let room = self.room(&id);
            followers.end_strangers(|conn| room.state.member(conn).is_some());
            followers.refresh(&room.snapshot(at));
            room.followers = followers;
        }
    }

    /// Answers those who wait for a member that is known now, or who have waited for long enough.
    fn answer_awaited(&mut self, now: Instant) {
        for (room, awaited) in std::mem::take(&mut self.awaited) {
            let known = self.rooms.get(&room).and_then(|room| room.state.shared_member(awaited.conn));
            // A place of another log says nothing of this one.
            let at_least =
                awaited.at_least.filter(|cursor| cursor.log == self.mark).map_or(0, |cursor| cursor.sequence);
            let member = known.filter(|_| self.fed >= at_least);
            if member.is_some() || awaited.deadline <= now {
                let _ = awaited.answer.send(member);
            } else {
                self.awaited.push((room, awaited));
            }
        }
    }

    /// Lets members leave whose lease has ended: at once where it was seen to end, later where it is only not there. The answer is how many
    /// were asked to leave.
    fn reap(&mut self, leases: &Known, context: &CommandContext) -> usize {
        let now = Instant::now();
        let homes = &self.homes;
        self.unleased.retain(|conn, _| homes.contains_key(conn) && !leases.held.contains(conn));
        for conn in homes.keys().filter(|conn| !leases.held.contains(conn)) {
            self.unleased.entry(*conn).or_insert(now);
        }
        let (asked_for, missing_for) = (self.config.command_deadline, self.config.unleased_for);
        self.let_go.retain(|_, at| now.duration_since(*at) < asked_for);
        let is_due =
            |conn: &ConnId, since: &Instant| leases.ended.contains(conn) || now.duration_since(*since) >= missing_for;
        let due: Vec<ConnId> = self
            .unleased
            .iter()
            .filter(|(conn, since)| is_due(conn, since) && !self.let_go.contains_key(conn))
            .map(|(conn, _)| *conn)
            .collect();
        self.let_go.extend(due.iter().map(|conn| (*conn, now)));
        let mut touched = HashSet::new();
        for conn in &due {
            let Some(id) = self.homes.get(conn).cloned() else { continue };
            let Some(room) = self.rooms.get_mut(&id) else { continue };
            let Some(epoch) = room.state.member(*conn).map(|member| member.epoch) else { continue };
            room.ask(Asked {
                command: RoomCommand::Leave { conn: *conn, epoch, reason: LeaveReason::Expired },
                context: observe::of_its_own(context),
                deadline: Instant::now() + self.config.command_deadline,
                follower: None,
                answer: None,
            });
            touched.insert(id);
        }
        touched.iter().for_each(|id| self.append(id));
        due.len()
    }

    fn schedule_flush(&mut self, id: &RoomId) {
        if self.flush_at.is_none() && self.rooms.get(id).is_some_and(|room| room.followers.is_dirty()) {
            self.flush_at = Some(Instant::now() + self.config.delta_every);
        }
    }

    fn flush(&mut self) {
        self.flush_at = None;
        let config = Arc::clone(&self.config);
        let at = Self::at(&config, self.mark, self.fed);
        for room in self.rooms.values_mut().filter(|room| room.followers.is_dirty()) {
            room.flush(at);
        }
    }

    fn look(&mut self) {
        let now = Instant::now();
        self.answer_awaited(now);
        let waiting: Vec<RoomId> =
            self.rooms.iter().filter(|(_, room)| room.is_waiting()).map(|(id, _)| id.clone()).collect();
        for id in waiting {
            if let Some(room) = self.rooms.get_mut(&id) {
                room.expire(now);
                room.try_again(now - OUTRUN_FOR);
            }
            self.append(&id);
        }
        let (forget_after, mut forgotten) = (self.config.forget_after, self.forgotten);
        let recent_from = now.checked_sub(self.config.recent_for);
        self.rooms.retain(|_, room| {
            if let Some(moment) = recent_from {
                room.recent.drop_before(moment);
            }
            room.let_snapshot_go(now);
            let keep = !room.is_idle() || now.duration_since(room.used_at) < forget_after;
            if !keep {
                forgotten = forgotten.max(room.position());
            }
            keep
        });
        self.forgotten = forgotten;
        let active = self.rooms.values().filter(|room| room.state.member_count() > 0).count() as i64;
        observe::rooms(active - std::mem::replace(&mut self.active, active));
    }
}

/// Asks the log where the last event of a room stands.
async fn locate(store: Arc<dyn EventStore>, input: mpsc::UnboundedSender<Input>, room: RoomId) {
    let aggregate = AggregateRef { kind: AggregateKind::Room, id: (&room).into() };
    let position = store.last_position(&aggregate).await;
    let sequence = position.ok().map(|position| position.map_or(0, |position| position.sequence));
    let _ = input.send(Input::Located { room, sequence });
}

fn look_at((id, room): (&RoomId, &LiveRoom)) -> RoomFigures {
    RoomFigures {
        room: id.clone(),
        members: room.state.member_count(),
        users: room.state.user_count(),
        followers: room.followers.len(),
    }
}
