//! The clock of the machine: the one place that asks it.

use ally_domain::ports::Clock;
use time::OffsetDateTime;

/// Asks the machine.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods, reason = "this is the one place")]
    fn now(&self) -> OffsetDateTime {
        OffsetDateTime::now_utc()
    }
}
