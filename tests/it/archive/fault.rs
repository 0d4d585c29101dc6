//! A process that ends at a step: before it, or behind it and without knowing. What follows is not done any more.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use ally_domain::envelope::Position;
use ally_domain::ids::AggregateRef;
use ally_domain::ports::{
    Append, Appended, Archive, Clock, Copied, Due, EventStore, Found, History, Passed, PassedError, Segment,
    StoreError, Written,
};
use ally_nats::{NatsArchive, NatsEventStore};
use async_trait::async_trait;
use time::OffsetDateTime;

/// Where it ends.
pub struct Fault {
    left: AtomicUsize,
    after: bool,
    met: AtomicBool,
}

impl Fault {
    /// Before or behind the step of that number, from 0.
    pub fn at(step: usize, after: bool) -> Arc<Self> {
        Arc::new(Self { left: AtomicUsize::new(step), after, met: AtomicBool::new(false) })
    }

    pub fn never() -> Arc<Self> {
        Self::at(usize::MAX, false)
    }

    pub fn was_met(&self) -> bool {
        self.met.load(Ordering::SeqCst)
    }

    async fn step<T>(&self, work: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
        let gone = || StoreError::Unavailable { reason: "the process is gone".to_owned() };
        if self.was_met() {
            return Err(gone());
        }
        let last = self.left.fetch_sub(1, Ordering::SeqCst) == 0;
        if last && !self.after {
            self.met.store(true, Ordering::SeqCst);
            return Err(gone());
        }
        let done = work.await;
        if last {
            self.met.store(true, Ordering::SeqCst);
            return Err(gone());
        }
        done
    }
}

/// What a process does until then.
pub struct Faulty<T> {
    pub inner: T,
    pub fault: Arc<Fault>,
}

#[async_trait]
impl EventStore for Faulty<NatsEventStore> {
    async fn load(&self, aggregate: &AggregateRef) -> Result<History, StoreError> {
        self.inner.load(aggregate).await
    }

    async fn last_position(&self, aggregate: &AggregateRef) -> Result<Option<Position>, StoreError> {
        self.inner.last_position(aggregate).await
    }

    async fn end_of(&self, stream: &str) -> Result<Option<u64>, StoreError> {
        self.inner.end_of(stream).await
    }

    async fn append_together(&self, appends: Vec<Append>) -> Result<Appended, StoreError> {
        self.fault.step(self.inner.append_together(appends)).await
    }
}

#[async_trait]
impl Archive for Faulty<NatsArchive> {
    async fn unfinished(&self) -> Result<Vec<Segment>, StoreError> {
        self.inner.unfinished().await
    }

    async fn find(&self, due: Due) -> Result<Found, StoreError> {
        self.inner.find(due).await
    }

    async fn write(&self, due: Due) -> Result<Written, StoreError> {
        self.fault.step(self.inner.write(due)).await
    }

    async fn remove(&self, history: &Copied) -> Result<(), StoreError> {
        self.fault.step(self.inner.remove(history)).await
    }

    async fn finish(&self, segment: &Segment) -> Result<(), StoreError> {
        self.fault.step(self.inner.finish(segment)).await
    }
}

/// Every view has read everything.
pub struct Everything;

#[async_trait]
impl Passed for Everything {
    async fn passed(&self, _stream: &str) -> Result<u64, PassedError> {
        Ok(u64::MAX)
    }
}

pub struct SystemClock;

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods, reason = "the server stores by the machine's clock")]
    fn now(&self) -> OffsetDateTime {
        OffsetDateTime::now_utc() + time::Duration::MINUTE
    }
}
