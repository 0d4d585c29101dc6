//! The consumer runner: what becomes of a delivery by what its handler answers, or does not.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use ally_domain::outcome::Outcome;
use ally_domain::ports::EventStore;
use ally_domain::testing::conformance::{event, new_append, new_job};
use ally_nats::names::StreamName;
use ally_nats::{ConsumerConfig, LONGEST_PAUSE};
use tokio::sync::{Notify, Semaphore};

use crate::bench::{Deployment, FixedDelay, SystemClock, Worker, run, runtime, told, until, within, worker};

#[test]
fn what_is_done_is_delivered_once() {
    run(async {
        let deployment = Deployment::start().await;
        let (handler, mut calls) = told(|_, _| async { Outcome::Done });
        let worker = deployment.work(worker(), handler);
        let jobs = deployment.request(20).await;
        let mut seen = Vec::new();
        for _ in &jobs {
            let call = calls.next().await;
            assert_eq!(call.delivery, 1);
            seen.push(call.event.aggregate);
        }
        deployment.all_settled().await;
        worker.stop().await;
        seen.sort();
        let mut jobs = jobs;
        jobs.sort();
        assert_eq!(seen, jobs);
        assert!(calls.handled.try_recv().is_err());
    });
}

#[test]
fn only_the_named_events_are_delivered() {
    run(async {
        let deployment = Deployment::start().await;
        let (handler, mut calls) = told(|_, _| async { Outcome::Done });
        let _worker = deployment.work(worker(), handler);
        let (store, job) = (deployment.store(), new_job());
        store.append(new_append(&job, 0, vec![event("started", 1), event("requested", 2)])).await.unwrap();
        assert_eq!(calls.next().await.event.data, r#"{"number":2}"#);
        deployment.all_settled().await;
        assert!(calls.handled.try_recv().is_err());
    });
}

#[test]
fn a_short_retry_keeps_its_delivery() {
    run(async {
        let deployment = Deployment::start().await;
        let (handler, mut calls) =
            told(|_, delivery| async move { if delivery < 3 { Outcome::retry("not yet") } else { Outcome::Done } });
        let _worker = deployment.work(worker(), handler);
        deployment.request(1).await;
        let deliveries = [calls.next().await.delivery, calls.next().await.delivery, calls.next().await.delivery];
        assert_eq!(deliveries, [1, 2, 3]);
        deployment.all_settled().await;
    });
}

#[test]
fn a_long_retry_waits_as_a_message_and_holds_no_slot() {
    run(async {
        let deployment = Deployment::start().await;
        let (handler, mut calls) = told(|_, delivery| async move {
            let after = Some(Duration::from_secs(1));
            if delivery == 1 { Outcome::Retry { reason: "later".to_owned(), after } } else { Outcome::Done }
        });
        let config = ConsumerConfig { schedule_from: Duration::from_millis(500), ..worker() };
        let _worker = deployment.work(config, handler);
        let job = deployment.request(1).await.remove(0);
        let first = calls.next().await;
        deployment.all_settled().await;

        // Nothing that waits moves the aggregate: whoever knows its last event can append.
        let store = deployment.store();
        let last = store.load(&job).await.unwrap().last_sequence();
        store.append(new_append(&job, last, vec![event("cancel_requested", 2)])).await.unwrap();

        let second = calls.next().await;
        assert_eq!(second.delivery, 2);
        assert_eq!(second.event.event_id, first.event.event_id);
        assert_eq!(second.event.position, first.event.position);
        assert_eq!(second.event.data, first.event.data);
        deployment.all_settled().await;

        let names = deployment.jetstream.names().clone();
        let raw = deployment.raw().await;
        let stream = raw.get_stream(names.stream(StreamName::Plans)).await.unwrap();
        until("neither schedule nor copy is left", || async { stream.get_info().await.unwrap().state.messages == 2 })
            .await;
    });
}

#[test]
fn retries_without_end_never_exhaust_the_servers_patience() {
    run(async {
        let deployment = Deployment::start().await;
        let (handler, mut calls) =
            told(|_, delivery| async move { if delivery < 9 { Outcome::retry("not yet") } else { Outcome::Done } });
        // With four deliveries allowed, plain redelivery would strand the message at the fifth.
        let config = ConsumerConfig { max_deliver: 4, ..worker() };
        let _worker = deployment.work(config, handler);
        deployment.request(1).await;
        for expected in 1..=9 {
            assert_eq!(calls.next().await.delivery, expected);
        }
        deployment.all_settled().await;
    });
}

#[test]
fn a_lost_workers_message_goes_to_another() {
    run(async {
        let deployment = Deployment::start().await;
        let config = ConsumerConfig { ack_wait: Duration::from_secs(1), ..worker() };
        let (hung, mut lost_calls) = told(|_, _| std::future::pending());
        // A process that is killed takes its connection and all its tasks along: so does a runtime of its own.
        let process = runtime();
        let lost = deployment.runner(config.clone(), hung);
        process.spawn(async move { Worker::start(lost).stop_never().await });
        deployment.request(1).await;
        assert_eq!(lost_calls.next().await.delivery, 1);
        process.shutdown_background();

        let (handler, mut calls) = told(|_, _| async { Outcome::Done });
        let _worker = deployment.work(config, handler);
        assert_eq!(calls.next().await.delivery, 2);
        deployment.all_settled().await;
    });
}

#[test]
fn long_work_keeps_its_message() {
    run(async {
        let deployment = Deployment::start().await;
        let finish = Arc::new(Notify::new());
        let done = Arc::clone(&finish);
        let (handler, mut calls) = told(move |_, _| {
            let finish = Arc::clone(&finish);
            async move {
                finish.notified().await;
                Outcome::Done
            }
        });
        let config = ConsumerConfig { ack_wait: Duration::from_millis(600), ..worker() };
        let _worker = deployment.work(config.clone(), handler);
        deployment.request(1).await;
        calls.next().await;
        // Three further messages that each take an ack wait to come again: by then the first would have come, too.
        let (again, mut nagging) =
            told(|_, delivery| async move { if delivery < 4 { std::future::pending().await } else { Outcome::Done } });
        let other = ConsumerConfig { name: "nagging".to_owned(), attempt_deadline: config.ack_wait, ..config };
        let _nagging = Worker::start(deployment.runner_with(other, again, FixedDelay(Duration::from_millis(1))));
        for expected in 1..=4 {
            assert_eq!(nagging.next().await.delivery, expected);
        }
        assert!(calls.handled.try_recv().is_err(), "the long work was given to somebody else");
        done.notify_one();
        deployment.all_settled().await;
    });
}

#[test]
fn an_attempt_beyond_its_deadline_is_repeated() {
    run(async {
        let deployment = Deployment::start().await;
        let (handler, mut calls) =
            told(|_, delivery| async move { if delivery == 1 { std::future::pending().await } else { Outcome::Done } });
        let config = ConsumerConfig { attempt_deadline: Duration::from_millis(100), ..worker() };
        let _worker = deployment.work(config, handler);
        deployment.request(1).await;
        assert_eq!([calls.next().await.delivery, calls.next().await.delivery], [1, 2]);
        deployment.all_settled().await;
    });
}

#[test]
fn a_handler_that_panics_costs_an_attempt_and_no_more() {
    run(async {
        let deployment = Deployment::start().await;
        let (handler, mut calls) = told(|_, delivery| async move {
            assert!(delivery > 1, "the first attempt fails");
            Outcome::Done
        });
        let _worker = deployment.work(worker(), handler);
        deployment.request(1).await;
        assert_eq!([calls.next().await.delivery, calls.next().await.delivery], [1, 2]);
        deployment.all_settled().await;
    });
}

#[test]
fn no_more_than_the_limit_is_in_hand() {
    run(async {
        let deployment = Deployment::start().await;
        let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let gate = Arc::new(Semaphore::new(0));
        let (count, highest, door) = (Arc::clone(&now), Arc::clone(&most), Arc::clone(&gate));
        let (handler, mut calls) = told(move |_, _| {
            let (count, highest, door) = (Arc::clone(&count), Arc::clone(&highest), Arc::clone(&door));
            async move {
                highest.fetch_max(count.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                door.acquire().await.unwrap().forget();
                count.fetch_sub(1, Ordering::SeqCst);
                Outcome::Done
            }
        });
        let runner = deployment.runner(worker(), handler);
        let workload = runner.workload();
        let _worker = Worker::start(runner);
        deployment.request(30).await;
        for _ in 0..4 {
            calls.next().await;
        }
        until("the figures tell", || async { deployment.figures().await.ack_pending == 4 }).await;
        assert_eq!((workload.in_flight(), workload.limit(), workload.available()), (4, 4, 0));
        assert_eq!(deployment.figures().await.pending, 26);
        gate.add_permits(30);
        deployment.all_settled().await;
        assert_eq!(most.load(Ordering::SeqCst), 4);
    });
}

#[test]
fn a_paused_consumer_delivers_nothing_until_it_is_resumed() {
    run(async {
        let deployment = Deployment::start().await;
        let (handler, mut calls) = told(|_, _| async { Outcome::Done });
        let runner = deployment.runner(worker(), handler);
        runner.ensure().await.unwrap();
        deployment
            .jetstream
            .pause_consumer(StreamName::Plans, "worker", LONGEST_PAUSE, "operator:kim", &SystemClock)
            .await
            .unwrap();
        let _worker = Worker::start(runner);
        deployment.request(3).await;
        until("a pull waits", || async { deployment.figures().await.waiting_pulls > 0 }).await;
        let figures = deployment.figures().await;
        assert!(figures.paused && figures.pending == 3 && figures.ack_pending == 0, "{figures:?}");
        assert_eq!(figures.paused_by.as_deref(), Some("operator:kim"), "also after a worker has begun");
        assert!(figures.oldest_age > Duration::ZERO);
        assert!(calls.handled.try_recv().is_err());
        deployment.jetstream.resume_consumer(StreamName::Plans, "worker").await.unwrap();
        for _ in 0..3 {
            calls.next().await;
        }
        deployment.all_settled().await;
        let figures = deployment.figures().await;
        assert!(!figures.paused && figures.paused_by.is_none(), "{figures:?}");
    });
}

#[test]
fn a_consumer_that_is_gone_is_made_anew() {
    run(async {
        let deployment = Deployment::start().await;
        let (handler, mut calls) = told(|_, _| async { Outcome::Done });
        let _worker = deployment.work(worker(), handler);
        deployment.request(1).await;
        calls.next().await;
        deployment.all_settled().await;
        let raw = deployment.raw().await;
        let stream = raw.get_stream(deployment.jetstream.names().stream(StreamName::Plans)).await.unwrap();
        stream.delete_consumer("worker").await.unwrap();
        let jobs = deployment.request(1).await;
        // The new consumer begins at the first event: handlers are idempotent.
        within("the new job", async { while calls.next().await.event.aggregate != jobs[0] {} }).await;
    });
}
