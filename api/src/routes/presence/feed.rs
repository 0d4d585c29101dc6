//! The feed of a room as server-sent events.

use poem::Request;
use poem_openapi::param::{Header, Path, Query};
use poem_openapi::{ApiResponse, OpenApi};

use super::super::refused::Refused;
use super::{Chapter, Looking, PresenceServices, room_of};
use crate::auth::{Authenticated, RoomAccess};
use crate::limits::ClientAddress;
use crate::params::{Faults, FeedAudience, FeedPosition, Given, RoomName};
use crate::presence::{Feed as Following, Follow};
use crate::server::HangUp;
use crate::wire::{EventStream, FeedEvents};

pub(crate) struct Feed(pub PresenceServices);

#[derive(ApiResponse)]
pub(crate) enum Followed {
    /// Events, for as long as the client stays. The data of each is one JSON object: of `snapshot` a `FeedSnapshot`, of `event` a
    /// `FeedEvent`, of `delta` a `FeedDelta`, of `end` a `FeedEnd`. The id of each is the position behind it.
    #[oai(status = 200)]
    Events(EventStream<FeedEvents>),
}

#[OpenApi(prefix_path = "/api/v1", tag = "Chapter::Rooms")]
impl Feed {
    /// Follow a room
    ///
    /// Who is there, and then every change, exactly once and in order, as server-sent events; the follower is no member. Of a room
    /// with many members changes come together. A client that comes back with the id that it had last gets what it missed and
    /// no snapshot; where that is not known whole any more it gets a snapshot and begins afresh. A client that reads too slowly is
    /// cut off, and comes back in the same way.
    #[oai(path = "/presence/rooms/:room/events", method = "get", operation_id = "roomEvents")]
    #[allow(clippy::too_many_arguments, reason = "each argument is a parameter of the document")]
    async fn events(
        &self,
        Authenticated(caller): Authenticated,
        /// Which room.
        Path(room): Path<Given<RoomName>>,
        /// The place of the feed that is known already, as a list of members or an event named it.
        Query(position): Query<Option<Given<FeedPosition>>>,
        /// Everything, or only how many there are.
        Query(audience): Query<Option<Given<FeedAudience>>>,
        /// The id of the last event, as browsers send it when they come back. It counts before `position`.
        #[oai(name = "Last-Event-ID")]
        Header(last): Header<Option<Given<FeedPosition>>>,
        request: &Request,
    ) -> Result<Followed, Refused<Looking>> {
        let mut faults = Faults::default();
        let position = faults.read("position", position).flatten();
        let audience = faults.read("audience", audience).unwrap_or_default();
        // An id that was taken back is no position, not even the one of the address.
        let since = faults.read("Last-Event-ID", last).unwrap_or(position);
        let room = room_of(faults, room)?;
        let doors = &self.0.doors;
        doors.allows(Some(&caller), &room, RoomAccess::Observe)?;
        let address = request.data::<ClientAddress>().map(|ClientAddress(address)| *address);
        let mut admission = doors.admit(address)?;
        doors.admit_user(&mut admission, &caller.athlete)?;
        let client = (&caller, admission, request.data::<HangUp>().cloned());
        let feed = Following::open(doors, &room, Follow { audience, since }, client).await?;
        Ok(Followed::Events(EventStream::new(feed.body())))
    }
}
