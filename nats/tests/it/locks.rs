//! The suite of all locks against a real bucket, on one server and on three; what a restart and a lost bucket leave.

use std::sync::Arc;
use std::time::Duration;

use ally_domain::ports::{LockError, Locks};
use ally_domain::testing::conformance::locks::{self, LockBench, new_lock, seconds, user};
use ally_nats::{JetStream, NatsConfig, NatsLocks, Replicas};
use async_trait::async_trait;

use crate::bench::{Deployment, SystemClock, config, run, until, within};
use crate::servers::{Cluster, Server};

struct Bench {
    locks: NatsLocks,
    deployment: Deployment,
}

impl Bench {
    fn on(deployment: Deployment) -> Self {
        Self { locks: locks_of(&deployment.jetstream), deployment }
    }
}

fn locks_of(jetstream: &JetStream) -> NatsLocks {
    NatsLocks::new(jetstream.clone(), Arc::new(SystemClock))
}

#[async_trait]
impl LockBench for Bench {
    fn locks(&self) -> &dyn Locks {
        &self.locks
    }

    async fn pass(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }

    async fn lose_bucket(&self) {
        let stream = self.deployment.jetstream.names().lock_stream();
        self.deployment.raw().await.delete_stream(stream).await.unwrap();
    }
}

async fn bench(_case: &str) -> Bench {
    Bench::on(Deployment::start().await)
}

fn run_in_time(case: impl Future<Output = ()>) {
    run(within("the case", case));
}

ally_domain::lock_conformance_tests!(run_in_time, bench);

#[test]
fn a_cluster_passes_the_suite() {
    run(async {
        let cluster = Cluster::started().await;
        let bench = Bench::on(Deployment::with(config(&cluster.url()), Replicas::Exactly(3)).await);
        within("the suite", locks::all(&bench)).await;
    });
}

/// Locks are on disk, unlike leases: a restart takes them from nobody, and their time goes on.
#[test]
fn a_restart_of_the_server_keeps_who_holds_a_lock() {
    run(async {
        let server = Server::started().await;
        let deployment = Deployment::with(config(&server.url()), Replicas::AsFound).await;
        let (locks, kept, short) = (locks_of(&deployment.jetstream), new_lock(), new_lock());
        let held = locks.acquire(&kept, &user("amy"), seconds(600)).await.unwrap();
        locks.acquire(&short, &user("amy"), seconds(1)).await.unwrap();
        server.kill();
        server.start();
        server.answers().await;
        until("the locks answer", || async { locks.get(&kept).await == Ok(Some(held.clone())) }).await;
        let refused = locks.acquire(&kept, &user("bob"), seconds(60)).await;
        assert!(matches!(refused, Err(LockError::Held { .. })), "{refused:?}");
        until("the short lock ends", || async { locks.get(&short).await == Ok(None) }).await;
        let next = locks.acquire(&short, &user("bob"), seconds(60)).await.unwrap();
        assert!(next.fencing_token > held.fencing_token);
        // A number that every client of JSON holds exactly.
        assert!(next.fencing_token < 1 << 53, "{}", next.fencing_token);
    });
}

#[test]
fn where_nobody_answers_it_is_told_in_time() {
    run(async {
        let request_timeout = Duration::from_millis(200);
        let config = NatsConfig { request_timeout, ..NatsConfig::new("nats://127.0.0.1:1") };
        let locks = locks_of(&JetStream::connect(config).await.unwrap());
        let (name, amy) = (new_lock(), user("amy"));
        let answers = async {
            vec![
                locks.acquire(&name, &amy, seconds(1)).await.err(),
                locks.renew(&name, &amy, 1, seconds(1)).await.err(),
                locks.release(&name, &amy).await.err(),
                locks.get(&name).await.err(),
            ]
        };
        let answers = tokio::time::timeout(request_timeout * 15, answers).await.expect("each within its timeout");
        for answer in answers {
            assert!(matches!(&answer, Some(LockError::Unavailable { reason }) if !reason.is_empty()), "{answer:?}");
        }
    });
}
