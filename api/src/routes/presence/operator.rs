//! Every room and every member, for tokens with the operator role.

use ally_domain::room::LeaveReason;
use poem_openapi::param::{Path, Query};
use poem_openapi::{ApiResponse, OpenApi};

use super::super::operator::operator;
use super::super::operator_origin;
use super::super::refused::{Refusals, Refused};
use super::{Chapter, Left, PresenceServices, room_of};
use crate::auth::Authenticated;
use crate::params::{ConnIdText, Faults, Given, PageLimit, RoomName};
use crate::problem::{Kind, Problem};
use crate::wire::{Answer, LeftBody, Page, RoomListBody};

/// Rooms of a page when the caller does not say.
const ROOMS: u16 = 20;

pub(crate) struct Operator(pub PresenceServices);

#[derive(ApiResponse)]
pub(crate) enum Listed {
    /// Rooms.
    #[oai(status = 200)]
    Page(Page<RoomListBody>),
}

pub(crate) struct Listing;
pub(crate) struct Kicking;

impl Refusals for Listing {
    const STATUSES: &'static [u16] = &[400];
}

impl Refusals for Kicking {
    const STATUSES: &'static [u16] = &[400, 404];
}

#[OpenApi(prefix_path = "/api/v1", tag = "Chapter::Operations")]
impl Operator {
    /// List rooms
    ///
    /// The rooms in which somebody is, and those that somebody follows on the server that answers, by name.
    #[oai(path = "/presence/rooms", method = "get", operation_id = "rooms")]
    async fn rooms(
        &self,
        Authenticated(caller): Authenticated,
        /// The last room of the page before.
        Query(after): Query<Option<Given<RoomName>>>,
        /// The most rooms.
        Query(limit): Query<Option<Given<PageLimit>>>,
    ) -> Result<Listed, Refused<Listing>> {
        operator(&caller)?;
        let mut faults = Faults::default();
        let (after, limit) = (faults.read("after", after), faults.read("limit", limit).unwrap_or(ROOMS));
        faults.check()?;
        let rooms = self.0.doors.presence.rooms().await?;
        let mut behind = rooms.into_iter().filter(|room| after.as_ref().is_none_or(|after| room.room > *after));
        let rooms = behind.by_ref().take(limit.into()).map(Into::into).collect();
        Ok(Listed::Page(Page(RoomListBody { rooms, more: behind.next().is_some() })))
    }

    /// Remove a member
    ///
    /// Ends a membership, whoever's it is, however it came in; its socket is closed with the reason `kicked`. The room's events keep
    /// who did it. The user may join again with a token that opens the room.
    #[oai(path = "/presence/rooms/:room/members/:connId/kick", method = "post", operation_id = "kickMember")]
    async fn kick(
        &self,
        Authenticated(caller): Authenticated,
        /// Which room.
        Path(room): Path<Given<RoomName>>,
        /// Which connection.
        #[oai(name = "connId")]
        Path(conn_id): Path<Given<ConnIdText>>,
    ) -> Result<Left, Refused<Kicking>> {
        let from = operator_origin(&operator(&caller)?);
        let mut faults = Faults::default();
        let conn = faults.read("connId", Some(conn_id));
        let room = room_of(faults, room)?;
        let conn = conn.ok_or_else(|| Problem::new(Kind::NotAMember, "there is no such connection"))?;
        let presence = self.0.doors.presence.clone();
        let kicked = async move { presence.leave_by_request((&room, conn), None, LeaveReason::Kicked, &from).await };
        Ok(Left::Gone(Answer(LeftBody { members: self.0.run(kicked).await? as u64 })))
    }
}
