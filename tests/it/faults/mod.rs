//! Everything that can die is killed, in turn and then at random, while athletes go on asking for plans; the store and the
//! disk fill up, messages are acknowledged by nobody's hand, consumers are deleted. At the end every accepted job has come
//! to its end, each with exactly one plan, nobody's job is stranded, the views are what the log says, and nothing is pending.
//!
//! `make test` runs it briefly, `make test-faults` for as long as `ALLY_FAULTS_SECONDS` says. The order of the faults
//! follows from `ALLY_FAULTS_SEED`, which every run prints; what happens between two of them is the machine's own.

mod athletes;
mod cluster;
mod consumers;
mod dice;
mod disk;
mod fault;
mod filler;
mod full_store;
mod hidden_tab;
mod idle;
mod log;
pub mod nats;
pub mod postgres;
mod presence;
mod report;
mod roles;
mod rooms;
mod stage;
mod verdict;
mod wire;

use std::time::{Duration, Instant};

use athletes::Athletes;
pub use dice::Dice;
use fault::{Fault, Struck};
use stage::Stage;

/// How long the load is on unless told, at least: enough for one fault of each kind.
const SMALL_SECONDS: u64 = 20;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_or_doubled_whoever_is_killed() {
    Box::pin(play("single server", Stage::single().await, &Fault::ON_ONE_SERVER, &Fault::ON_ONE_SERVER)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_or_doubled_in_a_cluster_that_is_torn() {
    Box::pin(play("cluster of three", Stage::cluster().await, &Fault::OF_A_CLUSTER, &Fault::ON_A_CLUSTER)).await;
}

/// Load on, each fault of `in_turn` once, then any of `at_random` until the time is over, load off, and the verdict.
async fn play(scenario: &'static str, stage: Stage, in_turn: &[Fault], at_random: &[Fault]) {
    let (seed, lasts) = (number("ALLY_FAULTS_SEED"), number("ALLY_FAULTS_SECONDS").unwrap_or(SMALL_SECONDS));
    let seed = seed.unwrap_or_else(|| uuid::Uuid::new_v4().as_u64_pair().0 >> 32);
    println!("{scenario}: load for {lasts} s, ALLY_FAULTS_SEED={seed}");
    let mut dice = Dice::new(seed);
    let (begun, mut struck) = (Instant::now(), Vec::new());
    let athletes = Athletes::start(&stage).await;
    for fault in in_turn {
        strike(&stage, &[*fault], &mut dice, &mut struck).await;
    }
    while begun.elapsed() < Duration::from_secs(lasts) {
        // Now and then two at once: what recovers from the one must bear the other.
        let count = if dice.one_in(4) { 2 } else { 1 };
        let mut faults = dice.pick_distinct(at_random, count);
        // Three servers bear the fault of one.
        if faults.iter().all(Fault::is_of_the_servers) {
            faults.truncate(1);
        }
        strike(&stage, &faults, &mut dice, &mut struck).await;
    }
    let load = athletes.stop().await;
    let verdict = verdict::reach(&stage, &load).await;
    report::print(scenario, seed, &load, &verdict, &struck);
    verdict.hold();
    stage.leave().await;
}

/// Strikes, waits until what was struck is up again, and lets the load run on for a while.
async fn strike(stage: &Stage, faults: &[Fault], dice: &mut Dice, struck: &mut Vec<Struck>) {
    let blows = faults.iter().map(|fault| fault.strike(stage, dice.between(100, 1_500), dice.between(2_000, 6_000)));
    let blows: Vec<_> = blows.collect();
    struck.extend(futures::future::join_all(blows).await);
    tokio::time::sleep(dice.between(1_000, 2_500)).await;
}

#[allow(clippy::disallowed_methods, reason = "a test is told by the environment how long to go on")]
fn number(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok().filter(|text| !text.is_empty())?;
    Some(text.parse().unwrap_or_else(|_| panic!("{variable} is {text:?}; write a whole number")))
}

/// Now, as the server's clock on this machine tells it too.
#[allow(clippy::disallowed_methods, reason = "faults are laid beside what the server stored when")]
fn now() -> time::OffsetDateTime {
    time::OffsetDateTime::now_utc()
}
