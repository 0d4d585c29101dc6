//! What is on its way to one stream, and what this process knows of the aggregates there.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use ally_domain::recent::Recent;
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::Instant;

use super::Waiting;
use super::flight::{Flight, Landed};

/// Aggregates whose place is remembered.
const REMEMBERED: usize = 8_192;

pub(super) struct Fleet {
    flights: JoinSet<Landed>,
    airborne: HashMap<Id, Airborne>,
    /// Aggregates that are in a flight. A second append to one of them waits, and is then known to be stale or not.
    busy: HashSet<Arc<str>>,
    /// Where aggregates stood when this process last appended to them: it keeps an append that is known to be stale from
    /// spoiling a whole batch.
    recent: Recent<Arc<str>, u64>,
}

/// A flight that has not landed.
struct Airborne {
    filters: Vec<Arc<str>>,
    appends: usize,
    since: Instant,
    /// An atomic batch, as the server counts them.
    batch: bool,
}

/// A flight that has landed.
pub(super) struct Arrived {
    pub(super) flight: Id,
    pub(super) landed: Landed,
    /// How many appends it took along.
    pub(super) appends: usize,
    pub(super) took: Duration,
}

impl Fleet {
    pub(super) fn new() -> Self {
        Self {
            flights: JoinSet::new(),
            airborne: HashMap::new(),
            busy: HashSet::new(),
            recent: Recent::new(REMEMBERED),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.flights.is_empty()
    }

    /// Sends a flight off, empty or with an append.
    pub(super) fn launch(&mut self, flight: Flight) -> Id {
        let (filters, appends) = (flight.filters(), flight.appends());
        self.busy.extend(filters.iter().cloned());
        let batch = flight.is_batch();
        let id = self.flights.spawn(flight.run()).id();
        self.airborne.insert(id, Airborne { filters, appends, since: Instant::now(), batch });
        id
    }

    /// Notes that an append goes along with an open flight.
    pub(super) fn seat(&mut self, flight: Id, waiting: &Waiting) {
        let Some(airborne) = self.airborne.get_mut(&flight) else { return };
        airborne.appends += 1;
        for part in &waiting.unit.parts {
            airborne.filters.push(Arc::clone(&part.filter));
            self.busy.insert(Arc::clone(&part.filter));
        }
    }

    /// The next flight that lands; `None` when there is none on its way.
    pub(super) async fn next(&mut self) -> Option<Arrived> {
        let ended: Result<(Id, Landed), JoinError> = self.flights.join_next_with_id().await?;
        let (flight, landed) = ended.unwrap_or_else(|broken| (broken.id(), Landed::default()));
        let airborne = self.airborne.remove(&flight)?;
        for filter in &airborne.filters {
            self.busy.remove(filter);
        }
        for (filter, sequence) in &landed.stored {
            self.recent.advance(Arc::clone(filter), *sequence);
        }
        Some(Arrived { flight, landed, appends: airborne.appends, took: airborne.since.elapsed() })
    }

    /// An append that expects less than this process has itself appended would fail, and every batch with it: the log is
    /// asked what became of it instead.
    pub(super) fn is_stale(&self, waiting: &Waiting) -> bool {
        let mut parts = waiting.unit.parts.iter();
        !waiting.contradicted
            && parts.any(|part| self.recent.get(&part.filter).is_some_and(|known| *known > part.expected))
    }

    pub(super) fn is_busy(&self, waiting: &Waiting) -> bool {
        waiting.unit.parts.iter().any(|part| self.busy.contains(&part.filter))
    }

    pub(super) fn batches(&self) -> usize {
        self.airborne.values().filter(|one| one.batch).count()
    }

    /// Whether a flight takes several appends along.
    pub(super) fn is_sharing(&self) -> bool {
        self.airborne.values().any(|one| one.appends > 1)
    }
}
