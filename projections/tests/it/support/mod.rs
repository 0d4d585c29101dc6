//! What the tests stand on: databases of their own, a log in memory, servers of their own, and events.

mod channels;
mod database;
mod dead_letters;
mod events;
mod log;
mod postgres;
mod rooms;
mod webhooks;

pub use channels::Channel;
pub use database::TestDatabase;
pub use dead_letters::{NOW, discarded, discarded_as, keep_for, letter, parked, requeued};
pub use events::{DECIDED_AT, Story, answers, athlete, profile, trace};
pub use log::MemoryLog;
pub use postgres::OwnPostgres;
pub use rooms::{Room, conn};
pub use webhooks::{DecidedDelivery, DecidedEndpoint, message};

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use ally_domain::ports::Clock;
use ally_projections::{Database, PROJECTIONS, Projector, ProjectorConfig};
use time::OffsetDateTime;
use tokio_util::sync::CancellationToken;

/// A configuration that wastes no test's time.
pub fn quick() -> ProjectorConfig {
    ProjectorConfig {
        lag_interval: Duration::from_millis(50),
        lock_wait: Duration::from_millis(500),
        retry_min: Duration::from_millis(10),
        retry_max: Duration::from_millis(200),
        ..ProjectorConfig::default()
    }
}

/// The time at which every test happens.
pub struct FixedClock;

impl Clock for FixedClock {
    fn now(&self) -> OffsetDateTime {
        time::macros::datetime!(2026-11-20 12:00 UTC)
    }
}

/// A projector at work, stopped at the latest with its handle.
pub struct Running {
    pub projector: Projector,
    stop: CancellationToken,
    task: Option<tokio::task::JoinHandle<()>>,
}

impl Running {
    pub fn start(database: &Database, log: &MemoryLog) -> Self {
        Self::start_with(database, log, quick())
    }

    pub fn start_with(database: &Database, log: &MemoryLog, config: ProjectorConfig) -> Self {
        let projector = Projector::new(database.clone(), Arc::new(log.clone()), Arc::new(FixedClock), config);
        let stop = CancellationToken::new();
        let task = tokio::spawn({
            let (projector, stop) = (projector.clone(), stop.clone());
            async move { projector.run(stop).await }
        });
        Self { projector, stop, task: Some(task) }
    }

    pub async fn stop(mut self) {
        self.stop.cancel();
        self.task.take().unwrap().await.unwrap();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// Polls a foreign system until it is as wanted; fails with `what` after 60 s: a server
/// that was killed recovers slowly where the disk is busy.
pub async fn until<T, F: Future<Output = Option<T>>>(what: &str, mut check: impl FnMut() -> F) -> T {
    let polling = async {
        loop {
            if let Some(value) = check().await {
                return value;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), polling)
        .await
        .unwrap_or_else(|_| panic!("waited in vain until {what}"))
}

/// Waits until every view has all that the log holds.
pub async fn caught_up(database: &Database, log: &MemoryLog) {
    let expected: usize = PROJECTIONS.iter().map(|known| known.streams.len()).sum();
    until("the views have all that the log holds", || async {
        let checkpoints = ally_projections::list_checkpoints(database).await.ok()?;
        let all = checkpoints.len() == expected
            && checkpoints.iter().all(|one| one.position.sequence == log.last(&one.position.stream));
        all.then_some(())
    })
    .await;
}
