//! What no consumer holds: given up by the server, or settled by nobody's hand; and what looks like it and is held.

use std::collections::{BTreeSet, HashSet};
use std::time::Duration;

use ally_domain::envelope::Position;
use ally_domain::ids::AggregateRef;
use ally_domain::outcome::Outcome;
use ally_domain::ports::{Deliveries, EventStore, Unheld};
use ally_domain::testing::conformance::{event, new_append};
use ally_nats::names::{StreamName, durable};
use ally_nats::{ConsumerConfig, DeadLetterFilter, DeadLetters, NatsDeliveries, Upcasters};
use async_nats::jetstream::consumer::{AckPolicy, Consumer, pull};
use futures::StreamExt;

use crate::bench::{Deployment, SystemClock, run, told, until};

fn deliveries(deployment: &Deployment) -> NatsDeliveries {
    NatsDeliveries::new(deployment.jetstream.clone(), Upcasters::default())
}

fn planner() -> ConsumerConfig {
    ConsumerConfig {
        ack_wait: Duration::from_secs(30),
        ..ConsumerConfig::new(durable::PLANNER, StreamName::Plans, "requested")
    }
}

/// The planner's consumer as a client makes it that knows nothing of the house.
async fn consumer(deployment: &Deployment, max_deliver: i64) -> Consumer<pull::Config> {
    let names = deployment.jetstream.names();
    let stream = deployment.raw().await.get_stream(names.stream(StreamName::Plans)).await.unwrap();
    let config = pull::Config {
        durable_name: Some(durable::PLANNER.to_owned()),
        filter_subject: names.given("requested"),
        ack_policy: AckPolicy::Explicit,
        ack_wait: Duration::from_millis(200),
        max_deliver,
        ..pull::Config::default()
    };
    stream.create_consumer(config).await.unwrap()
}

/// Takes so many messages and says nothing about them.
async fn take(consumer: &Consumer<pull::Config>, count: usize) -> Vec<async_nats::jetstream::Message> {
    let mut messages = consumer.fetch().max_messages(count).messages().await.unwrap();
    let mut taken = Vec::new();
    while let Some(message) = messages.next().await {
        taken.push(message.unwrap());
    }
    taken
}

async fn unheld(deliveries: &NatsDeliveries) -> BTreeSet<u64> {
    let found = deliveries.unheld(&HashSet::new()).await.unwrap();
    assert_eq!(found.more, 0);
    found.messages.iter().map(|unheld| unheld.message.sequence).collect()
}

async fn only(deliveries: &NatsDeliveries) -> Unheld {
    let mut found = deliveries.unheld(&HashSet::new()).await.unwrap().messages;
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

/// Waits until the server has nothing in any worker's hands.
async fn none_in_hand(deployment: &Deployment) {
    until("nothing is in hand", || async {
        let figures = deployment.jetstream.consumer_figures(StreamName::Plans, durable::PLANNER, &SystemClock).await;
        figures.is_ok_and(|figures| figures.ack_pending == 0)
    })
    .await;
}

#[test]
fn what_the_server_gave_up_is_found_put_back_once_and_delivered() {
    run(async {
        let deployment = Deployment::start().await;
        let (deliveries, consumer) = (deliveries(&deployment), consumer(&deployment, 1).await);
        let jobs = deployment.request(3).await;
        assert_eq!(take(&consumer, 2).await.len(), 2);
        assert_eq!(unheld(&deliveries).await, [].into(), "two are in hand, and the third is still to be delivered");

        // The server gives a message up when somebody asks for it again. It says so once, to nobody here.
        until("the server has given up two", || async {
            take(&consumer, 1).await.iter().for_each(|message| assert_eq!(message.info().unwrap().stream_sequence, 3));
            let info = consumer.get_info().await.unwrap();
            info.num_ack_pending == 0 && info.num_pending == 0
        })
        .await;
        let info = consumer.get_info().await.unwrap();
        assert_eq!(info.ack_floor.stream_sequence, 0, "the floor stays below what was given up");
        assert_eq!(unheld(&deliveries).await, [1, 2, 3].into());

        let found = deliveries.unheld(&HashSet::new()).await.unwrap().messages;
        assert!(found.iter().all(|unheld| jobs.contains(&unheld.about) && unheld.consumer == durable::PLANNER));
        for lost in &found {
            assert!(deliveries.put_back(lost).await.unwrap());
            assert!(!deliveries.put_back(lost).await.unwrap(), "a second copy would be a second delivery");
        }
        assert_eq!(unheld(&deliveries).await, [].into(), "the copies are to be delivered");
        let origins: BTreeSet<_> = take(&consumer, 3)
            .await
            .iter()
            .map(|copy| copy.headers.as_ref().unwrap().get("ally-origin").unwrap().as_str().to_owned())
            .collect();
        assert_eq!(origins, ["PLANS:1", "PLANS:2", "PLANS:3"].map(str::to_owned).into());
    });
}

#[test]
fn what_is_in_hand_waits_or_has_ended_is_held() {
    run(async {
        let deployment = Deployment::start().await;
        let (deliveries, store) = (deliveries(&deployment), deployment.store());
        let jobs = deployment.request(3).await;
        assert_eq!(
            unheld(&deliveries).await,
            [].into(),
            "a consumer that is not there yet delivers from the beginning"
        );
        let ended = jobs[0].clone();
        store.append(new_append(&ended, 1, vec![event("completed", 1)])).await.unwrap();
        let (handler, mut calls) = told(move |event, _| {
            let (ended, second) = (event.aggregate == ended, event.position.sequence == 2);
            async move {
                match (ended, second) {
                    (true, _) => Outcome::Done,
                    (_, true) => Outcome::Retry { reason: "later".to_owned(), after: Some(Duration::from_secs(3_600)) },
                    _ => std::future::pending().await,
                }
            }
        });
        let _worker = deployment.work(planner(), handler);
        for _ in 0..3 {
            calls.next().await;
        }
        until("two are settled", || async {
            let figures =
                deployment.jetstream.consumer_figures(StreamName::Plans, durable::PLANNER, &SystemClock).await;
            figures.is_ok_and(|figures| figures.ack_pending == 1)
        })
        .await;
        assert_eq!(unheld(&deliveries).await, [].into());
    });
}

#[test]
fn what_was_settled_and_never_done_is_found_again_and_again_until_it_is_parked() {
    run(async {
        let deployment = Deployment::start().await;
        let (deliveries, letters) = (deliveries(&deployment), DeadLetters::new(deployment.jetstream.clone()));
        let (handler, mut calls) = told(|_, _| async { Outcome::Done });
        let worker = deployment.work(planner(), handler);
        let job = deployment.request(1).await.remove(0);
        calls.next().await;
        none_in_hand(&deployment).await;
        let lost = only(&deliveries).await;
        assert_eq!((&lost.about, lost.message.to_string().as_str(), lost.copy), (&job, "PLANS:1", 0));
        assert!(deliveries.put_back(&lost).await.unwrap());
        let again = calls.next().await;
        assert_eq!(
            (again.event.position.sequence, again.delivery),
            (1, 2),
            "the event itself, and not for the first time"
        );
        worker.stop().await;
        none_in_hand(&deployment).await;

        // Another process knows nothing of what this one has seen.
        let history = deployment.store().load(&job).await.unwrap();
        let another = NatsDeliveries::new(deployment.jetstream.clone(), Upcasters::default());
        let found = another.unheld_of(&lost.job, &job, &history.events[0]).await.unwrap().unwrap();
        assert_eq!(found.message, Position { stream: "PLANS".to_owned(), sequence: 1 });
        let fingerprint =
            another.park(&found, "nobody lived to do it", time::OffsetDateTime::UNIX_EPOCH).await.unwrap();
        another.park(&found, "nobody lived to do it", time::OffsetDateTime::UNIX_EPOCH).await.unwrap();
        let parked = letters.list(&DeadLetterFilter::default(), 10).await.unwrap();
        assert_eq!(
            (parked.len(), &parked[0].fingerprint, parked[0].id.to_string().as_str()),
            (1, &fingerprint, "planner.PLANS-1")
        );

        deployment.store().append(new_append(&job, 1, vec![event("dead_lettered", 1)])).await.unwrap();
        assert_eq!(unheld(&deliveries).await, [].into(), "it has come to an end");
        let next = deployment.store().load(&job).await.unwrap().last_sequence();
        deployment.store().append(new_append(&job, next, vec![event("redriven", 1)])).await.unwrap();
        assert_eq!(unheld(&deliveries).await, [].into(), "its new message is still to be delivered");
    });
}

#[test]
fn a_worker_that_was_overtaken_does_not_settle_the_message_of_the_other() {
    run(async {
        let deployment = Deployment::start().await;
        let (handler, mut calls) = told(|_, delivery| async move {
            if delivery == 1 { Outcome::Superseded { reason: "the test says so".to_owned() } } else { Outcome::Done }
        });
        let config = ConsumerConfig { ack_wait: Duration::from_millis(300), ..planner() };
        let _worker = deployment.work(config, handler);
        deployment.request(1).await;
        assert_eq!(calls.next().await.delivery, 1);
        assert_eq!(calls.next().await.delivery, 2, "the server still held it for another worker");
        none_in_hand(&deployment).await;
    });
}

/// The reason for [`Outcome::Superseded`].
#[test]
fn the_server_takes_any_acknowledgement_for_the_newest_delivery_s() {
    run(async {
        let deployment = Deployment::start().await;
        let consumer = consumer(&deployment, -1).await;
        let _jobs: Vec<AggregateRef> = deployment.request(1).await;
        let first = take(&consumer, 1).await.remove(0);
        let second = std::cell::RefCell::new(None);
        until("it is delivered again", || async {
            second.replace(take(&consumer, 1).await.pop());
            second.borrow().is_some()
        })
        .await;
        first.double_ack().await.unwrap();
        let info = consumer.get_info().await.unwrap();
        assert_eq!(
            (info.num_ack_pending, info.ack_floor.stream_sequence),
            (0, 1),
            "nobody holds the second one's work"
        );
    });
}

#[test]
fn nothing_is_remembered_of_a_stream_that_was_made_anew() {
    run(async {
        let deployment = Deployment::start().await;
        let deliveries = deliveries(&deployment);
        let settle_all = async |count: usize| {
            let consumer = consumer(&deployment, -1).await;
            for message in take(&consumer, count).await {
                message.double_ack().await.unwrap();
            }
        };
        deployment.request(2).await;
        settle_all(2).await;
        assert_eq!(unheld(&deliveries).await, [1, 2].into());
        let plans = deployment.jetstream.names().stream(StreamName::Plans);
        deployment.raw().await.delete_stream(&plans).await.unwrap();
        deployment.jetstream.ensure_topology().await.unwrap();
        // Longer than the old one was, so that its end tells nothing.
        let jobs: BTreeSet<_> = deployment.request(3).await.into_iter().collect();
        settle_all(3).await;
        let found = deliveries.unheld(&HashSet::new()).await.unwrap().messages;
        let about: BTreeSet<_> = found.into_iter().map(|unheld| unheld.about).collect();
        assert_eq!(about, jobs);
    });
}
