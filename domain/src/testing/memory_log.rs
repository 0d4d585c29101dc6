//! The event store in memory, read as a whole stream: every event is there, so its sequences have no gap.

use std::sync::mpsc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use futures::channel::oneshot;
use futures::future::{Either, select};

use super::MemoryEventStore;
use crate::ports::{EventLog, EventReader, ReadBatch, StoreError, StreamIdentity};

#[async_trait]
impl EventLog for MemoryEventStore {
    async fn open(&self, stream: &str, after: u64) -> Result<Box<dyn EventReader>, StoreError> {
        self.read(stream, after, 0)?;
        Ok(Box::new(MemoryReader { store: self.clone(), log: self.name(), stream: stream.to_owned(), after }))
    }

    async fn last_sequence(&self, stream: &str) -> Result<u64, StoreError> {
        let (_, pending) = self.read(stream, 0, 0)?;
        Ok(pending)
    }

    async fn identity(&self, stream: &str) -> Result<StreamIdentity, StoreError> {
        self.read(stream, 0, 0)?;
        Ok(StreamIdentity(self.name()))
    }
}

struct MemoryReader {
    store: MemoryEventStore,
    log: String,
    stream: String,
    after: u64,
}

#[async_trait]
impl EventReader for MemoryReader {
    async fn next(&mut self, max: usize, wait: Duration) -> Result<ReadBatch, StoreError> {
        let deadline = Instant::now() + wait;
        loop {
            let changed = self.store.changed();
            if self.store.name() != self.log {
                return Err(StoreError::Unavailable { reason: format!("{} was made anew", self.stream) });
            }
            let (events, pending) = self.store.read(&self.stream, self.after, max)?;
            if let Some(last) = events.last() {
                self.after = last.position.sequence;
                return Ok(ReadBatch { events, pending, skipped: Vec::new() });
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() || !happens(changed, left).await {
                return Ok(ReadBatch::default());
            }
        }
    }
}

/// Whether something changes within a time. This crate has no runtime to ask for timers, so a thread keeps the time, and ends with
/// the wait.
async fn happens(changed: oneshot::Receiver<()>, within: Duration) -> bool {
    let (_waiting, given_up) = mpsc::channel::<()>();
    let (over, timer) = oneshot::channel();
    std::thread::spawn(move || {
        let _ = given_up.recv_timeout(within);
        let _ = over.send(());
    });
    matches!(select(changed, timer).await, Either::Left((Ok(()), _)))
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;

    use super::super::conformance::append_one;
    use super::*;

    /// Long enough for any machine, and never waited for in full.
    const LONG: Duration = Duration::from_secs(20);

    fn sequences(batch: &ReadBatch) -> Vec<u64> {
        batch.events.iter().map(|event| event.position.sequence).collect()
    }

    async fn store_of(jobs: usize) -> MemoryEventStore {
        let store = MemoryEventStore::default();
        for job in 0..jobs {
            append_one(&store, &format!("job-{job}"), 0).await.unwrap();
        }
        store
    }

    #[test]
    fn a_stream_is_read_in_order_and_without_a_gap() {
        block_on(async {
            let store = store_of(5).await;
            assert_eq!(store.last_sequence("PLANS").await.unwrap(), 5);
            let mut reader = store.open("PLANS", 0).await.unwrap();
            for (read, pending) in [(vec![1, 2], 3), (vec![3, 4], 1), (vec![5], 0)] {
                let batch = reader.next(2, LONG).await.unwrap();
                assert_eq!((sequences(&batch), batch.pending), (read, pending));
                assert!(batch.skipped.is_empty());
            }
            let mut behind = store.open("PLANS", 3).await.unwrap();
            assert_eq!(sequences(&behind.next(9, LONG).await.unwrap()), [4, 5]);
        });
    }

    #[test]
    fn a_reader_waits_for_the_first_event_and_no_longer_than_it_may() {
        block_on(async {
            let store = MemoryEventStore::default();
            let mut reader = store.open("PLANS", 0).await.unwrap();
            let begun = Instant::now();
            assert!(sequences(&reader.next(9, Duration::from_millis(20)).await.unwrap()).is_empty());
            assert!(begun.elapsed() >= Duration::from_millis(20));
            let write = async { append_one(&store, "late", 0).await.unwrap() };
            // Polled in this order: the reader waits already when the event is stored.
            let (batch, _) = futures::join!(reader.next(9, LONG), write);
            assert_eq!(sequences(&batch.unwrap()), [1]);
        });
    }

    #[test]
    fn an_outage_ends_the_wait_and_every_log_is_its_own() {
        block_on(async {
            let store = store_of(1).await;
            let mut reader = store.open("PLANS", 1).await.unwrap();
            let cut = async { store.set_outage(Some("pulled the plug")) };
            let (batch, ()) = futures::join!(reader.next(9, LONG), cut);
            assert!(matches!(batch, Err(StoreError::Unavailable { .. })), "{batch:?}");
            assert!(store.open("PLANS", 0).await.is_err() && store.identity("PLANS").await.is_err());
            store.set_outage(None);
            let identity = store.identity("PLANS").await.unwrap();
            assert_eq!(store.clone().identity("PLANS").await.unwrap(), identity);
            assert_ne!(MemoryEventStore::default().identity("PLANS").await.unwrap(), identity);
        });
    }
}
