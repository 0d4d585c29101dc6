//! The names of the bucket of leases. It is a bucket as other clients know them: a stream `KV_<bucket>` with the subjects
//! `$KV.<bucket>.<key>`.

use ally_domain::room::ConnId;

use super::{DEFAULT_PREFIX, Names};

/// The bucket without the deployment's prefix.
const BUCKET: &str = "leases";
/// The key of the message that says which bucket it is. No connection has it for its id.
const MARK: &str = "bucket";

impl Names {
    /// The bucket of leases: `leases`, or `t1_leases` under another prefix than the default.
    #[must_use]
    pub fn lease_bucket(&self) -> String {
        if self.prefix == DEFAULT_PREFIX { BUCKET.to_owned() } else { format!("{}_{BUCKET}", self.prefix) }
    }

    /// The stream behind it: `KV_leases`.
    #[must_use]
    pub fn lease_stream(&self) -> String {
        format!("KV_{}", self.lease_bucket())
    }

    /// Where a connection's lease is held: `$KV.leases.<id>`.
    #[must_use]
    pub fn lease(&self, conn: ConnId) -> String {
        format!("{}{conn}", self.lease_prefix())
    }

    /// Every key of the bucket: `$KV.leases.>`.
    #[must_use]
    pub fn all_leases(&self) -> String {
        format!("{}>", self.lease_prefix())
    }

    /// Where the bucket says which one it is: `$KV.leases.bucket`.
    #[must_use]
    pub fn lease_bucket_mark(&self) -> String {
        format!("{}{MARK}", self.lease_prefix())
    }

    /// What stands before each key: `$KV.leases.`.
    #[must_use]
    pub fn lease_prefix(&self) -> String {
        format!("$KV.{}.", self.lease_bucket())
    }
}
