//! The end of a worker: what is in hand is finished or handed back, and nothing is lost.

use std::sync::Arc;
use std::time::Duration;

use ally_domain::outcome::Outcome;
use ally_nats::ConsumerConfig;
use tokio::sync::Notify;

use crate::bench::{Deployment, run, told, worker};

#[test]
fn a_drain_finishes_what_is_in_hand_and_pulls_no_more() {
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
        let worker = deployment.work(ConsumerConfig { max_in_flight: 1, ..worker() }, handler);
        deployment.request(3).await;
        calls.next().await;
        let stopped = tokio::spawn(worker.stop());
        tokio::task::yield_now().await;
        done.notify_one();
        stopped.await.unwrap();
        assert!(calls.handled.try_recv().is_err(), "nothing new was begun");
        let figures = deployment.figures().await;
        assert_eq!((figures.pending, figures.ack_pending), (2, 0), "the first is settled, the others untouched");
    });
}

#[test]
fn what_is_not_finished_in_time_is_handed_back_at_once() {
    run(async {
        let deployment = Deployment::start().await;
        // An ack wait far beyond the test's patience: only a settlement brings the message back.
        let config = ConsumerConfig {
            ack_wait: Duration::from_secs(300),
            drain_deadline: Duration::from_millis(50),
            ..worker()
        };
        let (stuck, mut calls) = told(|_, _| std::future::pending());
        let worker = deployment.work(config.clone(), stuck);
        deployment.request(2).await;
        calls.next().await;
        calls.next().await;
        worker.stop().await;

        let (handler, mut calls) = told(|_, _| async { Outcome::Done });
        let _next = deployment.work(config, handler);
        assert_eq!([calls.next().await.delivery, calls.next().await.delivery], [2, 2]);
        deployment.all_settled().await;
    });
}
