//! Joins, patches, leaves, cuts, returns and deaths of nodes in any order: at the end everybody knows the same, nobody is left
//! who is not alive, nobody is gone who is, and each departure was told once.

use std::time::Duration;

use ally_domain::room::LeaveReason;
use ally_handlers::presence::PresenceConfig;
use proptest::prelude::*;
use serde_json::json;

use super::cluster::{Absent, Client, Cluster, TIME_TO_LIVE, join, known_of, object, origin};

const ROOMS: [&str; 2] = ["lobby", "hall"];

#[derive(Debug, Clone)]
enum Step {
    Join {
        node: usize,
        room: usize,
        user: u8,
    },
    Patch {
        client: usize,
        value: u8,
    },
    Leave {
        client: usize,
    },
    Cut {
        client: usize,
    },
    Return {
        absent: usize,
        node: usize,
    },
    /// The client comes back while its old socket is open, which says goodbye then.
    Move {
        client: usize,
        node: usize,
    },
    Kill {
        node: usize,
    },
    Wait {
        millis: u64,
    },
    LoseBucket,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0usize..3, 0usize..2, 0u8..4).prop_map(|(node, room, user)| Step::Join { node, room, user }),
        4 => (0usize..12, 0u8..3).prop_map(|(client, value)| Step::Patch { client, value }),
        2 => (0usize..12).prop_map(|client| Step::Leave { client }),
        3 => (0usize..12).prop_map(|client| Step::Cut { client }),
        3 => (0usize..6, 0usize..3).prop_map(|(absent, node)| Step::Return { absent, node }),
        2 => (0usize..12, 0usize..3).prop_map(|(client, node)| Step::Move { client, node }),
        1 => (0usize..3).prop_map(|node| Step::Kill { node }),
        3 => (1u64..1_500).prop_map(|millis| Step::Wait { millis }),
        1 => Just(Step::LoseBucket),
    ]
}

/// The clients, and the places of their nodes in the cluster.
#[derive(Default)]
struct Clients {
    connected: Vec<(usize, Client)>,
    absent: Vec<Absent>,
}

fn config() -> PresenceConfig {
    PresenceConfig {
        grace: Duration::from_secs(1),
        reap_every: Duration::from_millis(500),
        big_from: 6,
        big_until: 4,
        delta_every: Duration::from_millis(100),
        delta_changes: 2,
        ..PresenceConfig::default()
    }
}

/// What clients do by themselves while time passes: they are heard of, and read.
async fn live(clients: &mut Clients, time: Duration) {
    let step = Duration::from_millis(250);
    let mut passed = Duration::ZERO;
    while passed < time {
        let pause = step.min(time - passed);
        tokio::time::sleep(pause).await;
        passed += pause;
        for (_, client) in &mut clients.connected {
            client.session.socket.touch();
            client.catch_up();
        }
        let told: Vec<_> = clients.connected.iter().filter_map(|(_, client)| client.end).collect();
        assert!(told.is_empty(), "clients that were there and heard of were told {told:?}");
    }
}

async fn take(cluster: &mut Cluster, clients: &mut Clients, step: Step) {
    let pick = |count: usize, at: usize| (count > 0).then(|| at % count);
    match step {
        Step::Join { node, room, user } => {
            if let Ok(client) = join(&cluster.nodes[node], ROOMS[room], &format!("user{user}")).await {
                clients.connected.push((node, client));
            }
        }
        Step::Patch { client, value } => {
            if let Some(at) = pick(clients.connected.len(), client) {
                let (node, client) = &clients.connected[at];
                let patch = object(json!({"value": value}));
                let presence = &cluster.nodes[*node].presence;
                let _ = presence.heartbeat(&client.session.socket, None, patch, &origin()).await;
            }
        }
        Step::Leave { client } => {
            if let Some(at) = pick(clients.connected.len(), client) {
                let (_, client) = clients.connected.remove(at);
                let _ = client.session.leave(LeaveReason::Left, &origin()).await;
            }
        }
        Step::Cut { client } => {
            if let Some(at) = pick(clients.connected.len(), client) {
                let (_, mut client) = clients.connected.remove(at);
                client.catch_up();
                clients.absent.push(client.cut());
            }
        }
        Step::Return { absent, node } => {
            if let Some(at) = pick(clients.absent.len(), absent) {
                let back = clients.absent.remove(at).resume(&cluster.nodes[node]).await;
                clients.connected.extend(back.ok().map(|client| (node, client)));
            }
        }
        Step::Move { client, node } => {
            if let Some(at) = pick(clients.connected.len(), client) {
                let (_, mut client) = clients.connected.remove(at);
                client.catch_up();
                let (absent, old) = client.duplicate();
                let back = absent.resume(&cluster.nodes[node]).await;
                let _ = old.leave(LeaveReason::Left, &origin()).await;
                clients.connected.extend(back.ok().map(|client| (node, client)));
            }
        }
        Step::Kill { node } => {
            cluster.add_node().await;
            let last = cluster.nodes.len() - 1;
            cluster.nodes.swap(node, last);
            cluster.nodes.pop().unwrap().kill();
            let (lost, kept) = std::mem::take(&mut clients.connected).into_iter().partition(|(at, _)| *at == node);
            clients.connected = kept;
            let lost: Vec<(usize, Client)> = lost;
            clients.absent.extend(lost.into_iter().map(|(_, mut client)| {
                client.catch_up();
                client.cut()
            }));
        }
        Step::Wait { millis } => live(clients, Duration::from_millis(millis)).await,
        Step::LoseBucket => cluster.leases.lose_bucket(),
    }
}

async fn run(steps: Vec<Step>) -> Result<(), TestCaseError> {
    let mut cluster = Cluster::start(3, config()).await;
    let mut clients = Clients::default();
    for step in steps {
        take(&mut cluster, &mut clients, step).await;
        live(&mut clients, Duration::from_millis(20)).await;
    }
    // Whoever has not come back by now does not: the longest that a ghost may stay, twice.
    live(&mut clients, 2 * (TIME_TO_LIVE + Duration::from_secs(4))).await;
    let mut alive = 0;
    for room in ROOMS {
        let room = room.parse().unwrap();
        let logged = known_of(&cluster.logged(&room));
        alive += logged.len();
        for node in &cluster.nodes {
            let page = node.presence.members(&room, None, 1_000).await.unwrap();
            prop_assert_eq!(&known_of(&page.snapshot.state), &logged, "a node knows what the log says");
        }
        for (_, client) in clients.connected.iter().filter(|(_, client)| client.session.socket.room == room) {
            prop_assert!(logged.contains_key(&client.conn()), "nobody is gone who is there");
            // Whoever follows a big room may know a part of it, and knows that.
            if client.partial && logged.len() >= config().big_until {
                continue;
            }
            prop_assert_eq!(&client.known, &logged, "a client knows what the log says");
        }
    }
    prop_assert_eq!(alive, clients.connected.len(), "nobody is there who is gone");
    prop_assert_eq!(cluster.leases.held().len(), alive, "no lease is left");
    for (membership, reasons) in cluster.departures() {
        prop_assert_eq!(reasons.len(), 1, "{:?} left {:?}", membership, reasons);
    }
    for (_, client) in &clients.connected {
        let mut told = client.told.clone();
        told.sort_unstable();
        told.dedup();
        prop_assert_eq!(told.len(), client.told.len(), "each departure is told once");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn everybody_knows_the_same(steps in prop::collection::vec(step(), 1..60)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(run(steps))?;
    }
}
