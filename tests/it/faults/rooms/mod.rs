//! Random interleavings of everything that clients, nodes and servers of presence do: joins, patches, goodbyes, cuts and returns, clients
//! that fall silent, kicks; nodes that are killed, end in order, or hang. At the end of each round every client's folded feed is what the
//! log says, and what every node, the view and the model say; nobody is gone who is there, no ghost outlives the bound, and each
//! departure was told once, for the right reason.
//!
//! `make test` runs it briefly, `make test-faults` for as long as `ALLY_FAULTS_SECONDS` says. Operations and faults follow from
//! `ALLY_FAULTS_SEED`, which every run prints; how they meet is the machine's own. Deliberately not here: nodes without sockets
//! (`handlers/tests/it/presence/interleaved.rs`), and what the log's absence does to many members (`faults/presence.rs`).

mod act;
mod beats;
mod come_back;
mod come_in;
mod feed;
mod line;
mod log;
mod member;
mod nodes;
mod plan;
mod report;
mod run;
mod servers;
mod settle;
mod socket_io;
mod stalls;
mod strike;
mod views;
mod world;

use std::time::{Duration, Instant};

use super::number;
use crate::system::System;
use member::Times;
use nodes::Nodes;
use run::Run;
use servers::Servers;
use world::World;

/// How long rounds begin where nobody says so: enough for two on a single server, and for one on a cluster, which takes its time.
const SMALL_SECONDS: u64 = 15;
const SMALL_SECONDS_OF_A_CLUSTER: u64 = 1;
/// On one server: soon over.
const QUICK: Times = Times {
    time_to_live: Duration::from_secs(4),
    grace: Duration::from_millis(1_500),
    cycle: Duration::from_millis(300),
};
/// On three: no lease ends while they agree on another leader, which takes up to nine seconds.
const OF_A_CLUSTER: Times =
    Times { time_to_live: Duration::from_secs(16), grace: Duration::from_secs(4), cycle: Duration::from_millis(300) };

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_knows_the_same_whatever_happens() {
    Box::pin(play("presence on a single server", "everybody_knows_the_same_whatever_happens", false, QUICK)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_knows_the_same_in_a_cluster_whose_servers_die() {
    let test = "everybody_knows_the_same_in_a_cluster_whose_servers_die";
    Box::pin(play("presence on a cluster of three", test, true, OF_A_CLUSTER)).await;
}

/// Rounds until the time is over, and the last look.
async fn play(scenario: &str, test: &str, clustered: bool, times: Times) {
    let small = if clustered { SMALL_SECONDS_OF_A_CLUSTER } else { SMALL_SECONDS };
    let (seed, lasts) = (number("ALLY_FAULTS_SEED"), number("ALLY_FAULTS_SECONDS").unwrap_or(small));
    let seed = seed.unwrap_or_else(|| uuid::Uuid::new_v4().as_u64_pair().0 >> 32);
    println!("{scenario}: rounds for {lasts} s, ALLY_FAULTS_SEED={seed}");
    let mut system = System::new();
    system
        .set("PRESENCE_LEASE_SECONDS", &times.time_to_live.as_secs().to_string())
        .set("PRESENCE_GRACE_MS", &times.grace.as_millis().to_string())
        .set("PRESENCE_REAP_EVERY_MS", &times.cycle.as_millis().to_string())
        .set("PRESENCE_BIG_ROOM_FROM", &plan::BIG_FROM.to_string())
        .set("PRESENCE_MESSAGES_PER_SECOND", "0")
        .set("PRESENCE_CONNECTIONS_PER_USER", "0");
    let servers = Servers::start(&mut system, clustered).await;
    let world = World::new(Nodes::start(system).await, times);
    let mut run = Run::new(world, servers, seed).await;
    run.begin().await;
    run.settle().await;
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(lasts) {
        run.round().await;
        run.settle().await;
    }
    views::verify(&run.world.nodes.system).await;
    let operations = run.world.counts.lock().unwrap().clone();
    run.tally.print(scenario, test, &operations, &run.world.times, run.stalls.longest());
}
