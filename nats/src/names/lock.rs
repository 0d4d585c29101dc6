//! The names of the bucket of named locks: a stream `KV_<bucket>` with the subjects `$KV.<bucket>.<key>`.

use ally_domain::channel::LockName;

use super::{DEFAULT_PREFIX, Names};

/// The bucket without the deployment's prefix.
const BUCKET: &str = "locks";

impl Names {
    /// The bucket of locks: `locks`, or `t1_locks` under another prefix than the default.
    #[must_use]
    pub fn lock_bucket(&self) -> String {
        if self.prefix == DEFAULT_PREFIX { BUCKET.to_owned() } else { format!("{}_{BUCKET}", self.prefix) }
    }

    /// The stream behind it: `KV_locks`.
    #[must_use]
    pub fn lock_stream(&self) -> String {
        format!("KV_{}", self.lock_bucket())
    }

    /// Where a lock is held: `$KV.locks.<name>`, the name as a token.
    #[must_use]
    pub fn lock(&self, name: &LockName) -> String {
        format!("{}{}", self.lock_prefix(), name.token())
    }

    /// Every key of the bucket: `$KV.locks.>`.
    #[must_use]
    pub fn all_locks(&self) -> String {
        format!("{}>", self.lock_prefix())
    }

    /// What stands before each key: `$KV.locks.`.
    #[must_use]
    pub fn lock_prefix(&self) -> String {
        format!("$KV.{}.", self.lock_bucket())
    }
}
