//! A room is told of for as long as it is used: what an append to it costs does not depend on how much that is.

use ally_domain::ids::{AggregateKind, AggregateRef};
use ally_domain::ports::{Append, EventStore, StoreError};
use ally_domain::testing::conformance::{event, new_append, new_context, new_job};
use ally_nats::Replicas;
use ally_telemetry::names;

use crate::bench::{Deployment, config};
use crate::recorder::Recorded;
use crate::servers::Cluster;

/// Appends to the room, and commands in each.
const APPENDS: usize = 10;
const COMMANDS: usize = 300;
/// The newest event, the one behind what was expected, and the last of what was sent: each is one message.
const MOST_READS: u64 = 3;

fn joins(room: &AggregateRef, expected: u64, commands: usize) -> Append {
    let contexts = (0..commands).map(|_| new_context()).collect();
    Append { contexts, ..new_append(room, expected, (0..commands).map(|n| event("joined", n)).collect()) }
}

async fn a_late_append_reads_as_little_as_an_early_one(deployment: &Deployment) {
    let recorded = Recorded::default();
    let _recording = metrics::set_default_local_recorder(&recorded);
    let (store, room) = (deployment.store(), AggregateRef { kind: AggregateKind::Room, ..new_job() });
    let mut appends: Vec<Append> = Vec::new();
    let mut last = 0;
    for _ in 0..APPENDS {
        let append = joins(&room, last, COMMANDS);
        last = store.append(append.clone()).await.unwrap().position.sequence;
        appends.push(append);
    }
    let reads = || recorded.of(names::LOG_READS_TOTAL, "PRESENCE");
    assert_eq!(reads(), 0, "what goes well reads nothing");
    let (first, newest) = (appends.first().unwrap(), appends.last().unwrap());
    for expected in [first.expected, newest.expected] {
        for commands in [1, 2] {
            let before = reads();
            let late = store.append(joins(&room, expected, commands)).await;
            assert!(matches!(late, Err(StoreError::Conflict { .. })), "{late:?}");
            assert!(reads() - before <= MOST_READS, "{} reads for a conflict", reads() - before);
        }
    }
    for sent in [first, newest] {
        let before = reads();
        assert!(store.append(sent.clone()).await.unwrap().duplicate);
        assert!(reads() - before <= MOST_READS, "{} reads for a repeated append", reads() - before);
    }
}

/// On one thread, on which everything is counted.
#[tokio::test]
async fn a_conflict_on_a_room_with_thousands_of_events_reads_three_messages() {
    a_late_append_reads_as_little_as_an_early_one(&Deployment::start().await).await;
}

#[tokio::test]
async fn in_a_cluster_it_reads_as_little() {
    let cluster = Cluster::started().await;
    let deployment = Deployment::with(config(&cluster.url()), Replicas::Exactly(3)).await;
    a_late_append_reads_as_little_as_an_early_one(&deployment).await;
}
