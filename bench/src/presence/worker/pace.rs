//! The schedule of an open loop: every millisecond what is due by then, kept by a thread of its own.
//!
//! A message is due at its millisecond, whether it can be sent then or not, and its time counts from there.

use std::thread;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};
use tokio::sync::mpsc;
use tokio::time::Instant;

const TICK: Duration = Duration::from_millis(1);

/// Messages that are due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// The numbers of the messages, from 0: `from..to`.
    pub from: u64,
    pub to: u64,
    pub at: Instant,
    /// The same moment by the clock that all processes of the machine share.
    pub micros: u64,
}

/// Messages at `per_second` for a time.
pub fn schedule(per_second: f64, seconds: f64) -> mpsc::UnboundedReceiver<Due> {
    let (sender, receiver) = mpsc::unbounded_channel();
    let (start, micros) = (Instant::now() + TICK, monotonic_micros() + TICK.as_micros() as u64);
    let (ticks, total) = ((seconds / TICK.as_secs_f64()).round() as u32, (per_second * seconds).round() as u64);
    thread::spawn(move || {
        let mut from = 0;
        for tick in 0..ticks {
            // Half a message too early, so that one a tick is one a tick whatever is rounded.
            let due = (f64::from(tick + 1) * TICK.as_secs_f64()).mul_add(per_second, 0.5) as u64;
            let to = if tick + 1 == ticks { total } else { due.min(total) };
            if to == from {
                continue;
            }
            let at = start + TICK * tick;
            thread::sleep(at.saturating_duration_since(Instant::now()));
            let micros = micros + u64::from(tick) * TICK.as_micros() as u64;
            if sender.send(Due { from, to, at, micros }).is_err() {
                return;
            }
            from = to;
        }
    });
    receiver
}

/// Microseconds of the clock that every process of the machine shares.
pub fn monotonic_micros() -> u64 {
    let now = clock_gettime(ClockId::Monotonic);
    let micros = now.tv_sec.saturating_mul(1_000_000).saturating_add(now.tv_nsec / 1_000);
    u64::try_from(micros).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_due_once_and_in_order() {
        for (per_second, seconds, total) in [(1_000.0, 0.05, 50), (150.0, 0.1, 15), (25_000.0, 0.02, 500)] {
            let mut due = schedule(per_second, seconds);
            let (mut next, mut last) = (0, None);
            while let Some(moment) = due.blocking_recv() {
                assert_eq!(moment.from, next);
                assert!(moment.to > moment.from && last.is_none_or(|last| last < moment.at), "{moment:?}");
                (next, last) = (moment.to, Some(moment.at));
            }
            assert_eq!(next, total, "{per_second} a second for {seconds} s");
        }
    }
}
