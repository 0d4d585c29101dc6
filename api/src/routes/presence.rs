//! Rooms of presence over HTTP: joining, staying and leaving by requests, and who is there.
//!
//! Deliberately not here: the feed of a room (`feed`), the metadata of channels (`channels`), locks, and what operators do (`operator`).

mod channels;
mod feed;
mod locks;
mod operator;

use std::sync::Arc;

use ally_domain::room::{ConnId, LeaveReason, MemberState, RoomId};
use ally_handlers::presence::PresenceError;
use poem_openapi::param::{Path, Query};
use poem_openapi::{ApiResponse, OpenApi, Tags};
use serde::Deserialize;
use serde_json::{Map, Value};
use tracing::Instrument as _;

use super::origin;
use super::refused::{Refusals, Refused};
use crate::auth::{Authenticated, Caller, RoomAccess};
use crate::body::{Body, Readable};
use crate::params::{AtMoment, ConnIdText, Faults, Given, MembersLimit, RoomName};
use crate::percent;
use crate::ports::PastMembers;
use crate::presence::{Doors, PAGE};
use crate::problem::{Kind, Problem};
use crate::schema::{HeartbeatSchema, JoinSchema, LeaveSchema, MembersSchema};
use crate::wire::{Answer, BeatenBody, JoinedBody, LeftBody, MembersBody, StatsBody, WrittenPage};

pub(crate) use channels::Channels;
pub(crate) use feed::Feed;
pub(crate) use locks::Locks;
pub(crate) use operator::Operator;

/// What the routes of presence work with. Cheap to clone.
#[derive(Clone)]
pub(crate) struct PresenceServices {
    pub doors: Doors,
    pub past: Arc<dyn PastMembers>,
}

/// The chapters of the document.
#[derive(Tags)]
pub(crate) enum Chapter {
    /// Joining a room, staying in it and leaving it by requests, and who is there.
    Rooms,
    /// What channels hold: items under keys, each with a revision, and the locks that changes may name.
    Channels,
    /// Every room and every member, for tokens with the role `operator`.
    Operations,
}

pub(crate) struct Members(pub PresenceServices);

#[derive(ApiResponse)]
pub(crate) enum Joined {
    /// The membership.
    #[oai(status = 201)]
    Member(
        Answer<JoinedBody>,
        /// Where the members of the room are read.
        #[oai(header = "Location")]
        String,
    ),
}

#[derive(ApiResponse)]
pub(crate) enum Beaten {
    /// The heartbeat counted.
    #[oai(status = 200)]
    Alive(Answer<BeatenBody>),
}

#[derive(ApiResponse)]
pub(crate) enum Left {
    /// The membership has ended.
    #[oai(status = 200)]
    Gone(Answer<LeftBody>),
}

#[derive(ApiResponse)]
pub(crate) enum Listed {
    /// Members of the room.
    #[oai(status = 200)]
    Page(WrittenPage<MembersSchema, MembersBody>),
}

#[derive(ApiResponse)]
pub(crate) enum Counted {
    /// How many there are.
    #[oai(status = 200)]
    Stats(Answer<StatsBody>),
}

pub(crate) struct Joining;
pub(crate) struct Beating;
pub(crate) struct Leaving;
pub(crate) struct Looking;

impl Refusals for Joining {
    const STATUSES: &'static [u16] = &[400, 408, 409, 415];
}

impl Refusals for Beating {
    const STATUSES: &'static [u16] = &[400, 404, 408, 409, 415];
}

impl Refusals for Leaving {
    const STATUSES: &'static [u16] = &[400, 404, 408, 415];
}

impl Refusals for Looking {
    const STATUSES: &'static [u16] = &[400];
}

/// A join as the body spells it.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct JoinBody {
    user_id: Option<String>,
    state: Option<Map<String, Value>>,
}

impl Readable for JoinBody {
    type Shape = JoinSchema;

    fn absent() -> Option<Self> {
        Some(Self::default())
    }
}

/// A heartbeat as the body spells it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct HeartbeatBody {
    conn_id: String,
    epoch: Option<u64>,
    patch_state: Option<Map<String, Value>>,
}

impl Readable for HeartbeatBody {
    type Shape = HeartbeatSchema;
}

/// A leave as the body spells it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct LeaveBody {
    conn_id: String,
}

impl Readable for LeaveBody {
    type Shape = LeaveSchema;
}

#[OpenApi(prefix_path = "/api/v1", tag = "Chapter::Rooms")]
impl Members {
    /// Join a room
    ///
    /// Makes the user a member of a room, by a connection that lasts for as long as its heartbeats come. Each join is a connection
    /// of its own, also of one user.
    #[oai(path = "/presence/rooms/:room/join", method = "post", operation_id = "joinRoom")]
    async fn join(
        &self,
        Authenticated(caller): Authenticated,
        /// Which room.
        Path(room): Path<Given<RoomName>>,
        Body(body): Body<JoinBody>,
    ) -> Result<Joined, Refused<Joining>> {
        let (doors, room) = (&self.0.doors, room_of(Faults::default(), room)?);
        let user = doors.user(Some(&caller), body.user_id.as_deref())?;
        let state = body.state.unwrap_or_default();
        doors.allows(Some(&caller), &room, if state.is_empty() { RoomAccess::Join } else { RoomAccess::Write })?;
        let state = MemberState::new(&state).map_err(|error| PresenceError::Refused(error.into()))?;
        self.0.has_room_for(&room, &caller).await?;
        let location = format!("/api/v1/presence/rooms/{}/members", percent::encode(room.as_str()));
        let (presence, from, who) = (doors.presence.clone(), origin(&caller), user.clone());
        let entered = self.0.run(async move { presence.enter(&room, &who, state, &from).await }).await?;
        let joined = JoinedBody {
            conn_id: entered.conn.to_string(),
            epoch: entered.epoch,
            user_id: user.to_string(),
            members: entered.members as u64,
            ttl_ms: doors.time_to_live.as_millis() as u64,
        };
        Ok(Joined::Member(Answer(joined), location))
    }

    /// Send a heartbeat
    ///
    /// Keeps a membership that began with a join by request, and may change keys of its state. Nobody is told of a heartbeat that
    /// changes nothing.
    #[oai(path = "/presence/rooms/:room/heartbeat", method = "post", operation_id = "heartbeat")]
    async fn heartbeat(
        &self,
        Authenticated(caller): Authenticated,
        /// Which room.
        Path(room): Path<Given<RoomName>>,
        Body(body): Body<HeartbeatBody>,
    ) -> Result<Beaten, Refused<Beating>> {
        let (doors, room) = (&self.0.doors, room_of(Faults::default(), room)?);
        let conn = conn_of(&body.conn_id)?;
        let wanted = if body.patch_state.is_some() { RoomAccess::Write } else { RoomAccess::Join };
        doors.allows(Some(&caller), &room, wanted)?;
        let (presence, from) = (doors.presence.clone(), origin(&caller));
        let beat = self.0.run(async move {
            let (epoch, patch) = (body.epoch, body.patch_state);
            presence.heartbeat_by_request((&room, conn), &caller.athlete, epoch, patch, &from).await
        });
        let beat = beat.await?;
        Ok(Beaten::Alive(Answer(BeatenBody { changed: beat.changed, epoch: beat.epoch })))
    }

    /// Leave a room
    ///
    /// Ends a membership of the user's, at once. One that joined by a socket may be ended as well.
    #[oai(path = "/presence/rooms/:room/leave", method = "post", operation_id = "leaveRoom")]
    async fn leave(
        &self,
        Authenticated(caller): Authenticated,
        /// Which room.
        Path(room): Path<Given<RoomName>>,
        Body(body): Body<LeaveBody>,
    ) -> Result<Left, Refused<Leaving>> {
        let room = room_of(Faults::default(), room)?;
        let conn = conn_of(&body.conn_id)?;
        let (presence, from) = (self.0.doors.presence.clone(), origin(&caller));
        let left = self.0.run(async move {
            let (whose, why) = (Some(&caller.athlete), LeaveReason::Left);
            presence.leave_by_request((&room, conn), whose, why, &from).await
        });
        Ok(Left::Gone(Answer(LeftBody { members: left.await? as u64 })))
    }

    /// List members
    ///
    /// Who is in a room, in pages, with the place of the feed that the list is true at; or, with `at`, who was there at a moment of
    /// the last days.
    #[oai(path = "/presence/rooms/:room/members", method = "get", operation_id = "members")]
    #[allow(clippy::too_many_arguments, reason = "each argument is a parameter of the document")]
    async fn members(
        &self,
        Authenticated(caller): Authenticated,
        /// Which room.
        Path(room): Path<Given<RoomName>>,
        /// The last connection of the page before.
        Query(after): Query<Option<Given<ConnIdText>>>,
        /// The most members.
        Query(limit): Query<Option<Given<MembersLimit>>>,
        /// A moment: who was there then. It comes from the views, which are a moment behind.
        Query(at): Query<Option<Given<AtMoment>>>,
    ) -> Result<Listed, Refused<Looking>> {
        let mut faults = Faults::default();
        let (after, limit) = (faults.read("after", after), faults.read("limit", limit).unwrap_or(PAGE));
        let at = faults.read("at", at);
        let room = room_of(faults, room)?;
        self.0.doors.allows(Some(&caller), &room, RoomAccess::Observe)?;
        let members = match at {
            None => self.0.doors.presence.members(&room, after, limit).await?.into(),
            Some(at) => MembersBody::at(at, self.0.past.members_at(&room, at, after, limit + 1).await?, limit),
        };
        Ok(Listed::Page(WrittenPage::of(members)))
    }

    /// Count members
    ///
    /// How many connections and how many users are in a room.
    #[oai(path = "/presence/rooms/:room/stats", method = "get", operation_id = "roomStats")]
    async fn stats(
        &self,
        Authenticated(caller): Authenticated,
        /// Which room.
        Path(room): Path<Given<RoomName>>,
    ) -> Result<Counted, Refused<Looking>> {
        let room = room_of(Faults::default(), room)?;
        self.0.doors.allows(Some(&caller), &room, RoomAccess::Observe)?;
        let figures = self.0.doors.presence.figures(&room).await?;
        let (members, users) = (figures.members as u64, figures.users as u64);
        Ok(Counted::Stats(Answer(StatsBody { room: room.into(), members, users })))
    }
}

impl PresenceServices {
    /// Runs a command to its end even when the caller hangs up: an append that is under way is never torn, and a drain waits for
    /// it. Who joined and never learnt of it leaves with its lease.
    async fn run<T: Send + 'static, E: Into<Problem> + Send + 'static>(
        &self,
        command: impl Future<Output = Result<T, E>> + Send + 'static,
    ) -> Result<T, Problem> {
        match self.doors.tasks.spawn(command.in_current_span()).await {
            Ok(outcome) => outcome.map_err(Into::into),
            Err(error) => Err(Problem::internal(error)),
        }
    }

    /// One user cannot fill a room. A membership by request costs its user no connection that a limit of sockets would count.
    async fn has_room_for(&self, room: &RoomId, caller: &Caller) -> Result<(), Problem> {
        let limit = self.doors.limits.per_user;
        let page = self.doors.presence.members(room, None, 0).await?;
        if limit == 0 || page.snapshot.state.connections_of(&caller.athlete) < limit {
            return Ok(());
        }
        let detail = format!(
            "{limit} connections of yours are in room {:?}, which is as many as may be; leave with one of them",
            room.as_str()
        );
        Err(Problem::new(Kind::RateLimited, detail).retry_after(self.doors.time_to_live))
    }
}

/// The room of a path, if it and all else that was read is right.
fn room_of(mut faults: Faults, room: Given<RoomName>) -> Result<RoomId, Problem> {
    let room = faults.read("room", Some(room));
    faults.check()?;
    // Without a fault there is a room.
    room.ok_or_else(|| Problem::field("room", "is missing", "the name of a room"))
}

fn conn_of(text: &str) -> Result<ConnId, Problem> {
    text.parse()
        .map_err(|_| Problem::field("connId", "is no id of a connection", "the connId that the join was answered with"))
}
