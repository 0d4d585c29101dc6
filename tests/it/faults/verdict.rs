//! The questions at the end: is everything that was accepted done, once; do the views say what the log says; is anything
//! still waiting.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use ally_domain::ports::Deliveries;
use ally_nats::names::{StreamName, durable};
use ally_nats::{NatsDeliveries, NatsEventStore, Upcasters};
use ally_projections::{Database, DatabaseConfig, PROJECTIONS, RebuildConfig, Rebuilder, list_checkpoints};
use time::OffsetDateTime;

use super::athletes::Load;
use super::log::Log;
use super::stage::Stage;
use crate::system::{DEADLINE, SystemClock, eventually};

/// Reading the log again costs something.
const PAUSE: Duration = Duration::from_millis(250);

/// What was found.
pub struct Verdict {
    pub log: Log,
    pub completed: usize,
    /// Accepted jobs without an end, or whose end is not a plan.
    pub lost: Vec<String>,
    /// Open jobs that no consumer holds, and accepted ones that never came to an end.
    pub stranded: Vec<String>,
    /// Jobs that nobody was told of, and second requests, plans or completions of one job.
    pub duplicates: usize,
    /// Attempts beyond the first of a job: the work that the faults cost.
    pub repeated_attempts: usize,
    pub dead_letters: u64,
    /// How long after the load the last job took.
    pub settled_after: Duration,
    /// Rows of all views that were compared with the log, and the first that differ.
    pub rows: u64,
    pub differences: Vec<String>,
    /// When completions were stored, in order.
    pub completions: Vec<OffsetDateTime>,
}

/// Waits until everything has come to its end, then looks.
pub async fn reach(stage: &Stage, load: &Load) -> Verdict {
    let begun = Instant::now();
    let mut log = Log::of(stage).await;
    loop {
        log.catch_up().await;
        let open =
            load.accepted.iter().filter(|job| !log.jobs.get(*job).is_some_and(super::log::Job::has_ended)).count();
        if open == 0 || begun.elapsed() > DEADLINE {
            break;
        }
        tokio::time::sleep(PAUSE).await;
    }
    let settled_after = begun.elapsed();
    let stranded = stranded(stage, load, &log).await;
    if stranded.is_empty() {
        nothing_pending(stage).await;
    }
    log.catch_up().await;
    log.read_onboarding().await;
    let (rows, differences) = compare_views(stage, &log).await;
    let accepted: BTreeSet<&String> = load.accepted.iter().collect();
    let lost = accepted.iter().filter(|id| log.jobs.get(**id).is_none_or(|job| job.completed.is_empty()));
    let lost = lost.map(|id| format!("{id}: {:?}", log.jobs.get(*id))).collect();
    let unknown = log.jobs.keys().filter(|id| !accepted.contains(id)).count();
    let beyond_one = |count: usize| count.saturating_sub(1);
    let twice: usize = log
        .jobs
        .values()
        .map(|job| beyond_one(job.requested.len()) + beyond_one(job.plans.len()) + beyond_one(job.completed.len()))
        .sum();
    let mut completions: Vec<_> = log.jobs.values().flat_map(|job| job.completed.clone()).collect();
    completions.sort_unstable();
    Verdict {
        completed: log.jobs.values().filter(|job| !job.completed.is_empty() && job.plans.len() == 1).count(),
        lost,
        stranded,
        duplicates: unknown + twice + (load.accepted.len() - accepted.len()),
        repeated_attempts: log.jobs.values().map(|job| beyond_one(job.attempts)).sum(),
        dead_letters: log.count(StreamName::DeadLetters).await,
        settled_after,
        rows,
        differences,
        completions,
        log,
    }
}

impl Verdict {
    /// Fails when anything was lost or doubled.
    pub fn hold(&self) {
        assert!(self.stranded.is_empty(), "stranded: {:#?}", self.stranded);
        assert!(self.lost.is_empty(), "lost: {:#?}", self.lost);
        assert_eq!(self.duplicates, 0, "done twice, or never asked for: {:#?}", self.log.jobs);
        assert_eq!(self.completed, self.log.jobs.len(), "each completed job has exactly one plan");
        assert!(self.differences.is_empty(), "the views differ from the log: {:#?}", self.differences);
        assert_eq!(self.dead_letters, 0, "nothing was given up");
        assert!(self.completed > 0 && self.rows > 0, "there was a load");
    }
}

/// Jobs that will never end by themselves, as the house finds them and as a client finds them that has only waited.
async fn stranded(stage: &Stage, load: &Load, log: &Log) -> Vec<String> {
    let open = load.accepted.iter().filter(|job| !log.jobs.get(*job).is_some_and(super::log::Job::has_ended));
    let mut stranded: BTreeMap<String, String> =
        open.map(|job| (job.clone(), format!("{job}: accepted, and open after {DEADLINE:?}"))).collect();
    let deliveries = NatsDeliveries::new(stage.jetstream().await, Upcasters::default());
    let unheld = deliveries.unheld(&HashSet::new()).await.unwrap();
    let unheld = unheld.messages.into_iter().map(|unheld| (unheld.job.to_string(), format!("{unheld:?}")));
    stranded.extend(unheld);
    stranded.into_values().collect()
}

/// No consumer has anything to do, and the planner's own figures say so too.
async fn nothing_pending(stage: &Stage) {
    let jetstream = stage.jetstream().await;
    for (stream, consumer) in [
        (StreamName::Plans, durable::PLANNER),
        (StreamName::Plans, durable::PLANNER_EXPRESS),
        (StreamName::Onboarding, durable::ONBOARDING),
    ] {
        eventually(&format!("nothing pending for the consumer {consumer}"), async || {
            let figures = jetstream.consumer_figures(stream, consumer, &SystemClock).await.ok()?;
            (figures.depth() == 0).then_some(())
        })
        .await;
    }
    let queue = std::cell::RefCell::new(None);
    let empty = async {
        loop {
            let answer = stage.roles.queue().await;
            let open = |answer: &serde_json::Value| ["depth", "running", "retrying"].iter().any(|of| answer[of] != 0);
            if answer.as_ref().is_some_and(|answer| !open(answer)) {
                return;
            }
            *queue.borrow_mut() = answer;
            tokio::time::sleep(PAUSE).await;
        }
    };
    let emptied = tokio::time::timeout(DEADLINE, empty).await;
    assert!(emptied.is_ok(), "the planner's figures show a queue that is not there: {queue:?}");
}

/// Waits until every projection is at the end of its streams, then folds the log afresh and compares row by row.
async fn compare_views(stage: &Stage, log: &Log) -> (u64, Vec<String>) {
    let database = Database::connect(DatabaseConfig::new(stage.postgres.url())).unwrap();
    eventually("every projection at the log's end", async || {
        let checkpoints = list_checkpoints(&database).await.ok()?;
        let caught_up = PROJECTIONS.iter().all(|projection| {
            projection.streams.iter().all(|stream| {
                // Nothing is given up, so the stream of dead letters is at its end from the beginning.
                let end = log.ends.get(&stream.parse().unwrap()).copied().unwrap_or(0);
                checkpoints.iter().any(|checkpoint| {
                    checkpoint.projection == projection.name
                        && checkpoint.position.stream == *stream
                        && checkpoint.position.sequence >= end
                })
            })
        });
        caught_up.then_some(())
    })
    .await;
    let events = Arc::new(NatsEventStore::new(stage.jetstream().await, Upcasters::default()));
    let rebuilder = Rebuilder::new(database, events, RebuildConfig::default());
    let (mut rows, mut differences) = (0, Vec::new());
    for projection in PROJECTIONS {
        let verified = rebuilder.verify(projection.name, &|_| ()).await.unwrap();
        rows += verified.rows;
        differences.extend(verified.differences.iter().map(|difference| format!("{difference:?}")));
        assert_eq!(verified.differing == 0, verified.differences.is_empty());
    }
    (rows, differences)
}
