//! Renews the leases of this node's sockets, and ends the memberships of those that are not coming back.

use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use ally_domain::ids::AthleteId;
use ally_domain::ports::{Lease, LeaseError};
use ally_domain::room::{ConnId, LeaveReason, RoomId};
use futures::StreamExt;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::error::PresenceError;
use super::node::{Node, Presence};
use super::notice::EndReason;
use super::observe;
use super::sockets::Socket;

/// Renewals at once.
const AT_ONCE: usize = 256;
/// The longest time between two looks at the sockets.
const MAX_LOOK_EVERY: Duration = Duration::from_millis(500);

impl Presence {
    /// Renews leases until it is told to stop.
    pub async fn renew_leases(self, stop: CancellationToken) {
        let node = self.0;
        let mut closed = node.closed_queue.lock().await;
        let mut look = tokio::time::interval((node.parts.leases.time_to_live() / 8).min(MAX_LOOK_EVERY));
        look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                Some(socket) = closed.recv() => node.closed(socket),
                _ = look.tick() => node.look_at_sockets().await,
            }
        }
    }

    /// Tells every client to connect elsewhere, and lets those leave who cannot come back. No new ones are taken from now on.
    pub async fn drain(&self) {
        let node = &self.0;
        node.draining.cancel();
        let sockets = node.sockets.all();
        sockets.iter().for_each(|socket| socket.outbox.cut(EndReason::Draining));
        let leaving = sockets.into_iter().filter(|socket| socket.secret_hash.is_none());
        futures::stream::iter(leaving)
            .for_each_concurrent(AT_ONCE, |socket| async move {
                let _ = node.leave(&socket, LeaveReason::Drained, &node.own_origin()).await;
            })
            .await;
    }
}

/// Who holds a lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holder {
    /// This node.
    This,
    /// Another node, to which the client has come back.
    Another,
    /// It has ended.
    Nobody,
}

/// What is to become of a socket.
enum Fate {
    Stay,
    Renew,
    Leave(LeaveReason),
    /// Its membership is over already.
    Tidy,
}

impl Node {
    /// A socket is gone: its member has its grace, where its client can come back.
    fn closed(self: &Arc<Self>, socket: Arc<Socket>) {
        if !self.sockets.is_current(&socket) {
            return;
        }
        if socket.has_ended() {
            let node = Arc::clone(self);
            tokio::spawn(async move { node.tidy(&socket).await });
        } else if socket.secret_hash.is_none() && !self.is_draining() {
            self.end(socket, LeaveReason::Cut);
        }
    }

    fn end(self: &Arc<Self>, socket: Arc<Socket>, reason: LeaveReason) {
        let node = Arc::clone(self);
        tokio::spawn(async move {
            if let Err(error) = node.leave(&socket, reason, &node.own_origin()).await {
                tracing::debug!(conn_id = %socket.conn, %error, "a member whose socket is gone leaves with its lease");
            }
        });
    }

    async fn tidy(&self, socket: &Arc<Socket>) {
        self.sockets.remove(socket);
        self.release(socket.conn).await;
    }

    fn fate_of(&self, socket: &Socket, time_to_live: Duration) -> Fate {
        if socket.has_ended() {
            return Fate::Tidy;
        }
        match socket.cut_for() {
            Some(cut_for) if cut_for >= self.config.grace => Fate::Leave(LeaveReason::Cut),
            Some(_) => Fate::Stay,
            None if socket.silent_for() >= time_to_live => Fate::Leave(LeaveReason::Expired),
            None if socket.wants_renewal(time_to_live / 3) => Fate::Renew,
            None => Fate::Stay,
        }
    }

    async fn look_at_sockets(self: &Arc<Self>) {
        let time_to_live = self.parts.leases.time_to_live();
        let mut due = Vec::new();
        let sockets = self.sockets.all();
        observe::connections(&sockets);
        for socket in sockets {
            match self.fate_of(&socket, time_to_live) {
                Fate::Stay => {}
                Fate::Renew => due.push(socket),
                // A draining node leaves its members to whichever node they come back to.
                Fate::Leave(_) if self.is_draining() => {}
                Fate::Leave(reason) => self.leave_unless_resumed(socket, reason),
                Fate::Tidy => {
                    let node = Arc::clone(self);
                    tokio::spawn(async move { node.tidy(&socket).await });
                }
            }
        }
        self.renew(due).await;
        let forget = Instant::now() - time_to_live.min(Duration::from_secs(3_600));
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).retain(|_, renewed| *renewed > forget);
    }

    /// The client may have come back, to this node or another one, which holds its lease then. Where nobody can tell, or the lease is
    /// gone, the member is left to the reaper.
    fn leave_unless_resumed(self: &Arc<Self>, socket: Arc<Socket>, reason: LeaveReason) {
        let node = Arc::clone(self);
        socket.set_ended();
        self.sockets.remove(&socket);
        tokio::spawn(async move {
            // Revisions begin anew with a bucket, so they alone do not say whose it is.
            match node.holder_of(&socket).await {
                Ok(Holder::This) => {}
                Ok(Holder::Another) => return socket.outbox.cut(EndReason::Resumed),
                Ok(Holder::Nobody) | Err(_) => return socket.outbox.cut(EndReason::Left(reason)),
            }
            // Without its secret nobody comes back by the lease; whoever was faster holds it under a later revision.
            let closed = Lease { secret_hash: None, ..socket.lease(&node.config.node) };
            let revision = socket.revision.load(Ordering::Relaxed);
            match node.parts.leases.hold_after(socket.conn, &closed, revision).await {
                Ok(_) => {
                    if let Err(error) = node.leave(&socket, reason, &node.own_origin()).await {
                        tracing::debug!(conn_id = %socket.conn, %error, "a member whose socket is gone leaves with its lease");
                    }
                }
                // A renewal of ours of which we never learned may have moved it, too: then it ends with its time, and its member by it.
                Err(LeaseError::Moved { .. }) => {
                    let elsewhere = matches!(node.holder_of(&socket).await, Ok(Holder::Another));
                    let resumed = elsewhere || node.sockets.get(socket.conn).is_some();
                    socket.outbox.cut(if resumed { EndReason::Resumed } else { EndReason::Left(reason) });
                }
                Err(LeaseError::Unavailable { .. }) => socket.outbox.cut(EndReason::Left(reason)),
            }
        });
    }

    /// Who holds the lease of a socket that is not renewed any more.
    pub(super) async fn holder_of(&self, socket: &Socket) -> Result<Holder, LeaseError> {
        let held = self.parts.leases.get(socket.conn).await?;
        Ok(match held {
            None => Holder::Nobody,
            Some(held) if held.lease.node.as_deref() != Some(self.config.node.as_str()) => Holder::Another,
            Some(_) => Holder::This,
        })
    }

    /// Makes sure that a socket which wants to write is the one that its client has. A node that hung for a while may not know yet that
    /// the client has come back elsewhere, and reads only now what was said before; a lease that was renewed lately is not asked for.
    pub(super) async fn check_held(&self, socket: &Arc<Socket>) -> Result<(), PresenceError> {
        let is_late = socket.renewed_for() >= self.parts.leases.time_to_live() / 2;
        if is_late && self.holder_of(socket).await? == Holder::Another {
            self.fence(socket);
            return Err(PresenceError::Gone { conn: socket.conn });
        }
        Ok(())
    }

    /// The client has come back to another node: this socket is its no more.
    fn fence(&self, socket: &Arc<Socket>) {
        socket.set_ended();
        self.sockets.remove(socket);
        socket.outbox.cut(EndReason::Resumed);
    }

    /// Renews leases, side by side; none of the others where the bucket does not answer for one.
    async fn renew(self: &Arc<Self>, due: Vec<Arc<Socket>>) {
        let mut renewals = futures::stream::iter(due)
            .map(|socket| {
                let node = Arc::clone(self);
                async move { node.renew_one(&socket).await }
            })
            .buffer_unordered(AT_ONCE);
        while let Some(renewed) = renewals.next().await {
            if let Err(error) = renewed {
                tracing::warn!(%error, "leases are not renewed; they are tried again");
                return;
            }
        }
    }

    async fn renew_one(self: &Arc<Self>, socket: &Arc<Socket>) -> Result<(), LeaseError> {
        let lease = socket.lease(&self.config.node);
        let revision = socket.revision.load(Ordering::Relaxed);
        match self.parts.leases.hold_after(socket.conn, &lease, revision).await {
            Ok(revision) => socket.renewed(revision),
            Err(LeaseError::Moved { .. }) => self.renew_anew(socket, &lease).await?,
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// The lease is not as it was left: another node has it, or it ended with its bucket.
    async fn renew_anew(self: &Arc<Self>, socket: &Arc<Socket>, lease: &Lease) -> Result<(), LeaseError> {
        match self.parts.leases.get(socket.conn).await? {
            Some(held) if held.lease.node != lease.node => self.fence(socket),
            Some(held) => socket.renewed(held.revision),
            None if socket.has_ended() => {}
            None => {
                let revision = self.parts.leases.hold(socket.conn, lease).await?;
                socket.renewed(revision);
            }
        }
        Ok(())
    }

    /// Takes the lease of a live socket of this node again, which has ended.
    pub(super) fn take_again(self: &Arc<Self>, conn: ConnId) {
        let live = self.sockets.get(conn).filter(|socket| socket.is_live(self.parts.leases.time_to_live()));
        if let Some(socket) = live {
            let node = Arc::clone(self);
            tokio::spawn(async move {
                if let Err(error) = node.renew_one(&socket).await {
                    tracing::warn!(conn_id = %socket.conn, %error, "a lease that ended was not taken again; it is tried again");
                }
            });
        }
    }

    /// Renews every lease of this node at once: the bucket may have lost them.
    pub(super) async fn renew_all(self: &Arc<Self>) {
        let time_to_live = self.parts.leases.time_to_live();
        self.renew(self.sockets.all().into_iter().filter(|socket| socket.is_live(time_to_live)).collect()).await;
    }

    /// Renews the lease of a connection without a socket, once in a third of its time to live.
    pub(super) async fn renew_by_request(
        &self,
        room: &RoomId,
        conn: ConnId,
        user: &AthleteId,
    ) -> Result<(), PresenceError> {
        let now = Instant::now();
        let fresh = {
            let requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
            let every = self.parts.leases.time_to_live() / 3;
            requests.get(&conn).is_some_and(|renewed| now.duration_since(*renewed) < every)
        };
        if fresh {
            return Ok(());
        }
        let lease = Lease { room: room.clone(), user: user.clone(), node: None, secret_hash: None };
        self.parts.leases.hold(conn, &lease).await?;
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).insert(conn, now);
        Ok(())
    }
}
