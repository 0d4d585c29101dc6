//! A renewal that meets the end of its lease. The server writes the end without looking whether the lease was renewed meanwhile, so either
//! may win: what must hold is that the bucket and whoever watches it agree, and that a lease which lost is told to have ended.

#![allow(clippy::print_stdout, reason = "what was measured is printed for whoever reads it")]

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use ally_domain::ports::{HeldLease, LeaseChange, Leases};
use ally_domain::room::ConnId;
use ally_domain::testing::conformance::leases::{Caught, caught, lease_in, new_conn};
use ally_nats::{NatsLeases, Replicas};
use futures::{StreamExt, stream};

use crate::bench::{Deployment, config, run};
use crate::servers::{Cluster, Server};

const TIME_TO_LIVE: Duration = Duration::from_secs(1);
/// The longest after its time that the end of a lease may be told.
const MOST_LATE: Duration = Duration::from_secs(3);
/// The longest that a watch may be behind what was read, on a machine that has other things to do.
const MOST_BEHIND: Duration = Duration::from_millis(500);
/// Tries at once.
const AT_ONCE: usize = 1_000;
/// `ALLY_TEST_LEASE_TRIES` makes it more.
const TRIES: usize = 2_000;

#[allow(clippy::disallowed_methods, reason = "how long a test takes is chosen through the environment")]
fn tries() -> usize {
    std::env::var("ALLY_TEST_LEASE_TRIES").map_or(TRIES, |text| text.parse().unwrap())
}

/// All that a watch told, by connection, with when.
type Told = Arc<Mutex<HashMap<ConnId, Vec<(Instant, LeaseChange)>>>>;

/// When a lease is renewed, after it was taken: around the end of its time, and while the server works on ends.
fn renewed_after(n: usize) -> Duration {
    let fraction = (n * 7_919 % 1_000) as f64 / 1_000.0;
    let millis = if n.is_multiple_of(2) { -5.0 + 10.0 * fraction } else { 400.0 * fraction };
    Duration::from_secs_f64(TIME_TO_LIVE.as_secs_f64() + millis / 1_000.0)
}

/// What became of a renewal.
struct Renewed {
    conn: ConnId,
    revision: u64,
    at: Instant,
    /// What was read a little later: asked and answered when.
    read: Option<HeldLease>,
    asked_at: Instant,
    answered_at: Instant,
}

async fn renew_at_the_end(leases: &NatsLeases, n: usize) -> Renewed {
    let (conn, lease) = (new_conn(), lease_in("a"));
    // So that not all ends fall together.
    tokio::time::sleep(Duration::from_millis((n % AT_ONCE) as u64)).await;
    leases.hold(conn, &lease).await.unwrap();
    let held = Instant::now();
    tokio::time::sleep_until((held + renewed_after(n)).into()).await;
    let revision = leases.hold(conn, &lease).await.unwrap();
    let at = Instant::now();
    tokio::time::sleep_until((at + TIME_TO_LIVE.mul_f64(0.6)).into()).await;
    let asked_at = Instant::now();
    let read = leases.get(conn).await.unwrap();
    Renewed { conn, revision, at, read, asked_at, answered_at: Instant::now() }
}

async fn is_told_either_way(deployment: &Deployment) {
    let leases = NatsLeases::new(deployment.jetstream.clone(), TIME_TO_LIVE);
    let Caught { mut watch, .. } = caught(&leases).await.unwrap();
    let told = Told::default();
    let telling = Arc::clone(&told);
    let reader = tokio::spawn(async move {
        loop {
            let change = watch.next().await.unwrap();
            let (LeaseChange::Held { conn, .. } | LeaseChange::Ended { conn, .. }) = &change else { continue };
            telling.lock().unwrap().entry(*conn).or_default().push((Instant::now(), change));
        }
    });
    let tries = tries();
    let work = stream::iter(0..tries).map(|n| renew_at_the_end(&leases, n)).buffer_unordered(AT_ONCE);
    let renewed: Vec<Renewed> = work.collect().await;

    // Each ends at last, and is told to.
    let since = Instant::now();
    let has_ended =
        |changes: &Vec<(Instant, LeaseChange)>| matches!(changes.last(), Some((_, LeaseChange::Ended { .. })));
    while !renewed.iter().all(|one| told.lock().unwrap().get(&one.conn).is_some_and(has_ended)) {
        assert!(since.elapsed() < TIME_TO_LIVE + MOST_LATE, "a lease stays for ever, or its end was not told");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let told = told.lock().unwrap();
    let mut lost = 0;
    let mut ended_before = 0;
    for one in &renewed {
        let changes = &told[&one.conn];
        let is_renewal =
            |change: &LeaseChange| matches!(change, LeaseChange::Held { revision, .. } if *revision == one.revision);
        let renewal = changes.iter().find(|(_, change)| is_renewal(change));
        let (told_at, end) = changes.last().unwrap();
        assert_eq!(*end, LeaseChange::Ended { conn: one.conn, expired: true }, "{changes:?}");
        let ends = changes.iter().filter(|(_, change)| matches!(change, LeaseChange::Ended { .. })).count();
        ended_before += usize::from(ends > 1);
        // One that is not even told to be renewed was ended before it could be.
        lost += usize::from(renewal.is_none_or(|(renewed_at, _)| *told_at < *renewed_at + TIME_TO_LIVE.mul_f64(0.9)));
        match &one.read {
            Some(read) => {
                assert_eq!(read.revision, one.revision, "{changes:?}");
                assert!(*told_at >= one.asked_at, "it was read after its end had been told: {changes:?}");
            }
            None => assert!(*told_at <= one.answered_at + MOST_BEHIND, "its end was told late: {changes:?}"),
        }
        assert!(*told_at <= one.at + TIME_TO_LIVE + MOST_LATE, "{changes:?}");
    }
    println!(
        "{tries} renewals around the end: {ended_before} leases had ended before, {lost} renewals lost to the end that was being written"
    );
    reader.abort();
}

#[test]
fn a_renewal_in_the_moment_of_the_end_is_held_or_told_to_have_ended() {
    run(async {
        let server = Server::started().await;
        is_told_either_way(&Deployment::on(config(&server.url())).await).await;
    });
}

#[test]
fn in_a_cluster_a_renewal_in_the_moment_of_the_end_is_held_or_told_to_have_ended() {
    run(async {
        let cluster = Cluster::started().await;
        is_told_either_way(&Deployment::with(config(&cluster.url()), Replicas::Exactly(3)).await).await;
    });
}
