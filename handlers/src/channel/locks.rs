//! Taking, renewing and releasing named locks.

use ally_domain::channel::{LockName, LockTime};
use ally_domain::ids::AthleteId;
use ally_domain::ports::{HeldLock, LockError};

use super::channels::Channels;
use super::error::ChannelError;
use super::observe;

impl Channels {
    /// Takes a lock that nobody holds, or renews the owner's own.
    ///
    /// # Errors
    /// Who holds it, or that the locks do not answer.
    pub async fn acquire_lock(
        &self,
        name: &LockName,
        owner: &AthleteId,
        time: LockTime,
    ) -> Result<HeldLock, ChannelError> {
        locked(observe::LOCK_TAKE, name, owner, self.parts.locks.acquire(name, owner, time)).await
    }

    /// Renews one holding of a lock, and never takes it.
    ///
    /// # Errors
    /// That it is over, or that the locks do not answer.
    pub async fn renew_lock(
        &self,
        name: &LockName,
        owner: &AthleteId,
        fencing_token: u64,
        time: LockTime,
    ) -> Result<HeldLock, ChannelError> {
        locked(observe::LOCK_RENEW, name, owner, self.parts.locks.renew(name, owner, fencing_token, time)).await
    }

    /// Ends the owner's holding of a lock.
    ///
    /// # Errors
    /// That it is not theirs, or that the locks do not answer.
    pub async fn release_lock(&self, name: &LockName, owner: &AthleteId) -> Result<(), ChannelError> {
        locked(observe::LOCK_RELEASE, name, owner, self.parts.locks.release(name, owner)).await
    }

    /// Who holds a lock now.
    ///
    /// # Errors
    /// When the locks do not answer.
    pub async fn lock(&self, name: &LockName, who: &AthleteId) -> Result<Option<HeldLock>, ChannelError> {
        locked(observe::LOCK_GET, name, who, self.parts.locks.get(name)).await
    }
}

async fn locked<T>(
    operation: &'static str,
    name: &LockName,
    owner: &AthleteId,
    work: impl Future<Output = Result<T, LockError>>,
) -> Result<T, ChannelError> {
    let work = async {
        let answer = work.await.map_err(ChannelError::from);
        if let Err(error) = &answer {
            observe::count_refusal(error);
        }
        answer
    };
    observe::operation(operation, observe::lock_span(operation, name, owner), work).await
}
