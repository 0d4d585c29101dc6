//! Who is there: one member, some of them, and how many.

use std::sync::Arc;

use ally_domain::ids::AthleteId;
use ally_domain::room::{ConnId, Member, RoomId, RoomRefusal};
use tokio::sync::oneshot;

use super::error::PresenceError;
use super::input::Input;
use super::node::{Presence, ended};
use super::notice::Snapshot;

/// Some of the members of a room.
#[derive(Debug, Clone)]
pub struct Page {
    /// The room as it is, whole.
    pub snapshot: Arc<Snapshot>,
    /// The members of the page, in the order of their connections.
    pub members: Vec<(ConnId, Arc<Member>)>,
    /// Whether there are more behind them.
    pub more: bool,
}

/// How much there is of a room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomFigures {
    /// The room.
    pub room: RoomId,
    /// Connections that are members.
    pub members: usize,
    /// Users.
    pub users: usize,
    /// Who follows it on this node.
    pub followers: usize,
}

impl Presence {
    pub(super) async fn member_of(
        &self,
        room: &RoomId,
        conn: ConnId,
        user: &AthleteId,
    ) -> Result<Arc<Member>, PresenceError> {
        let member = self.member(room, conn).await?;
        if member.user == *user { Ok(member) } else { Err(PresenceError::Foreign { conn }) }
    }

    /// A member.
    ///
    /// # Errors
    /// When it is none.
    pub async fn member(&self, room: &RoomId, conn: ConnId) -> Result<Arc<Member>, PresenceError> {
        self.ready()?;
        let member = self.0.ask(room, |answer| Input::Member { room: room.clone(), conn, answer }).await?;
        member.ok_or(PresenceError::Refused(RoomRefusal::NoMember { conn }))
    }

    /// Members of a room behind one of them, at most `limit`.
    ///
    /// # Errors
    /// When the node does not know the rooms yet.
    pub async fn members(&self, room: &RoomId, after: Option<ConnId>, limit: usize) -> Result<Page, PresenceError> {
        self.ready()?;
        let (snapshot, _) = self.0.ask(room, |answer| Input::Look { room: room.clone(), answer }).await?;
        let mut members: Vec<_> = snapshot
            .state
            .members_behind(after)
            .take(limit + 1)
            .map(|(conn, member)| (conn, Arc::clone(member)))
            .collect();
        let more = members.len() > limit;
        members.truncate(limit);
        Ok(Page { snapshot, members, more })
    }

    /// How much there is of a room.
    ///
    /// # Errors
    /// When the node does not know the rooms yet.
    pub async fn figures(&self, room: &RoomId) -> Result<RoomFigures, PresenceError> {
        self.ready()?;
        let (snapshot, followers) = self.0.ask(room, |answer| Input::Look { room: room.clone(), answer }).await?;
        let (members, users) = (snapshot.state.member_count(), snapshot.state.user_count());
        Ok(RoomFigures { room: room.clone(), members, users, followers })
    }

    /// The rooms that have members, or followers here.
    ///
    /// # Errors
    /// When the node does not know the rooms yet.
    pub async fn rooms(&self) -> Result<Vec<RoomFigures>, PresenceError> {
        self.ready()?;
        let mut rooms = Vec::new();
        for shard in self.0.shards() {
            let (answer, answered) = oneshot::channel();
            let _ = shard.send(Input::Rooms { answer });
            rooms.extend(answered.await.map_err(|_| ended())?);
        }
        rooms.retain(|room: &RoomFigures| room.members > 0 || room.followers > 0);
        rooms.sort_unstable_by(|a, b| a.room.cmp(&b.room));
        Ok(rooms)
    }
}
