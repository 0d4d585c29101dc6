//! How long the machine keeps this test itself waiting: what it measures of others cannot be truer than that.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::task::JoinHandle;

const TICK: Duration = Duration::from_millis(20);

pub struct Stalls {
    longest_ms: Arc<AtomicU64>,
    task: JoinHandle<()>,
}

impl Stalls {
    pub fn watch() -> Self {
        let longest_ms = Arc::new(AtomicU64::new(0));
        let noted = Arc::clone(&longest_ms);
        let task = tokio::spawn(async move {
            loop {
                let begun = Instant::now();
                tokio::time::sleep(TICK).await;
                noted.fetch_max(begun.elapsed().saturating_sub(TICK).as_millis() as u64, Ordering::Relaxed);
            }
        });
        Self { longest_ms, task }
    }

    /// The longest so far.
    pub fn longest(&self) -> Duration {
        Duration::from_millis(self.longest_ms.load(Ordering::Relaxed))
    }
}

impl Drop for Stalls {
    fn drop(&mut self) {
        self.task.abort();
    }
}
