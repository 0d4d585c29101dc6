//! What a message of a client comes to.

use std::sync::Arc;

use ally_domain::room::{ConnId, Door, LeaveReason};
use ally_handlers::Cursor;
use ally_handlers::presence::{Beat, Session, Start};
use serde_json::Value;
use tracing::Instrument;

use super::ack::{Beaten, Gone, Listed, Named, Own, Welcome, done};
use super::client::{Entry, Place, room_of};
use super::connection::{Connection, TRANSPORT};
use super::error::Refusal;
use super::message::{Heartbeat, Hello, Incoming, Join, Members, Observe, Request, Resume};
use super::page::{PAGE, Page};
use crate::auth::RoomAccess;

/// What goes out.
pub(super) struct Answer {
    pub ack: String,
    /// What whoever came in begins with, behind it.
    pub start: Option<Start>,
}

impl From<String> for Answer {
    fn from(ack: String) -> Self {
        Self { ack, start: None }
    }
}

impl From<Beat> for Beaten {
    fn from(Beat { changed, epoch }: Beat) -> Self {
        Self { changed, epoch }
    }
}

/// Answers a message.
pub(super) async fn to(connection: &mut Connection, incoming: Incoming) -> Result<Answer, Refusal> {
    let Incoming { id, traceparent, request } = incoming;
    let request = request?;
    // A heartbeat has a span of its own further in; one around it only where it belongs to a trace of the client's.
    let span = match (&request, &traceparent) {
        (Request::Heartbeat(_), None) => tracing::Span::none(),
        (request, _) => connection.client.span(request.name(), TRANSPORT),
    };
    connection.client.continue_trace(&span, traceparent.as_deref());
    let id = id.as_ref();
    if let Request::Heartbeat(Heartbeat { epoch, patch_state: None }) = request {
        return span.in_scope(|| connection.beat(id, epoch));
    }
    let answered = async {
        match request {
            Request::Hello(hello) => connection.hello(id, &hello),
            Request::Join(join) => connection.join(id, join).await,
            Request::Resume(resume) => connection.resume(id, resume).await,
            Request::Observe(observe) => connection.observe(id, observe).await,
            Request::Heartbeat(heartbeat) => connection.heartbeat(id, heartbeat).await,
            Request::Members(members) => connection.members(id, &members).await,
            Request::Leave(_) => connection.leave(id).await,
        }
    };
    // Each connection has room for what it awaits for as long as it lives: for the rare and large only while it lasts.
    Box::pin(answered.instrument(span)).await
}

fn cursor_of(position: Option<&str>) -> Result<Option<Cursor>, Refusal> {
    position.map(str::parse).transpose().map_err(|error| Refusal::malformed(format!("the position: {error}")))
}

fn conn_of(text: Option<&str>) -> Result<Option<ConnId>, Refusal> {
    text.map(str::parse).transpose().map_err(|error| Refusal::malformed(format!("after: {error}")))
}

impl Connection {
    fn hello(&mut self, id: Option<&Value>, hello: &Hello) -> Result<Answer, Refusal> {
        let caller = self.client.doors.verifier.verify(&hello.token).map_err(Refusal::unauthorized)?;
        if self.client.caller.as_ref().is_some_and(|known| known.athlete != caller.athlete) {
            return Err(Refusal::wrong_user());
        }
        // A newer token of the same user keeps the connection open for longer.
        self.client.doors.admit_user(&mut self.client.admission, &caller.athlete)?;
        self.client.caller = Some(caller);
        self.set_end();
        Ok(done(id, Named {}).into())
    }

    async fn join(&mut self, id: Option<&Value>, join: Join) -> Result<Answer, Refusal> {
        let entry = Entry {
            room: &join.room,
            user_id: join.user_id.as_deref(),
            state: &join.state,
            audience: join.audience.into(),
            door: Door::Websocket,
            resumable: true,
        };
        let session = self.client.join(entry).await?;
        Ok(self.come_in(id, session))
    }

    async fn resume(&mut self, id: Option<&Value>, resume: Resume) -> Result<Answer, Refusal> {
        self.client.check_nowhere()?;
        let caller = self.client.caller.as_ref();
        // Without tokens the secret alone says who comes back.
        let user = caller.map(|caller| caller.athlete.clone());
        if user.is_none() && !self.client.doors.limits.trust_user_ids {
            return Err(Refusal::unauthorized(crate::auth::TokenError::Missing));
        }
        let since = cursor_of(resume.position.as_deref())?;
        let request = ally_handlers::presence::Resume {
            token: resume.resume,
            user,
            door: Door::Websocket,
            audience: resume.audience.into(),
            since,
        };
        let session = self.client.doors.presence.resume(request).await?;
        // Whose token opens the room no more has no way back into it either.
        if let Err(refusal) = self.client.doors.allows(caller, &session.socket.room, RoomAccess::Join) {
            let _ = session.leave(LeaveReason::Kicked, &self.client.origin()).await;
            return Err(refusal);
        }
        let user = session.socket.user.clone();
        self.client.doors.admit_user(&mut self.client.admission, &user)?;
        Ok(self.come_in(id, session))
    }

    fn come_in(&mut self, id: Option<&Value>, mut session: Session) -> Answer {
        let start = session.take_start();
        let socket = Arc::clone(&session.socket);
        let own = Own { conn_id: socket.conn, user_id: socket.user.as_str(), epoch: socket.epoch() };
        let room = socket.room.as_str();
        let ack = self.welcome(id, room, Some(own), session.members, session.resume.as_deref(), &start);
        self.client.place = Place::Member(Box::new(session));
        Answer { ack, start: Some(start) }
    }

    fn welcome(
        &self,
        id: Option<&Value>,
        room: &str,
        own: Option<Own<'_>>,
        members: usize,
        resume: Option<&str>,
        start: &Start,
    ) -> String {
        let recovered = matches!(start, Start::Missed { .. });
        let ttl_ms = self.client.doors.time_to_live.as_millis() as u64;
        // Whoever is cut off before what was missed has all come goes on from here.
        let position = match start {
            Start::Fresh(snapshot) => snapshot.cursor,
            Start::Missed { changes, cursor } => changes.first().map_or(*cursor, |change| change.cursor.before()),
        };
        let position = position.to_string();
        done(id, Welcome { room, own, members, recovered, position, resume, ttl_ms })
    }

    async fn observe(&mut self, id: Option<&Value>, observe: Observe) -> Result<Answer, Refusal> {
        self.client.check_nowhere()?;
        let room = room_of(&observe.room)?;
        self.client.doors.allows(self.client.caller.as_ref(), &room, RoomAccess::Observe)?;
        let since = cursor_of(observe.position.as_deref())?;
        if let Some(caller) = &self.client.caller {
            self.client.doors.admit_user(&mut self.client.admission, &caller.athlete)?;
        }
        let mut observer = self.client.doors.presence.observe(&room, observe.audience.into(), since).await?;
        let members = self.client.doors.presence.figures(&room).await?.members;
        let start = observer.take_start();
        let ack = self.welcome(id, room.as_str(), None, members, None, &start);
        self.client.place = Place::Observer(Box::new(observer));
        Ok(Answer { ack, start: Some(start) })
    }

    /// A heartbeat that changes nothing: most of what comes.
    fn beat(&self, id: Option<&Value>, epoch: Option<u64>) -> Result<Answer, Refusal> {
        let beat = self.client.beat(epoch)?;
        Ok(done(id, Beaten::from(beat)).into())
    }

    async fn heartbeat(&mut self, id: Option<&Value>, heartbeat: Heartbeat) -> Result<Answer, Refusal> {
        let beat = match heartbeat.patch_state {
            Some(patch) => self.client.patch(heartbeat.epoch, patch).await?,
            None => self.client.beat(heartbeat.epoch)?,
        };
        Ok(done(id, Beaten::from(beat)).into())
    }

    async fn members(&mut self, id: Option<&Value>, members: &Members) -> Result<Answer, Refusal> {
        let room = match &self.client.place {
            Place::Nowhere => return Err(Refusal::nowhere()),
            Place::Member(session) => session.socket.room.clone(),
            Place::Observer(observer) => observer.room().clone(),
        };
        let after = conn_of(members.after.as_deref())?;
        let limit = members.limit.unwrap_or(PAGE).clamp(1, PAGE);
        let snapshot = self.client.doors.presence.members(&room, None, 0).await?.snapshot;
        let page = Page::of(&snapshot, after, limit);
        let total = snapshot.state.member_count();
        Ok(done(id, Listed::new(snapshot.cursor, total, &page.members, page.more)).into())
    }

    async fn leave(&mut self, id: Option<&Value>) -> Result<Answer, Refusal> {
        let members = self.client.leave(LeaveReason::Left).await?;
        Ok(done(id, Gone { members }).into())
    }
}
