//! How much a process works on now, for those who ask while it works.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use ally_telemetry::names::{self, label, slot};

/// A view of a runner's hands. Clones show the same runner.
#[derive(Debug, Clone)]
pub struct Workload {
    consumer: Arc<str>,
    busy: Arc<AtomicUsize>,
    pulling: Arc<AtomicBool>,
    trouble: Arc<Mutex<Trouble>>,
    limit: usize,
}

/// What keeps messages from this runner.
#[derive(Debug, Default)]
struct Trouble {
    /// Why the last pull broke.
    broken: Option<String>,
    /// What is wrong with the consumer's settings.
    fault: Option<String>,
}

impl Workload {
    pub(super) fn new(consumer: &str, limit: usize) -> Self {
        let consumer = consumer.into();
        Self { consumer, busy: Arc::default(), pulling: Arc::default(), trouble: Arc::default(), limit }
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

    /// Whether all messages come that should; the error is a sentence that says why not.
    ///
    /// # Errors
    /// While nothing is pulled, and while somebody has changed the consumer or it is gone.
    pub fn ready(&self) -> Result<(), String> {
        let trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        if !self.is_pulling() {
            return Err(trouble.broken.clone().unwrap_or_else(|| "its consumer is not there yet".to_owned()));
        }
        trouble.fault.clone().map_or(Ok(()), Err)
    }

    pub(super) fn set_broken(&self, why: String) {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner).broken = Some(why);
    }

    pub(super) fn set_fault(&self, fault: Option<String>) {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner).fault = fault;
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
        if self.busy.swap(busy, Ordering::Relaxed) != busy {
            self.show();
        }
    }

    /// Shows the slots as gauges.
    #[allow(clippy::cast_precision_loss, reason = "there are fewer slots than a float has digits")]
    pub(super) fn show(&self) {
        for (state, slots) in [(slot::BUSY, self.in_flight()), (slot::IDLE, self.available()), (slot::MAX, self.limit)]
        {
            metrics::gauge!(names::WORKER_SLOTS, label::CONSUMER => self.consumer.to_string(), label::STATE => state)
                .set(slots as f64);
        }
    }
}
