//! Named locks over HTTP.

use ally_domain::channel::{LockName, LockTime};
use poem_openapi::param::Path;
use poem_openapi::{ApiResponse, OpenApi};
use serde::Deserialize;

use super::super::refused::{Refusals, Refused};
use super::{Chapter, Looking, PresenceServices};
use crate::auth::{Authenticated, RoomAccess};
use crate::body::{Body, Readable};
use crate::params::{Faults, Given, LockNameText};
use crate::problem::Problem;
use crate::schema::LockSchema;
use crate::wire::{Answer, LockBody};

/// How long a lock lasts when nothing is said, in milliseconds.
const DEFAULT_MS: u64 = 30_000;

pub(crate) struct Locks(pub PresenceServices);

#[derive(ApiResponse)]
pub(crate) enum Shown {
    /// The lock.
    #[oai(status = 200)]
    Lock(Answer<LockBody>),
}

pub(crate) struct Taking;
pub(crate) struct Releasing;

impl Refusals for Taking {
    const STATUSES: &'static [u16] = &[400, 408, 415, 423];
}

impl Refusals for Releasing {
    const STATUSES: &'static [u16] = &[400, 423];
}

/// How long a lock is wanted for, as the body spells it.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct TakeBody {
    ttl_ms: Option<u64>,
    fencing_token: Option<u64>,
}

impl Readable for TakeBody {
    type Shape = LockSchema;

    fn absent() -> Option<Self> {
        Some(Self::default())
    }
}

#[OpenApi(prefix_path = "/api/v1", tag = "Chapter::Channels")]
impl Locks {
    /// Take or renew a lock
    ///
    /// Takes a lock that nobody holds, or renews the user's own, which keeps its fencing token. It ends by itself when it is not renewed
    /// within `ttlMs`. All connections and requests of a user are one owner.
    #[oai(path = "/presence/locks/:lockName", method = "post", operation_id = "takeLock")]
    async fn take(
        &self,
        Authenticated(caller): Authenticated,
        /// Which lock.
        #[oai(name = "lockName")]
        Path(lock_name): Path<Given<LockNameText>>,
        Body(body): Body<TakeBody>,
    ) -> Result<Shown, Refused<Taking>> {
        let name = lock_of(lock_name)?;
        self.0.doors.opens(Some(&caller), name.as_str(), RoomAccess::Write).map_err(Problem::from)?;
        let time = LockTime::from_ms(body.ttl_ms.unwrap_or(DEFAULT_MS));
        let time = time.map_err(|error| Problem::field("ttlMs", "does not fit", error.to_string()))?;
        let (channels, owner, lock) = (self.0.doors.channels.clone(), caller.athlete, name.clone());
        let held = self.0.run(async move {
            match body.fencing_token {
                Some(token) => channels.renew_lock(&lock, &owner, token, time).await,
                None => channels.acquire_lock(&lock, &owner, time).await,
            }
        });
        let held = held.await?;
        Ok(Shown::Lock(Answer(LockBody::of(name, Some(held)))))
    }

    /// Release a lock
    ///
    /// Ends the user's own holding of a lock, at once.
    #[oai(path = "/presence/locks/:lockName", method = "delete", operation_id = "releaseLock")]
    async fn release(
        &self,
        Authenticated(caller): Authenticated,
        /// Which lock.
        #[oai(name = "lockName")]
        Path(lock_name): Path<Given<LockNameText>>,
    ) -> Result<Shown, Refused<Releasing>> {
        let name = lock_of(lock_name)?;
        let (channels, owner, lock) = (self.0.doors.channels.clone(), caller.athlete, name.clone());
        self.0.run(async move { channels.release_lock(&lock, &owner).await }).await?;
        Ok(Shown::Lock(Answer(LockBody::of(name, None))))
    }

    /// Look at a lock
    ///
    /// Who holds a lock now, if anybody does.
    #[oai(path = "/presence/locks/:lockName", method = "get", operation_id = "lock")]
    async fn look(
        &self,
        Authenticated(caller): Authenticated,
        /// Which lock.
        #[oai(name = "lockName")]
        Path(lock_name): Path<Given<LockNameText>>,
    ) -> Result<Shown, Refused<Looking>> {
        let name = lock_of(lock_name)?;
        self.0.doors.opens(Some(&caller), name.as_str(), RoomAccess::Observe).map_err(Problem::from)?;
        let held = self.0.doors.channels.lock(&name, &caller.athlete).await?;
        Ok(Shown::Lock(Answer(LockBody::of(name, held))))
    }
}

/// The lock of a path.
fn lock_of(name: Given<LockNameText>) -> Result<LockName, Problem> {
    let mut faults = Faults::default();
    let name = faults.read("lockName", Some(name));
    faults.check()?;
    // Without a fault there is a name.
    name.ok_or_else(|| Problem::field("lockName", "is missing", "the name of a lock"))
}
