//! What has begun while the log is full waits with its result at hand; it counts as no further attempt. What has not begun is
//! put off: see [`outcome_of`](crate::execute::outcome_of).

use std::sync::Arc;
use std::time::Duration;

use ally_domain::envelope::Position;
use ally_domain::ids::AggregateRef;
use ally_domain::ports::{Append, Appended, EventStore, History, StoreError};
use async_trait::async_trait;

/// The pauses between two tries of an append whose work is done: the first, and the longest.
const PAUSE: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(4));

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

    async fn last_position(&self, aggregate: &AggregateRef) -> Result<Option<Position>, StoreError> {
        self.0.last_position(aggregate).await
    }

    async fn end_of(&self, stream: &str) -> Result<Option<u64>, StoreError> {
        self.0.end_of(stream).await
    }

    async fn append_together(&self, appends: Vec<Append>) -> Result<Appended, StoreError> {
        wait_for_room(|| self.0.append_together(appends.clone())).await
    }

    async fn append_in_order(&self, appends: Vec<Append>) -> Result<Appended, StoreError> {
        wait_for_room(|| self.0.append_in_order(appends.clone())).await
    }
}

/// Tries again for as long as the log is full.
async fn wait_for_room<F: Future<Output = Result<Appended, StoreError>>>(
    append: impl Fn() -> F,
) -> Result<Appended, StoreError> {
    let mut pause = PAUSE.0;
    loop {
        match append().await {
            Err(StoreError::Full { reason }) => {
                tracing::debug!(reason, "the log is full; what is done waits for room");
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(PAUSE.1);
            }
            answer => return answer,
        }
    }
}
