//! The queue of one stream: which appends go out next, and together with which.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use ally_domain::recent::Recent;
use tokio::sync::mpsc;
use tokio::task::{Id, JoinSet};

use super::flight::{Flight, Landed};
use super::{Traffic, Waiting};
use crate::config::CommitConfig;
use crate::connection::JetStream;
use crate::names::StreamName;

/// A batch waits for those whom the last one has just answered, since many append again at once: at least so long, and at
/// most so long or an eighth of the last batch's time.
const GATHER: (Duration, Duration) = (Duration::from_micros(250), Duration::from_millis(4));

/// Aggregates whose place is remembered.
const REMEMBERED: usize = 8_192;

pub(super) struct Queue {
    jetstream: JetStream,
    stream: StreamName,
    limits: CommitConfig,
    traffic: Arc<Traffic>,
    arriving: mpsc::Receiver<Waiting>,
    open: bool,
    backlog: VecDeque<Waiting>,
    flights: JoinSet<Landed>,
    airborne: HashMap<Id, Airborne>,
    /// Aggregates that are in a flight. A second append to one of them waits, and is then known to be stale or not.
    busy: HashSet<Arc<str>>,
    /// Where aggregates stood when this process last appended to them: it keeps an append that is known to be stale from
    /// spoiling a whole batch.
    recent: Recent<Arc<str>, u64>,
    /// How many messages a shared batch may have now: halved by each batch that was refused, doubled by each success.
    share_limit: usize,
}

/// What a shared batch did.
struct Answered {
    count: usize,
    took: Duration,
}

struct Airborne {
    filters: Vec<Arc<str>>,
    since: Instant,
    /// More than one append.
    shared: bool,
    /// An atomic batch, as the server counts them.
    batch: bool,
}

impl Queue {
    pub(super) fn new(
        jetstream: JetStream,
        stream: StreamName,
        traffic: Arc<Traffic>,
        arriving: mpsc::Receiver<Waiting>,
    ) -> Self {
        let limits = jetstream.config().commit;
        Self {
            jetstream,
            stream,
            limits,
            traffic,
            arriving,
            open: true,
            backlog: VecDeque::new(),
            flights: JoinSet::new(),
            airborne: HashMap::new(),
            busy: HashSet::new(),
            recent: Recent::new(REMEMBERED),
            share_limit: limits.max_batch_messages,
        }
    }

    pub(super) async fn run(mut self) {
        while self.open || !self.backlog.is_empty() || !self.flights.is_empty() {
            let room = self.open && self.backlog.len() < self.limits.max_waiting;
            tokio::select! {
                Some(landed) = self.flights.join_next_with_id() => {
                    let answered = match landed {
                        Ok((id, landed)) => self.land(id, Some(landed)),
                        Err(broken) => self.land(broken.id(), None),
                    };
                    self.gather(answered).await;
                }
                // Those who wait may wait for appends that are not in the queue's own flights.
                () = self.traffic.answered.notified(), if !self.backlog.is_empty() && self.flights.is_empty() => {}
                arrived = self.arriving.recv(), if room => match arrived {
                    Some(waiting) => self.backlog.push_back(waiting),
                    None => self.open = false,
                },
            }
            self.take_arrived();
            self.dispatch();
        }
    }

    fn take_arrived(&mut self) {
        while self.backlog.len() < self.limits.max_waiting
            && let Ok(waiting) = self.arriving.try_recv()
        {
            self.backlog.push_back(waiting);
        }
    }

    /// Lets those run whom a shared batch has answered, so that they share the next one too.
    async fn gather(&mut self, answered: Option<Answered>) {
        let Some(Answered { count, took }) = answered else { return };
        let (began, longest) = (Instant::now(), (took / 8).clamp(GATHER.0, GATHER.1));
        while self.backlog.len() < count && began.elapsed() < longest {
            // Timers are too coarse for the first moments, which are enough on a machine that has time.
            if began.elapsed() < GATHER.0 {
                tokio::task::yield_now().await;
            } else {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            self.take_arrived();
        }
    }

    /// Takes a flight's results in; says whom a shared batch has answered.
    fn land(&mut self, id: Id, landed: Option<Landed>) -> Option<Answered> {
        let airborne = self.airborne.remove(&id)?;
        for filter in &airborne.filters {
            self.busy.remove(filter);
        }
        let landed = landed.unwrap_or_default();
        for (filter, sequence) in &landed.stored {
            self.recent.advance(Arc::clone(filter), *sequence);
        }
        if airborne.shared {
            let wider = self.share_limit.saturating_mul(2).min(self.limits.max_batch_messages);
            let narrower = (self.share_limit / 2).max(self.limits.share_from);
            self.share_limit = if landed.refused { narrower } else { wider };
        }
        for waiting in landed.again.into_iter().rev() {
            self.backlog.push_front(waiting);
        }
        airborne.shared.then(|| Answered { count: airborne.filters.len(), took: airborne.since.elapsed() })
    }

    fn dispatch(&mut self) {
        while self.backlog.len() >= self.next_batch_from() {
            let load = self.take_load(|waiting| !waiting.alone);
            if !self.launch(load, Flight::send) {
                break;
            }
        }
        let sharing = self.airborne.values().any(|one| one.shared);
        if !sharing && self.backlog.len() < self.limits.share_from {
            self.send_singles();
            if self.may_send_batch() {
                let load = self.take_load(|waiting| !waiting.alone && !waiting.is_single());
                self.launch(load, Flight::send);
            }
        }
        self.send_lonely();
        let sharing = self.airborne.values().any(|one| one.shared);
        self.traffic.sharing.store(sharing, Ordering::Relaxed);
    }

    /// How many must wait for the next batch to leave. The server works on the batches of a stream one after the other,
    /// and each costs as much as a hundred messages: a second one beside the first pays only when it is well filled.
    fn next_batch_from(&self) -> usize {
        match self.batches_in_flight() {
            0 => self.limits.share_from,
            some if some < self.limits.max_batches_in_flight => {
                (self.limits.max_batch_messages / 2).max(self.limits.share_from)
            }
            _ => usize::MAX,
        }
    }

    /// Few are waiting: each goes out by itself, side by side, up to the number from which sharing pays.
    fn send_singles(&mut self) {
        let on_their_way =
            |queue: &Self| queue.traffic.open.load(Ordering::Relaxed).saturating_sub(queue.backlog.len());
        while on_their_way(self) < self.limits.share_from {
            let at = self.backlog.iter().position(|waiting| waiting.is_single() && !self.is_busy(waiting));
            let Some(waiting) = at.and_then(|at| self.backlog.remove(at)) else { return };
            self.launch_alone(waiting);
        }
    }

    /// Appends that failed a batch are sent one by one, so that only the guilty one hears of it.
    fn send_lonely(&mut self) {
        while self.may_send_batch()
            && let Some(at) = self.backlog.iter().position(|waiting| waiting.alone && !self.is_busy(waiting))
            && let Some(waiting) = self.backlog.remove(at)
        {
            self.launch_alone(waiting);
        }
    }

    fn launch_alone(&mut self, waiting: Waiting) {
        let how = if self.is_stale(&waiting) { Flight::resolve } else { Flight::send };
        self.launch(vec![waiting], how);
    }

    /// An append that expects less than this process has itself appended would fail, and every batch with it: the log is
    /// asked what became of it instead.
    fn is_stale(&self, waiting: &Waiting) -> bool {
        waiting.unit.parts.iter().any(|part| self.recent.get(&part.filter).is_some_and(|known| *known > part.expected))
    }

    fn batches_in_flight(&self) -> usize {
        self.airborne.values().filter(|one| one.batch).count()
    }

    fn may_send_batch(&self) -> bool {
        self.batches_in_flight() < self.limits.max_batches_in_flight
    }

    fn is_busy(&self, waiting: &Waiting) -> bool {
        waiting.unit.parts.iter().any(|part| self.busy.contains(&part.filter))
    }

    /// What goes into the next batch, oldest first; never two appends to one aggregate.
    fn take_load(&mut self, fits: impl Fn(&Waiting) -> bool) -> Vec<Waiting> {
        let (mut load, mut kept) = (Vec::new(), VecDeque::new());
        let (mut messages, mut bytes) = (0, 0);
        let mut taken: HashSet<Arc<str>> = HashSet::new();
        while let Some(waiting) = self.backlog.pop_front() {
            if self.is_stale(&waiting) && !self.is_busy(&waiting) {
                self.launch(vec![waiting], Flight::resolve);
                continue;
            }
            let more = messages + waiting.unit.messages.len();
            let fuller = bytes + waiting.unit.bytes;
            let room = load.is_empty() || (more <= self.share_limit && fuller <= self.limits.max_batch_bytes);
            if !room {
                kept.push_back(waiting);
                break;
            }
            let twice = waiting.unit.parts.iter().any(|part| taken.contains(&part.filter));
            if twice || self.is_busy(&waiting) || !fits(&waiting) {
                kept.push_back(waiting);
                continue;
            }
            (messages, bytes) = (more, fuller);
            taken.extend(waiting.unit.parts.iter().map(|part| part.filter.clone()));
            load.push(waiting);
        }
        kept.append(&mut self.backlog);
        self.backlog = kept;
        load
    }

    fn launch(&mut self, load: Vec<Waiting>, how: fn(JetStream, StreamName, Vec<Waiting>) -> Flight) -> bool {
        if load.is_empty() {
            return false;
        }
        let filters: Vec<_> =
            load.iter().flat_map(|waiting| &waiting.unit.parts).map(|part| part.filter.clone()).collect();
        self.busy.extend(filters.iter().cloned());
        let flight = how(self.jetstream.clone(), self.stream, load);
        let (shared, batch) = (flight.is_shared(), flight.is_batch());
        let handle = self.flights.spawn(flight.run());
        self.airborne.insert(handle.id(), Airborne { filters, since: Instant::now(), shared, batch });
        true
    }
}
