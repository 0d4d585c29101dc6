//! The server of log and leases is away for a while, with members on two nodes: nobody has left who is there, whoever broke off meanwhile
//! leaves once, and no ghost is left behind. Leases are in the server's memory, so all of them are gone with it.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};

use super::nats::NatsNode;
use super::number;
use crate::presence::quick;
use crate::presence::socket::Socket;
use crate::system::{RoleProcess, System, eventually};

/// Members of a room; one of them breaks off while the server is away.
const ROOM: usize = 20;
/// Longer than a member may be silent, several times.
const AWAY: Duration = Duration::from_secs(10);
const SMALL_ROOMS: usize = 10;
/// What a run gets that is told to take its time.
const LONG: u64 = 100;
const LONG_AWAY: Duration = Duration::from_secs(60);
const LONG_ROOMS: usize = 500;
/// A third of the outage: so many members cannot renew leases of four seconds on a machine that runs unoptimised programs.
const LONG_LEASE_SECONDS: &str = "20";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_has_left_while_the_log_was_away() {
    let long = number("ALLY_FAULTS_SECONDS").is_some_and(|seconds| seconds >= LONG);
    let (rooms, away) = if long { (LONG_ROOMS, LONG_AWAY) } else { (SMALL_ROOMS, AWAY) };
    let folder = tempfile::tempdir().unwrap();
    let store = format!("jetstream {{ store_dir: {:?} }}\n", folder.path().join("store"));
    let nats = NatsNode::prepare(folder.path(), "n0", &store);
    nats.start();
    nats.healthy().await;
    let mut system = quick();
    system
        .set("NATS_URL", &nats.url())
        .set("PRESENCE_CONNECTIONS_PER_USER", "0")
        .set("PRESENCE_CONNECTIONS_PER_ADDRESS", "0");
    if long {
        system.set("PRESENCE_LEASE_SECONDS", LONG_LEASE_SECONDS);
    }
    system.apply_streams().await;
    let [one, two, _projector] = system.start_ready(["presence", "presence", "projector"]).await;
    let mut members = join(&system, [&one, &two], rooms).await;
    println!("{} members in {rooms} rooms; the server is away for {away:?}", rooms * ROOM);

    nats.kill();
    let gone: Vec<String> = members
        .iter_mut()
        .map(|room| room.pop().unwrap())
        .map(|last| {
            let conn = last.conn();
            last.cut();
            conn
        })
        .collect();
    // The outage itself is the time that passes; there is nothing to wait for.
    tokio::time::sleep(away).await;
    let refused =
        Socket::open(&one, Some(&system.token("carol"))).await.ask(json!({"type": "join", "room": "r"})).await;
    assert_eq!(refused["error"]["code"], "unavailable", "{refused}");
    nats.start();
    nats.healthy().await;

    for (n, (room, gone)) in members.iter_mut().zip(&gone).enumerate() {
        let left = room[0].until("the one who broke off", |frame| frame["event"] == "leave").await;
        assert_eq!(left["connId"], gone.as_str(), "nobody else has left in room {n}: {left}");
        let mark = json!({"type": "heartbeat", "patchState": {"mark": n}});
        let marked = room[0].ask(mark).await;
        assert_eq!(marked["ok"], true, "whoever saw a departure has a log again: {marked}");
        hold(room, gone, n).await;
    }
    let listed = eventually("the views", async || {
        (crate::presence::nodes::present(&system, "room-0").await == (ROOM - 1) as i64).then_some(())
    });
    listed.await;
    drop(members);
    system.remove().await;
}

/// Fills the rooms, half of each by either node, and waits until everybody knows everybody.
async fn join(system: &System, nodes: [&RoleProcess; 2], rooms: usize) -> Vec<Vec<Socket>> {
    let token = system.token("amy");
    let mut members = Vec::new();
    for room in 0..rooms {
        let mut sockets = Vec::new();
        for n in 0..ROOM {
            let node = nodes[n % 2];
            sockets.push(Socket::joined(node, &token, &format!("room-{room}"), json!({"n": n})).await);
        }
        for socket in &mut sockets {
            while socket.members.len() < ROOM {
                socket.receive().await.expect("the connection is open");
            }
            socket.frames.clear();
        }
        members.push(sockets);
    }
    members
}

/// Every member was told of the one departure, once, and knows the same members.
async fn hold(room: &mut [Socket], gone: &str, n: usize) {
    let there: BTreeSet<String> = room.iter().map(Socket::conn).collect();
    for (at, socket) in room.iter_mut().enumerate() {
        let mut left: Vec<Value> = Vec::new();
        // The first one has seen it already, and is not sent its own change twice.
        while socket.members.values().all(|state| state["mark"] != n) {
            socket.receive().await.expect("the connection is open");
        }
        left.extend(socket.frames.drain(..).filter(|frame| frame["event"] == "leave"));
        assert!(left.iter().all(|frame| frame["connId"] == gone), "member {at} of room {n}: {left:?}");
        assert!(left.len() <= 1, "member {at} of room {n} is told once: {left:?}");
        assert_eq!(socket.members.keys().cloned().collect::<BTreeSet<_>>(), there, "member {at} of room {n}");
    }
}
