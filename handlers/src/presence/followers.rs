//! Who follows a room, and how they are told: each change at once, or, in a big room, some changes together.
//!
//! A change in a room of n members costs n deliveries. Where all n change, that is n times n; so from a number of members on
//! changes are told together, the last one of each member, and beyond a number of changes only how many are there.

use std::collections::HashMap;
use std::sync::Arc;

use ally_domain::room::{ConnId, RoomId};

use super::config::PresenceConfig;
use super::notice::{Change, Delta, Encoded, EndReason, Notice, Snapshot};
use super::outbox::Outbox;
use crate::cursor::Cursor;

/// The most bytes of changes that are told together.
const MAX_DELTA_BYTES: usize = 256 * 1024;

/// What a follower wants to be told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Audience {
    /// Who comes, changes and goes.
    #[default]
    Full,
    /// How many are there.
    Counts,
    /// Nothing but its own end.
    None,
}

/// One who follows.
#[derive(Debug)]
pub(super) struct Follower {
    /// Which; no two have the same.
    pub id: u64,
    /// The member that it is, if it is one.
    pub conn: Option<ConnId>,
    pub audience: Audience,
    pub outbox: Outbox,
    /// Up to where it knew the room when it began to follow.
    pub since: Cursor,
    /// Whether what it was told does not add up to everybody who is there.
    pub partial: bool,
}

#[derive(Debug, Default)]
pub(super) struct Followers {
    by_id: HashMap<u64, Follower>,
    big: bool,
    /// The sequence of the last event while the room was big; 0 if it never was.
    last_big: u64,
    /// The last change of each connection since the followers were told together.
    pending: HashMap<ConnId, Arc<Change>>,
    /// Whether the counts may be others than were told.
    stale_counts: bool,
    /// Followers who want to be told of counts, or more of them.
    counting: usize,
    /// Up to where followers were told.
    told: Option<Cursor>,
}

impl Followers {
    pub(super) fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.by_id.len()
    }

    pub(super) fn add(&mut self, mut follower: Follower, cursor: Cursor) {
        follower.since = cursor;
        self.told.get_or_insert(cursor);
        self.counting += usize::from(follower.audience == Audience::Counts);
        self.by_id.insert(follower.id, follower);
    }

    pub(super) fn remove(&mut self, id: u64) {
        self.by_id.remove(&id);
    }

    /// Whether changes are told together. A room becomes big at one number of members and small again at a lower one.
    pub(super) fn is_big(&self, members: usize, config: &PresenceConfig) -> bool {
        self.big || members >= config.big_from
    }

    /// The sequence of the last event while the room was big.
    pub(super) const fn last_big(&self) -> u64 {
        self.last_big
    }

    /// Whether something waits to be told.
    pub(super) fn is_dirty(&self) -> bool {
        (self.stale_counts && self.counting > 0) || !self.pending.is_empty()
    }

    /// Tells of a change, at once or later.
    pub(super) fn tell(&mut self, change: &Arc<Change>, members: usize, config: &PresenceConfig) {
        let notice = Notice::Change(Arc::clone(change));
        self.end_of_own(&notice);
        self.stale_counts = true;
        self.big = self.is_big(members, config);
        if self.big {
            self.last_big = change.cursor.sequence;
            self.pending.insert(change.event.conn_id(), Arc::clone(change));
            return;
        }
        self.told = Some(change.cursor);
        self.by_id.retain(|_, follower| follower.audience != Audience::Full || follower.outbox.push(notice.clone()));
    }

    /// A member hears of its own end at once, and follows no more.
    fn end_of_own(&mut self, notice: &Notice) {
        let Notice::Change(change) = notice else { return };
        let conn = change.event.conn_id();
        let Some(reason) = notice.ends(conn) else { return };
        self.by_id.retain(|_, follower| {
            if follower.conn != Some(conn) {
                return true;
            }
            follower.outbox.push(Notice::End(EndReason::Left(reason)));
            false
        });
    }

    /// Tells what waits; true when the room is big no more, and those who know a part of it are to be told of all.
    pub(super) fn flush(
        &mut self,
        room: &RoomId,
        to: Cursor,
        (members, users): (usize, usize),
        config: &PresenceConfig,
    ) -> bool {
        let mut changes: Vec<_> = std::mem::take(&mut self.pending).into_values().collect();
        changes.sort_unstable_by_key(|change| change.cursor);
        let from = self.told.replace(to).unwrap_or(to);
        self.stale_counts = false;
        let delta = |from, changes| {
            let room = room.clone();
            Notice::Delta(Arc::new(Delta { room, from, to, members, users, changes, encoded: Encoded::default() }))
        };
        let counts = delta(from, None);
        let bytes: usize = changes.iter().map(|change| change.weight()).sum();
        let few = changes.len() <= config.delta_changes && bytes <= MAX_DELTA_BYTES;
        let whole = (self.big && few).then(|| delta(from, Some(changes.clone())));
        // Whoever came since knows a part of them already, from what they began with.
        let behind = |since: Cursor| changes.iter().filter(|change| change.cursor > since).cloned().collect();
        let big = self.big;
        self.by_id.retain(|_, follower| match (follower.audience, &whole) {
            (Audience::None, _) => true,
            (Audience::Counts, _) => follower.outbox.push(counts.clone()),
            (Audience::Full, _) if !big => true,
            // In a room that nobody followed changes may wait from before the first one came.
            (Audience::Full, Some(_)) if follower.since >= from => {
                follower.outbox.push(delta(follower.since, Some(behind(follower.since))))
            }
            (Audience::Full, Some(whole)) => follower.outbox.push(whole.clone()),
            (Audience::Full, None) => {
                follower.partial = true;
                follower.outbox.push(counts.clone())
            }
        });
        self.counting = self.by_id.values().filter(|follower| follower.audience == Audience::Counts).count();
        let ended = self.big && members < config.big_until;
        self.big &= !ended;
        ended
    }

    /// Tells those who know a part of the room of all of it.
    pub(super) fn complete(&mut self, snapshot: &Arc<Snapshot>) {
        self.by_id.retain(|_, follower| {
            let partial = std::mem::take(&mut follower.partial) && follower.audience == Audience::Full;
            !partial || follower.outbox.push(Notice::Fresh(Arc::clone(snapshot)))
        });
    }

    /// Tells everybody to begin afresh.
    pub(super) fn refresh(&mut self, snapshot: &Arc<Snapshot>) {
        self.pending.clear();
        self.told = Some(snapshot.cursor);
        self.by_id.values_mut().for_each(|follower| follower.partial = true);
        self.complete(snapshot);
        // Of a big room the first page is told.
        self.by_id.values_mut().for_each(|follower| follower.partial = self.big);
    }

    /// Members who follow and are not in the room any more, as far as `is_member` knows, hear of their end.
    pub(super) fn end_strangers(&mut self, is_member: impl Fn(ConnId) -> bool) {
        let reason = EndReason::Left(ally_domain::room::LeaveReason::Expired);
        self.by_id.retain(|_, follower| {
            let stays = follower.conn.is_none_or(&is_member);
            if !stays {
                follower.outbox.push(Notice::End(reason));
            }
            stays
        });
    }
}

#[cfg(test)]
mod tests {
    use ally_domain::envelope::TraceContext;
    use ally_domain::room::{LeaveReason, Left, RoomEvent};
    use futures::FutureExt;
    use time::OffsetDateTime;
    use uuid::Uuid;

    use super::*;
    use crate::presence::outbox::outbox;

    fn change(sequence: u64) -> Arc<Change> {
        let conn_id = Uuid::from_u128(sequence.into()).into();
        let left = Left { conn_id, user_id: "amy".parse().unwrap(), epoch: 1, reason: LeaveReason::Left, last: true };
        Arc::new(Change {
            room: "hall".parse().unwrap(),
            cursor: Cursor { log: 0, sequence },
            event: RoomEvent::Left(left),
            at: OffsetDateTime::UNIX_EPOCH,
            trace: TraceContext::default(),
            encoded: Encoded::default(),
        })
    }

    /// The node has begun with a room that is big already, so nobody was told anything yet.
    #[test]
    fn whoever_follows_a_big_room_first_is_told_nothing_twice() {
        let config = PresenceConfig { big_from: 5, big_until: 4, ..PresenceConfig::default() };
        let (mut followers, (outbox, mut inbox)) = (Followers::default(), outbox(1 << 20));
        followers.tell(&change(7), 10, &config);
        let (audience, since) = (Audience::Full, Cursor::default());
        followers.add(Follower { id: 1, conn: None, audience, outbox, since, partial: true }, change(7).cursor);
        followers.tell(&change(8), 9, &config);
        followers.flush(&"hall".parse().unwrap(), change(8).cursor, (9, 9), &config);
        let Some(Some(Notice::Delta(delta))) = inbox.next().now_or_never() else { panic!("a delta") };
        let told: Vec<_> = delta.changes.iter().flatten().map(|change| change.cursor).collect();
        assert_eq!((delta.from, told), (change(7).cursor, vec![change(8).cursor]), "its snapshot had the first one");
    }
}
