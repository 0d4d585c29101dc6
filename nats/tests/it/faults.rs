//! What is appended while wires are cut and servers are killed: stored once, or honestly not known.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use ally_domain::ids::AggregateRef;
use ally_domain::outcome::Outcome;
use ally_domain::ports::{Appended, EventStore, StoreError};
use ally_domain::testing::conformance::{self, event, new_append, new_job};
use ally_nats::names::StreamName;
use ally_nats::{ConsumerConfig, JetStream, NatsConfig, NatsEventStore, Replicas, Upcasters};
use futures::future::join_all;
use tokio_util::sync::CancellationToken;

use crate::batches::a_batch_is_told_to_have_begun;
use crate::bench::{Deployment, PATIENCE, config, run, told, until, within, worker};
use crate::proxy::Proxy;
use crate::servers::{Cluster, Server};

#[test]
fn an_answer_that_is_lost_on_the_wire_is_found_in_the_log() {
    run(async {
        let server = Server::started().await;
        let proxy = Proxy::before(server.port).await;
        let deployment = Deployment::on(config(&proxy.url)).await;
        let store = deployment.store();
        // One event, several events, and many appends that share a batch.
        for (appends, events) in [(1, 1), (1, 3), (40, 1)] {
            let jobs: Vec<_> = (0..appends).map(|_| new_job()).collect();
            let before = proxy.cuts();
            proxy.cut_next_answer();
            let answers = join_all(
                jobs.iter()
                    .map(|job| store.append(new_append(job, 0, (0..events).map(|n| event("requested", n)).collect()))),
            )
            .await;
            assert_eq!(proxy.cuts(), before + 1, "the wire was cut");
            for (job, answer) in jobs.iter().zip(answers) {
                let appended = answer.unwrap();
                assert!(!appended.duplicate, "it was asked once: {appended:?}");
                let history = store.load(job).await.unwrap();
                assert_eq!((history.events.len(), history.last_sequence()), (events, appended.position.sequence));
            }
        }
    });
}

#[test]
fn it_starts_without_a_server_and_recovers_each_time_one_comes_back() {
    run(async {
        let server = Server::new();
        let jetstream = JetStream::connect(NatsConfig::new(server.url())).await.unwrap();
        let stop = CancellationToken::new();
        let watch = {
            let (jetstream, stop) = (jetstream.clone(), stop.clone());
            tokio::spawn(async move { jetstream.watch_streams(&stop).await })
        };
        let store = NatsEventStore::new(jetstream.clone(), Upcasters::default());
        assert!(jetstream.ready().await.unwrap_err().starts_with("not connected to NATS"));
        for _ in 0..2 {
            server.start();
            until("the streams are made", || async { jetstream.ensure_topology().await.is_ok() }).await;
            until("it is ready", || async { jetstream.ready().await.is_ok() }).await;
            conformance::append_one(&store, "requested", 0).await.unwrap();
            server.kill();
            until("it says that it is not", || async { jetstream.ready().await.is_err() }).await;
        }
        stop.cancel();
        within("the end of the watch", watch).await.unwrap();
    });
}

#[test]
fn a_consumer_works_on_after_its_server_was_killed() {
    run(async {
        let server = Server::started().await;
        let deployment = Deployment::on(config(&server.url())).await;
        let (handler, mut calls) = told(|_, _| async { Outcome::Done });
        // The first message's acknowledgement may die with the server: it comes again after this time, and not after the test.
        let short = ConsumerConfig { ack_wait: Duration::from_secs(2), ..worker() };
        let _worker = deployment.work(short, handler);
        deployment.request(1).await;
        calls.next().await;
        server.kill();
        server.start();
        server.answers().await;
        let job = deployment.request(1).await.remove(0);
        within("the new job", async { while calls.next().await.event.aggregate != job {} }).await;
        deployment.all_settled().await;
    });
}

#[test]
fn nothing_is_lost_or_doubled_when_the_server_is_killed_in_mid_append() {
    run(async {
        let server = Server::started().await;
        let deployment = Deployment::on(config(&server.url())).await;
        let load = Load::start(&deployment, 32);
        for _ in 0..2 {
            load.more(100).await;
            server.kill();
            server.start();
        }
        load.more(100).await;
        load.check().await;
    });
}

#[test]
fn a_cluster_passes_the_suite_and_survives_its_leader() {
    run(async {
        let cluster = Cluster::started().await;
        let deployment = Deployment::with(config(&cluster.url()), Replicas::Exactly(3)).await;
        tokio::time::timeout(PATIENCE * 3, conformance::all(&deployment.store())).await.expect("the suite ends");

        let load = Load::start(&deployment, 32);
        load.more(100).await;
        let raw = deployment.raw().await;
        let stream = raw.get_stream(deployment.jetstream.names().stream(StreamName::Plans)).await.unwrap();
        let leader = stream.cached_info().cluster.as_ref().and_then(|cluster| cluster.leader.clone()).unwrap();
        cluster.node(&leader).kill();
        load.more(100).await;
        cluster.node(&leader).start();
        cluster.node(&leader).answers().await;
        load.more(100).await;
        load.check().await;
        a_batch_is_told_to_have_begun(&deployment).await;
    });
}

/// Appenders that never rest: each appends event after event to a job of its own, as far as the answers let it know where
/// the job stands.
struct Load {
    store: NatsEventStore,
    stop: Arc<AtomicBool>,
    acknowledged: Arc<AtomicUsize>,
    tasks: Vec<tokio::task::JoinHandle<(AggregateRef, usize)>>,
}

impl Load {
    fn start(deployment: &Deployment, appenders: usize) -> Self {
        let (store, stop) = (deployment.store(), Arc::new(AtomicBool::new(false)));
        let acknowledged = Arc::new(AtomicUsize::new(0));
        let tasks = (0..appenders)
            .map(|n| {
                let (store, stop, count) = (store.clone(), Arc::clone(&stop), Arc::clone(&acknowledged));
                tokio::spawn(async move { append_on(&store, &stop, &count, 1 + n % 2).await })
            })
            .collect();
        Self { store, stop, acknowledged, tasks }
    }

    /// Waits until so many further appends are acknowledged.
    async fn more(&self, count: usize) {
        let goal = self.acknowledged.load(Ordering::SeqCst) + count;
        let reached = async {
            while self.acknowledged.load(Ordering::SeqCst) < goal {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(PATIENCE * 3, reached).await.expect("appends go on");
    }

    /// Every acknowledged event is there, once, in its place; and nothing else is.
    async fn check(self) {
        self.stop.store(true, Ordering::SeqCst);
        for task in self.tasks {
            let (job, appended) = within("the last append", task).await.unwrap();
            let history = self.store.load(&job).await.unwrap();
            let numbers: Vec<_> = history.events.iter().map(|event| event.data.clone()).collect();
            assert_eq!(numbers, (0..appended).map(|n| format!(r#"{{"number":{n}}}"#)).collect::<Vec<_>>(), "{job}");
        }
    }
}

async fn append_on(
    store: &NatsEventStore,
    stop: &AtomicBool,
    count: &AtomicUsize,
    events: usize,
) -> (AggregateRef, usize) {
    let (job, mut last, mut appended) = (new_job(), 0, 0);
    while !stop.load(Ordering::SeqCst) {
        let append = new_append(&job, last, (appended..appended + events).map(|n| event("progressed", n)).collect());
        // An outcome that nobody knows is settled by asking again, with the same ids.
        let Appended { position, .. } = loop {
            match store.append(append.clone()).await {
                Ok(appended) => break appended,
                Err(StoreError::Unavailable { .. }) => {}
                Err(error) => panic!("nobody else appends to {job}: {error}"),
            }
        };
        last = position.sequence;
        appended += events;
        count.fetch_add(1, Ordering::SeqCst);
    }
    (job, appended)
}
