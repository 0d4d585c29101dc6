//! The retry clock: how long to wait after a failed attempt. Exponential with full jitter, between a floor and a cap.
//!
//! This is the only use of the crate `backoff`, which is no longer maintained; whoever replaces it replaces this file.

use std::time::Duration;

use ally_domain::ports::RetryClock;
use backoff::ExponentialBackoffBuilder;
use backoff::backoff::Backoff;

/// Beyond this many doublings every delay is at its cap.
const MAX_DOUBLINGS: u32 = 40;

/// Draws each delay evenly between nothing and a bound that doubles with every attempt, so that jobs which failed
/// together do not come back together.
#[derive(Debug, Clone, Copy)]
pub struct JitteredClock {
    first: Duration,
    cap: Duration,
    floor: Duration,
}

impl JitteredClock {
    /// `first` bounds the delay after the first attempt, `cap` every delay; none is shorter than `floor`.
    #[must_use]
    pub const fn new(floor: Duration, first: Duration, cap: Duration) -> Self {
        Self { first, cap, floor }
    }
}

impl Default for JitteredClock {
    fn default() -> Self {
        Self::new(Duration::from_millis(100), Duration::from_secs(2), Duration::from_secs(300))
    }
}

impl RetryClock for JitteredClock {
    fn delay_after(&self, attempt: u32) -> Duration {
        // The crate draws from the interval plus or minus all of it: from nothing to twice as much as it is told.
        let mut bounds = ExponentialBackoffBuilder::new()
            .with_initial_interval(self.first / 2)
            .with_max_interval(self.cap / 2)
            .with_multiplier(2.0)
            .with_randomization_factor(1.0)
            .with_max_elapsed_time(None)
            .build();
        let mut delay = self.floor;
        for _ in 0..attempt.clamp(1, MAX_DOUBLINGS) {
            delay = bounds.next_backoff().unwrap_or(self.cap);
        }
        delay.clamp(self.floor, self.cap)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLOCK: JitteredClock =
        JitteredClock::new(Duration::from_millis(10), Duration::from_secs(1), Duration::from_secs(60));

    fn draws(attempt: u32) -> Vec<Duration> {
        (0..400).map(|_| CLOCK.delay_after(attempt)).collect()
    }

    #[test]
    fn a_delay_lies_between_floor_and_its_doubling_bound() {
        for (attempt, bound) in [(1, 1), (2, 2), (3, 4), (4, 8), (7, 60), (30, 60), (u32::MAX, 60)] {
            let bound = Duration::from_secs(bound) + Duration::from_millis(1);
            for delay in draws(attempt) {
                assert!((CLOCK.floor..=bound).contains(&delay), "attempt {attempt}: {delay:?} of {bound:?}");
            }
        }
    }

    #[test]
    fn the_jitter_is_full() {
        let draws = draws(4);
        let below = |seconds| draws.iter().filter(|delay| **delay < Duration::from_secs(seconds)).count();
        assert!(below(2) > 40 && below(6) < 380, "{} below 2 s, {} below 6 s of 400", below(2), below(6));
    }

    #[test]
    fn attempt_zero_waits_like_the_first() {
        assert!(CLOCK.delay_after(0) <= Duration::from_millis(1_001));
    }
}
