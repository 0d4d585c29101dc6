//! What a finished job costs nats-server in memory while it is in the log, and after it left for the archive.
//!
//! `make bench-archive` runs it and prints one line of JSON: resident memory of a server of its own with so many jobs as
//! `BENCH_JOBS` says (100,000 unless told), before and after the archiver, each time also freshly restarted, since a
//! process gives memory back late; the size of the archive; how fast jobs leave, and how fast the log is read with and
//! without an archive.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a measurement is told by the environment where the server is, prints, and stops where it cannot go on"
)]

#[path = "../bench_rebuild_log/fill.rs"]
mod fill;
mod server;
#[allow(dead_code, reason = "here the log is a real one, and only its events are made up")]
#[path = "../../projections/examples/bench_rebuild/synthetic.rs"]
mod synthetic;

use std::sync::Arc;
use std::time::{Duration, Instant};

use ally_domain::envelope::Actor;
use ally_domain::ports::{Clock, EventLog, Passed, PassedError};
use ally_handlers::{Archiver, Moved};
use ally_nats::{JetStream, NatsArchive, NatsConfig, NatsEventStore, SegmentLimits, Shelf, Upcasters};
use async_trait::async_trait;
use time::OffsetDateTime;
use tokio_util::sync::CancellationToken;

use server::Server;

const WAIT: Duration = Duration::from_secs(30);

#[tokio::main]
async fn main() {
    let jobs: u64 = std::env::var("BENCH_JOBS").map_or(100_000, |jobs| jobs.parse().expect("a number"));
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(folder.path()).await;
    let shelf = Shelf::open(&format!("file://{}", folder.path().join("archive").display()), "ally").unwrap();
    let jetstream = JetStream::connect(NatsConfig::new(server.url())).await.unwrap();
    jetstream.ensure_topology().await.unwrap();
    let store = NatsEventStore::new(jetstream, Upcasters::default()).with_archive(Some(shelf.clone()));

    server.restart().await;
    let empty = server.resident_bytes();
    fill::fill(&store, jobs).await;
    let (full, full_disk) = (server.resident_bytes(), server.stored_bytes());
    server.restart().await;
    let full_restarted = server.resident_bytes();
    let hot_read = read(&store).await;

    let begun = Instant::now();
    let moved = archive(&store, shelf).await;
    let took = begun.elapsed().as_secs_f64();
    assert_eq!(moved.jobs, jobs, "every job left the log");
    let archived = server.resident_bytes();
    server.restart().await;
    let (archived_restarted, archived_disk) = (server.resident_bytes(), server.stored_bytes());
    let merged_read = read(&store).await;
    assert_eq!((hot_read.0 + jobs, moved.events), (merged_read.0, hot_read.0), "the same events, and one more a job");

    let a_job = |bytes: u64| (bytes as f64 / jobs as f64).round();
    let ram = |bytes: u64| a_job(bytes.saturating_sub(empty));
    let figures = serde_json::json!({
        "jobs": jobs,
        "events": moved.events,
        "server_rss_bytes": {"empty": empty, "full": full, "full_restarted": full_restarted, "archived": archived,
            "archived_restarted": archived_restarted},
        "ram_bytes_a_job": {"full": ram(full), "full_restarted": ram(full_restarted), "archived": ram(archived),
            "archived_restarted": ram(archived_restarted)},
        "disk_bytes_a_job": {"full": a_job(full_disk), "archived": a_job(archived_disk)},
        "archive_bytes_a_job": a_job(moved.bytes),
        "archive_ratio": (moved.raw_bytes as f64 / moved.bytes as f64 * 10.0).round() / 10.0,
        "segments": moved.segments,
        "archived_jobs_a_second": (jobs as f64 / took).round(),
        "read_events_a_second": {"stream": hot_read.1.round(), "with_archive": merged_read.1.round()},
        "reader_rss_bytes": server::resident_bytes(std::process::id()),
    });
    println!("{figures}");
}

/// Reads the whole log: how many events, and how many a second.
async fn read(store: &NatsEventStore) -> (u64, f64) {
    let begun = Instant::now();
    let mut reader = store.open("PLANS", 0).await.unwrap();
    let mut events = 0;
    loop {
        let batch = reader.next(1_000, WAIT).await.unwrap();
        assert!(!batch.events.is_empty(), "the log fell silent behind {events} events");
        events += batch.events.len() as u64;
        if batch.pending == 0 {
            return (events, events as f64 / begun.elapsed().as_secs_f64());
        }
    }
}

async fn archive(store: &NatsEventStore, shelf: Shelf) -> Moved {
    let archive = NatsArchive::new(store.clone(), shelf, SegmentLimits::default());
    let (store, archive, clock) = (Arc::new(store.clone()), Arc::new(archive), Arc::new(InAMinute));
    let archiver = Archiver::new(store, archive, Arc::new(Everything), clock, Duration::ZERO);
    let told = |moved: &Moved| eprintln!("{} jobs in {} segments", moved.jobs, moved.segments);
    archiver.run(&Actor::System("archiver"), &CancellationToken::new(), &told).await.unwrap()
}

/// No view stands behind anything.
struct Everything;

#[async_trait]
impl Passed for Everything {
    async fn passed(&self, _stream: &str) -> Result<u64, PassedError> {
        Ok(u64::MAX)
    }
}

/// What ended just now is due.
struct InAMinute;

impl Clock for InAMinute {
    fn now(&self) -> OffsetDateTime {
        OffsetDateTime::now_utc() + time::Duration::MINUTE
    }
}
