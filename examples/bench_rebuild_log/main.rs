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

mod fill;
#[path = "../../projections/examples/bench_rebuild/hand_written.rs"]
mod hand_written;
#[path = "../../projections/examples/bench_rebuild/measure.rs"]
mod measure;
#[allow(dead_code, reason = "here the log is a real one, and only its events are made up")]
#[path = "../../projections/examples/bench_rebuild/synthetic.rs"]
mod synthetic;

use std::sync::Arc;

use ally_nats::{JetStream, NatsConfig, NatsEventStore, Upcasters};

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
    fill::fill(&store, events / synthetic::EVENTS_OF_A_JOB).await;
    let admin = server("ALLY_TEST_DATABASE_URL");
    let (base, _) = admin.rsplit_once('/').unwrap();
    let figures = measure::measure(&format!("{base}/{name}"), Arc::new(store)).await;
    println!("{}", serde_json::to_string(&figures).unwrap());
}
