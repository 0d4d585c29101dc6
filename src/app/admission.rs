//! The log as those who bring new work may use it, the gateway and the metadata of channels: once the store is nearly full nothing new is added, so that what was accepted
//! before still finds room to end.

use std::sync::Arc;

use ally_domain::envelope::{Position, Recorded};
use ally_domain::ids::{AggregateKind, AggregateRef};
use ally_domain::ports::{Append, Appended, EventStore, History, StoreError};
use ally_nats::Capacity;
use async_trait::async_trait;

/// Events that end a job and make no further work: they are taken as long as the server takes anything.
const ENDS: [&str; 2] = ["cancel_requested", "cancelled"];

/// A log that refuses what is new while the store is nearly full.
pub struct Admission {
    store: Arc<dyn EventStore>,
    capacity: Capacity,
}

impl Admission {
    /// Admission to a log, by what is known of its store.
    pub fn new(store: Arc<dyn EventStore>, capacity: Capacity) -> Self {
        Self { store, capacity }
    }

    fn admit(&self, appends: &[Append]) -> Result<(), StoreError> {
        match self.capacity.is_closed() && !appends.iter().all(ends_a_job) {
            true => Err(StoreError::Full { reason: self.capacity.warning().unwrap_or_default() }),
            false => Ok(()),
        }
    }
}

fn ends_a_job(append: &Append) -> bool {
    append.aggregate.kind == AggregateKind::Job
        && append.events.iter().all(|event| ENDS.contains(&event.event_type.name.as_ref()))
}

#[async_trait]
impl EventStore for Admission {
    async fn load(&self, aggregate: &AggregateRef) -> Result<History, StoreError> {
        self.store.load(aggregate).await
    }

    async fn look_back(&self, aggregate: &AggregateRef) -> Result<History, StoreError> {
        self.store.look_back(aggregate).await
    }

    async fn last_position(&self, aggregate: &AggregateRef) -> Result<Option<Position>, StoreError> {
        self.store.last_position(aggregate).await
    }

    async fn last_event(&self, aggregate: &AggregateRef) -> Result<Option<Recorded>, StoreError> {
        self.store.last_event(aggregate).await
    }

    async fn end_of(&self, stream: &str) -> Result<Option<u64>, StoreError> {
        self.store.end_of(stream).await
    }

    async fn append_together(&self, appends: Vec<Append>) -> Result<Appended, StoreError> {
        self.admit(&appends)?;
        self.store.append_together(appends).await
    }

    async fn append_in_order(&self, appends: Vec<Append>) -> Result<Appended, StoreError> {
        self.admit(&appends)?;
        self.store.append_in_order(appends).await
    }
}

#[cfg(test)]
mod tests {
    use ally_domain::event_data::{EncodedEvent, EventType};
    use ally_domain::testing::MemoryEventStore;
    use ally_domain::testing::conformance::{new_append, new_job};
    use ally_nats::StoreFigures;

    use super::*;

    fn event(name: &'static str) -> EncodedEvent {
        let data = serde_json::value::to_raw_value("{}").unwrap();
        EncodedEvent { event_type: EventType::new("plan_job", name, 1), data }
    }

    #[tokio::test]
    async fn a_nearly_full_store_takes_cancellations_and_nothing_new() {
        let capacity = Capacity::default();
        let admission = Admission::new(Arc::new(MemoryEventStore::default()), capacity.clone());
        let job = new_job();
        let requested = admission.append(new_append(&job, 0, vec![event("requested")])).await.unwrap();
        capacity.measured(StoreFigures { used_bytes: 91, limit_bytes: Some(100) });
        let refused = admission.append(new_append(&new_job(), 0, vec![event("requested")])).await;
        assert!(matches!(&refused, Err(StoreError::Full { reason }) if reason.contains("91 % full")), "{refused:?}");
        let last = requested.position.sequence;
        admission.append(new_append(&job, last, vec![event("cancelled")])).await.unwrap();
        assert_eq!(admission.load(&job).await.unwrap().events.len(), 2);
        capacity.measured(StoreFigures { used_bytes: 89, limit_bytes: Some(100) });
        admission.append(new_append(&new_job(), 0, vec![event("requested")])).await.unwrap();
    }
}
