//! What the last look at the streams has shown, for readiness and for whoever waits for them.

use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::watch;

use super::fault::{StreamFault, sentence};
use crate::error::JetStreamError;

#[derive(Debug)]
pub(crate) struct StreamState {
    seen: watch::Sender<Result<(), String>>,
    /// All of them were there at some look of this process: one that is missing later is gone.
    were_there: AtomicBool,
    replicated: AtomicBool,
}

impl Default for StreamState {
    fn default() -> Self {
        let seen = watch::Sender::new(Err("the streams have not been looked at yet".to_owned()));
        // Asking the leader is right in any case, and costs a request where there is only one server.
        Self { seen, were_there: AtomicBool::new(false), replicated: AtomicBool::new(true) }
    }
}

impl StreamState {
    pub(super) fn ready(&self) -> Result<(), String> {
        self.seen.borrow().clone()
    }

    pub(super) async fn established(&self) {
        // The sender lives in `self`, so waiting cannot fail.
        let _ = self.seen.subscribe().wait_for(Result::is_ok).await;
    }

    pub(super) fn were_there(&self) -> bool {
        self.were_there.load(Ordering::Relaxed)
    }

    pub(super) fn is_replicated(&self) -> bool {
        self.replicated.load(Ordering::Relaxed)
    }

    pub(super) fn set_replicated(&self, most_replicas: Option<usize>) {
        self.replicated.store(most_replicas.is_none_or(|most| most > 1), Ordering::Relaxed);
    }

    /// Keeps what a look has shown. No answer changes nothing for streams that were well: whether the server answers is asked
    /// for by itself, and a cluster that elects a leader has lost no stream.
    pub(super) fn set(&self, seen: Result<&[StreamFault], &JetStreamError>) {
        let now = match seen {
            Ok([]) => Ok(()),
            Ok(faults) => Err(sentence(faults)),
            Err(_) if self.seen.borrow().is_ok() => return,
            Err(error) => Err(error.to_string()),
        };
        let is_fault = seen.is_ok();
        let changed = self.seen.send_if_modified(|before| {
            let changed = *before != now;
            before.clone_from(&now);
            changed
        });
        match &now {
            Ok(()) => {
                if changed && self.were_there.swap(true, Ordering::Relaxed) {
                    tracing::info!("the streams are as they must be again");
                }
            }
            // Said once for each reason, not at every look.
            Err(reason) if changed && is_fault => tracing::error!(reason, "work waits until the streams are mended"),
            Err(reason) if changed => tracing::warn!(reason, "waiting for JetStream"),
            Err(_) => {}
        }
    }
}
