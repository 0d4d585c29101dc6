//! The event store in memory: the same answers as the real one, as the conformance suite proves.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use crate::envelope::{Position, Recorded};
use crate::ids::{AggregateKind, AggregateRef};
use crate::ports::{Append, Appended, EventStore, History, StoreError};

/// A log in memory. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct MemoryEventStore {
    log: Arc<Mutex<Log>>,
}

#[derive(Debug, Default)]
struct Log {
    /// Per stream, in order; an event's sequence is its place, from 1.
    streams: BTreeMap<&'static str, Vec<Recorded>>,
    /// While this says why, nothing is stored or read.
    outage: Option<String>,
}

const fn stream_of(kind: AggregateKind) -> &'static str {
    match kind {
        AggregateKind::Athlete => "ONBOARDING",
        AggregateKind::Job | AggregateKind::Plan => "PLANS",
    }
}

impl MemoryEventStore {
    /// Everything in a stream, in order.
    #[must_use]
    pub fn events(&self, stream: &str) -> Vec<Recorded> {
        self.lock().streams.get(stream).cloned().unwrap_or_default()
    }

    /// Makes the log unreachable until it is told to be back (`None`).
    pub fn set_outage(&self, reason: Option<&str>) {
        self.lock().outage = reason.map(str::to_owned);
    }

    fn lock(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Log {
    fn reachable(&self) -> Result<(), StoreError> {
        self.outage.as_ref().map_or(Ok(()), |reason| Err(StoreError::Unavailable { reason: reason.clone() }))
    }

    fn history(&self, aggregate: &AggregateRef) -> Vec<Recorded> {
        let events = self.streams.get(stream_of(aggregate.kind)).into_iter().flatten();
        events.filter(|event| event.aggregate == *aggregate).cloned().collect()
    }

    /// The position of an append's last event, when its events are the newest of their aggregate already.
    fn stored_before(&self, append: &Append) -> Option<Position> {
        let last = self.history(&append.aggregate).pop()?;
        (last.event_id == event_id(append, append.events.len())).then_some(last.position)
    }

    fn check(&self, append: &Append) -> Result<(), StoreError> {
        let last = self.history(&append.aggregate).last().map_or(0, |event| event.position.sequence);
        if last == append.expected {
            return Ok(());
        }
        Err(StoreError::Conflict { aggregate: append.aggregate.clone(), expected: append.expected })
    }

    fn store(&mut self, append: &Append) -> Position {
        let stream = stream_of(append.aggregate.kind);
        let events = self.streams.entry(stream).or_default();
        let mut position = Position { stream: stream.to_owned(), sequence: append.expected };
        for (n, event) in append.events.iter().enumerate() {
            position.sequence = events.len() as u64 + 1;
            events.push(Recorded {
                event_id: event_id(append, n + 1),
                aggregate: append.aggregate.clone(),
                event_type: event.event_type.clone(),
                position: position.clone(),
                at: append.context.at,
                correlation: append.context.correlation.clone(),
                causation: append.context.causation.clone(),
                actor: append.context.actor.to_string(),
                trace: append.context.trace.clone(),
                data: event.data.get().to_owned(),
            });
        }
        position
    }
}

fn event_id(append: &Append, n: usize) -> String {
    format!("{}:{n}", append.context.command_id)
}

#[async_trait]
impl EventStore for MemoryEventStore {
    async fn load(&self, aggregate: &AggregateRef) -> Result<History, StoreError> {
        let log = self.lock();
        log.reachable()?;
        Ok(History { events: log.history(aggregate) })
    }

    async fn append_together(&self, appends: Vec<Append>) -> Result<Appended, StoreError> {
        let mut log = self.lock();
        log.reachable()?;
        let empty = || StoreError::Rejected { what: "an append".into(), reason: "it holds no event".into() };
        if appends.iter().any(|append| append.events.is_empty()) {
            return Err(empty());
        }
        let last = appends.last().ok_or_else(empty)?;
        if appends.iter().any(|append| stream_of(append.aggregate.kind) != stream_of(last.aggregate.kind)) {
            let reason = "its aggregates are of different streams".into();
            return Err(StoreError::Rejected { what: "an append".into(), reason });
        }
        if let Some(position) = log.stored_before(last) {
            return Ok(Appended { position, duplicate: true });
        }
        appends.iter().try_for_each(|append| log.check(append))?;
        let position = appends.iter().map(|append| log.store(append)).last().ok_or_else(empty)?;
        Ok(Appended { position, duplicate: false })
    }
}
