//! What a node of presence stands on, as far as these tests need it.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ally_api::{PastMember, PastMembers, ViewError};
use ally_domain::ports::{
    Clock, HeldLease, Lease, LeaseError, LeaseWatch, Leases, Present, PresentError, PresentView, RetryClock,
};
use ally_domain::room::{ConnId, RoomId};
use async_trait::async_trait;
use time::OffsetDateTime;
use time::macros::datetime;

/// Leases that never end by themselves.
#[derive(Default)]
pub struct EndlessLeases {
    held: Mutex<(HashMap<ConnId, HeldLease>, u64)>,
    outage: AtomicBool,
}

impl EndlessLeases {
    pub fn cut(&self, outage: bool) {
        self.outage.store(outage, Ordering::Relaxed);
    }

    pub fn of(&self, conn: &str) -> Option<HeldLease> {
        self.held.lock().unwrap().0.get(&conn.parse().unwrap()).cloned()
    }

    fn check(&self) -> Result<(), LeaseError> {
        match self.outage.load(Ordering::Relaxed) {
            true => Err(LeaseError::Unavailable { reason: "cut off by the test".into() }),
            false => Ok(()),
        }
    }
}

#[async_trait]
impl Leases for EndlessLeases {
    fn time_to_live(&self) -> Duration {
        Duration::from_secs(30)
    }

    async fn hold(&self, conn: ConnId, lease: &Lease) -> Result<u64, LeaseError> {
        self.check()?;
        let mut held = self.held.lock().unwrap();
        held.1 += 1;
        let revision = held.1;
        held.0.insert(conn, HeldLease { lease: lease.clone(), revision });
        Ok(revision)
    }

    async fn hold_after(&self, conn: ConnId, lease: &Lease, revision: u64) -> Result<u64, LeaseError> {
        match self.get(conn).await? {
            Some(held) if held.revision == revision => self.hold(conn, lease).await,
            _ => Err(LeaseError::Moved { conn, expected: revision }),
        }
    }

    async fn release(&self, conn: ConnId) -> Result<(), LeaseError> {
        self.check()?;
        self.held.lock().unwrap().0.remove(&conn);
        Ok(())
    }

    async fn get(&self, conn: ConnId) -> Result<Option<HeldLease>, LeaseError> {
        self.check()?;
        Ok(self.held.lock().unwrap().0.get(&conn).cloned())
    }

    async fn watch(&self) -> Result<Box<dyn LeaseWatch>, LeaseError> {
        Err(LeaseError::Unavailable { reason: "nobody reaps in these tests".into() })
    }
}

/// Waits long enough for a request's deadline to pass.
pub struct Slowly;

impl RetryClock for Slowly {
    fn delay_after(&self, _attempt: u32) -> Duration {
        Duration::from_millis(50)
    }
}

/// Views that have read nothing.
pub struct NobodyYet;

#[async_trait]
impl PresentView for NobodyYet {
    async fn present(&self) -> Result<Present, PresentError> {
        Ok(Present::default())
    }
}

/// Who was there, as a test says, whatever is asked for.
#[derive(Default)]
pub struct Past {
    pub members: Mutex<Vec<PastMember>>,
    pub outage: AtomicBool,
    /// Nobody is ever answered.
    pub hangs: AtomicBool,
}

#[async_trait]
impl PastMembers for Past {
    async fn members_at(
        &self,
        _: &RoomId,
        _: OffsetDateTime,
        after: Option<ConnId>,
        limit: usize,
    ) -> Result<Vec<PastMember>, ViewError> {
        if self.outage.load(Ordering::Relaxed) {
            return Err(ViewError::Unavailable { reason: "cut off by the test".into() });
        }
        if self.hangs.load(Ordering::Relaxed) {
            return std::future::pending().await;
        }
        let all = self.members.lock().unwrap().clone();
        Ok(all.into_iter().filter(|row| after.is_none_or(|after| row.conn > after)).take(limit).collect())
    }
}

/// The time of the tests, until it breaks.
#[derive(Default)]
pub struct BreakableClock(pub AtomicBool);

impl Clock for BreakableClock {
    fn now(&self) -> OffsetDateTime {
        assert!(!self.0.load(Ordering::Relaxed), "the clock is broken by the test");
        datetime!(2026-11-20 08:00 UTC)
    }
}
