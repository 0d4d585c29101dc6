//! The ports of presence on the views: who is where for a node that begins, and who was for those who ask.

use ally_api::{PastMember, PastMembers, ViewError};
use ally_domain::ports::{Present, PresentError, PresentView};
use ally_domain::room::{ConnId, RoomId};
use ally_projections::{Database, PresenceSnapshot, presence};
use async_trait::async_trait;
use time::OffsetDateTime;

use super::views::view_error;

/// The views of presence.
pub struct PostgresPresent(pub Database);

#[async_trait]
impl PresentView for PostgresPresent {
    async fn present(&self) -> Result<Present, PresentError> {
        let read = PresenceSnapshot::read(&self.0).await;
        let PresenceSnapshot { stream, sequence, rooms, members } =
            read.map_err(|error| PresentError { reason: error.to_string() })?;
        Ok(Present { stream, sequence, rooms, members })
    }
}

#[async_trait]
impl PastMembers for PostgresPresent {
    async fn members_at(
        &self,
        room: &RoomId,
        at: OffsetDateTime,
        after: Option<ConnId>,
        limit: usize,
    ) -> Result<Vec<PastMember>, ViewError> {
        let limit = u32::try_from(limit).unwrap_or(u32::MAX);
        let members = presence::members_at(&self.0, room, at, after, limit).await.map_err(view_error)?;
        let of = |member: presence::Membership| PastMember {
            conn: member.conn,
            member: member.member,
            joined_at: member.joined_at,
            left_at: member.departure.map(|departure| departure.at),
        };
        Ok(members.into_iter().map(of).collect())
    }
}
