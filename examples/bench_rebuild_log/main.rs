//! How fast a view is rebuilt from the real log while it serves reads, beside merely reading the events and beside a fold
//! written by hand.
//!
//! `make bench-rebuild` runs it with servers of its own and prints one line of JSON. The log is filled first, with as many
//! events as `BENCH_EVENTS` says, 1,000,000 unless told.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a measurement is told by the environment where the servers are, prints, and stops where it cannot go on"
)]

#[path = "../../projections/examples/bench_rebuild/hand_written.rs"]
mod hand_written;
#[path = "../../projections/examples/bench_rebuild/measure.rs"]
mod measure;
#[allow(dead_code, reason = "here the log is a real one, and only its events are made up")]
#[path = "../../projections/examples/bench_rebuild/synthetic.rs"]
mod synthetic;

use std::sync::Arc;

use ally_domain::envelope::{Actor, CommandContext, Recorded};
use ally_domain::event_data::EncodedEvent;
use ally_domain::ports::{Append, EventStore};
use ally_nats::{JetStream, NatsConfig, NatsEventStore, Upcasters};
use futures::{StreamExt, stream};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::value::RawValue;

/// Appends under way at once while the log is filled.
const WRITERS: usize = 256;

#[tokio::main]
async fn main() {
    let server =
        |name: &str| std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: run `make bench-rebuild`"));
    let events: u64 = std::env::var("BENCH_EVENTS").map_or(1_000_000, |events| events.parse().expect("a number"));
    let name = format!("bench{:.12}", uuid::Uuid::new_v4().simple().to_string());
    let config = NatsConfig { prefix: name.clone(), ..NatsConfig::new(server("ALLY_TEST_NATS_URL")) };
    let jetstream = JetStream::connect(config).await.unwrap();
    jetstream.ensure_topology().await.unwrap();
    let store = NatsEventStore::new(jetstream, Upcasters::default());
    fill(&store, events).await;
    let admin = server("ALLY_TEST_DATABASE_URL");
    let (base, _) = admin.rsplit_once('/').unwrap();
    let figures = measure::measure(&format!("{base}/{name}"), Arc::new(store)).await;
    println!("{}", serde_json::to_string(&figures).unwrap());
}

/// Appends whole jobs, as many as make the events, through the store itself.
async fn fill(store: &NatsEventStore, events: u64) {
    let profile = Arc::new(synthetic::profile());
    let jobs = events / synthetic::EVENTS_OF_A_JOB;
    let bar = ProgressBar::new(jobs * synthetic::EVENTS_OF_A_JOB);
    bar.set_style(ProgressStyle::with_template("filling the log {wide_bar} {pos}/{len} events, {per_sec}").unwrap());
    stream::iter(0..jobs)
        .for_each_concurrent(WRITERS, |job| {
            let (profile, bar) = (Arc::clone(&profile), &bar);
            async move {
                store.append(append(job, &profile)).await.expect("an append");
                bar.inc(synthetic::EVENTS_OF_A_JOB);
            }
        })
        .await;
    bar.finish_and_clear();
    eprintln!("filled {} events at {:.0}/s", bar.length().unwrap_or(0), bar.per_sec());
}

/// One job's whole life as one append.
fn append(job: u64, profile: &str) -> Append {
    let (round, place) = (job / synthetic::JOBS_AT_A_TIME, job % synthetic::JOBS_AT_A_TIME);
    let begin = round * synthetic::EVENTS_OF_A_JOB * synthetic::JOBS_AT_A_TIME + place;
    let steps = (0..synthetic::EVENTS_OF_A_JOB).map(|step| begin + step * synthetic::JOBS_AT_A_TIME + 1);
    let life: Vec<Recorded> = steps.map(|sequence| synthetic::event(sequence, profile)).collect();
    let first = life.first().expect("a job has events");
    let context = CommandContext {
        command_id: uuid::Uuid::now_v7().into(),
        correlation: first.correlation.clone(),
        causation: None,
        actor: Actor::System("planner"),
        at: first.at,
        trace: first.trace.clone(),
    };
    let aggregate = first.aggregate.clone();
    let events = life.into_iter().map(|event| EncodedEvent {
        event_type: event.event_type,
        data: RawValue::from_string(event.data).expect("JSON"),
    });
    Append { aggregate, expected: 0, events: events.collect(), context }
}
