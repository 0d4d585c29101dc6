//! Who is at the other end of a socket, what it is in a room, and what it asks for there. The same for every kind of socket.
//!
//! Deliberately not here: how a client spells what it asks, and how it is answered.

use std::net::IpAddr;
use std::sync::Arc;

use ally_domain::envelope::{Actor, TraceContext};
use ally_domain::room::{Door, LeaveReason, MemberState, RoomId};
use ally_handlers::Origin;
use ally_handlers::presence::{Audience, Beat, EndReason, JoinRequest, Notice, Observer, Session};
use ally_telemetry::names::{attr, span};
use ally_telemetry::propagation;
use futures::FutureExt;
use futures::future::BoxFuture;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::door::Doors;
use super::error::{Code, Refusal};
use crate::auth::{Caller, RoomAccess};
use crate::event_stream::Admission;

/// A client with a socket.
pub(super) struct Client {
    pub doors: Doors,
    pub caller: Option<Caller>,
    pub address: Option<IpAddr>,
    pub admission: Admission,
    pub place: Place,
    /// Names the connection in spans.
    pub id: Uuid,
}

/// What a client is in a room.
pub(super) enum Place {
    Nowhere,
    Member(Box<Session>),
    Observer(Box<Observer>),
}

impl Place {
    /// The next thing that the client is to be sent.
    pub(super) async fn next(&mut self) -> Option<Notice> {
        match self {
            Self::Nowhere => std::future::pending().await,
            Self::Member(session) => session.next().await,
            Self::Observer(observer) => observer.next().await,
        }
    }

    /// Done once the client is to be cut off, whatever it is being written.
    pub(super) fn cut(&self) -> BoxFuture<'static, EndReason> {
        match self {
            Self::Nowhere => std::future::pending().boxed(),
            Self::Member(session) => session.cut().boxed(),
            Self::Observer(observer) => observer.cut().boxed(),
        }
    }
}

/// A client that wants to come into a room.
pub(super) struct Entry<'a> {
    pub room: &'a str,
    /// Whom the client says that it is.
    pub user_id: Option<&'a str>,
    pub state: &'a Map<String, Value>,
    pub audience: Audience,
    pub door: Door,
    /// Whether it knows how to come back after a cut.
    pub resumable: bool,
}

impl Client {
    pub(super) fn new(doors: Doors, caller: Option<Caller>, address: Option<IpAddr>, admission: Admission) -> Self {
        Self { doors, caller, address, admission, place: Place::Nowhere, id: Uuid::now_v7() }
    }

    /// Where a command of this client comes from.
    pub(super) fn origin(&self) -> Origin {
        origin_of(self.caller.as_ref())
    }

    pub(super) fn check_nowhere(&self) -> Result<(), Refusal> {
        if matches!(self.place, Place::Nowhere) { Ok(()) } else { Err(Refusal::somewhere()) }
    }

    /// Makes the client a member. Its place is set by who answers it, once the answer is made.
    pub(super) async fn join(&mut self, entry: Entry<'_>) -> Result<Session, Refusal> {
        let caller = self.caller.as_ref();
        let room = room_of(entry.room)?;
        let user = self.doors.user(caller, entry.user_id)?;
        self.check_nowhere()?;
        let wanted = if entry.state.is_empty() { RoomAccess::Join } else { RoomAccess::Write };
        self.doors.allows(caller, &room, wanted)?;
        let state =
            MemberState::new(entry.state).map_err(|error| Refusal::new(Code::StateTooLarge, error.to_string()))?;
        let origin = self.origin();
        self.doors.admit_user(&mut self.admission, &user)?;
        let Entry { audience, door, resumable, .. } = entry;
        let request = JoinRequest { room, user, door, state, audience, resumable };
        Ok(self.doors.presence.join(request, &origin).await?)
    }

    /// A sign of life.
    pub(super) fn beat(&self, epoch: Option<u64>) -> Result<Beat, Refusal> {
        let Place::Member(session) = &self.place else { return Err(Refusal::nowhere()) };
        Ok(self.doors.presence.beat(&session.socket, epoch)?)
    }

    /// A sign of life that changes the member's state.
    pub(super) async fn patch(&self, epoch: Option<u64>, patch: Map<String, Value>) -> Result<Beat, Refusal> {
        let Place::Member(session) = &self.place else { return Err(Refusal::nowhere()) };
        let socket = Arc::clone(&session.socket);
        self.doors.allows(self.caller.as_ref(), &socket.room, RoomAccess::Write)?;
        Ok(self.doors.presence.heartbeat(&socket, epoch, patch, &self.origin()).await?)
    }

    /// Takes the client out of its room. The answer is how many members are left, where it was one of them.
    pub(super) async fn leave(&mut self, reason: LeaveReason) -> Result<Option<usize>, Refusal> {
        match std::mem::replace(&mut self.place, Place::Nowhere) {
            Place::Nowhere => Err(Refusal::nowhere()),
            Place::Observer(_) => Ok(None),
            Place::Member(session) => Ok(Some(session.leave(reason, &self.origin()).await?)),
        }
    }

    /// Has a span go on in the trace that the client names. Whether it is recorded is the client's to say where we know them.
    pub(super) fn continue_trace(&self, span: &tracing::Span, traceparent: Option<&str>) {
        match self.caller {
            Some(_) => propagation::set_parent(span, traceparent, None),
            None => propagation::set_untrusted_parent(span, traceparent, None),
        }
    }

    /// A span of the socket itself.
    pub(super) fn span(&self, event: &'static str, transport: &'static str) -> tracing::Span {
        tracing::info_span!(
            span::SOCKET,
            { attr::OTEL_NAME } = span::socket(event),
            { attr::OTEL_KIND } = span::kind::SERVER,
            { attr::SOCKET_EVENT } = event,
            { attr::SOCKET_CONNECTION_ID } = %self.id,
            { attr::SOCKET_TRANSPORT } = transport,
            { attr::CLIENT_ADDRESS } = self.address.map(|address| address.to_string()),
        )
    }
}

/// Where a command of a caller comes from.
pub(crate) fn origin_of(caller: Option<&Caller>) -> Origin {
    let (traceparent, tracestate) = propagation::current();
    let actor = caller.map_or(Actor::System("presence"), Caller::actor);
    Origin { actor, correlation: Uuid::now_v7().to_string(), trace: TraceContext { traceparent, tracestate } }
}

/// A room by the name that a client sends.
pub(super) fn room_of(name: &str) -> Result<RoomId, Refusal> {
    name.parse().map_err(|error| Refusal::malformed(format!("the room: {error}")))
}
