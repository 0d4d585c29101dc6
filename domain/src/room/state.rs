//! Who is in a room.

use std::sync::Arc;

use super::layers::Layers;
use super::{ConnId, Member, MemberState};
use crate::ids::AthleteId;

/// The members of a room. Copies are cheap.
#[derive(Debug, Clone, Default)]
pub struct RoomState {
    members: Layers<ConnId, Arc<Member>>,
    /// How many connections each user has.
    users: Layers<AthleteId, usize>,
}

impl RoomState {
    /// A room with these members.
    pub fn with(members: impl IntoIterator<Item = (ConnId, Member)>) -> Self {
        let mut room = Self::default();
        for (conn, member) in members {
            room.insert(conn, member);
        }
        room
    }

    /// A member.
    #[must_use]
    pub fn member(&self, conn: ConnId) -> Option<&Member> {
        self.members.get(&conn).map(AsRef::as_ref)
    }

    /// A member, to be kept as it is now.
    #[must_use]
    pub fn shared_member(&self, conn: ConnId) -> Option<Arc<Member>> {
        self.members.get(&conn).cloned()
    }

    /// How many connections are members.
    #[must_use]
    pub const fn member_count(&self) -> usize {
        self.members.len()
    }

    /// How many users are there, by whichever number of connections.
    #[must_use]
    pub const fn user_count(&self) -> usize {
        self.users.len()
    }

    /// How many connections a user has here.
    #[must_use]
    pub fn connections_of(&self, user: &AthleteId) -> usize {
        self.users.get(user).copied().unwrap_or(0)
    }

    /// The members behind one of them, in the order of their ids; from the first one on without it.
    pub fn members_behind(&self, after: Option<ConnId>) -> impl Iterator<Item = (ConnId, &Arc<Member>)> {
        self.members.range_behind(after).map(|(conn, member)| (*conn, member))
    }

    pub(super) fn insert(&mut self, conn: ConnId, member: Member) {
        if let Some(before) = self.members.get(&conn).cloned() {
            self.count(&before.user, |connections| connections.saturating_sub(1));
        }
        self.count(&member.user, |connections| connections + 1);
        self.members.insert(conn, Arc::new(member));
    }

    pub(super) fn update(&mut self, conn: ConnId, epoch: u64, state: &MemberState) {
        if let Some(member) = self.members.get(&conn).filter(|member| member.epoch == epoch) {
            let changed = Member { state: state.clone(), ..Member::clone(member) };
            self.members.insert(conn, Arc::new(changed));
        }
    }

    pub(super) fn remove(&mut self, conn: ConnId, epoch: u64) {
        if let Some(member) = self.members.get(&conn).filter(|member| member.epoch == epoch).cloned() {
            self.members.remove(&conn);
            self.count(&member.user, |connections| connections.saturating_sub(1));
        }
    }

    fn count(&mut self, user: &AthleteId, change: impl Fn(usize) -> usize) {
        match change(self.connections_of(user)) {
            0 => self.users.remove(user),
            connections => self.users.insert(user.clone(), connections),
        }
    }
}
