//! `presence` as a pure fold of the log.

use std::collections::BTreeMap;

use ally_domain::envelope::Recorded;
use ally_domain::event_data::EncodingError;
use ally_domain::room::{ConnId, Joined, LeaveReason, Member, RoomEvent, RoomId};
use time::{Duration, OffsetDateTime};

use crate::fact::{Fact, RoomFact};
use crate::projection::at;

/// How long a membership that has ended is a row: the age at which the stream forgets its end.
pub const KEPT_FOR: Duration = Duration::days(7);

/// One connection's stay in one room, from a join on.
#[derive(Debug, Clone, PartialEq)]
pub struct Membership {
    /// The room.
    pub room: RoomId,
    /// The connection.
    pub conn: ConnId,
    /// Who it is, with the last state.
    pub member: Member,
    /// When it came.
    pub joined_at: OffsetDateTime,
    /// The sequence of the join in `PRESENCE`.
    pub joined_sequence: u64,
    /// When the state was last changed; at first, when it came.
    pub updated_at: OffsetDateTime,
    /// When it went and why; none while it is there.
    pub departure: Option<Departure>,
    /// The sequence of the last event that changed it.
    pub last_sequence: u64,
}

/// The end of a membership.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Departure {
    /// When.
    pub at: OffsetDateTime,
    /// Why.
    pub reason: LeaveReason,
}

/// A room and the memberships that are rows: those that last, and those that ended within [`KEPT_FOR`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomView {
    /// The room.
    pub room: RoomId,
    /// How many connections are there.
    pub members: u64,
    /// How many users are there, by whichever number of connections.
    pub users: u64,
    /// How many memberships there are and were.
    pub joined: u64,
    /// How many of them ended, by reason; a reason that is missing ended none.
    pub left: BTreeMap<LeaveReason, u64>,
    /// When something last happened there.
    pub last_activity_at: OffsetDateTime,
    /// The sequence of that event.
    pub last_sequence: u64,
}

/// Every row of both tables, in the order of their keys.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PresenceView {
    /// Those who are there, and those who were.
    pub memberships: Vec<Membership>,
    /// The rooms.
    pub rooms: Vec<RoomView>,
}

/// What the log comes to. Events of other aggregates, and of versions that this one does not know, are passed over.
///
/// # Errors
/// When the data of an event cannot be read.
pub fn fold<'a>(events: impl IntoIterator<Item = &'a Recorded>) -> Result<PresenceView, EncodingError> {
    let mut fold = Fold::default();
    let mut latest: Option<OffsetDateTime> = None;
    for event in events {
        match Fact::read(event) {
            Ok(Fact::Room(fact)) => fold.take(&fact, at(event), event.position.sequence),
            Ok(_) | Err(EncodingError::Unknown { .. }) => continue,
            Err(error) => return Err(error),
        }
        latest = latest.max(Some(at(event)));
    }
    let mut memberships = fold.changed();
    memberships.retain(|row| row.departure.is_none_or(|end| latest.is_some_and(|now| end.at >= now - KEPT_FOR)));
    Ok(PresenceView { rooms: rooms_of(&memberships, &fold.activity), memberships })
}

/// When something last happened in a room: time and sequence.
pub(super) type Activity = (OffsetDateTime, u64);

/// What some events of the stream come to. Begun with those who were there before, it says what becomes of them.
#[derive(Debug, Default)]
pub(super) struct Fold {
    present: BTreeMap<(RoomId, ConnId), Membership>,
    ended: Vec<Membership>,
    /// The last event of each room in which something has changed.
    pub(super) activity: BTreeMap<RoomId, Activity>,
    /// The first sequence that was taken.
    first: Option<u64>,
}

impl Fold {
    /// Begins with those who are there.
    pub(super) fn from_present(present: impl IntoIterator<Item = Membership>) -> Self {
        let present = present.into_iter().map(|row| ((row.room.clone(), row.conn), row));
        Self { present: present.collect(), ..Self::default() }
    }

    /// Takes the next event. What it says of a membership that is not there changes nothing, as in the room's own state.
    pub(super) fn take(&mut self, fact: &RoomFact, at: OffsetDateTime, sequence: u64) {
        self.first.get_or_insert(sequence);
        let key = (fact.room.clone(), fact.event.conn_id());
        let changed = match &fact.event {
            RoomEvent::Joined(joined) => {
                // A join over a membership that lasts: its end was never told.
                self.end(&key, at, LeaveReason::Replaced, sequence);
                self.present.insert(key, begun(&fact.room, joined, at, sequence));
                true
            }
            RoomEvent::Updated(updated) => match self.present.get_mut(&key) {
                Some(row) if row.member.epoch == updated.epoch => {
                    row.member.state = updated.state.clone();
                    (row.updated_at, row.last_sequence) = (at, sequence);
                    true
                }
                _ => false,
            },
            RoomEvent::Left(left) => match self.present.get(&key) {
                Some(row) if row.member.epoch == left.epoch => self.end(&key, at, left.reason, sequence),
                _ => false,
            },
        };
        if changed {
            self.activity.insert(fact.room.clone(), (at, sequence));
        }
    }

    /// The rows that the events have changed, in the order of their keys.
    pub(super) fn changed(&self) -> Vec<Membership> {
        let first = self.first.unwrap_or(u64::MAX);
        let present = self.present.values().filter(|row| row.last_sequence >= first);
        let mut rows: Vec<_> = self.ended.iter().chain(present).cloned().collect();
        rows.sort_unstable_by(|one, other| one.key().cmp(&other.key()));
        rows
    }

    /// Whether a row was there before the events were taken.
    pub(super) fn was_there(&self, row: &Membership) -> bool {
        self.first.is_some_and(|first| row.joined_sequence < first)
    }

    fn end(&mut self, key: &(RoomId, ConnId), at: OffsetDateTime, reason: LeaveReason, sequence: u64) -> bool {
        let Some(row) = self.present.remove(key) else { return false };
        self.ended.push(Membership { departure: Some(Departure { at, reason }), last_sequence: sequence, ..row });
        true
    }
}

impl Membership {
    fn key(&self) -> (&RoomId, ConnId, u64) {
        (&self.room, self.conn, self.joined_sequence)
    }
}

fn begun(room: &RoomId, joined: &Joined, at: OffsetDateTime, sequence: u64) -> Membership {
    let member =
        Member { user: joined.user_id.clone(), door: joined.door, epoch: joined.epoch, state: joined.state.clone() };
    Membership {
        room: room.clone(),
        conn: joined.conn_id,
        member,
        joined_at: at,
        joined_sequence: sequence,
        updated_at: at,
        departure: None,
        last_sequence: sequence,
    }
}

fn rooms_of(memberships: &[Membership], activity: &BTreeMap<RoomId, Activity>) -> Vec<RoomView> {
    let of_room = |rows: &[Membership]| {
        let first = rows.first()?;
        let (last_activity_at, last_sequence) = *activity.get(&first.room)?;
        let present = rows.iter().filter(|row| row.departure.is_none());
        let mut users: Vec<_> = present.clone().map(|row| &row.member.user).collect();
        users.sort_unstable();
        users.dedup();
        let mut left = BTreeMap::new();
        for end in rows.iter().filter_map(|row| row.departure) {
            *left.entry(end.reason).or_default() += 1;
        }
        Some(RoomView {
            room: first.room.clone(),
            members: present.count() as u64,
            users: users.len() as u64,
            joined: rows.len() as u64,
            left,
            last_activity_at,
            last_sequence,
        })
    };
    memberships.chunk_by(|one, other| one.room == other.room).filter_map(of_room).collect()
}
