//! The port `Leases` on a JetStream bucket in memory: one key a connection, which the server ends when nobody renews it.
//!
//! A renewal is a publish with a time to live; its sequence in the bucket is the revision. The bucket is the one stream that whoever
//! needs it makes, because it holds nothing that is not said again (ADR 0067). Deliberately not here: who renews, and what is done
//! about a lease that ended.

mod measure;
mod watch;

use std::sync::Arc;
use std::time::Duration;

use ally_domain::ports::{HeldLease, Lease, LeaseError, LeaseWatch, Leases};
use ally_domain::room::ConnId;
use async_nats::HeaderMap;
use async_nats::jetstream::stream::StorageType;
use async_trait::async_trait;
use bytes::Bytes;

use crate::bucket::{self, Bucket, Failure, MARKER_SECONDS, Settings};
use crate::connection::JetStream;
use crate::names::header;

use measure::{command, measured};
use watch::Watch;

/// The leases of a deployment. Clones share what they know of the bucket.
#[derive(Clone)]
pub struct NatsLeases {
    bucket: Arc<Bucket>,
    time_to_live: Duration,
    /// The headers of a renewal, and of the end of a lease.
    hold: HeaderMap,
    release: HeaderMap,
}

impl NatsLeases {
    /// Leases that live for so long: whole seconds, at least one, which is what the server counts in. A fraction counts as one more.
    #[must_use]
    pub fn new(jetstream: JetStream, time_to_live: Duration) -> Self {
        measure::begin_series();
        let seconds = time_to_live.as_secs() + u64::from(time_to_live.subsec_nanos() > 0);
        let time_to_live = Duration::from_secs(seconds.max(1));
        let mut hold = HeaderMap::new();
        hold.insert(header::TTL, format!("{}s", time_to_live.as_secs()));
        let mut release = HeaderMap::new();
        release.insert(header::TTL, format!("{MARKER_SECONDS}s"));
        release.insert(header::ROLLUP, "sub");
        release.insert(header::KV_OPERATION, "PURGE");
        let names = jetstream.names();
        let settings = Settings {
            stream: names.lease_stream(),
            prefix: names.lease_prefix(),
            description: "Which connections are alive",
            storage: StorageType::Memory,
            mark: Some(names.lease_bucket_mark()),
            first_revision: Box::new(|| None),
        };
        Self { bucket: Arc::new(Bucket::new(jetstream, settings)), time_to_live, hold, release }
    }

    async fn renew(&self, conn: ConnId, lease: &Lease, expected: Option<u64>) -> Result<u64, LeaseError> {
        let unavailable = |error: serde_json::Error| LeaseError::Unavailable { reason: error.to_string() };
        let payload = serde_json::to_vec(lease).map_err(unavailable)?;
        let renewed = self.bucket.publish(&self.bucket.subject(conn), &self.hold, expected, payload.into()).await;
        renewed.map_err(|failure| match (failure, expected) {
            (Failure::Stale, Some(expected)) => LeaseError::Moved { conn, expected },
            (failure, _) => unavailable_for(failure),
        })
    }

    async fn end(&self, conn: ConnId) -> Result<(), LeaseError> {
        let ended = self.bucket.publish(&self.bucket.subject(conn), &self.release, None, Bytes::new()).await;
        ended.map_err(unavailable_for)?;
        Ok(())
    }

    async fn read(&self, conn: ConnId) -> Result<Option<HeldLease>, LeaseError> {
        let message = self.bucket.last(&self.bucket.subject(conn)).await.map_err(unavailable_for)?;
        let Some(message) = message.filter(|message| bucket::end_of(&message.headers).is_none()) else {
            return Ok(None);
        };
        let lease = serde_json::from_slice(&message.payload).map_err(|error| LeaseError::Unavailable {
            reason: format!("the lease of connection {conn} cannot be read: {error}"),
        })?;
        Ok(Some(HeldLease { lease, revision: message.sequence }))
    }

    async fn follow(&self) -> Result<Box<dyn LeaseWatch>, LeaseError> {
        Ok(Box::new(Watch::open(Arc::clone(&self.bucket)).await.map_err(unavailable_for)?))
    }
}

fn unavailable_for(failure: Failure) -> LeaseError {
    LeaseError::Unavailable { reason: failure.reason() }
}

#[async_trait]
impl Leases for NatsLeases {
    fn time_to_live(&self) -> Duration {
        self.time_to_live
    }

    async fn hold(&self, conn: ConnId, lease: &Lease) -> Result<u64, LeaseError> {
        measured(command::HOLD, Some(conn), self.renew(conn, lease, None)).await
    }

    async fn hold_after(&self, conn: ConnId, lease: &Lease, revision: u64) -> Result<u64, LeaseError> {
        measured(command::HOLD_AFTER, Some(conn), self.renew(conn, lease, Some(revision))).await
    }

    async fn release(&self, conn: ConnId) -> Result<(), LeaseError> {
        measured(command::RELEASE, Some(conn), self.end(conn)).await
    }

    async fn get(&self, conn: ConnId) -> Result<Option<HeldLease>, LeaseError> {
        measured(command::GET, Some(conn), self.read(conn)).await
    }

    async fn watch(&self) -> Result<Box<dyn LeaseWatch>, LeaseError> {
        measured(command::WATCH, None, self.follow()).await
    }
}
