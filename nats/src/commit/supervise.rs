//! Keeps the queue of a stream alive: one that breaks down is started anew on the appends that still wait for it, and until it
//! runs again the connection says that no work can be done.
//!
//! Appends that the broken queue had in hand are answered as unknown; whoever asked tries again with the same ids.

use std::panic::AssertUnwindSafe;
use std::sync::atomic::Ordering;
use std::time::Duration;

use ally_telemetry::names::{self, label};
use futures::FutureExt;
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::queue::Queue;
use super::{Waiting, Way};
use crate::panic_text::text_of;

/// The first and the longest pause before a queue that broke down is started anew.
const PAUSE: (Duration, Duration) = (Duration::from_millis(20), Duration::from_secs(5));
/// A queue that ran for so long broke down for another reason than the one before it.
const STEADY: Duration = Duration::from_secs(60);

/// Says that a stream takes no appends when the task ends before its time, however it ends.
struct Lost<'a>(&'a Way, bool);

impl Drop for Lost<'_> {
    fn drop(&mut self) {
        if !self.1 {
            let stream = self.0.stream;
            self.0
                .jetstream
                .set_appends(stream, Err(format!("the queue of appends to {stream} ended; restart the process")));
        }
    }
}

/// Runs the queue until nobody can append any more.
pub(super) async fn run(way: Way, mut waiting: mpsc::Receiver<Waiting>) {
    let mut lost = Lost(&way, false);
    let mut pause = PAUSE.0;
    loop {
        let began = Instant::now();
        way.jetstream.set_appends(way.stream, Ok(()));
        let queue = Queue::new(way.clone(), &mut waiting).run();
        let Err(panic) = AssertUnwindSafe(queue).catch_unwind().await else { break };
        let reason = text_of(&*panic);
        tracing::error!(stream = %way.stream, panic = reason, "the queue of appends broke down and is started anew");
        metrics::counter!(names::APPEND_QUEUE_RESTARTS_TOTAL, label::STREAM => way.stream.as_str()).increment(1);
        let told = format!("the queue of appends to {} broke down and is started anew: {reason}", way.stream);
        way.jetstream.set_appends(way.stream, Err(told));
        // What shared batches is gone; who comes now may go by themselves.
        way.traffic.sharing.store(false, Ordering::Relaxed);
        if began.elapsed() > STEADY {
            pause = PAUSE.0;
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(PAUSE.1);
    }
    lost.1 = true;
}
