//! The archiver, stopped before and after each of its steps on a real log; the next run finishes what it finds.

use std::sync::Arc;
use std::time::Duration;

use ally_domain::envelope::{Actor, Recorded};
use ally_domain::ids::AggregateRef;
use ally_domain::ports::{Archive, EventLog, EventStore};
use ally_handlers::{Archiver, Executor};
use ally_nats::names::StreamName;
use ally_nats::{JetStream, NatsArchive, NatsConfig, NatsEventStore, SegmentLimits, Shelf, Upcasters};
use tokio_util::sync::CancellationToken;

use super::fault::{Everything, Fault, Faulty, SystemClock};
use super::jobs;
use crate::system::{System, server};

const WAIT: Duration = Duration::from_secs(10);

/// A log with jobs that have ended, each about to get a segment of its own.
struct Stage {
    system: System,
    store: NatsEventStore,
    archive: NatsArchive,
    shelf: Shelf,
    jobs: Vec<AggregateRef>,
    before: Vec<Recorded>,
}

impl Stage {
    async fn new() -> Self {
        let system = System::new();
        let config = NatsConfig {
            prefix: system.variable("ALLY_PREFIX").to_owned(),
            ..NatsConfig::new(server("ALLY_TEST_NATS_URL"))
        };
        let jetstream = JetStream::connect(config).await.unwrap();
        jetstream.ensure_topology().await.unwrap();
        let shelf = Shelf::open(&format!("file://{}", system.folder().display()), "t").unwrap();
        let store = NatsEventStore::new(jetstream, Upcasters::default()).with_archive(Some(shelf.clone()));
        let limits = SegmentLimits { histories: 1, ..SegmentLimits::default() };
        let archive = NatsArchive::new(store.clone(), shelf.clone(), limits);
        let jobs = jobs::ended(&Executor::new(Arc::new(store.clone()))).await;
        let before = whole(&store).await;
        Self { system, store, archive, shelf, jobs, before }
    }

    /// A run that ends at a fault, if it gets there.
    async fn run(&self, fault: &Arc<Fault>) -> bool {
        let store = Faulty { inner: self.store.clone(), fault: fault.clone() };
        let archive = Faulty { inner: self.archive.clone(), fault: fault.clone() };
        let clock = Arc::new(SystemClock);
        let archiver = Archiver::new(Arc::new(store), Arc::new(archive), Arc::new(Everything), clock, Duration::ZERO);
        let run = archiver.run(&Actor::System("archiver"), &CancellationToken::new(), &|_| {}).await;
        assert_eq!(run.is_err(), fault.was_met(), "{run:?}");
        run.is_ok()
    }

    /// Whatever happened: every event is there once, in its place, and no job can be made again.
    async fn nothing_is_lost_or_doubled(&self, when: &str) -> usize {
        let log = whole(&self.store).await;
        let told = |events: &[Recorded]| events.iter().map(|event| format!("{event:?}")).collect::<Vec<_>>();
        assert_eq!(told(&log[..self.before.len()]), told(&self.before), "{when}");
        let archived = log[self.before.len()..].iter().map(|event| event.aggregate.clone()).collect::<Vec<_>>();
        let mut once = archived.clone();
        once.sort();
        once.dedup();
        assert_eq!(once.len(), archived.len(), "{when}: {archived:?}");
        for job in &self.jobs {
            let history: Vec<_> = log.iter().filter(|event| event.aggregate == *job).cloned().collect();
            assert_eq!(told(&self.store.look_back(job).await.unwrap().events), told(&history), "{when}");
            let again = jobs::request(&Executor::new(Arc::new(self.store.clone())), job).await;
            assert_eq!(again, 0, "{when}: {job} was made again");
        }
        archived.len()
    }
}

async fn whole(store: &NatsEventStore) -> Vec<Recorded> {
    let mut reader = store.open("PLANS", 0).await.unwrap();
    let mut events = Vec::new();
    loop {
        let batch = reader.next(100, WAIT).await.unwrap();
        events.extend(batch.events);
        if batch.pending == 0 {
            return events;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_ends_at_any_step_is_finished_by_the_next() {
    for after in [false, true] {
        let mut steps = 0;
        loop {
            let when = format!("stopped {} step {steps}", if after { "behind" } else { "before" });
            let stage = Stage::new().await;
            let through = stage.run(&Fault::at(steps, after)).await;
            stage.nothing_is_lost_or_doubled(&when).await;

            assert!(stage.run(&Fault::never()).await);
            assert_eq!(stage.nothing_is_lost_or_doubled(&when).await, stage.jobs.len(), "{when}");
            let segments = stage.shelf.list(StreamName::Plans).await.unwrap();
            assert_eq!(segments.len(), stage.jobs.len(), "{when}");
            assert!(segments.iter().all(|segment| segment.finished), "{when}: {segments:?}");
            for job in &stage.jobs {
                assert_eq!(stage.store.load(job).await.unwrap().events.len(), 1, "{when}: {job} left the log");
            }
            assert!(stage.archive.unfinished().await.unwrap().is_empty());
            stage.system.remove().await;
            if through {
                break;
            }
            steps += 1;
        }
        // A write, an append, a removal and a mark for each job, and a last look.
        assert_eq!(steps, 3 * 4 + 1, "every step was one to stop at");
    }
}

/// Two archivers that know nothing of each other.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn runs_side_by_side_lose_and_double_nothing() {
    let stage = Stage::new().await;
    let (one, other) = (Fault::never(), Fault::never());
    let ran = tokio::join!(stage.run(&one), stage.run(&other));
    assert_eq!(ran, (true, true));
    assert_eq!(stage.nothing_is_lost_or_doubled("after two runs").await, stage.jobs.len());
    for job in &stage.jobs {
        assert_eq!(stage.store.load(job).await.unwrap().events.len(), 1);
    }
    stage.system.remove().await;
}
