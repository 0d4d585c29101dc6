//! Whom a node lets go, and whom it must not.

use std::time::Duration;

use ally_domain::ports::{Lease, Leases};
use ally_domain::room::ConnId;
use ally_handlers::presence::PresenceConfig;
use uuid::Uuid;

use super::cluster::{Client, Cluster, TIME_TO_LIVE, join};

const REAP_EVERY: Duration = Duration::from_millis(500);

/// Time passes, and the client is heard of.
async fn alive(client: &Client, time: Duration) {
    for _ in 0..time.as_millis() / 100 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        client.session.socket.touch();
    }
}

/// A node that saw a lease end, and hung before its other node took it again, has yet to read that when it goes on.
#[tokio::test(start_paused = true)]
async fn a_node_that_hung_reads_what_happened_before_it_lets_anybody_go() {
    let cluster = Cluster::start(2, PresenceConfig { reap_every: REAP_EVERY, ..PresenceConfig::default() }).await;
    let [holder, other] = [&cluster.nodes[0], &cluster.nodes[1]];
    let amy = join(holder, "lobby", "amy").await.unwrap();
    alive(&amy, 2 * TIME_TO_LIVE).await;

    holder.hang();
    cluster.leases.release(amy.conn()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(10)).await;
    other.hang();
    // What stands in front of the good news, so that it is not read by chance.
    let user = "bob".parse().unwrap();
    let lease = Lease { room: "lobby".parse().unwrap(), user, node: None, secret_hash: None };
    for _ in 0..64 {
        cluster.leases.hold(ConnId::from(Uuid::now_v7()), &lease).await.unwrap();
    }
    holder.wake();
    alive(&amy, 4 * REAP_EVERY).await;
    assert!(cluster.leases.held().contains(&amy.conn()), "its own node has taken the lease again");
    assert_eq!(cluster.departures().len(), 0);

    other.wake();
    alive(&amy, TIME_TO_LIVE).await;
    assert_eq!(cluster.departures().len(), 0, "and the other one lets nobody go for what it knew before it hung");
}
