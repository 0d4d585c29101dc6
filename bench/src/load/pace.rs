//! The schedule of an open loop: moments at a fixed rate, kept by a thread of their own.
//!
//! A runtime's timer counts whole milliseconds, which is as long as a good answer takes; a sleeping thread is woken
//! within a tenth of that.

use std::thread;
use std::time::{Duration, Instant};

use tokio::sync::mpsc;

/// A submission that is due.
#[derive(Debug, Clone, Copy)]
pub struct Due {
    /// From 0.
    pub number: u64,
    /// When it was to be sent, whether it can be by now or not: latencies count from here.
    pub at: Instant,
}

/// Moments at `rate` a second from `start` on, `count` of them. A moment that was missed comes at once, and still tells
/// when it was due.
pub fn schedule(start: Instant, rate: f64, count: u64) -> mpsc::UnboundedReceiver<Due> {
    let (sender, receiver) = mpsc::unbounded_channel();
    thread::spawn(move || {
        for number in 0..count {
            let at = start + Duration::from_secs_f64(number as f64 / rate);
            thread::sleep(at.saturating_duration_since(Instant::now()));
            if sender.send(Due { number, at }).is_err() {
                return;
            }
        }
    });
    receiver
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receiver_that_was_held_up_still_gets_the_moments_of_the_schedule() {
        let start = Instant::now();
        let mut due = schedule(start, 1_000.0, 50);
        let first = due.blocking_recv().unwrap();
        // Held up until everything is due.
        thread::sleep(Duration::from_millis(50).saturating_sub(start.elapsed()));
        let mut last = first;
        while let Some(next) = due.blocking_recv() {
            assert_eq!(next.number, last.number + 1);
            assert_eq!(next.at, start + Duration::from_millis(next.number));
            last = next;
        }
        assert_eq!((first.at, last.number), (start, 49));
    }
}
