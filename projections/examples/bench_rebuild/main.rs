//! How fast a view is rebuilt while it serves reads, beside merely reading the events and beside a fold written by hand.
//!
//! `bench_rebuild postgres://…/a_database_of_its_own [EVENTS]` prints one line of JSON. Here the log is made up as it is
//! read; [`measure::measure`] takes any other.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a measurement that cannot go on stops")]

mod hand_written;
mod measure;
mod synthetic;

use std::io::Write;
use std::sync::Arc;

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let url = arguments
        .next()
        .expect("name a database that does not exist yet: bench_rebuild postgres://user@host:port/name [EVENTS]");
    let events = arguments.next().map_or(1_000_000, |events| events.parse().expect("EVENTS is a number"));
    let figures = measure::measure(&url, Arc::new(synthetic::SyntheticLog { events })).await;
    let mut line = serde_json::to_vec(&figures).unwrap();
    line.push(b'\n');
    std::io::stdout().write_all(&line).unwrap();
}
