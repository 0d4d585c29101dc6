//! The locks in memory: the same answers as the real ones, as the conformance suite proves. Time passes when it is told to.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;

use crate::channel::{LockName, LockTime};
use crate::ids::AthleteId;
use crate::ports::{HeldLock, LockError, Locks};

/// Locks in memory. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct MemoryLocks {
    bucket: Arc<Mutex<Bucket>>,
}

#[derive(Debug, Default)]
struct Bucket {
    held: BTreeMap<LockName, (HeldLock, Duration)>,
    /// The last token that was given out; it outlives the locks.
    token: u64,
    now: Duration,
    /// While this says why, nothing is taken or read.
    outage: Option<String>,
}

impl MemoryLocks {
    /// Lets time pass, and locks with it.
    pub fn advance(&self, time: Duration) {
        let mut bucket = self.lock();
        bucket.now += time;
        let now = bucket.now;
        bucket.held.retain(|_, (_, ends)| *ends > now);
    }

    /// Loses every lock.
    pub fn lose_bucket(&self) {
        self.lock().held.clear();
    }

    /// Makes the locks unreachable until they are told to be back (`None`).
    pub fn set_outage(&self, reason: Option<&str>) {
        self.lock().outage = reason.map(str::to_owned);
    }

    fn lock(&self) -> MutexGuard<'_, Bucket> {
        self.bucket.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn reached(&self) -> Result<MutexGuard<'_, Bucket>, LockError> {
        let bucket = self.lock();
        match &bucket.outage {
            Some(reason) => Err(LockError::Unavailable { reason: reason.clone() }),
            None => Ok(bucket),
        }
    }
}

impl Bucket {
    fn hold(&mut self, name: &LockName, held: HeldLock) -> HeldLock {
        let ends = self.now + held.time.duration();
        self.held.insert(name.clone(), (held.clone(), ends));
        held
    }

    fn holding(&self, name: &LockName) -> Option<&HeldLock> {
        self.held.get(name).map(|(held, _)| held)
    }
}

#[async_trait]
impl Locks for MemoryLocks {
    async fn acquire(&self, name: &LockName, owner: &AthleteId, time: LockTime) -> Result<HeldLock, LockError> {
        let mut bucket = self.reached()?;
        let fencing_token = match bucket.holding(name) {
            Some(held) if held.owner == *owner => held.fencing_token,
            Some(held) => return Err(LockError::Held { name: name.clone(), owner: held.owner.clone() }),
            None => {
                bucket.token += 1;
                bucket.token
            }
        };
        Ok(bucket.hold(name, HeldLock { owner: owner.clone(), fencing_token, time }))
    }

    async fn renew(
        &self,
        name: &LockName,
        owner: &AthleteId,
        fencing_token: u64,
        time: LockTime,
    ) -> Result<HeldLock, LockError> {
        let mut bucket = self.reached()?;
        match bucket.holding(name) {
            Some(held) if held.owner == *owner && held.fencing_token == fencing_token => {
                Ok(bucket.hold(name, HeldLock { owner: owner.clone(), fencing_token, time }))
            }
            _ => Err(LockError::NotHeld { name: name.clone() }),
        }
    }

    async fn release(&self, name: &LockName, owner: &AthleteId) -> Result<(), LockError> {
        let mut bucket = self.reached()?;
        if bucket.holding(name).is_none_or(|held| held.owner != *owner) {
            return Err(LockError::NotHeld { name: name.clone() });
        }
        bucket.held.remove(name);
        Ok(())
    }

    async fn get(&self, name: &LockName) -> Result<Option<HeldLock>, LockError> {
        Ok(self.reached()?.holding(name).cloned())
    }
}
