//! Wishes to stop a job: heard from another node at once, found in the log where nobody heard them.

use std::time::Duration;

use ally_domain::ids::{AggregateRef, JobId};
use ally_domain::ports::{Cancellations, EventStore, StopWish};
use ally_domain::testing::conformance::{event, new_append, new_job};
use ally_nats::{NatsCancellations, NatsEventStore};
use futures::FutureExt;
use tokio_util::sync::CancellationToken;

use crate::bench::{Deployment, run, within};

/// So seldom that what is told was heard.
const NEVER: Duration = Duration::from_secs(3_600);
const OFTEN: Duration = Duration::from_millis(50);

fn id(job: &AggregateRef) -> JobId {
    JobId::from(&job.id)
}

async fn append(store: &NatsEventStore, job: &AggregateRef, names: &[&str]) {
    for (number, name) in names.iter().enumerate() {
        let last = store.load(job).await.unwrap().last_sequence();
        store.append(new_append(job, last, vec![event(name, number)])).await.unwrap();
    }
}

/// Whether a wish is told by now.
fn is_told(wish: &mut StopWish) -> bool {
    wish.now_or_never().is_some()
}

#[test]
fn a_wish_that_another_node_stored_is_heard_by_who_watches_that_job() {
    run(async {
        let deployment = Deployment::start().await;
        let (job, other) = (new_job(), new_job());
        let cancellations = NatsCancellations::new(deployment.jetstream.clone(), NEVER);
        let stop = CancellationToken::new();
        let listening = tokio::spawn(cancellations.clone().run(stop.clone()));
        let (wish, mut elses) = (cancellations.watch(&id(&job)), cancellations.watch(&id(&other)));

        // Whether the subscription stands can only be seen by what it hears.
        let asking = async {
            loop {
                let probe = new_job();
                let mut heard = cancellations.watch(&id(&probe));
                append(&deployment.store(), &probe, &["started", "cancel_requested"]).await;
                if tokio::time::timeout(Duration::from_millis(200), &mut heard).await.is_ok() {
                    return;
                }
            }
        };
        within("the subscription", asking).await;

        let another_node = deployment.another_node().await;
        append(&another_node, &job, &["started", "cancel_requested"]).await;
        within("the wish", wish).await;
        assert!(!is_told(&mut elses), "a wish is about one job");
        let mut again = cancellations.watch(&id(&job));
        assert!(!is_told(&mut again), "and was told to those who watched");
        stop.cancel();
        within("the end of listening", listening).await.unwrap();
    });
}

#[test]
fn a_wish_that_nobody_heard_is_found_in_the_log() {
    run(async {
        let deployment = Deployment::start().await;
        let job = new_job();
        // Nothing listens here, as while a connection is broken.
        let cancellations = NatsCancellations::new(deployment.jetstream.clone(), OFTEN);
        let wish = cancellations.watch(&id(&job));
        append(&deployment.store(), &job, &["requested", "started", "cancel_requested"]).await;
        within("the wish", wish).await;
    });
}

#[test]
fn a_wish_from_before_a_redrive_is_not_about_the_attempt_after_it() {
    run(async {
        let deployment = Deployment::start().await;
        let (redriven, asked) = (new_job(), new_job());
        append(
            &deployment.store(),
            &redriven,
            &["started", "cancel_requested", "dead_lettered", "redriven", "started"],
        )
        .await;
        append(&deployment.store(), &asked, &["started", "cancel_requested"]).await;
        let cancellations = NatsCancellations::new(deployment.jetstream.clone(), OFTEN);
        let old = cancellations.watch(&id(&redriven));
        // The job beside it is looked up as often, and is told: so would the old wish have been.
        let looked = async {
            for _ in 0..5 {
                cancellations.watch(&id(&asked)).await;
            }
        };
        let first = within("five looks", futures::future::select(old, Box::pin(looked))).await;
        assert!(matches!(first, futures::future::Either::Right(_)), "the old wish was told");
    });
}
