//! Who is alive: a lease for each connection, which ends by itself when nobody renews it.

use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::ids::AthleteId;
use crate::room::{ConnId, RoomId};

/// What a lease says of its connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Lease {
    /// The room that it is a member of.
    pub room: RoomId,
    /// Who it is.
    pub user: AthleteId,
    /// The node whose socket keeps it alive; `None` for a connection that its own requests keep alive, on whichever node.
    pub node: Option<String>,
    /// The SHA-256 of the secret by which its client may come back after its connection broke, in hex.
    pub secret_hash: Option<String>,
}

/// A lease as it is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldLease {
    /// What it says.
    pub lease: Lease,
    /// Its revision: higher with each renewal, until the bucket is made anew.
    pub revision: u64,
}

/// Why a lease was not taken, renewed or read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LeaseError {
    /// Somebody else has renewed or taken it since it was read.
    #[error("the lease of connection {conn} has moved on from revision {expected}")]
    Moved {
        /// The connection.
        conn: ConnId,
        /// What was read.
        expected: u64,
    },
    /// The bucket did not answer in time, is not reachable, or takes no more.
    #[error("the leases are not reachable: {reason}")]
    Unavailable {
        /// What the client reported.
        reason: String,
    },
}

/// Something that happened to a lease, in the order of the bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LeaseChange {
    /// The bucket that is watched from here on, always the first: another name than before means that it was made anew, that
    /// its revisions begin anew, and that every lease which nobody takes again is gone.
    Bucket(String),
    /// A lease is held: taken or renewed. All that are held when the watch begins are told before [`Self::Caught`].
    Held {
        /// The connection.
        conn: ConnId,
        /// Its revision now.
        revision: u64,
    },
    /// Every lease that was held when the watch began has been told.
    Caught,
    /// A lease ended.
    Ended {
        /// The connection.
        conn: ConnId,
        /// Whether by itself; else it was released.
        expired: bool,
    },
}

/// The leases of every live connection.
#[async_trait]
pub trait Leases: Send + Sync {
    /// How long a lease lives after it was taken or renewed: whole seconds, at least one.
    fn time_to_live(&self) -> Duration;

    /// Takes a lease, or renews it; what it says may change with it. The answer is its revision.
    async fn hold(&self, conn: ConnId, lease: &Lease) -> Result<u64, LeaseError>;

    /// Renews a lease that nobody has renewed since it was read.
    async fn hold_after(&self, conn: ConnId, lease: &Lease, revision: u64) -> Result<u64, LeaseError>;

    /// Ends a lease; there may be none.
    async fn release(&self, conn: ConnId) -> Result<(), LeaseError>;

    /// A lease as of now; `None` when nobody holds it.
    async fn get(&self, conn: ConnId) -> Result<Option<HeldLease>, LeaseError>;

    /// Watches all leases, from those that are held now on.
    async fn watch(&self) -> Result<Box<dyn LeaseWatch>, LeaseError>;
}

/// What happens to leases, in order. An error means that something may have been missed: watch again.
#[async_trait]
pub trait LeaseWatch: Send {
    /// The next change; waits for it.
    async fn next(&mut self) -> Result<LeaseChange, LeaseError>;
}
