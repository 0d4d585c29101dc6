//! The leases in memory: the same answers as the real ones, as the conformance suite proves. Time passes when it is told to.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use futures::StreamExt;
use futures::channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use uuid::Uuid;

use crate::ports::{HeldLease, Lease, LeaseChange, LeaseError, LeaseWatch, Leases};
use crate::room::ConnId;

/// Leases in memory. Clones share them.
#[derive(Debug, Clone)]
pub struct MemoryLeases {
    time_to_live: Duration,
    bucket: Arc<Mutex<Bucket>>,
}

#[derive(Debug)]
struct Bucket {
    name: String,
    /// The last revision that was given out, to a lease or to the end of one.
    revision: u64,
    held: BTreeMap<ConnId, Held>,
    now: Duration,
    /// While this says why, nothing is taken or read.
    outage: Option<String>,
    watches: Vec<UnboundedSender<LeaseChange>>,
}

#[derive(Debug)]
struct Held {
    lease: Lease,
    revision: u64,
    ends: Duration,
}

impl MemoryLeases {
    /// No leases yet; each will live for so long.
    #[must_use]
    pub fn new(time_to_live: Duration) -> Self {
        let bucket = Bucket {
            name: Uuid::now_v7().to_string(),
            revision: 0,
            held: BTreeMap::new(),
            now: Duration::ZERO,
            outage: None,
            watches: Vec::new(),
        };
        Self { time_to_live, bucket: Arc::new(Mutex::new(bucket)) }
    }

    /// Lets time pass, and leases with it.
    pub fn advance(&self, time: Duration) {
        let mut bucket = self.lock();
        bucket.now += time;
        let mut due: Vec<_> = bucket.held.iter().filter(|(_, held)| held.ends <= bucket.now).collect();
        due.sort_by_key(|(_, held)| (held.ends, held.revision));
        let due: Vec<ConnId> = due.into_iter().map(|(conn, _)| *conn).collect();
        for conn in due {
            bucket.end(conn, true);
        }
    }

    /// Makes the leases unreachable until they are told to be back (`None`); every watch ends. Time passes for them all the same.
    pub fn set_outage(&self, reason: Option<&str>) {
        let mut bucket = self.lock();
        bucket.outage = reason.map(str::to_owned);
        if reason.is_some() {
            bucket.watches.clear();
        }
    }

    /// Loses every lease with the bucket, as a restart of its server does; another one takes its place. Every watch ends.
    pub fn lose_bucket(&self) {
        let mut bucket = self.lock();
        bucket.name = Uuid::now_v7().to_string();
        bucket.revision = 0;
        bucket.held.clear();
        bucket.watches.clear();
    }

    /// The connections that hold a lease now.
    #[must_use]
    pub fn held(&self) -> Vec<ConnId> {
        self.lock().held.keys().copied().collect()
    }

    fn lock(&self) -> MutexGuard<'_, Bucket> {
        self.bucket.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Bucket {
    fn reachable(&self) -> Result<(), LeaseError> {
        self.outage.as_ref().map_or(Ok(()), |reason| Err(LeaseError::Unavailable { reason: reason.clone() }))
    }

    fn hold(&mut self, conn: ConnId, lease: &Lease, time_to_live: Duration) -> u64 {
        self.revision += 1;
        let held = Held { lease: lease.clone(), revision: self.revision, ends: self.now + time_to_live };
        self.held.insert(conn, held);
        self.tell(&LeaseChange::Held { conn, revision: self.revision });
        self.revision
    }

    fn end(&mut self, conn: ConnId, expired: bool) {
        self.revision += 1;
        self.held.remove(&conn);
        self.tell(&LeaseChange::Ended { conn, expired });
    }

    /// Tells every watch that somebody still has.
    fn tell(&mut self, change: &LeaseChange) {
        self.watches.retain(|watch| watch.unbounded_send(change.clone()).is_ok());
    }
}

#[async_trait]
impl Leases for MemoryLeases {
    fn time_to_live(&self) -> Duration {
        self.time_to_live
    }

    async fn hold(&self, conn: ConnId, lease: &Lease) -> Result<u64, LeaseError> {
        let mut bucket = self.lock();
        bucket.reachable()?;
        Ok(bucket.hold(conn, lease, self.time_to_live))
    }

    async fn hold_after(&self, conn: ConnId, lease: &Lease, revision: u64) -> Result<u64, LeaseError> {
        let mut bucket = self.lock();
        bucket.reachable()?;
        match bucket.held.get(&conn) {
            Some(held) if held.revision == revision => Ok(bucket.hold(conn, lease, self.time_to_live)),
            _ => Err(LeaseError::Moved { conn, expected: revision }),
        }
    }

    async fn release(&self, conn: ConnId) -> Result<(), LeaseError> {
        let mut bucket = self.lock();
        bucket.reachable()?;
        bucket.end(conn, false);
        Ok(())
    }

    async fn get(&self, conn: ConnId) -> Result<Option<HeldLease>, LeaseError> {
        let bucket = self.lock();
        bucket.reachable()?;
        let held = bucket.held.get(&conn);
        Ok(held.map(|held| HeldLease { lease: held.lease.clone(), revision: held.revision }))
    }

    async fn watch(&self) -> Result<Box<dyn LeaseWatch>, LeaseError> {
        let mut bucket = self.lock();
        bucket.reachable()?;
        let (watch, changes) = unbounded();
        let mut held: Vec<_> = bucket.held.iter().map(|(conn, held)| (held.revision, *conn)).collect();
        held.sort_unstable();
        let held = held.into_iter().map(|(revision, conn)| LeaseChange::Held { conn, revision });
        for change in [LeaseChange::Bucket(bucket.name.clone())].into_iter().chain(held).chain([LeaseChange::Caught]) {
            // The other end is in this function.
            let _ = watch.unbounded_send(change);
        }
        bucket.watches.push(watch);
        Ok(Box::new(MemoryWatch(changes)))
    }
}

struct MemoryWatch(UnboundedReceiver<LeaseChange>);

#[async_trait]
impl LeaseWatch for MemoryWatch {
    async fn next(&mut self) -> Result<LeaseChange, LeaseError> {
        let ended =
            || LeaseError::Unavailable { reason: "the bucket that was watched is gone; watch again".to_owned() };
        self.0.next().await.ok_or_else(ended)
    }
}
