//! The views of presence, against a pure fold of the log and against the rooms' own state.

mod age;
mod load;
mod snapshot;
mod views;

use std::collections::BTreeMap;
use std::sync::Arc;

use ally_domain::decider::Decider;
use ally_domain::envelope::Recorded;
use ally_domain::room::{LeaveReason, RoomDecider, RoomEvent, RoomId, RoomState};
use ally_projections::presence::{self, Membership, RoomView};
use ally_projections::{Database, RebuildConfig, Rebuilder};

use crate::support::{MemoryLog, Room, TestDatabase};

fn append(log: &MemoryLog, events: impl IntoIterator<Item = Recorded>) {
    for event in events {
        log.append("PRESENCE", event);
    }
}

fn rebuilder(pool: &Database, log: &MemoryLog) -> Rebuilder {
    let config = RebuildConfig { read_timeout: std::time::Duration::from_secs(5), ..RebuildConfig::default() };
    Rebuilder::new(pool.clone(), Arc::new(log.clone()), config)
}

/// Every row of both tables, as text.
async fn tables(database: &TestDatabase) -> [Vec<String>; 2] {
    [database.table("SELECT * FROM presence_member").await, database.table("SELECT * FROM presence_room").await]
}

/// The rooms' own state, from the events up to a sequence: what the view of those who are there must be equal to.
fn states(events: &[Recorded], up_to: u64) -> BTreeMap<RoomId, RoomState> {
    let mut rooms = BTreeMap::<RoomId, RoomState>::new();
    for event in events.iter().filter(|event| event.position.sequence <= up_to) {
        let state = rooms.entry(RoomId::of(&event.aggregate.id).unwrap()).or_default();
        *state = RoomDecider::evolve(std::mem::take(state), &event.decode::<RoomEvent>().unwrap());
    }
    rooms
}

/// Rows, pure fold and the rooms' own state say the same of the whole log.
async fn is_what_the_log_says(database: &TestDatabase, log: &MemoryLog) {
    let (pool, events) = (database.pool(), log.events("PRESENCE"));
    let folded = presence::fold(&events).unwrap();
    let rooms = presence::rooms(&pool, None, 1_000).await.unwrap();
    assert_eq!(rooms, folded.rooms);
    for (id, state) in states(&events, u64::MAX) {
        let there = presence::members(&pool, &id, None, 1_000).await.unwrap();
        let expected = folded.memberships.iter().filter(|row| row.room == id && row.departure.is_none());
        assert!(there.iter().eq(expected), "{id}: {there:?}");
        let own = state.members_behind(None).map(|(conn, member)| (conn, (**member).clone()));
        assert!(there.iter().map(|row| (row.conn, row.member.clone())).eq(own), "{id}: {there:?}");
        let room = presence::room(&pool, &id).await.unwrap();
        let counts = room.map_or((0, 0), |room| (room.members, room.users));
        assert_eq!(counts, (state.member_count() as u64, state.user_count() as u64), "{id}");
    }
    assert_eq!(folded.memberships.len(), database.table("SELECT 1 FROM presence_member").await.len());
}

/// Folds the stream again: no row differs, and none has changed once the tables are swapped.
async fn is_rebuilt_as_it_is(database: &TestDatabase, log: &MemoryLog) {
    let rebuilder = rebuilder(&database.pool(), log);
    let before = tables(database).await;
    let verified = rebuilder.verify("presence", &|_| {}).await.unwrap();
    assert_eq!((verified.differences, verified.differing), (vec![], 0));
    rebuilder.rebuild("presence", &|_| {}).await.unwrap();
    assert_eq!(tables(database).await, before);
}

fn conns(rows: &[Membership]) -> Vec<String> {
    rows.iter().map(|row| row.conn.to_string()).collect()
}

fn names(rooms: &[RoomView]) -> Vec<&str> {
    rooms.iter().map(|room| room.room.as_str()).collect()
}

/// The same run every time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }

    /// Something that a member of some room does: mostly possible, sometimes refused.
    fn happens(&mut self, rooms: &mut [Room]) -> Vec<Recorded> {
        let which = usize::try_from(self.below(rooms.len() as u64)).unwrap();
        let (room, n, epoch) = (&mut rooms[which], self.below(8), self.below(3) + 1);
        match self.below(4) {
            0 | 1 => room.enter(n, ["amy", "bea", "cem"][usize::try_from(n % 3).unwrap()], epoch),
            2 => room.update(n, epoch, &self.below(3).to_string()),
            _ => room.leave(n, epoch, LeaveReason::ALL[usize::try_from(self.below(6)).unwrap()]),
        }
    }
}
