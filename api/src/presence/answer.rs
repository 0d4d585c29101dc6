//! What a message of a client comes to.

use std::sync::Arc;

use ally_domain::room::{ConnId, Door, LeaveReason};
use ally_handlers::presence::{Cursor, Session, Start};
use ally_telemetry::propagation;
use serde::Serialize;
use serde_json::Value;
use tracing::Instrument;

use super::client::{Entry, Place, room_of};
use super::connection::{Connection, TRANSPORT};
use super::error::Refusal;
use super::frame::{self, Own, Welcome};
use super::message::{Heartbeat, Hello, Incoming, Join, Members, Observe, Request, Resume};
use crate::auth::RoomAccess;

type Frames = Vec<Arc<str>>;

#[derive(Serialize)]
struct Empty {}

/// Answers a message: the frames that go out, the acknowledgement first.
pub(super) async fn to(connection: &mut Connection, incoming: Incoming) -> Result<Frames, Refusal> {
    let Incoming { id, traceparent, request } = incoming;
    let request = request?;
    // A heartbeat has a span of its own further in; one around it only where it belongs to a trace of the client's.
    let span = match (&request, &traceparent) {
        (Request::Heartbeat(_), None) => tracing::Span::none(),
        (request, _) => connection.client.span(name_of(request), TRANSPORT),
    };
    propagation::set_parent(&span, traceparent.as_deref(), None);
    let id = id.as_ref();
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
    answered.instrument(span).await
}

const fn name_of(request: &Request) -> &'static str {
    match request {
        Request::Hello(_) => "hello",
        Request::Join(_) => "join",
        Request::Resume(_) => "resume",
        Request::Observe(_) => "observe",
        Request::Heartbeat(_) => "heartbeat",
        Request::Members(_) => "members",
        Request::Leave(_) => "leave",
    }
}

fn cursor_of(position: Option<&str>) -> Result<Option<Cursor>, Refusal> {
    position.map(str::parse).transpose().map_err(|error| Refusal::malformed(format!("the position: {error}")))
}

fn conn_of(text: Option<&str>) -> Result<Option<ConnId>, Refusal> {
    text.map(str::parse).transpose().map_err(|error| Refusal::malformed(format!("after: {error}")))
}

impl Connection {
    fn hello(&mut self, id: Option<&Value>, hello: &Hello) -> Result<Frames, Refusal> {
        let caller = self.client.doors.verifier.verify(&hello.token).map_err(Refusal::unauthorized)?;
        if self.client.caller.as_ref().is_some_and(|known| known.athlete != caller.athlete) {
            return Err(Refusal::wrong_user());
        }
        // A newer token of the same user keeps the connection open for longer.
        self.client.doors.admit_user(&mut self.client.admission, &caller.athlete)?;
        self.client.caller = Some(caller);
        Ok(vec![frame::done(id, Empty {}).into()])
    }

    async fn join(&mut self, id: Option<&Value>, join: Join) -> Result<Frames, Refusal> {
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

    async fn resume(&mut self, id: Option<&Value>, resume: Resume) -> Result<Frames, Refusal> {
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

    fn come_in(&mut self, id: Option<&Value>, session: Session) -> Frames {
        let socket = Arc::clone(&session.socket);
        let own = Own { conn_id: socket.conn, user_id: socket.user.as_str(), epoch: socket.epoch() };
        let room = socket.room.as_str();
        let frames = self.welcome(id, room, Some(own), session.members, session.resume.as_deref(), &session.start);
        self.client.place = Place::Member(Box::new(session));
        frames
    }

    fn welcome(
        &self,
        id: Option<&Value>,
        room: &str,
        own: Option<Own<'_>>,
        members: usize,
        resume: Option<&str>,
        start: &Start,
    ) -> Frames {
        let (recovered, position) = match start {
            Start::Fresh(snapshot) => (false, snapshot.cursor),
            // Whoever is cut off before what was missed has all come goes on from here.
            Start::Missed { changes, cursor } => {
                (true, changes.first().map_or(*cursor, |change| change.cursor.before()))
            }
        };
        let ttl_ms = self.client.doors.time_to_live.as_millis() as u64;
        let position = position.to_string();
        let welcome = Welcome { room, own, members, recovered, position, resume, ttl_ms };
        let mut frames: Frames = vec![frame::done(id, welcome).into()];
        match start {
            Start::Fresh(snapshot) => frames.extend(frame::snapshot(snapshot, self.client.doors.limits.whole_snapshot)),
            Start::Missed { changes, .. } => frames.extend(changes.iter().map(|change| frame::change(change))),
        }
        frames
    }

    async fn observe(&mut self, id: Option<&Value>, observe: Observe) -> Result<Frames, Refusal> {
        self.client.check_nowhere()?;
        let room = room_of(&observe.room)?;
        self.client.doors.allows(self.client.caller.as_ref(), &room, RoomAccess::Observe)?;
        let since = cursor_of(observe.position.as_deref())?;
        if let Some(caller) = &self.client.caller {
            self.client.doors.admit_user(&mut self.client.admission, &caller.athlete)?;
        }
        let observer = self.client.doors.presence.observe(&room, observe.audience.into(), since).await?;
        let members = self.client.doors.presence.figures(&room).await?.members;
        let frames = self.welcome(id, room.as_str(), None, members, None, &observer.start);
        self.client.place = Place::Observer(Box::new(observer));
        Ok(frames)
    }

    async fn heartbeat(&mut self, id: Option<&Value>, heartbeat: Heartbeat) -> Result<Frames, Refusal> {
        let beat = self.client.beat(heartbeat.epoch, heartbeat.patch_state).await?;
        #[derive(Serialize)]
        struct Beaten {
            changed: bool,
            epoch: u64,
        }
        Ok(vec![frame::done(id, Beaten { changed: beat.changed, epoch: beat.epoch }).into()])
    }

    async fn members(&mut self, id: Option<&Value>, members: &Members) -> Result<Frames, Refusal> {
        let room = match &self.client.place {
            Place::Nowhere => return Err(Refusal::nowhere()),
            Place::Member(session) => session.socket.room.clone(),
            Place::Observer(observer) => observer.room().clone(),
        };
        let after = conn_of(members.after.as_deref())?;
        let limit = members.limit.unwrap_or(frame::PAGE).clamp(1, frame::PAGE);
        let snapshot = self.client.doors.presence.members(&room, None, 0).await?.snapshot;
        let page = frame::Page::of(&snapshot, after, limit);
        let total = snapshot.state.member_count();
        Ok(vec![frame::done(id, frame::Listed::new(snapshot.cursor, total, &page.members, page.more)).into()])
    }

    async fn leave(&mut self, id: Option<&Value>) -> Result<Frames, Refusal> {
        #[derive(Serialize)]
        struct Gone {
            #[serde(skip_serializing_if = "Option::is_none")]
            members: Option<usize>,
        }
        let members = self.client.leave(LeaveReason::Left).await?;
        Ok(vec![frame::done(id, Gone { members }).into()])
    }
}
