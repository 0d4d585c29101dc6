//! Shared batches: what the server says while it takes one, and that appends which come together share them.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use ally_domain::event_data::EncodedEvent;
use ally_domain::ids::AggregateRef;
use ally_domain::ports::{EventStore, StoreError};
use ally_domain::testing::conformance::{event, new_append, new_job};
use ally_nats::names::{StreamName, header};
use async_nats::HeaderMap;
use futures::StreamExt;
use futures::future::join_all;
use serde_json::value::to_raw_value;

use crate::bench::{self, Deployment, run, within};

/// Appenders at once, and how often each appends.
const APPENDERS: usize = 96;
const ROUNDS: usize = 6;

#[test]
fn the_server_says_that_it_has_begun_with_a_batch() {
    run(async { a_batch_is_told_to_have_begun(&Deployment::start().await).await });
}

/// An answer to a message that does not commit, before anything is stored: what an open batch is closed upon.
pub async fn a_batch_is_told_to_have_begun(deployment: &Deployment) {
    let client = deployment.raw().await.client();
    let inbox = client.new_inbox();
    let mut begun = client.subscribe(inbox.clone()).await.unwrap();
    let subject = deployment.jetstream.names().event(&new_job(), "requested");
    let stored = stored(deployment).await;
    client.publish_with_reply_and_headers(subject.clone(), inbox, in_batch("1"), "{}".into()).await.unwrap();
    let told = within("the server's word", begun.next()).await.unwrap();
    assert!(told.payload.is_empty(), "{told:?}");

    let mut last = in_batch("2");
    last.insert(header::BATCH_COMMIT, "1");
    let answer = within("the answer", client.request_with_headers(subject, last, "{}".into())).await.unwrap();
    assert!(String::from_utf8_lossy(&answer.payload).contains("\"count\":2"), "{answer:?}");
    assert_eq!(self::stored(deployment).await, stored + 2);
}

#[test]
fn those_who_append_together_share_batches() {
    run(async {
        let deployment = Deployment::start().await;
        let store = deployment.store();
        let appenders = (0..APPENDERS).map(|_| async {
            for _ in 0..ROUNDS {
                store.append(new_append(&new_job(), 0, vec![event("requested", 1)])).await.unwrap();
            }
        });
        join_all(appenders).await;
        let raw = deployment.raw().await;
        let stream = raw.get_stream(deployment.jetstream.names().stream(StreamName::Plans)).await.unwrap();
        let mut trips = HashSet::new();
        for sequence in 1..=(APPENDERS * ROUNDS) as u64 {
            let message = stream.direct_get(sequence).await.unwrap();
            // What went alone was a trip of its own.
            let batch = message.headers.get(header::BATCH_ID).map(ToString::to_string);
            trips.insert(batch.unwrap_or_else(|| sequence.to_string()));
        }
        assert!(trips.len() * 5 < APPENDERS * ROUNDS, "{} trips to the server", trips.len());
    });
}

/// On one thread, so that nothing happens between an append's going and its caller's.
#[tokio::test]
async fn whom_nobody_waits_for_any_more_takes_no_seat_and_delays_nobody() {
    let mut config = bench::config(&bench::env("ALLY_TEST_NATS_URL"));
    config.commit.share_from = 0;
    let deployment = Deployment::on(config).await;
    let store = deployment.store();
    let append = |job: &AggregateRef| store.append(new_append(job, 0, vec![event("requested", 1)]));
    let (mut by_itself, mut beside_one_that_left) = (Duration::MAX, Duration::MAX);
    for _ in 0..5 {
        let began = Instant::now();
        append(&new_job()).await.unwrap();
        by_itself = by_itself.min(began.elapsed());

        let began = Instant::now();
        let (stays, leaves) = (new_job(), new_job());
        let (mut staying, mut leaving) = (append(&stays), append(&leaves));
        assert!(futures::poll!(&mut staying).is_pending() && futures::poll!(&mut leaving).is_pending());
        drop(leaving);
        staying.await.unwrap();
        beside_one_that_left = beside_one_that_left.min(began.elapsed());
        assert_eq!(store.load(&leaves).await.unwrap().events.len(), 0);
    }
    // Half a second is what a batch waits whose second message is missing.
    assert!(beside_one_that_left < by_itself * 20, "{beside_one_that_left:?}, and {by_itself:?} by itself");
}

/// The log may be told to take less than it was set up for. To a batch with such a message the server only says that it
/// is incomplete.
#[test]
fn a_message_that_the_log_refuses_is_told_at_once_and_takes_no_other_along() {
    run(async {
        let deployment = Deployment::start().await;
        let raw = deployment.raw().await;
        let name = deployment.jetstream.names().stream(StreamName::Plans);
        let mut config = raw.get_stream(name).await.unwrap().cached_info().config.clone();
        config.max_message_size = 4 * 1024;
        raw.update_stream(config).await.unwrap();

        let (store, guilty) = (deployment.store(), new_job());
        let small = || event("progressed", 1);
        let large = EncodedEvent { data: to_raw_value(&bench::noise(8_000)).unwrap(), ..small() };
        let refused = store.append(new_append(&guilty, 0, vec![small(), large, small()]));
        let others = join_all((0..APPENDERS).map(|_| store.append(new_append(&new_job(), 0, vec![small(), small()]))));
        let (refused, others) = within("the answers", async { tokio::join!(refused, others) }).await;
        assert!(
            matches!(&refused, Err(StoreError::Rejected { reason, .. }) if reason.contains("10054")),
            "{refused:?}"
        );
        for stored in others {
            stored.unwrap();
        }
        assert!(store.load(&guilty).await.unwrap().events.is_empty());
        assert_eq!(stored(&deployment).await, 2 * APPENDERS as u64);
    });
}

fn in_batch(sequence: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(header::BATCH_ID, "by-hand");
    headers.insert(header::BATCH_SEQUENCE, sequence);
    headers
}

async fn stored(deployment: &Deployment) -> u64 {
    let stream = deployment.jetstream.names().stream(StreamName::Plans);
    deployment.raw().await.get_stream(stream).await.unwrap().cached_info().state.last_sequence
}
