//! The archiver, joined: the log and its archive, the views that say how far they have read, and whose turn it is.

use std::sync::Arc;
use std::time::Duration;

use ally_domain::envelope::Actor;
use ally_handlers::{Archiver, OnMoved};
use ally_nats::{NatsArchive, NatsEventStore, SegmentLimits, Shelf};
use ally_projections::Database;
use ally_telemetry::names::{self, label, success};
use ally_telemetry::series;
use anyhow::Context;
use tokio_util::sync::CancellationToken;

use super::clock::SystemClock;
use crate::config::{Address, Config};

/// What one process does at a time.
const TURN: &str = "archiver";

/// The pause after a run that failed, where runs are farther apart.
const RETRY: Duration = Duration::from_secs(30);

/// The archive of the configuration; none when nothing goes there.
pub fn shelf(config: &Config) -> anyhow::Result<Option<Shelf>> {
    let url = config.archive.url.as_ref().map(Address::expose);
    url.map(|url| Shelf::open(url, &config.nats.prefix)).transpose().context("ARCHIVE_URL cannot be used")
}

/// The archiver of the configuration; none when nothing goes to an archive.
pub fn build(
    config: &Config,
    store: Arc<NatsEventStore>,
    database: Database,
    after: Duration,
) -> anyhow::Result<Option<(Archiver, NatsArchive)>> {
    let Some(shelf) = shelf(config)? else { return Ok(None) };
    let limits = SegmentLimits { bytes: config.archive.segment_bytes, ..SegmentLimits::default() };
    let archive = NatsArchive::new((*store).clone(), shelf, limits);
    let archiver = Archiver::new(store, Arc::new(archive.clone()), Arc::new(database), Arc::new(SystemClock), after);
    Ok(Some((archiver, archive)))
}

/// Moves what is due, now and then, until told to stop. What fails is tried again the next time.
pub async fn run(archiver: Archiver, database: Database, every: Duration, stop: CancellationToken) {
    series::begin(names::ARCHIVE_RUNS_TOTAL, &[(label::OUTCOME, &success::ALL)]);
    let mut pause = Duration::ZERO;
    while stop.run_until_cancelled(tokio::time::sleep(pause)).await.is_some() {
        pause = every;
        let outcome = match once(&archiver, &database, &stop).await {
            Ok(()) => success::OK,
            Err(error) => {
                tracing::error!(%error, "jobs that ended long ago were not all moved to the archive; trying again later");
                pause = every.min(RETRY);
                success::ERROR
            }
        };
        metrics::counter!(names::ARCHIVE_RUNS_TOTAL, label::OUTCOME => outcome).increment(1);
    }
}

async fn once(archiver: &Archiver, database: &Database, stop: &CancellationToken) -> anyhow::Result<()> {
    let Some(_turn) = database.turn(TURN).await? else {
        tracing::debug!("another process moves jobs to the archive");
        return Ok(());
    };
    archiver.run(&Actor::System("archiver"), stop, &|_| {}).await?;
    Ok(())
}

/// The same by hand, in an operator's name; none when another process is at it.
pub async fn by_hand(
    archiver: &Archiver,
    database: &Database,
    actor: &Actor,
    stop: &CancellationToken,
    on_moved: OnMoved<'_>,
) -> anyhow::Result<Option<ally_handlers::Moved>> {
    let Some(_turn) = database.turn(TURN).await? else { return Ok(None) };
    Ok(Some(archiver.run(actor, stop, on_moved).await?))
}
