//! The measurement, over any log.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use ally_domain::ids::JobId;
use ally_domain::ports::{Clock, EventLog};
use ally_projections::{
    Database, DatabaseConfig, Projector, ProjectorConfig, RebuildConfig, Rebuilder, job_status, list_checkpoints,
    migrate,
};
use serde::Serialize;
use tokio_util::sync::CancellationToken;

use crate::hand_written;

const VIEW: &str = "job_status";

/// What was measured; rates in events a second, memory in MiB, processor time of this process (its reading and folding,
/// not the servers' part) in microseconds an event: it says more than a rate where others use the machine too.
#[derive(Debug, Serialize)]
pub struct Figures {
    events: u64,
    read_only: u64,
    hand_written: u64,
    live_projection: u64,
    rebuild: u64,
    rebuild_to_hand_written: f64,
    read_only_cpu_us: f64,
    hand_written_cpu_us: f64,
    rebuild_cpu_us: f64,
    verify: u64,
    verify_differences: u64,
    reads_while_rebuilding: u64,
    reads_failed: u64,
    slowest_read_ms: u64,
    memory_before_mib: u64,
    memory_peak_mib: u64,
}

/// Fills a database of its own, then measures. The database is created when it is missing and left behind.
pub async fn measure(url: &str, log: Arc<dyn EventLog>) -> Figures {
    migrate(url).await.expect("a database to migrate");
    let database = Database::connect(DatabaseConfig::new(url)).expect("a URL");
    let events = log.last_sequence("PLANS").await.expect("the log");

    let begun = list_checkpoints(&database).await.expect("the views");
    assert!(begun.is_empty(), "name a database that does not exist yet: this one was projected into already");

    let (read_only, read_only_cpu_us) = timed(read(&*log, events)).await;
    let (live_projection, _) = timed(project(&database, &log, events)).await;
    let readers = Readers::start(&database, &*log).await;
    let (hand_written, hand_written_cpu_us) = timed(hand_written::fold(url, &*log)).await;
    readers.stop().await;

    let readers = Readers::start(&database, &*log).await;
    let memory_before_mib = resident_mib();
    let peak = AtomicU64::new(memory_before_mib);
    let rebuilder = Rebuilder::new(database.clone(), Arc::clone(&log), RebuildConfig::default());
    let watch = |_: &_| {
        peak.fetch_max(resident_mib(), Ordering::Relaxed);
    };
    let (rebuild, rebuild_cpu_us) =
        timed(async { rebuilder.rebuild(VIEW, &watch).await.expect("a rebuild").events }).await;
    let (reads_while_rebuilding, reads_failed, slowest_read_ms) = readers.stop().await;
    let mut verify_differences = 0;
    let (verify, _) = timed(async {
        let verified = rebuilder.verify(VIEW, &watch).await.expect("a check");
        verify_differences = verified.differing;
        verified.events
    })
    .await;
    #[allow(clippy::cast_precision_loss, reason = "rates")]
    Figures {
        events,
        read_only,
        hand_written,
        live_projection,
        rebuild,
        rebuild_to_hand_written: (rebuild as f64 / hand_written as f64 * 100.0).round() / 100.0,
        read_only_cpu_us,
        hand_written_cpu_us,
        rebuild_cpu_us,
        verify,
        verify_differences,
        reads_while_rebuilding,
        reads_failed,
        slowest_read_ms,
        memory_before_mib,
        memory_peak_mib: peak.into_inner(),
    }
}

/// Events a second, and this process's processor time an event.
async fn timed(work: impl Future<Output = u64>) -> (u64, f64) {
    let (start, cpu) = (Instant::now(), cpu_us());
    let events = work.await;
    let rate = u64::try_from(u128::from(events) * 1_000_000 / start.elapsed().as_micros().max(1)).unwrap_or(u64::MAX);
    #[allow(clippy::cast_precision_loss, reason = "a figure for people")]
    let cpu = (cpu_us() - cpu) as f64 / events.max(1) as f64;
    (rate, (cpu * 100.0).round() / 100.0)
}

async fn read(log: &dyn EventLog, last: u64) -> u64 {
    let mut reader = log.open("PLANS", 0).await.expect("the log");
    let (mut position, mut events) = (0, 0);
    while position < last {
        let batch = reader.next(1_000, Duration::from_secs(5)).await.expect("events");
        position = batch.events.last().map_or(position, |event| event.position.sequence);
        events += batch.events.len() as u64;
    }
    events
}

async fn project(database: &Database, log: &Arc<dyn EventLog>, last: u64) -> u64 {
    let projector = Projector::new(database.clone(), Arc::clone(log), Arc::new(NoClock), ProjectorConfig::default());
    let stop = CancellationToken::new();
    let running = tokio::spawn({
        let stop = stop.clone();
        async move { projector.run(stop).await }
    });
    loop {
        let checkpoints = list_checkpoints(database).await.unwrap_or_default();
        if checkpoints.iter().any(|one| one.position.stream == "PLANS" && one.position.sequence >= last) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    stop.cancel();
    running.await.expect("the projector");
    last
}

/// Somebody who asks for a job's status a hundred times a second, through everything that is compared.
struct Readers {
    done: Arc<AtomicBool>,
    task: tokio::task::JoinHandle<(u64, u64, u64)>,
}

impl Readers {
    async fn start(database: &Database, log: &dyn EventLog) -> Self {
        let first =
            log.open("PLANS", 0).await.expect("the log").next(64, Duration::from_secs(5)).await.expect("events");
        let jobs = first.events.iter().filter(|event| event.event_type.noun == "plan_job");
        let jobs = jobs.map(|event| JobId::from(&event.aggregate.id)).collect::<Vec<_>>();
        let done = Arc::new(AtomicBool::new(false));
        let task = tokio::spawn({
            let (database, done) = (database.clone(), Arc::clone(&done));
            async move {
                let (mut reads, mut failed, mut slowest) = (0, 0, Duration::ZERO);
                let mut pace = tokio::time::interval(Duration::from_millis(10));
                for job in jobs.iter().cycle() {
                    if done.load(Ordering::Relaxed) {
                        break;
                    }
                    pace.tick().await;
                    let start = Instant::now();
                    match job_status::get(&database, job).await {
                        Ok(Some(_)) => reads += 1,
                        Ok(None) | Err(_) => failed += 1,
                    }
                    slowest = slowest.max(start.elapsed());
                }
                (reads, failed, u64::try_from(slowest.as_millis()).unwrap_or(u64::MAX))
            }
        });
        Self { done, task }
    }

    async fn stop(self) -> (u64, u64, u64) {
        self.done.store(true, Ordering::Relaxed);
        self.task.await.expect("the reader")
    }
}

/// Processor time of this process so far, from `/proc`, where a tick is a hundredth of a second; 0 where there is none.
fn cpu_us() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    fields.skip(11).take(2).filter_map(|ticks| ticks.parse::<u64>().ok()).sum::<u64>() * 10_000
}

/// Resident memory of this process, from `/proc`; 0 where there is none.
fn resident_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok()).unwrap_or(0) / 1_024
}

struct NoClock;

impl Clock for NoClock {
    fn now(&self) -> time::OffsetDateTime {
        time::OffsetDateTime::UNIX_EPOCH
    }
}
