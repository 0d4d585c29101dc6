//! Leases by the ten thousand: how fast they are renewed, how late their end is told, and that nothing of them stays.

#![allow(clippy::print_stdout, reason = "what was measured is printed for whoever reads it")]

use std::collections::HashMap;
use std::time::{Duration, Instant};

use ally_domain::ports::{LeaseChange, LeaseError, Leases};
use ally_domain::room::ConnId;
use ally_domain::testing::conformance::leases::{Caught, caught, lease_in, new_conn};
use ally_nats::{NatsLeases, Replicas};
use futures::{StreamExt, stream};

use crate::bench::{Deployment, config, run};
use crate::servers::{Cluster, Server};

const CONNECTIONS: usize = 20_000;
/// Commands on their way at once.
const PIPELINED: usize = 512;
const TIME_TO_LIVE: Duration = Duration::from_secs(1);
/// How late the end of a lease may be told.
const MOST_LATE: Duration = Duration::from_secs(3);
/// For how long the server keeps that a lease ended.
const MARKERS_KEPT: Duration = Duration::from_secs(10);

/// Does something for each connection, many at once, again where nobody answered in time; the answers with when they came.
async fn for_each<T>(
    conns: &[ConnId],
    work: impl AsyncFn(ConnId) -> Result<T, LeaseError>,
) -> HashMap<ConnId, (Instant, T)> {
    let answered = async |conn| loop {
        match work(conn).await {
            Ok(answer) => return answer,
            Err(LeaseError::Unavailable { reason }) => println!("{conn} is tried again: {reason}"),
            Err(moved) => panic!("{moved}"),
        }
    };
    let answered = &answered;
    let answers =
        stream::iter(conns).map(|conn| async move { (*conn, answered(*conn).await) }).buffer_unordered(PIPELINED);
    answers.map(|(conn, answer)| (conn, (Instant::now(), answer))).collect().await
}

async fn messages_and_bytes(deployment: &Deployment) -> (u64, u64) {
    let stream = deployment.raw().await.get_stream(deployment.jetstream.names().lease_stream()).await.unwrap();
    let state = &stream.cached_info().state;
    (state.messages, state.bytes)
}

/// Renewed by all at once: each is told to whoever watches, and nothing that was held is missing.
async fn are_held_and_renewed(deployment: &Deployment) {
    let leases = NatsLeases::new(deployment.jetstream.clone(), Duration::from_secs(60));
    let lease = lease_in("a");
    let conns: Vec<_> = (0..CONNECTIONS).map(|_| new_conn()).collect();
    let mut last = HashMap::new();
    for what in ["taken", "renewed", "renewed"] {
        let since = Instant::now();
        let held = for_each(&conns, async |conn| leases.hold(conn, &lease).await).await;
        println!("{:.0} leases {what} a second", CONNECTIONS as f64 / since.elapsed().as_secs_f64());
        for (conn, (_, revision)) in held {
            let before = last.insert(conn, revision);
            assert!(before.is_none_or(|before| before < revision));
        }
    }
    let since = Instant::now();
    let told = caught(&leases).await.unwrap().held;
    println!("a watch was told of {CONNECTIONS} leases in {:?}", since.elapsed());
    assert_eq!(told, last.into_iter().collect());
}

/// Half of them are released and half end by themselves.
async fn leave_nothing(deployment: &Deployment) {
    let leases = NatsLeases::new(deployment.jetstream.clone(), TIME_TO_LIVE);
    let Caught { mut watch, .. } = caught(&leases).await.unwrap();
    let floor = messages_and_bytes(deployment).await;
    assert_eq!(floor.0, 1, "the mark of the bucket");

    let lease = lease_in("a");
    let conns: Vec<_> = (0..CONNECTIONS).map(|_| new_conn()).collect();
    let told = tokio::spawn(async move {
        let mut ended = HashMap::new();
        while ended.len() < CONNECTIONS {
            if let LeaseChange::Ended { conn, expired } = watch.next().await.unwrap() {
                ended.insert(conn, (Instant::now(), expired));
            }
        }
        ended
    });
    let (released, left) = conns.split_at(CONNECTIONS / 2);
    let longer = NatsLeases::new(deployment.jetstream.clone(), Duration::from_secs(60));
    for_each(released, async |conn| longer.hold(conn, &lease).await).await;
    for_each(released, async |conn| longer.release(conn).await).await;
    let held = for_each(left, async |conn| leases.hold(conn, &lease).await).await;
    let ended = tokio::time::timeout(TIME_TO_LIVE + MOST_LATE * 3, told).await.expect("all ends are told").unwrap();
    let mut late: Vec<_> = left
        .iter()
        .map(|conn| {
            let (at, expired) = ended[conn];
            assert!(expired, "{conn} was not released");
            (at - held[conn].0).saturating_sub(TIME_TO_LIVE)
        })
        .collect();
    late.sort_unstable();
    let (half, most) = (late[late.len() / 2], late[late.len() - 1]);
    println!("{} leases ended by themselves; told {half:?} (p50), {most:?} (max) after their time", late.len());
    assert!(most < MOST_LATE, "an end was told {most:?} late");

    let since = Instant::now();
    while messages_and_bytes(deployment).await != floor {
        assert!(since.elapsed() < MARKERS_KEPT + MOST_LATE, "{:?} stay", messages_and_bytes(deployment).await);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    println!("the bucket is at its floor {:?} after the last end was told", since.elapsed());
}

async fn at_scale(deployment: &Deployment) {
    leave_nothing(deployment).await;
    are_held_and_renewed(deployment).await;
}

#[test]
fn twenty_thousand_leases_are_renewed_and_leave_nothing() {
    run(async {
        let server = Server::started().await;
        at_scale(&Deployment::on(config(&server.url())).await).await;
    });
}

#[test]
fn in_a_cluster_twenty_thousand_leases_are_renewed_and_leave_nothing() {
    run(async {
        let cluster = Cluster::started().await;
        at_scale(&Deployment::with(config(&cluster.url()), Replicas::Exactly(3)).await).await;
    });
}
