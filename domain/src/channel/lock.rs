//! Named locks, as commands on channels name them. Who holds one is told by `crate::ports::Locks`.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::token::{self, InvalidName};

/// The longest that a lock is held without being renewed, in milliseconds.
const MAX_LOCK_MS: u64 = 3_600_000;

/// A lock, by the name that people gave it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LockName(String);

impl LockName {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name as a key.
    #[must_use]
    pub fn token(&self) -> String {
        // A name was checked when it was parsed, so it has a token.
        token::escape(&self.0).unwrap_or_default()
    }
}

impl FromStr for LockName {
    type Err = InvalidName;

    fn from_str(name: &str) -> Result<Self, InvalidName> {
        token::escape(name).map(|_| Self(name.to_owned()))
    }
}

impl TryFrom<String> for LockName {
    type Error = InvalidName;

    fn try_from(name: String) -> Result<Self, InvalidName> {
        name.parse()
    }
}

impl From<LockName> for String {
    fn from(lock: LockName) -> Self {
        lock.0
    }
}

impl fmt::Display for LockName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// That a lock was held when a command was sent off: its name, and which holding of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LockProof {
    /// Which lock.
    pub name: LockName,
    /// Higher with each time that the lock is taken, whoever takes it.
    pub fencing_token: u64,
}

/// How long a lock is held without being renewed: whole seconds, from one to an hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LockTime {
    seconds: u32,
}

/// A time for which no lock is held.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a lock is held for 1 to {MAX_LOCK_MS} ms, not for {ms} ms; a fraction of a second counts as one more")]
pub struct InvalidLockTime {
    ms: u64,
}

impl LockTime {
    /// A time in milliseconds; a fraction of a second counts as one more.
    ///
    /// # Errors
    /// When it is nothing, or longer than an hour.
    pub fn from_ms(ms: u64) -> Result<Self, InvalidLockTime> {
        let seconds = u32::try_from(ms.div_ceil(1_000)).ok();
        let fits = (1..=MAX_LOCK_MS).contains(&ms);
        seconds.filter(|_| fits).map(|seconds| Self { seconds }).ok_or(InvalidLockTime { ms })
    }

    /// In whole seconds.
    #[must_use]
    pub const fn seconds(self) -> u32 {
        self.seconds
    }

    /// As a duration.
    #[must_use]
    pub const fn duration(self) -> Duration {
        Duration::from_secs(self.seconds as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_is_held_for_whole_seconds_up_to_an_hour() {
        let seconds = |ms| LockTime::from_ms(ms).map(LockTime::seconds);
        assert_eq!((seconds(1), seconds(1_000), seconds(1_001), seconds(3_600_000)), (Ok(1), Ok(1), Ok(2), Ok(3_600)));
        for ms in [0, 3_600_001, u64::MAX] {
            assert_eq!(seconds(ms), Err(InvalidLockTime { ms }));
        }
    }
}
