//! What a worker does about a log that is full: what has not begun is put off, and what has begun waits with its result in
//! hand. Neither counts as an attempt.

use std::sync::Arc;
use std::time::Duration;

use ally_domain::ids::AggregateRef;
use ally_domain::outcome::Outcome;
use ally_domain::ports::{Append, Appended, EventStore, History, StoreError};
use async_trait::async_trait;

use crate::execute::ExecuteError;

/// When to look again at work that a full log kept from beginning.
const LOOK_AGAIN: Duration = Duration::from_secs(3);
/// The pauses between two tries of an append whose work is done: the first, and the longest.
const PAUSE: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(4));

/// The outcome of work that did not begin because of an error of the log.
pub(crate) fn not_begun(error: &StoreError) -> Outcome {
    match error {
        StoreError::Full { .. } => Outcome::Defer { reason: error.to_string(), after: LOOK_AGAIN },
        error => Outcome::retry(error),
    }
}

/// [`not_begun`], where a command failed.
pub(crate) fn not_executed<R: std::error::Error + 'static>(error: &ExecuteError<R>) -> Outcome {
    match error {
        ExecuteError::Store(error) => not_begun(error),
        error => Outcome::retry(error),
    }
}

/// A log that is waited for while it is full: for work that is done and would have to be done again.
pub(crate) struct Patient(pub(crate) Arc<dyn EventStore>);

#[async_trait]
impl EventStore for Patient {
    async fn load(&self, aggregate: &AggregateRef) -> Result<History, StoreError> {
        self.0.load(aggregate).await
    }

    async fn look_back(&self, aggregate: &AggregateRef) -> Result<History, StoreError> {
        self.0.look_back(aggregate).await
    }

    async fn append_together(&self, appends: Vec<Append>) -> Result<Appended, StoreError> {
        let mut pause = PAUSE.0;
        loop {
            match self.0.append_together(appends.clone()).await {
                Err(StoreError::Full { reason }) => {
                    tracing::debug!(reason, "the log is full; what is done waits for room");
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(PAUSE.1);
                }
                answer => return answer,
            }
        }
    }
}
