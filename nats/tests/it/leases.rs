//! The suite of all leases against a real bucket, on one server and on three; what each command records.

use std::time::Duration;

use ally_domain::ports::{LeaseError, Leases};
use ally_domain::testing::conformance::leases::{self, LeaseBench, lease_in, new_conn};
use ally_nats::{JetStream, NatsConfig, NatsLeases, Replicas};
use ally_telemetry::names;
use async_trait::async_trait;

use crate::bench::{Deployment, config, run, within};
use crate::recorder::Recorded;
use crate::servers::Cluster;

const TIME_TO_LIVE: Duration = Duration::from_secs(2);

struct Bench {
    leases: NatsLeases,
    deployment: Deployment,
}

impl Bench {
    fn on(deployment: Deployment) -> Self {
        Self { leases: NatsLeases::new(deployment.jetstream.clone(), TIME_TO_LIVE), deployment }
    }
}

#[async_trait]
impl LeaseBench for Bench {
    fn leases(&self) -> &dyn Leases {
        &self.leases
    }

    async fn pass(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }

    async fn lose_bucket(&self) {
        let stream = self.deployment.jetstream.names().lease_stream();
        self.deployment.raw().await.delete_stream(stream).await.unwrap();
    }
}

async fn bench(_case: &str) -> Bench {
    Bench::on(Deployment::start().await)
}

fn run_in_time(case: impl Future<Output = ()>) {
    run(within("the case", case));
}

ally_domain::lease_conformance_tests!(run_in_time, bench);

#[test]
fn a_cluster_passes_the_suite() {
    run(async {
        let cluster = Cluster::started().await;
        let bench = Bench::on(Deployment::with(config(&cluster.url()), Replicas::Exactly(3)).await);
        within("the suite", leases::all(&bench)).await;
        let raw = bench.deployment.raw().await;
        let stream = raw.get_stream(bench.deployment.jetstream.names().lease_stream()).await.unwrap();
        assert_eq!(stream.cached_info().config.num_replicas, 3, "as many servers hold it as hold the streams");
    });
}

#[test]
fn a_time_to_live_is_whole_seconds() {
    run(async {
        let jetstream = JetStream::connect(NatsConfig::new("nats://127.0.0.1:1")).await.unwrap();
        for (asked, lives) in [(0, 1), (1, 1), (999, 1), (1_000, 1), (1_001, 2), (30_000, 30)] {
            let leases = NatsLeases::new(jetstream.clone(), Duration::from_millis(asked));
            assert_eq!(leases.time_to_live(), Duration::from_secs(lives), "{asked} ms");
        }
    });
}

#[test]
fn where_nobody_answers_it_is_told_in_time() {
    run(async {
        let request_timeout = Duration::from_millis(200);
        let config = NatsConfig { request_timeout, ..NatsConfig::new("nats://127.0.0.1:1") };
        let leases = NatsLeases::new(JetStream::connect(config).await.unwrap(), TIME_TO_LIVE);
        let (conn, lease) = (new_conn(), lease_in("a"));
        let answers = async {
            vec![
                leases.hold(conn, &lease).await.err(),
                leases.hold_after(conn, &lease, 1).await.err(),
                leases.release(conn).await.err(),
                leases.get(conn).await.err(),
                leases.watch().await.err(),
            ]
        };
        let answers = tokio::time::timeout(request_timeout * 15, answers).await.expect("each within its timeout");
        for answer in answers {
            assert!(matches!(&answer, Some(LeaseError::Unavailable { reason }) if !reason.is_empty()), "{answer:?}");
        }
    });
}

/// A role whose streams nobody has made yet makes no bucket beside them.
#[test]
fn without_the_streams_there_is_no_bucket_and_the_reason_says_what_to_do() {
    run(async {
        let url = crate::bench::env("ALLY_TEST_NATS_URL");
        let leases = NatsLeases::new(JetStream::connect(config(&url)).await.unwrap(), TIME_TO_LIVE);
        let refused = leases.hold(new_conn(), &lease_in("a")).await.unwrap_err().to_string();
        assert!(refused.contains("PRESENCE is not there; `ally streams apply` makes it"), "{refused}");
    });
}

#[tokio::test]
async fn each_command_is_timed() {
    let recorded = Recorded::default();
    let _recording = metrics::set_default_local_recorder(&recorded);
    let bench = bench("").await;
    let (leases, conn, lease) = (&bench.leases, new_conn(), lease_in("a"));
    let revision = leases.hold(conn, &lease).await.unwrap();
    leases.hold_after(conn, &lease, revision).await.unwrap();
    leases.hold_after(conn, &lease, revision).await.unwrap_err();
    leases.get(conn).await.unwrap();
    leases.release(conn).await.unwrap();
    leases.watch().await.unwrap();
    let counts = ["hold", "hold_after", "get", "release", "watch"]
        .map(|command| recorded.of(names::LEASE_COMMAND_DURATION_SECONDS, command));
    assert_eq!(counts, [1, 2, 1, 1, 1]);
}
