//! A channel is its last event: the stream keeps a few of each, appends expect the last one all the same, and what it costs does not
//! grow with what has happened.

#![allow(clippy::print_stdout, reason = "what was measured is printed for whoever reads it")]

use std::time::Instant;

use ally_domain::ids::{AggregateKind, AggregateRef};
use ally_domain::ports::{Append, Appended, EventStore, StoreError};
use ally_domain::testing::conformance::{event, new_append, new_job};
use ally_nats::names::StreamName;
use futures::future::join_all;

use crate::bench::{Deployment, run};

/// As many as the stream keeps of each channel.
const KEPT: usize = 8;
/// Changes of one channel: far more than are kept.
const CHANGES: usize = 50;
/// Channels that are changed at the same time.
const CHANNELS: usize = 40;

/// Changes in all, to see what the stream comes to; `ALLY_TEST_CHANNEL_CHANGES` makes it more.
const MEASURED: usize = 4_000;

#[allow(clippy::disallowed_methods, reason = "how long a test takes is chosen through the environment")]
fn measured() -> usize {
    std::env::var("ALLY_TEST_CHANNEL_CHANGES").map_or(MEASURED, |text| text.parse().unwrap())
}

fn new_channel() -> AggregateRef {
    AggregateRef { kind: AggregateKind::Channel, ..new_job() }
}

fn change(channel: &AggregateRef, expected: u64, n: usize) -> Append {
    let name = ["metadata_set", "metadata_updated", "metadata_removed"][n % 3];
    new_append(channel, expected, vec![event(name, n)])
}

/// Changes a channel again and again; the answer is the last append and where it stands.
async fn changed(store: &dyn EventStore, channel: &AggregateRef) -> (Append, u64) {
    let mut last = (change(channel, 0, 0), 0);
    for n in 0..CHANGES {
        last.0 = change(channel, last.1, n);
        last.1 = store.append(last.0.clone()).await.unwrap().position.sequence;
    }
    last
}

#[test]
fn of_many_changes_the_last_ones_are_kept_and_the_last_one_is_the_channel() {
    run(async {
        let deployment = Deployment::start().await;
        let (store, channel, other) = (deployment.store(), new_channel(), new_channel());
        assert!(store.last_event(&channel).await.unwrap().is_none());
        let (append, last) = changed(&store, &channel).await;
        changed(&store, &other).await;
        let read = store.last_event(&channel).await.unwrap().unwrap();
        assert_eq!((read.position.sequence, read.position.stream.as_str()), (last, "CHANNELS"));
        assert_eq!(read.event_type.name, ["metadata_set", "metadata_updated", "metadata_removed"][(CHANGES - 1) % 3]);
        assert_eq!(store.load(&channel).await.unwrap().events.len(), KEPT);
        let stream = deployment.raw().await.get_stream(deployment.jetstream.names().stream(StreamName::Channels)).await;
        assert_eq!(stream.unwrap().cached_info().state.messages, 2 * KEPT as u64);

        // A repeated append is told from one that came too late.
        let again = store.append(append).await.unwrap();
        assert!(matches!(&again, Appended { duplicate: true, position } if position.sequence == last), "{again:?}");
        for expected in [0, last - 1] {
            let late = store.append(change(&channel, expected, 1)).await;
            assert!(matches!(late, Err(StoreError::Conflict { .. })), "{late:?}");
        }
        store.append(change(&channel, last, 1)).await.unwrap();
    });
}

/// Appends to different channels share batches, in a stream that forgets by subject.
#[test]
fn many_channels_are_changed_at_the_same_time() {
    run(async {
        let deployment = Deployment::start().await;
        let store = deployment.store();
        let channels: Vec<_> = (0..CHANNELS).map(|_| new_channel()).collect();
        let lasts = join_all(channels.iter().map(|channel| changed(&store, channel))).await;
        for (channel, (_, last)) in channels.iter().zip(lasts) {
            assert_eq!(store.last_event(channel).await.unwrap().unwrap().position.sequence, last);
        }
    });
}

/// The stream is as large as its channels, however often they were changed.
#[test]
fn the_stream_does_not_grow_with_the_changes() {
    run(async {
        let deployment = Deployment::start().await;
        let (store, started) = (deployment.store(), Instant::now());
        let rounds = measured() / CHANNELS;
        let changes = (0..CHANNELS).map(|_| async {
            let (channel, mut last) = (new_channel(), 0);
            for n in 0..rounds {
                last = store.append(change(&channel, last, n)).await.unwrap().position.sequence;
            }
        });
        join_all(changes).await;
        let stream = deployment.raw().await.get_stream(deployment.jetstream.names().stream(StreamName::Channels)).await;
        let state = stream.unwrap().cached_info().state.clone();
        println!(
            "{} changes of {CHANNELS} channels in {:?}: {} bytes",
            rounds * CHANNELS,
            started.elapsed(),
            state.bytes
        );
        assert_eq!(state.messages, (CHANNELS * KEPT) as u64);
        assert!(state.bytes < (CHANNELS * KEPT * 1_024) as u64, "{}", state.bytes);
    });
}
