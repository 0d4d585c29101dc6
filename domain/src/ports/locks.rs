//! Who holds which named lock: one user at a time, for as long as it is renewed.

use async_trait::async_trait;

use crate::channel::{LockName, LockTime};
use crate::ids::AthleteId;

/// A lock as it is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldLock {
    /// Who holds it.
    pub owner: AthleteId,
    /// Which holding of it: higher with each time that it is taken, also when it had ended by itself or all locks were lost.
    pub fencing_token: u64,
    /// How long it lasts behind its last renewal.
    pub time: LockTime,
}

/// Why a lock was not taken, renewed or read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LockError {
    /// Somebody else holds it.
    #[error("the lock {name} is held by {owner}; try again when it is free")]
    Held {
        /// Which lock.
        name: LockName,
        /// By whom.
        owner: AthleteId,
    },
    /// Whoever says that they hold it do not, or not any more.
    #[error("the lock {name} is not yours (any more); take it first")]
    NotHeld {
        /// Which lock.
        name: LockName,
    },
    /// The locks did not answer in time, are not reachable, or take no more.
    #[error("the locks are not reachable: {reason}")]
    Unavailable {
        /// What the client reported.
        reason: String,
    },
}

/// The named locks.
#[async_trait]
pub trait Locks: Send + Sync {
    /// Takes a lock that nobody holds, or renews the owner's own, which keeps its token.
    async fn acquire(&self, name: &LockName, owner: &AthleteId, time: LockTime) -> Result<HeldLock, LockError>;

    /// Renews one holding of a lock, and never takes it.
    async fn renew(
        &self,
        name: &LockName,
        owner: &AthleteId,
        fencing_token: u64,
        time: LockTime,
    ) -> Result<HeldLock, LockError>;

    /// Ends the owner's holding of a lock.
    async fn release(&self, name: &LockName, owner: &AthleteId) -> Result<(), LockError>;

    /// A lock as of now; `None` when nobody holds it.
    async fn get(&self, name: &LockName) -> Result<Option<HeldLock>, LockError>;
}
