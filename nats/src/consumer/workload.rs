//! How much a process works on now, for those who ask while it works.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// A view of a runner's hands. Clones show the same runner.
#[derive(Debug, Clone)]
pub struct Workload {
    busy: Arc<AtomicUsize>,
    pulling: Arc<AtomicBool>,
    limit: usize,
}

impl Workload {
    pub(super) fn new(limit: usize) -> Self {
        Self { busy: Arc::default(), pulling: Arc::default(), limit }
    }

    /// Messages that are being worked on.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.busy.load(Ordering::Relaxed)
    }

    /// How many may be worked on at once.
    #[must_use]
    pub const fn limit(&self) -> usize {
        self.limit
    }

    /// How many more could be worked on.
    #[must_use]
    pub fn available(&self) -> usize {
        self.limit.saturating_sub(self.in_flight())
    }

    /// Whether the consumer is there and messages are pulled from it: false until then, and while a broken pull is begun
    /// anew.
    #[must_use]
    pub fn is_pulling(&self) -> bool {
        self.pulling.load(Ordering::Relaxed)
    }

    pub(super) fn set_pulling(&self, pulling: bool) {
        self.pulling.store(pulling, Ordering::Relaxed);
    }

    pub(super) fn set(&self, busy: usize) {
        self.busy.store(busy, Ordering::Relaxed);
    }
}
