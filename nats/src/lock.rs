//! The port `Locks` on a JetStream bucket on disk: one key a lock, which the server ends when nobody renews it.
//!
//! A lock is taken by a publish that expects that nobody has taken it since it was read, so of rivals one wins. The sequence of that
//! publish is the fencing token; a renewal keeps it in its payload. A bucket that is made anew begins its sequences at the time of
//! the clock in microseconds, so that they are behind none that the one before it gave out (ADR 0069). Deliberately not here: who may
//! take which lock, and what is done by whoever holds one.

use std::sync::Arc;

use ally_domain::channel::{LockName, LockTime};
use ally_domain::ids::AthleteId;
use ally_domain::ports::{Clock, HeldLock, LockError, Locks};
use async_nats::HeaderMap;
use async_nats::jetstream::stream::StorageType;
use async_trait::async_trait;
use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::bucket::{Bucket, Failure, MARKER_SECONDS, Settings, end_of};
use crate::connection::JetStream;
use crate::names::header;

/// How often a lock is read anew that somebody else has changed meanwhile. Each time somebody was faster.
const MAX_TRIES: usize = 8;

/// The locks of a deployment. Clones share what they know of the bucket.
#[derive(Clone)]
pub struct NatsLocks {
    bucket: Arc<Bucket>,
    /// The headers of the end of a lock.
    release: HeaderMap,
}

/// What a key holds.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    owner: AthleteId,
    time: LockTime,
    /// The sequence by which it was taken; absent on that message itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<u64>,
}

/// A key as it was read: the lock, if it is held, and what the next message expects.
struct Read {
    held: Option<HeldLock>,
    sequence: u64,
}

impl NatsLocks {
    /// Locks over a connection.
    #[must_use]
    pub fn new(jetstream: JetStream, clock: Arc<dyn Clock>) -> Self {
        let names = jetstream.names();
        let micros = move || u64::try_from(clock.now().unix_timestamp_nanos() / 1_000).ok();
        let settings = Settings {
            stream: names.lock_stream(),
            prefix: names.lock_prefix(),
            description: "Who holds which named lock",
            storage: StorageType::File,
            mark: None,
            first_revision: Box::new(micros),
        };
        let mut release = HeaderMap::new();
        release.insert(header::TTL, format!("{MARKER_SECONDS}s"));
        release.insert(header::ROLLUP, "sub");
        release.insert(header::KV_OPERATION, "PURGE");
        Self { bucket: Arc::new(Bucket::new(jetstream, settings)), release }
    }

    async fn read(&self, name: &LockName) -> Result<Read, LockError> {
        let message = self.bucket.last(&self.bucket.subject(name.token())).await.map_err(unavailable)?;
        let Some(message) = message else { return Ok(Read { held: None, sequence: 0 }) };
        let sequence = message.sequence;
        if end_of(&message.headers).is_some() {
            return Ok(Read { held: None, sequence });
        }
        let Body { owner, time, token } = serde_json::from_slice(&message.payload)
            .map_err(|error| LockError::Unavailable { reason: format!("the lock {name} cannot be read: {error}") })?;
        Ok(Read { held: Some(HeldLock { owner, fencing_token: token.unwrap_or(sequence), time }), sequence })
    }

    /// Stores a message behind what was read; `None` when somebody else was faster.
    async fn write(
        &self,
        name: &LockName,
        headers: &HeaderMap,
        payload: Bytes,
        read: &Read,
    ) -> Result<Option<u64>, LockError> {
        let subject = self.bucket.subject(name.token());
        match self.bucket.publish(&subject, headers, Some(read.sequence), payload).await {
            Ok(sequence) => Ok(Some(sequence)),
            Err(Failure::Stale) => Ok(None),
            Err(failure) => Err(unavailable(failure)),
        }
    }

    /// Takes or renews a lock that was read so that it may be.
    async fn hold(
        &self,
        name: &LockName,
        owner: &AthleteId,
        time: LockTime,
        read: &Read,
    ) -> Result<Option<HeldLock>, LockError> {
        let token = read.held.as_ref().map(|held| held.fencing_token);
        let body = serde_json::to_vec(&Body { owner: owner.clone(), time, token });
        let payload = body.map_err(|error| LockError::Unavailable { reason: error.to_string() })?;
        let mut headers = HeaderMap::new();
        headers.insert(header::TTL, format!("{}s", time.seconds()));
        let stored = self.write(name, &headers, payload.into(), read).await?;
        let held = |sequence| HeldLock { owner: owner.clone(), fencing_token: token.unwrap_or(sequence), time };
        Ok(stored.map(held))
    }
}

#[async_trait]
impl Locks for NatsLocks {
    async fn acquire(&self, name: &LockName, owner: &AthleteId, time: LockTime) -> Result<HeldLock, LockError> {
        for _ in 0..MAX_TRIES {
            let read = self.read(name).await?;
            if let Some(held) = read.held.as_ref().filter(|held| held.owner != *owner) {
                return Err(LockError::Held { name: name.clone(), owner: held.owner.clone() });
            }
            if let Some(held) = self.hold(name, owner, time, &read).await? {
                return Ok(held);
            }
        }
        Err(contended(name))
    }

    async fn renew(
        &self,
        name: &LockName,
        owner: &AthleteId,
        fencing_token: u64,
        time: LockTime,
    ) -> Result<HeldLock, LockError> {
        for _ in 0..MAX_TRIES {
            let read = self.read(name).await?;
            let own = |held: &HeldLock| held.owner == *owner && held.fencing_token == fencing_token;
            if !read.held.as_ref().is_some_and(own) {
                return Err(LockError::NotHeld { name: name.clone() });
            }
            if let Some(held) = self.hold(name, owner, time, &read).await? {
                return Ok(held);
            }
        }
        Err(contended(name))
    }

    async fn release(&self, name: &LockName, owner: &AthleteId) -> Result<(), LockError> {
        for _ in 0..MAX_TRIES {
            let read = self.read(name).await?;
            if read.held.as_ref().is_none_or(|held| held.owner != *owner) {
                return Err(LockError::NotHeld { name: name.clone() });
            }
            if self.write(name, &self.release, Bytes::new(), &read).await?.is_some() {
                return Ok(());
            }
        }
        Err(contended(name))
    }

    async fn get(&self, name: &LockName) -> Result<Option<HeldLock>, LockError> {
        Ok(self.read(name).await?.held)
    }
}

fn contended(name: &LockName) -> LockError {
    LockError::Unavailable {
        reason: format!("the lock {name} was changed by others {MAX_TRIES} times in a row; try again"),
    }
}

fn unavailable(failure: Failure) -> LockError {
    LockError::Unavailable { reason: failure.reason() }
}
