//! The connections whose sockets this node holds, and when each of them was last heard of.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ally_domain::ids::AthleteId;
use ally_domain::ports::Lease;
use ally_domain::room::{ConnId, Door, RoomId};
use tokio::time::Instant;

use super::outbox::Outbox;

/// A connection whose socket this node holds, or held until it broke.
#[derive(Debug)]
pub struct Socket {
    /// The connection.
    pub conn: ConnId,
    /// Its room.
    pub room: RoomId,
    /// Who it is.
    pub user: AthleteId,
    /// How it came in.
    pub door: Door,
    pub(super) secret_hash: Option<String>,
    pub(super) outbox: Outbox,
    pub(super) follower: u64,
    /// The revision of its lease when it joined: its epoch.
    pub(super) epoch: u64,
    /// The revision of its lease when it was renewed last.
    pub(super) revision: AtomicU64,
    begun: Instant,
    /// Milliseconds since `begun`.
    seen: AtomicU64,
    renewed: AtomicU64,
    /// When its socket broke, one more than the milliseconds; 0 while it has not.
    cut: AtomicU64,
    /// Its membership is over, or another node's.
    ended: AtomicBool,
}

/// What a socket is made of.
pub(super) struct NewSocket {
    pub conn: ConnId,
    pub room: RoomId,
    pub user: AthleteId,
    pub door: Door,
    pub secret_hash: Option<String>,
    pub outbox: Outbox,
    pub follower: u64,
    pub epoch: u64,
    pub revision: u64,
}

impl Socket {
    pub(super) fn new(new: NewSocket) -> Arc<Self> {
        let NewSocket { conn, room, user, door, secret_hash, outbox, follower, epoch, revision } = new;
        let zero = || AtomicU64::new(0);
        let (seen, renewed, cut, ended) = (zero(), zero(), zero(), AtomicBool::new(false));
        let (begun, revision) = (Instant::now(), AtomicU64::new(revision));
        Arc::new(Self {
            conn,
            room,
            user,
            door,
            secret_hash,
            outbox,
            follower,
            epoch,
            revision,
            begun,
            seen,
            renewed,
            cut,
            ended,
        })
    }

    /// Something was heard of its client: a frame, or the answer to a ping.
    pub fn touch(&self) {
        self.seen.store(self.age(), Ordering::Relaxed);
    }

    /// The epoch of its membership.
    #[must_use]
    pub const fn epoch(&self) -> u64 {
        self.epoch
    }

    pub(super) fn lease(&self, node: &str) -> Lease {
        Lease {
            room: self.room.clone(),
            user: self.user.clone(),
            node: Some(node.to_owned()),
            secret_hash: self.secret_hash.clone(),
        }
    }

    /// For how long nothing was heard of it.
    pub(super) fn silent_for(&self) -> Duration {
        Duration::from_millis(self.age().saturating_sub(self.seen.load(Ordering::Relaxed)))
    }

    /// Whether its lease is to be renewed: it was heard of since the last time, and that was long enough ago.
    pub(super) fn wants_renewal(&self, every: Duration) -> bool {
        let (seen, renewed) = (self.seen.load(Ordering::Relaxed), self.renewed.load(Ordering::Relaxed));
        seen > renewed && self.age().saturating_sub(renewed) >= every.as_millis() as u64
    }

    /// How long ago its lease was renewed.
    pub(super) fn renewed_for(&self) -> Duration {
        Duration::from_millis(self.age().saturating_sub(self.renewed.load(Ordering::Relaxed)))
    }

    /// Whether its client is connected and was heard of within a time.
    pub(super) fn is_live(&self, within: Duration) -> bool {
        !self.has_ended() && self.cut_for().is_none() && self.silent_for() < within
    }

    pub(super) fn renewed(&self, revision: u64) {
        self.revision.store(revision, Ordering::Relaxed);
        self.renewed.store(self.age(), Ordering::Relaxed);
    }

    pub(super) fn set_cut(&self) {
        let _ = self.cut.compare_exchange(0, self.age() + 1, Ordering::Relaxed, Ordering::Relaxed);
    }

    /// How long ago its socket broke, if it did.
    pub(super) fn cut_for(&self) -> Option<Duration> {
        let cut = self.cut.load(Ordering::Relaxed).checked_sub(1)?;
        Some(Duration::from_millis(self.age().saturating_sub(cut)))
    }

    pub(super) fn set_ended(&self) {
        self.ended.store(true, Ordering::Relaxed);
    }

    pub(super) fn has_ended(&self) -> bool {
        self.ended.load(Ordering::Relaxed)
    }

    fn age(&self) -> u64 {
        self.begun.elapsed().as_millis() as u64
    }
}

/// Every socket of the node.
#[derive(Debug, Default)]
pub(super) struct Sockets(Mutex<HashMap<ConnId, Arc<Socket>>>);

impl Sockets {
    fn lock(&self) -> MutexGuard<'_, HashMap<ConnId, Arc<Socket>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a socket, or puts it in the place of the one that its connection had.
    pub(super) fn insert(&self, socket: Arc<Socket>) -> Option<Arc<Socket>> {
        self.lock().insert(socket.conn, socket)
    }

    /// Removes a socket, unless another one has its place.
    pub(super) fn remove(&self, socket: &Arc<Socket>) {
        let mut sockets = self.lock();
        if sockets.get(&socket.conn).is_some_and(|known| Arc::ptr_eq(known, socket)) {
            sockets.remove(&socket.conn);
        }
    }

    pub(super) fn get(&self, conn: ConnId) -> Option<Arc<Socket>> {
        self.lock().get(&conn).cloned()
    }

    pub(super) fn is_current(&self, socket: &Arc<Socket>) -> bool {
        self.lock().get(&socket.conn).is_some_and(|known| Arc::ptr_eq(known, socket))
    }

    pub(super) fn all(&self) -> Vec<Arc<Socket>> {
        self.lock().values().cloned().collect()
    }

    pub(super) fn len(&self) -> usize {
        self.lock().len()
    }
}
