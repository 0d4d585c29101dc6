//! The event store in memory: the same answers as the real one, as the conformance suite proves.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use futures::channel::oneshot;

use crate::envelope::{Position, Recorded};
use crate::ids::{AggregateKind, AggregateRef, CommandId};
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
    /// What is stored can be read, and nothing more is stored.
    full: bool,
    /// How many appends were refused for want of room.
    refusals: usize,
    /// Somebody else is faster with every append.
    contended: bool,
    /// Readers that wait for something to change.
    waiting: Vec<oneshot::Sender<()>>,
    /// How often it was made anew.
    made: u64,
}

const fn stream_of(kind: AggregateKind) -> &'static str {
    match kind {
        AggregateKind::Athlete => "ONBOARDING",
        AggregateKind::Job | AggregateKind::Plan => "PLANS",
        AggregateKind::Room => "PRESENCE",
        AggregateKind::Channel => "CHANNELS",
        AggregateKind::Webhook => "WEBHOOKS",
        AggregateKind::Delivery => "DELIVERIES",
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
        let mut log = self.lock();
        log.outage = reason.map(str::to_owned);
        log.wake();
    }

    /// Lets the log refuse every append for want of room, or take them again.
    pub fn set_full(&self, full: bool) {
        self.lock().full = full;
    }

    /// Lets somebody else be faster with every append, or with none.
    pub fn set_contended(&self, contended: bool) {
        self.lock().contended = contended;
    }

    /// How many appends were refused for want of room.
    #[must_use]
    pub fn refusals(&self) -> usize {
        self.lock().refusals
    }

    /// Events of a stream behind a sequence, at most `max`, and how many more there are behind them.
    pub(super) fn read(&self, stream: &str, after: u64, max: usize) -> Result<(Vec<Recorded>, u64), StoreError> {
        let log = self.lock();
        log.reachable()?;
        let events = log.streams.get(stream).map_or(&[][..], Vec::as_slice);
        let rest = events.iter().skip(usize::try_from(after).unwrap_or(usize::MAX));
        let taken: Vec<_> = rest.clone().take(max).cloned().collect();
        let pending = rest.len() - taken.len();
        Ok((taken, pending as u64))
    }

    /// Done at the next append, and when the log becomes unreachable or is back. Asked for before reading, so that nothing is missed.
    pub(super) fn changed(&self) -> oneshot::Receiver<()> {
        let (sender, receiver) = oneshot::channel();
        let mut log = self.lock();
        log.waiting.retain(|waiting| !waiting.is_canceled());
        log.waiting.push(sender);
        receiver
    }

    /// Which log it is; clones are the same one.
    pub(super) fn name(&self) -> String {
        format!("memory {:p} {}", Arc::as_ptr(&self.log), self.lock().made)
    }

    /// Takes all events away, as a stream that is deleted and made anew does: it is another one then.
    pub fn make_anew(&self) {
        let mut log = self.lock();
        log.streams.clear();
        log.made += 1;
        log.wake();
    }

    fn lock(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Log {
    fn reachable(&self) -> Result<(), StoreError> {
        self.outage.as_ref().map_or(Ok(()), |reason| Err(StoreError::Unavailable { reason: reason.clone() }))
    }

    fn wake(&mut self) {
        for waiting in self.waiting.drain(..) {
            // A reader that gave up waiting is none.
            let _ = waiting.send(());
        }
    }

    fn history(&self, aggregate: &AggregateRef) -> impl DoubleEndedIterator<Item = &Recorded> {
        let events = self.streams.get(stream_of(aggregate.kind)).map_or(&[][..], Vec::as_slice);
        events.iter().filter(move |event| event.aggregate == *aggregate)
    }

    /// The position of an append's last event, when its aggregate holds its events already.
    fn stored_before(&self, numbered: &Numbered) -> Option<Position> {
        let id = numbered.ids.last()?;
        let mut history = self.history(&numbered.append.aggregate).rev();
        history.find(|event| event.event_id == *id).map(|event| event.position.clone())
    }

    fn check(&self, append: &Append) -> Result<(), StoreError> {
        let last = self.history(&append.aggregate).next_back().map_or(0, |event| event.position.sequence);
        if last == append.expected && !self.contended {
            return Ok(());
        }
        Err(StoreError::Conflict { aggregate: append.aggregate.clone(), expected: append.expected })
    }

    fn store(&mut self, numbered: Numbered) -> Position {
        let Numbered { mut append, ids } = numbered;
        let written = std::mem::take(&mut append.events);
        let stream = stream_of(append.aggregate.kind);
        let events = self.streams.entry(stream).or_default();
        let mut position = Position { stream: stream.to_owned(), sequence: append.expected };
        for (at, (event, event_id)) in written.into_iter().zip(ids).enumerate() {
            let context = append.context_of(at);
            position.sequence = events.len() as u64 + 1;
            events.push(Recorded {
                event_id,
                aggregate: append.aggregate.clone(),
                event_type: event.event_type,
                position: position.clone(),
                at: context.at,
                correlation: context.correlation.clone(),
                causation: context.causation.clone(),
                actor: context.actor.to_string(),
                trace: context.trace.clone(),
                data: event.data.get().to_owned(),
            });
        }
        position
    }
}

/// An append with the ids of its events: numbered from 1, through all appends of one call that share a command.
struct Numbered {
    append: Append,
    ids: Vec<String>,
}

fn number(appends: Vec<Append>) -> Vec<Numbered> {
    let mut last: BTreeMap<CommandId, usize> = BTreeMap::new();
    let mut next = |command: &CommandId| {
        let last = last.entry(command.clone()).or_default();
        *last += 1;
        format!("{command}:{last}")
    };
    appends
        .into_iter()
        .map(|append| {
            let ids = (0..append.events.len()).map(|at| next(&append.context_of(at).command_id)).collect();
            Numbered { append, ids }
        })
        .collect()
}

fn check_shape(appends: &[Append]) -> Result<(), StoreError> {
    let rejected = |reason: &str| Err(StoreError::Rejected { what: "an append".into(), reason: reason.into() });
    let Some(first) = appends.first() else { return rejected("it names no aggregate") };
    if appends.iter().any(|append| append.events.is_empty()) {
        return rejected("it holds no event");
    }
    if appends.iter().any(|append| stream_of(append.aggregate.kind) != stream_of(first.aggregate.kind)) {
        return rejected("its aggregates are of different streams");
    }
    let aggregates: BTreeSet<_> = appends.iter().map(|append| &append.aggregate).collect();
    if aggregates.len() < appends.len() {
        return rejected("it names an aggregate twice");
    }
    Ok(())
}

#[async_trait]
impl EventStore for MemoryEventStore {
    async fn load(&self, aggregate: &AggregateRef) -> Result<History, StoreError> {
        let log = self.lock();
        log.reachable()?;
        Ok(History { events: log.history(aggregate).cloned().collect() })
    }

    async fn end_of(&self, stream: &str) -> Result<Option<u64>, StoreError> {
        let log = self.lock();
        log.reachable()?;
        let exists = AggregateKind::ALL.into_iter().any(|kind| stream_of(kind) == stream);
        Ok(exists.then(|| log.streams.get(stream).map_or(0, |events| events.len() as u64)))
    }

    async fn append_together(&self, appends: Vec<Append>) -> Result<Appended, StoreError> {
        let mut log = self.lock();
        log.reachable()?;
        check_shape(&appends)?;
        let numbered = number(appends);
        if let Some(position) = numbered.last().and_then(|last| log.stored_before(last)) {
            return Ok(Appended { position, duplicate: true });
        }
        numbered.iter().try_for_each(|numbered| log.check(&numbered.append))?;
        if log.full {
            log.refusals += 1;
            return Err(StoreError::Full { reason: "insufficient resources".to_owned() });
        }
        let mut position = Position { stream: String::new(), sequence: 0 };
        for numbered in numbered {
            position = log.store(numbered);
        }
        log.wake();
        Ok(Appended { position, duplicate: false })
    }
}
