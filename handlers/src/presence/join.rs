//! Coming in, coming back, and going: the life of a membership with a socket.

use std::sync::Arc;
use std::time::Duration;

use ally_domain::fingerprint::fingerprint;
use ally_domain::ids::AthleteId;
use ally_domain::ports::{Lease, LeaseError};
use ally_domain::room::{ConnId, Door, LeaveReason, Member, MemberState, RoomCommand, RoomId};
use tokio::time::Instant;
use uuid::Uuid;

use super::error::PresenceError;
use super::followers::{Audience, Follower};
use super::input::{Awaited, Input};
use super::live_room::Done;
use super::node::{Node, Presence};
use super::notice::{EndReason, Notice, Start};
use super::observe;
use super::outbox::{Inbox, outbox};
use super::renewal::Holder;
use super::sockets::{NewSocket, Socket};
use crate::cursor::Cursor;
use crate::submit::Origin;

/// Who wants to come in, and how.
#[derive(Debug, Clone)]
pub struct JoinRequest {
    /// Where.
    pub room: RoomId,
    /// Who, from the token.
    pub user: AthleteId,
    /// By which door.
    pub door: Door,
    /// What it says of itself.
    pub state: MemberState,
    /// What it wants to be told.
    pub audience: Audience,
    /// Whether its client knows how to come back after its connection broke.
    pub resumable: bool,
}

/// Who wants to come back.
#[derive(Debug, Clone)]
pub struct Resume {
    /// What the join was answered with.
    pub token: String,
    /// Who, from the token of authentication; `None` where clients have none.
    pub user: Option<AthleteId>,
    /// By which door.
    pub door: Door,
    /// What it wants to be told.
    pub audience: Audience,
    /// The place of the feed that it knows.
    pub since: Option<Cursor>,
}

/// A membership and its socket. When it is dropped the socket is gone: the member has its grace, if its client can come back, and
/// leaves otherwise.
pub struct Session {
    /// The socket, to be told of each sign of life.
    pub socket: Arc<Socket>,
    start: Start,
    /// Members of the room.
    pub members: usize,
    /// By which the client may come back.
    pub resume: Option<String>,
    inbox: Inbox,
    node: Arc<Node>,
}

impl Session {
    /// The next thing that the client is to be told; `None` when nothing more will ever come.
    pub async fn next(&mut self) -> Option<Notice> {
        let notice = self.inbox.next().await;
        if matches!(notice, Some(Notice::End(EndReason::Left(_) | EndReason::Resumed))) {
            self.socket.set_ended();
        }
        notice
    }

    /// What the follower begins with. It can be taken only once: a connection that kept it would keep the room as it was, for as
    /// long as it lives.
    pub fn take_start(&mut self) -> Start {
        self.start.take()
    }

    /// Done once the client is to be cut off, whatever it is being written.
    pub fn cut(&self) -> impl Future<Output = EndReason> + Send + 'static {
        self.inbox.cut()
    }

    /// Ends the membership. The answer is how many members are left.
    ///
    /// # Errors
    /// When the log does not answer; then it ends with its lease.
    pub async fn leave(self, reason: LeaveReason, origin: &Origin) -> Result<usize, PresenceError> {
        let conn = self.socket.conn;
        // The client may have come back as another socket, here or on another node; the goodbye of this one is none of that one's.
        let resumed = self.socket.has_ended() || !self.node.sockets.is_current(&self.socket);
        if resumed || self.node.holder_of(&self.socket).await? == Holder::Another {
            self.socket.set_ended();
            self.node.sockets.remove(&self.socket);
            return Err(PresenceError::Gone { conn });
        }
        self.node.leave(&self.socket, reason, origin).await
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.node.unfollow(&self.socket.room, self.socket.follower);
        self.socket.set_cut();
        let _ = self.node.closed.send(Arc::clone(&self.socket));
    }
}

/// What a client without a socket is answered.
#[derive(Debug)]
pub struct Entered {
    /// The connection that it is from now on.
    pub conn: ConnId,
    /// The epoch of its membership.
    pub epoch: u64,
    /// Members of the room.
    pub members: usize,
}

impl Presence {
    /// Makes a client with a socket a member, and lets it follow the room.
    ///
    /// # Errors
    /// Why it may not come in, or what does not answer.
    pub async fn join(&self, request: JoinRequest, origin: &Origin) -> Result<Session, PresenceError> {
        // Whoever asks may be gone before it is done: then the session is dropped, and with it the membership.
        let (presence, origin) = (self.clone(), origin.clone());
        let span = observe::span_of(observe::JOIN, &request.room, None, Some(&request.user));
        let joined = async move {
            presence.ready()?;
            presence.0.join(request, &origin).await
        };
        let joined = tokio::spawn(observe::operation(observe::JOIN, span, joined));
        joined.await.unwrap_or_else(|error| Err(PresenceError::unavailable(error.to_string())))
    }

    /// Makes a client without a socket a member, alive for as long as its heartbeats come.
    ///
    /// # Errors
    /// Why it may not come in, or what does not answer.
    pub async fn enter(
        &self,
        room: &RoomId,
        user: &AthleteId,
        state: MemberState,
        origin: &Origin,
    ) -> Result<Entered, PresenceError> {
        let span = observe::span_of(observe::JOIN, room, None, Some(user));
        let work = async {
            self.ready()?;
            let conn = ConnId::from(Uuid::now_v7());
            let lease = Lease { room: room.clone(), user: user.clone(), node: None, secret_hash: None };
            let epoch = self.0.parts.leases.hold(conn, &lease).await?;
            let command = self.0.join_command(conn, user.clone(), Door::Http, epoch, state);
            match self.0.command(room, command, None, origin).await {
                Ok(done) => {
                    observe::came_in(conn, epoch, done.members, None);
                    Ok(Entered { conn, epoch, members: done.members })
                }
                Err(error) => {
                    self.0.release(conn).await;
                    Err(error)
                }
            }
        };
        observe::operation(observe::JOIN, span, work).await
    }

    /// Lets a client come back to its membership, on this node or another one. Nobody is told, because nobody had left.
    ///
    /// # Errors
    /// [`PresenceError::Unresumable`] when the membership is over or the client's secret is another one.
    pub async fn resume(&self, resume: Resume) -> Result<Session, PresenceError> {
        let presence = self.clone();
        let span = observe::resume_span(resume.user.as_ref());
        let resumed = async move {
            presence.ready()?;
            presence.0.resume(resume).await
        };
        let resumed = tokio::spawn(observe::operation(observe::RESUME, span, resumed));
        resumed.await.unwrap_or_else(|error| Err(PresenceError::unavailable(error.to_string())))
    }
}

/// How often a lease is read anew that somebody else renews meanwhile.
const MAX_TAKES: usize = 3;
/// How long a node that is behind the log is given to learn of a membership.
const BEHIND_FOR: Duration = Duration::from_secs(3);

fn hash_of(secret: &str) -> Option<String> {
    fingerprint(&secret).ok()
}

impl Node {
    fn join_command(&self, conn: ConnId, user: AthleteId, door: Door, epoch: u64, state: MemberState) -> RoomCommand {
        RoomCommand::Join { conn, user, door, epoch, state, max_members: self.config.max_members }
    }

    async fn join(self: &Arc<Self>, request: JoinRequest, origin: &Origin) -> Result<Session, PresenceError> {
        let JoinRequest { room, user, door, state, audience, resumable } = request;
        let conn = ConnId::from(Uuid::now_v7());
        let secret = resumable.then(|| Uuid::new_v4().simple().to_string());
        let secret_hash = secret.as_deref().and_then(hash_of);
        let node = Some(self.config.node.clone());
        let lease = Lease { room: room.clone(), user: user.clone(), node, secret_hash: secret_hash.clone() };
        // The lease comes first, so that no member is without one.
        let epoch = self.parts.leases.hold(conn, &lease).await?;
        let (outbox, inbox) = outbox(self.config.outbox_bytes);
        let id = self.new_follower();
        let socket = Socket::new(NewSocket {
            conn,
            room: room.clone(),
            user: user.clone(),
            door,
            secret_hash,
            outbox: outbox.clone(),
            follower: id,
            epoch,
            revision: epoch,
        });
        let follower = Follower { id, conn: Some(conn), audience, outbox, since: Cursor::default(), partial: false };
        let command = self.join_command(conn, user, door, epoch, state);
        self.sockets.insert(Arc::clone(&socket));
        self.cut_if_draining(&socket);
        match self.command(&room, command, Some(follower), origin).await {
            Ok(Done { start: Some(start), members, .. }) => {
                observe::came_in(conn, epoch, members, Some(&start));
                let resume = secret.map(|secret| format!("{conn}.{secret}"));
                Ok(Session { socket, start, members, resume, inbox, node: Arc::clone(self) })
            }
            answer => {
                socket.set_ended();
                self.sockets.remove(&socket);
                self.release(conn).await;
                Err(answer.err().unwrap_or(PresenceError::Gone { conn }))
            }
        }
    }

    async fn resume(self: &Arc<Self>, resume: Resume) -> Result<Session, PresenceError> {
        let (conn, secret) = resume.token.split_once('.').ok_or(PresenceError::Unresumable)?;
        let conn: ConnId = conn.parse().map_err(|_| PresenceError::Unresumable)?;
        let since = resume.since;
        for _ in 0..MAX_TAKES {
            // Nobody's turn yet where its node has just renewed it.
            if let Some((lease, revision, member)) = self.take_over(conn, secret, &resume).await? {
                return self.resumed((conn, resume, since), (lease, revision), member).await;
            }
        }
        Err(PresenceError::unavailable(format!("the lease of connection {conn} is being renewed")))
    }

    /// Takes the lease of a client that comes back, once this node knows of its membership; `None` when somebody was faster.
    async fn take_over(
        &self,
        conn: ConnId,
        secret: &str,
        resume: &Resume,
    ) -> Result<Option<(Lease, u64, Arc<Member>)>, PresenceError> {
        let held = self.parts.leases.get(conn).await?.ok_or(PresenceError::Unresumable)?;
        let known = held.lease.secret_hash.is_some() && held.lease.secret_hash == hash_of(secret);
        if !known || resume.user.as_ref().is_some_and(|user| *user != held.lease.user) {
            return Err(PresenceError::Unresumable);
        }
        let room = held.lease.room.clone();
        // A node that is behind knows of it a moment later; until then the lease is left as it is.
        let deadline = Instant::now() + BEHIND_FOR;
        let at_least = resume.since;
        let ask =
            |answer| Input::AwaitMember { room: room.clone(), awaited: Awaited { conn, at_least, deadline, answer } };
        let Some(member) = self.ask(&room, ask).await? else {
            return Err(PresenceError::unavailable(format!("this node knows nothing of connection {conn} (yet)")));
        };
        let lease = Lease { node: Some(self.config.node.clone()), ..held.lease };
        // Of several who come back at once one is first; and whoever held it before learns so when it renews.
        match self.parts.leases.hold_after(conn, &lease, held.revision).await {
            Ok(revision) => Ok(Some((lease, revision, member))),
            Err(LeaseError::Moved { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    async fn resumed(
        self: &Arc<Self>,
        (conn, resume, since): (ConnId, Resume, Option<Cursor>),
        (lease, revision): (Lease, u64),
        member: Arc<Member>,
    ) -> Result<Session, PresenceError> {
        let room = lease.room.clone();
        let (outbox, inbox) = outbox(self.config.outbox_bytes);
        let id = self.new_follower();
        let socket = Socket::new(NewSocket {
            conn,
            room: room.clone(),
            user: lease.user.clone(),
            door: resume.door,
            secret_hash: lease.secret_hash,
            outbox: outbox.clone(),
            follower: id,
            epoch: member.epoch,
            revision,
        });
        if let Some(before) = self.sockets.insert(Arc::clone(&socket)) {
            before.set_ended();
            before.outbox.cut(EndReason::Resumed);
        }
        self.cut_if_draining(&socket);
        let follower = Follower {
            id,
            conn: Some(conn),
            audience: resume.audience,
            outbox,
            since: Cursor::default(),
            partial: false,
        };
        let ask = |answer| Input::Follow { room: room.clone(), follower, since, answer };
        let start = self.ask(&room, ask).await?;
        let members = match &start {
            Start::Fresh(snapshot) => snapshot.state.member_count(),
            Start::Missed { .. } => {
                self.ask(&room, |answer| Input::Look { room: room.clone(), answer }).await?.0.state.member_count()
            }
        };
        observe::came_in(conn, member.epoch, members, Some(&start));
        Ok(Session { socket, start, members, resume: Some(resume.token), inbox, node: Arc::clone(self) })
    }

    /// Ends the membership of a socket of this node.
    pub(super) async fn leave(
        &self,
        socket: &Arc<Socket>,
        reason: LeaveReason,
        origin: &Origin,
    ) -> Result<usize, PresenceError> {
        socket.set_ended();
        self.sockets.remove(socket);
        let span = observe::span_of(observe::LEAVE, &socket.room, Some(socket.conn), Some(&socket.user));
        let work = async {
            let command = RoomCommand::Leave { conn: socket.conn, epoch: socket.epoch, reason };
            let done = self.command(&socket.room, command, None, origin).await;
            // Where the log did not take it, the lease ends all the same, and whoever sees that ends the membership.
            self.release(socket.conn).await;
            let members = done?.members;
            observe::went(reason, members);
            Ok(members)
        };
        observe::operation(observe::LEAVE, span, work).await
    }

    /// Whoever came in while the others were told to go is told as well.
    fn cut_if_draining(&self, socket: &Socket) {
        if self.is_draining() {
            socket.outbox.cut(EndReason::Draining);
        }
    }

    pub(super) fn is_draining(&self) -> bool {
        self.draining.is_cancelled()
    }
}
