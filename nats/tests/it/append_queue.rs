//! The queue of appends breaks down: it is started anew, and until it runs the connection says that no work can be done.

use ally_domain::ports::{Append, EventStore, StoreError};
use ally_domain::testing::conformance::{event, new_append, new_job};
use ally_nats::names::StreamName;

use crate::bench::{Deployment, run, until};

/// Two appends at once always go through the queue.
fn pair() -> Vec<Append> {
    [1, 2].map(|n| new_append(&new_job(), 0, vec![event("requested", n)])).to_vec()
}

#[test]
fn a_queue_that_breaks_down_is_started_anew_and_readiness_knows_it() {
    run(async {
        let deployment = Deployment::start().await;
        let store = deployment.store();
        assert_eq!(deployment.jetstream.ready().await, Ok(()));
        // Each time the pause is twice as long: in the last one there is time to look.
        let mut interrupted = pair();
        for _ in 0..6 {
            interrupted = pair();
            store.break_queue(StreamName::Plans);
            let answer = store.append_together(interrupted.clone()).await;
            assert!(
                matches!(answer, Err(StoreError::Unavailable { .. })),
                "nobody knows what became of it: {answer:?}"
            );
        }
        until("readiness says so", async || {
            let why = deployment.jetstream.ready().await.err().unwrap_or_default();
            why.contains("queue of appends to PLANS") && why.contains("started anew")
        })
        .await;
        // What is asked for meanwhile waits for the next queue.
        let waiting = store.append_together(pair()).await.unwrap();
        assert!(!waiting.duplicate);
        until("it is ready again", async || deployment.jetstream.ready().await.is_ok()).await;
        let again = store.append_together(interrupted.clone()).await.unwrap();
        assert_eq!(store.load(&interrupted[0].aggregate).await.unwrap().events.len(), 1, "{again:?}");
    });
}

/// What the queue remembers of an aggregate keeps stale appends from spoiling a batch. Of a stream that was made anew it is wrong.
#[test]
fn an_aggregate_of_a_stream_that_was_made_anew_can_be_appended_to_again() {
    run(async {
        let deployment = Deployment::start().await;
        let (store, job) = (deployment.store(), new_job());
        deployment.request(3).await;
        store.append(new_append(&job, 0, vec![event("requested", 1)])).await.unwrap();
        let plans = deployment.jetstream.names().stream(StreamName::Plans);
        deployment.raw().await.delete_stream(&plans).await.unwrap();
        deployment.jetstream.ensure_topology().await.unwrap();
        assert_eq!(store.load(&job).await.unwrap().events.len(), 0);
        let first = store.append(new_append(&job, 0, vec![event("requested", 2)])).await.unwrap();
        assert_eq!(first.position.sequence, 1);
        let second = store.append(new_append(&job, 1, vec![event("completed", 3)])).await.unwrap();
        assert_eq!(second.position.sequence, 2);
        let stale = store.append(new_append(&job, 1, vec![event("completed", 4)])).await;
        assert!(matches!(stale, Err(StoreError::Conflict { .. })), "{stale:?}");
    });
}
