//! A store that is full: told at once, and nothing that was accepted is given up because of it.

use std::sync::Arc;
use std::time::Duration;

use ally_domain::event_data::EncodedEvent;
use ally_domain::outcome::Outcome;
use ally_domain::ports::{EventStore, StoreError};
use ally_domain::testing::conformance::{event, new_append, new_job};
use ally_nats::{ConsumerConfig, DeadLetterFilter, DeadLetters, NatsConfig, StoreLevel};
use futures::future::join_all;
use serde_json::value::to_raw_value;

use crate::bench::{Deployment, config, noise, run, told, until, within, worker};
use crate::servers::Server;

const STORE_BYTES: u64 = 3_000_000;
const PIECE_BYTES: usize = 10_000;
const ACK_WAIT: Duration = Duration::from_millis(300);

/// A deployment on a server of its own, beside a stream that fills what is left of the store.
struct Small {
    // Dropped first: its streams are removed while the server still runs.
    deployment: Deployment,
    raw: async_nats::jetstream::Context,
    _server: Server,
}

impl Small {
    async fn start() -> Self {
        let server = Server::with_store_of(STORE_BYTES).await;
        let deployment = Deployment::on(config(&server.url())).await;
        let raw = deployment.raw().await;
        let filler = async_nats::jetstream::stream::Config {
            name: "FILLER".to_owned(),
            subjects: vec!["filler".to_owned()],
            ..Default::default()
        };
        raw.create_stream(filler).await.unwrap();
        Self { deployment, raw, _server: server }
    }

    async fn fill(&self) {
        let piece = vec![b'x'; PIECE_BYTES];
        while self.raw.publish("filler", piece.clone().into()).await.unwrap().await.is_ok() {}
    }

    /// Room for small messages only: the check comes before a message is stored, so that a large one overshoots.
    async fn make_little_room(&self) {
        let filler = self.raw.get_stream("FILLER").await.unwrap();
        for sequence in 1..=2 {
            filler.delete_message(sequence).await.unwrap();
        }
    }

    async fn make_room(&self) {
        self.raw.get_stream("FILLER").await.unwrap().purge().await.unwrap();
    }

    async fn letters(&self) -> usize {
        let letters = DeadLetters::new(self.deployment.jetstream.clone());
        letters.list(&DeadLetterFilter::default(), 100).await.unwrap().len()
    }
}

#[test]
fn a_full_store_is_told_at_once_to_everybody() {
    run(async {
        let small = Small::start().await;
        let store = small.deployment.store();
        small.fill().await;
        // Alone, as a batch, and many that share one.
        for (appends, events) in [(1, 1), (1, 3), (60, 1), (60, 2)] {
            let append = || new_append(&new_job(), 0, (0..events).map(|n| event("requested", n)).collect());
            let answers = join_all((0..appends).map(|_| store.append(append()))).await;
            for answer in answers {
                assert!(matches!(answer, Err(StoreError::Full { .. })), "{answer:?}");
            }
        }
        small.make_room().await;
        for events in [1, 3] {
            store
                .append(new_append(&new_job(), 0, (0..events).map(|n| event("requested", n)).collect()))
                .await
                .unwrap();
        }
    });
}

/// A fact of nats-server 2.15: a batch in whose midst the store becomes full is stored in part, and its commit unanswered.
#[test]
fn an_append_that_a_full_store_tore_is_completed_when_there_is_room() {
    run(async {
        let small = Small::start().await;
        let store = small.deployment.store();
        small.fill().await;
        small.make_little_room().await;
        let large = || EncodedEvent { data: to_raw_value(&noise(200_000)).unwrap(), ..event("requested", 1) };
        let (plan, job) = (new_job(), new_job());
        // Torn between two aggregates, and within the second one.
        let appends = vec![
            new_append(&plan, 0, vec![large()]),
            new_append(&job, 0, vec![event("requested", 1), event("started", 2)]),
        ];
        let refused = store.append_together(appends.clone()).await;
        assert!(matches!(refused, Err(StoreError::Full { .. })), "{refused:?}");
        let kept = store.load(&plan).await.unwrap().events.len() + store.load(&job).await.unwrap().events.len();
        assert_eq!(kept, 1, "the server has learnt to keep a batch whole");
        small.make_room().await;
        // By the same ids, as whoever waits for room tries it.
        let appended = store.append_together(appends.clone()).await.unwrap();
        let events = store.load(&job).await.unwrap();
        assert_eq!((events.events.len(), events.last_sequence()), (2, appended.position.sequence));
        assert_eq!(store.load(&plan).await.unwrap().events.len(), 1);
        let repeated = store.append_together(appends).await.unwrap();
        assert_eq!(repeated.position, appended.position, "and once");
        assert_eq!(small.deployment.stored().await, 3);
    });
}

#[test]
fn what_cannot_be_parked_in_a_full_store_is_parked_when_there_is_room_and_was_tried_once() {
    run(async {
        let small = Small::start().await;
        // All are in hand before the first is given up: after a refusal the worker takes one at a time.
        let all_in_hand = Arc::new(tokio::sync::Barrier::new(7));
        let (handler, mut calls) = told(move |_, _| {
            let all_in_hand = all_in_hand.clone();
            async move {
                all_in_hand.wait().await;
                Outcome::give_up("no")
            }
        });
        let jobs = small.deployment.request(7).await;
        small.fill().await;
        let config = ConsumerConfig { ack_wait: ACK_WAIT, max_deliver: 2, max_in_flight: 7, ..worker() };
        let _worker = small.deployment.work(config, handler);
        for _ in &jobs {
            assert_eq!(calls.next().await.delivery, 1);
        }
        // What is not kept alive would come again by then, twice.
        let waited = tokio::time::Instant::now() + 3 * ACK_WAIT;
        until("some ack waits are over", || async { tokio::time::Instant::now() > waited }).await;
        assert_eq!(small.deployment.figures().await.redelivered, 0);
        small.make_room().await;
        within("all are parked", async {
            for _ in &jobs {
                calls.next_parked().await;
            }
        })
        .await;
        small.deployment.all_settled().await;
        assert_eq!(small.letters().await, 7);
        assert!(calls.handled.try_recv().is_err(), "a park that failed was taken for an attempt that failed");
    });
}

#[test]
fn what_is_put_off_while_the_store_is_full_wears_nothing_and_is_done_when_there_is_room() {
    run(async {
        let small = Small::start().await;
        let store = small.deployment.store();
        let (handler, mut calls) = told(move |_, _| {
            let store = store.clone();
            async move {
                match store.append(new_append(&new_job(), 0, vec![event("progressed", 1)])).await {
                    Ok(_) => Outcome::Done,
                    Err(error) => Outcome::Defer { reason: error.to_string(), after: Duration::from_millis(50) },
                }
            }
        });
        small.deployment.request(7).await;
        small.fill().await;
        let config = ConsumerConfig { ack_wait: ACK_WAIT, max_deliver: 2, ..worker() };
        let _worker = small.deployment.work(config, handler);
        // More often than a message may be delivered.
        for _ in 0..16 {
            calls.next().await;
        }
        small.make_room().await;
        small.deployment.all_settled().await;
        assert_eq!(small.letters().await, 0);
        // All seven, each by the attempt that worked.
        assert_eq!(small.deployment.stored().await, 14);
    });
}

#[test]
fn the_figures_of_the_store_are_those_of_the_server() {
    run(async {
        let server = Server::with_store_of(STORE_BYTES).await;
        let config = NatsConfig { store_limit_bytes: Some(STORE_BYTES), ..config(&server.url()) };
        let deployment = Deployment::on(config).await;
        let (before, raw) = (deployment.jetstream.store_figures().await.unwrap(), deployment.raw().await);
        deployment.request(20).await;
        let after = deployment.jetstream.store_figures().await.unwrap();
        let stored = raw.query_account().await.unwrap().storage;
        assert_eq!((before.limit_bytes, after.used_bytes), (Some(STORE_BYTES), stored));
        assert!(after.used_bytes > before.used_bytes);
        assert_eq!(deployment.jetstream.capacity().level(), StoreLevel::Free);
    });
}

/// The deadline of an attempt is for its work: the time in which the server refused is added, also when there is room again by
/// the moment at which the deadline would have been.
#[test]
fn an_attempt_that_waited_for_room_is_not_late_though_there_is_room_at_its_deadline() {
    const DEADLINE: Duration = Duration::from_secs(2);
    run(async {
        let small = Small::start().await;
        let jobs = small.deployment.request(1).await;
        small.fill().await;
        let (store, begun) = (small.deployment.store(), tokio::time::Instant::now());
        let (handler, mut calls) = told(move |_, _| {
            let store = store.clone();
            async move {
                let begun = tokio::time::Instant::now();
                let refused = store.append(new_append(&new_job(), 0, vec![event("requested", 1)])).await;
                assert!(matches!(refused, Err(StoreError::Full { .. })), "{refused:?}");
                tokio::time::sleep_until(begun + DEADLINE.mul_f32(2.2)).await;
                Outcome::give_up("it was not late")
            }
        });
        let config = ConsumerConfig { attempt_deadline: DEADLINE, ..worker() };
        let _worker = small.deployment.work(config, handler);
        assert_eq!(calls.next().await.event.aggregate, jobs[0]);
        let room = begun + DEADLINE.mul_f32(1.5);
        until("a deadline and a half is over", || async { tokio::time::Instant::now() > room }).await;
        small.make_room().await;
        let taken = small.deployment.store().append(new_append(&new_job(), 0, vec![event("requested", 2)])).await;
        taken.unwrap();
        let (_, reason) = calls.next_parked().await;
        assert_eq!(reason, "it was not late");
    });
}
