//! How much one connection may send: so many messages at once, and so many a second after that.

use std::time::{Duration, Instant};

/// A share of messages.
#[derive(Debug)]
pub(super) struct Share {
    per_second: f64,
    burst: f64,
    left: f64,
    at: Instant,
    /// Messages that were refused, one behind the other.
    refused: u32,
}

impl Share {
    /// A rate of 0 is no limit.
    pub(super) fn new(per_second: u32, burst: u32, now: Instant) -> Self {
        let burst = f64::from(burst.max(1));
        Self { per_second: f64::from(per_second), burst, left: burst, at: now, refused: 0 }
    }

    /// Takes one message, or says how often it was refused by now.
    pub(super) fn take(&mut self, now: Instant) -> Result<(), u32> {
        if self.per_second == 0.0 {
            return Ok(());
        }
        let passed = now.saturating_duration_since(self.at);
        self.at = now;
        self.left = self.per_second.mul_add(passed.as_secs_f64(), self.left).min(self.burst);
        if self.left >= 1.0 {
            self.left -= 1.0;
            self.refused = 0;
            return Ok(());
        }
        self.refused += 1;
        Err(self.refused)
    }

    /// How long until one more is taken.
    pub(super) fn wait(&self) -> Duration {
        Duration::from_secs_f64(((1.0 - self.left) / self.per_second.max(1e-9)).clamp(0.0, 60.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_and_then_the_rate_counts() {
        let start = Instant::now();
        let mut share = Share::new(10, 3, start);
        assert_eq!([(); 4].map(|()| share.take(start)), [Ok(()), Ok(()), Ok(()), Err(1)]);
        assert_eq!(share.take(start), Err(2));
        assert!(share.wait() <= Duration::from_millis(100));
        assert_eq!(share.take(start + Duration::from_millis(110)), Ok(()));
        assert_eq!(share.take(start + Duration::from_millis(110)), Err(1));
    }
}
