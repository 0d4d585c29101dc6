//! The feed of a room: recovery, slow readers, big rooms, outages.

use std::sync::Arc;
use std::time::Duration;

use ally_domain::room::LeaveReason;
use ally_handlers::Cursor;
use ally_handlers::presence::{Audience, EndReason, Notice, PresenceConfig, PresenceError, Start};
use serde_json::json;

use super::cluster::{Client, Cluster, Node, TIME_TO_LIVE, join, known_of, object, origin};

async fn patch(node: &Node, client: &Client, value: u64) {
    let patch = object(json!({"value": value}));
    node.presence.heartbeat(&client.session.socket, None, patch, &origin()).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn who_missed_more_than_is_kept_begins_afresh() {
    let config = PresenceConfig { recent_events: 5, grace: Duration::from_secs(60), ..PresenceConfig::default() };
    let cluster = Cluster::start(1, config).await;
    let node = &cluster.nodes[0];
    let amy = join(node, "lobby", "amy").await.unwrap();
    for missed in [0, 5, 6] {
        let bob = join(node, "lobby", "bob").await.unwrap();
        let absent = bob.cut();
        for value in 0..missed {
            patch(node, &amy, 100 * missed + value).await;
        }
        let back = absent.resume(node).await.unwrap();
        assert_eq!(back.recovered, missed <= 5, "{missed} missed");
        assert_eq!(back.known, known_of(&cluster.logged(&"lobby".parse().unwrap())));
        back.session.leave(LeaveReason::Left, &origin()).await.unwrap();
    }
    let mut foreign = join(node, "lobby", "cat").await.unwrap().cut();
    foreign.cursor = Cursor { log: foreign.cursor.log ^ 1, ..foreign.cursor };
    let back = foreign.resume(node).await.unwrap();
    assert!(!back.recovered, "a position of another log says nothing");
}

/// A place of another log may be far beyond the end of this one, so nobody waits until it is read.
#[tokio::test(start_paused = true)]
async fn who_comes_back_with_a_place_of_another_log_is_taken_at_once() {
    let cluster = Cluster::start(1, PresenceConfig::default()).await;
    let node = &cluster.nodes[0];
    let mut absent = join(node, "lobby", "amy").await.unwrap().cut();
    absent.cursor = Cursor { log: absent.cursor.log ^ 1, sequence: absent.cursor.sequence + 1_000 };
    let back = absent.resume(node).await.unwrap();
    assert!(!back.recovered);
    assert_eq!(back.known, known_of(&cluster.logged(&"lobby".parse().unwrap())));
}

/// What is made of a room for those who come in is shared by them and kept no longer than they come: it holds everybody's state.
#[tokio::test(start_paused = true)]
async fn a_snapshot_is_kept_while_it_is_needed_and_not_afterwards() {
    let cluster = Cluster::start(1, PresenceConfig::default()).await;
    let (node, room) = (&cluster.nodes[0], "lobby".parse().unwrap());
    let amy = join(node, "lobby", "amy").await.unwrap();
    let look = async || Arc::downgrade(&node.presence.members(&room, None, 10).await.unwrap().snapshot);
    let first = look().await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let second = look().await;
    assert!(first.ptr_eq(&second) && first.strong_count() > 0, "a burst shares one");
    for _ in 0..7 {
        tokio::time::sleep(Duration::from_secs(1)).await;
        amy.session.socket.touch();
    }
    assert_eq!(first.strong_count(), 0);
}

#[tokio::test(start_paused = true)]
async fn who_comes_back_later_than_events_are_kept_begins_afresh() {
    let config = PresenceConfig { recent_for: Duration::from_secs(2), ..PresenceConfig::default() };
    let cluster = Cluster::start(1, config).await;
    let node = &cluster.nodes[0];
    let amy = join(node, "lobby", "amy").await.unwrap();
    let (room, since) = ("lobby".parse().unwrap(), Some(amy.cursor));
    patch(node, &amy, 1).await;
    let mut observer = node.presence.observe(&room, Audience::Full, since).await.unwrap();
    assert!(matches!(observer.take_start(), Start::Missed { changes, .. } if changes.len() == 1));
    tokio::time::sleep(Duration::from_secs(4)).await;
    let mut observer = node.presence.observe(&room, Audience::Full, since).await.unwrap();
    assert!(matches!(observer.take_start(), Start::Fresh(_)));
}

#[tokio::test(start_paused = true)]
async fn who_does_not_read_is_cut_off_and_costs_the_others_nothing() {
    let cluster = Cluster::start(1, PresenceConfig { outbox_bytes: 4_000, ..PresenceConfig::default() }).await;
    let node = &cluster.nodes[0];
    let (mut amy, mut slow) = (join(node, "lobby", "amy").await.unwrap(), join(node, "lobby", "bob").await.unwrap());
    for value in 0..40 {
        patch(node, &amy, value).await;
        amy.catch_up();
    }
    slow.catch_up();
    assert_eq!(slow.end, Some(EndReason::Slow));
    assert_eq!(amy.end, None);
    assert_eq!(amy.known, known_of(&cluster.logged(&"lobby".parse().unwrap())));
}

#[tokio::test(start_paused = true)]
async fn an_outage_lets_nobody_go_who_is_there() {
    let cluster = Cluster::start(2, PresenceConfig::default()).await;
    let mut clients = Vec::new();
    for n in 0..50 {
        clients.push(join(&cluster.nodes[n % 2], "lobby", "amy").await.unwrap());
    }
    cluster.store.set_outage(Some("no network"));
    cluster.leases.set_outage(Some("no network"));
    let refused = join(&cluster.nodes[0], "lobby", "bob").await;
    assert!(matches!(refused, Err(PresenceError::Unavailable { .. })), "a join is refused with a reason");
    let alive = async |time: Duration| {
        for _ in 0..time.as_millis() / 500 {
            tokio::time::sleep(Duration::from_millis(500)).await;
            clients.iter().for_each(|client| client.session.socket.touch());
        }
    };
    alive(15 * TIME_TO_LIVE).await;
    assert_eq!(cluster.leases.held().len(), 0, "every lease has ended meanwhile");
    cluster.store.set_outage(None);
    cluster.leases.set_outage(None);
    alive(5 * TIME_TO_LIVE).await;
    assert_eq!(cluster.departures().len(), 0, "nobody is falsely gone");
    assert_eq!(cluster.leases.held().len(), 50, "and everybody holds a lease again");
    let room = "lobby".parse().unwrap();
    let page = cluster.nodes[1].presence.members(&room, None, 100).await.unwrap();
    assert_eq!(page.members.len(), 50);
}

#[tokio::test(start_paused = true)]
async fn a_rooms_limit_is_exact_over_three_nodes() {
    let cluster = Cluster::start(3, PresenceConfig { max_members: 600, ..PresenceConfig::default() }).await;
    let joins = (0..650).map(|n| {
        let node = &cluster.nodes[n % 3];
        async move { join(node, "hall", &format!("user{}", n / 2)).await }
    });
    let joined = futures::future::join_all(joins).await;
    let full = joined.iter().filter(|joined| matches!(joined, Err(PresenceError::Refused(_)))).count();
    assert_eq!(full, 50, "the limit is exact, whichever node one asks");
    assert_eq!(cluster.logged(&"hall".parse().unwrap()).member_count(), 600);
}

#[tokio::test(start_paused = true)]
async fn a_node_that_drains_lets_its_clients_come_back_elsewhere() {
    let mut cluster = Cluster::start(2, PresenceConfig::default()).await;
    let mut client = join(&cluster.nodes[1], "lobby", "amy").await.unwrap();
    let draining = cluster.nodes.pop().unwrap();
    draining.presence.drain().await;
    client.catch_up();
    assert_eq!(client.end, Some(EndReason::Draining));
    assert!(matches!(join(&draining, "lobby", "bob").await, Err(PresenceError::Draining)));
    let absent = client.cut();
    let conn = absent.conn;
    draining.drain().await;
    let back = absent.resume(&cluster.nodes[0]).await.unwrap();
    assert_eq!(back.conn(), conn);
    assert_eq!(cluster.departures().len(), 0);
}

/// The other node has just begun, and lets nobody go for a time to live.
#[tokio::test(start_paused = true)]
async fn a_lease_that_ends_while_a_node_holds_back_is_no_ghost_behind_it() {
    let config = PresenceConfig { reap_every: Duration::from_millis(500), ..PresenceConfig::default() };
    let mut cluster = Cluster::start(1, config).await;
    let amy = join(&cluster.nodes[0], "lobby", "amy").await.unwrap();
    tokio::time::sleep(TIME_TO_LIVE / 2).await;
    cluster.add_node().await;
    cluster.nodes.remove(0).kill();
    drop(amy);
    tokio::time::sleep(TIME_TO_LIVE + Duration::from_secs(3) + Duration::from_millis(500)).await;
    assert_eq!(cluster.departures().into_values().collect::<Vec<_>>(), [[LeaveReason::Expired]]);
}

/// What a client said before it came back elsewhere is read when its old node goes on.
#[tokio::test(start_paused = true)]
async fn a_node_that_hung_writes_nothing_for_a_client_that_has_come_back_elsewhere() {
    let cluster = Cluster::start(2, PresenceConfig::default()).await;
    let (absent, mut old) = join(&cluster.nodes[1], "lobby", "amy").await.unwrap().duplicate();
    cluster.nodes[1].hang();
    let back = absent.resume(&cluster.nodes[0]).await.unwrap();
    for _ in 0..6 {
        tokio::time::sleep(TIME_TO_LIVE / 8).await;
        back.session.socket.touch();
    }
    let late = object(json!({"late": true}));
    let refused = cluster.nodes[1].presence.heartbeat(&old.socket, None, late, &origin()).await;
    assert!(matches!(refused, Err(PresenceError::Gone { .. })), "{refused:?}");
    assert!(matches!(old.next().await, Some(Notice::End(EndReason::Resumed))));
    let own = known_of(&cluster.logged(&"lobby".parse().unwrap())).remove(&back.conn()).unwrap();
    assert!(!own.1.contains("late"), "{}", own.1);
}
