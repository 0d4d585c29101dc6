//! The queue of one stream: which appends go out next, and together with which.

use std::collections::{HashMap, HashSet, VecDeque};

use tokio::sync::mpsc;
use tokio::task::{Id, JoinSet};

use super::Waiting;
use super::flight::{Flight, Landed};
use super::recent::Recent;
use crate::config::CommitConfig;
use crate::connection::JetStream;
use crate::names::StreamName;

/// How often the queue looks again for appends that a landed batch has just woken, before the next batch leaves.
const GATHER_ROUNDS: usize = 8;

pub(super) struct Queue {
    jetstream: JetStream,
    stream: StreamName,
    limits: CommitConfig,
    arriving: mpsc::Receiver<Waiting>,
    open: bool,
    backlog: VecDeque<Waiting>,
    flights: JoinSet<Landed>,
    airborne: HashMap<Id, Airborne>,
    /// Aggregates that are in a flight. A second append to one of them waits, and is then known to be stale or not.
    busy: HashSet<String>,
    recent: Recent,
    /// How many messages a shared batch may have now: halved by each batch that was refused, doubled by each success.
    share_limit: usize,
}

struct Airborne {
    filters: Vec<String>,
    /// More than one append.
    shared: bool,
    /// An atomic batch, as the server counts them.
    batch: bool,
}

impl Queue {
    pub(super) fn new(jetstream: JetStream, stream: StreamName, arriving: mpsc::Receiver<Waiting>) -> Self {
        let limits = jetstream.config().commit;
        Self {
            jetstream,
            stream,
            limits,
            arriving,
            open: true,
            backlog: VecDeque::new(),
            flights: JoinSet::new(),
            airborne: HashMap::new(),
            busy: HashSet::new(),
            recent: Recent::default(),
            share_limit: limits.max_batch_messages,
        }
    }

    pub(super) async fn run(mut self) {
        while self.open || !self.backlog.is_empty() || !self.flights.is_empty() {
            let room = self.open && self.backlog.len() < self.limits.max_waiting;
            tokio::select! {
                Some(landed) = self.flights.join_next_with_id() => {
                    let shared = match landed {
                        Ok((id, landed)) => self.land(id, Some(landed)),
                        Err(broken) => self.land(broken.id(), None),
                    };
                    if shared {
                        self.gather().await;
                    }
                }
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

    /// Those whom a batch has answered often append again at once: lets them run, so that they share the next batch.
    async fn gather(&mut self) {
        for _ in 0..GATHER_ROUNDS {
            tokio::task::yield_now().await;
            let before = self.backlog.len();
            self.take_arrived();
            if self.backlog.len() == before {
                return;
            }
        }
    }

    /// Takes a flight's results in; says whether it was a shared batch.
    fn land(&mut self, id: Id, landed: Option<Landed>) -> bool {
        let Some(airborne) = self.airborne.remove(&id) else { return false };
        for filter in &airborne.filters {
            self.busy.remove(filter);
        }
        if let Some(landed) = landed {
            for (filter, sequence) in &landed.stored {
                self.recent.note(filter, *sequence);
            }
            if airborne.shared {
                let wider = self.share_limit.saturating_mul(2).min(self.limits.max_batch_messages);
                let narrower = (self.share_limit / 2).max(self.limits.share_from);
                self.share_limit = if landed.refused { narrower } else { wider };
            }
            for waiting in landed.again.into_iter().rev() {
                self.backlog.push_front(waiting);
            }
        }
        airborne.shared
    }

    fn dispatch(&mut self) {
        self.resolve_stale();
        while self.backlog.len() >= self.limits.share_from && self.may_send_batch() {
            let load = self.take_load(|waiting| !waiting.alone);
            if !self.launch(load, Flight::send) {
                break;
            }
        }
        let queueing = self.backlog.len() >= self.limits.share_from || self.airborne.values().any(|one| one.shared);
        if !queueing {
            self.send_singles();
            if self.may_send_batch() {
                let load = self.take_load(|waiting| !waiting.alone && !waiting.is_single());
                self.launch(load, Flight::send);
            }
        }
        self.send_lonely();
    }

    /// An append that expects less than this process has itself appended would fail, and every batch with it: the log is
    /// asked what became of it instead.
    fn resolve_stale(&mut self) {
        let recent = &self.recent;
        let stale =
            |waiting: &Waiting| waiting.unit.parts.iter().any(|part| recent.is_beyond(&part.filter, part.expected));
        let (doubtful, fine): (Vec<_>, Vec<_>) = self.backlog.drain(..).partition(stale);
        self.backlog.extend(fine);
        for waiting in doubtful {
            self.launch(vec![waiting], Flight::resolve);
        }
    }

    /// Few are waiting: each goes out by itself, side by side, up to the number from which sharing pays.
    fn send_singles(&mut self) {
        while self.airborne.len() < self.limits.share_from {
            let at = self.backlog.iter().position(|waiting| waiting.is_single() && !self.is_busy(waiting));
            let Some(waiting) = at.and_then(|at| self.backlog.remove(at)) else { return };
            self.launch(vec![waiting], Flight::send);
        }
    }

    /// Appends that failed a batch are sent one by one, so that only the guilty one hears of it.
    fn send_lonely(&mut self) {
        while self.may_send_batch()
            && let Some(at) = self.backlog.iter().position(|waiting| waiting.alone && !self.is_busy(waiting))
            && let Some(waiting) = self.backlog.remove(at)
        {
            self.launch(vec![waiting], Flight::send);
        }
    }

    fn may_send_batch(&self) -> bool {
        self.airborne.values().filter(|one| one.batch).count() < self.limits.max_batches_in_flight
    }

    fn is_busy(&self, waiting: &Waiting) -> bool {
        waiting.unit.parts.iter().any(|part| self.busy.contains(&part.filter))
    }

    /// What goes into the next batch, oldest first; never two appends to one aggregate.
    fn take_load(&mut self, fits: impl Fn(&Waiting) -> bool) -> Vec<Waiting> {
        let (mut load, mut kept) = (Vec::new(), VecDeque::new());
        let (mut messages, mut bytes) = (0, 0);
        let mut taken: HashSet<String> = HashSet::new();
        while let Some(waiting) = self.backlog.pop_front() {
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
        self.airborne.insert(handle.id(), Airborne { filters, shared, batch });
        true
    }
}
