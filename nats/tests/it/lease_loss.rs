//! A bucket in memory goes with its servers. Whoever watches it is told within seconds, and whoever needs it makes it anew.

use std::time::{Duration, Instant};

use ally_domain::ports::{LeaseWatch, Leases};
use ally_domain::testing::conformance::leases::{Caught, caught, lease_in, new_conn};
use ally_nats::{NatsLeases, Replicas};

use crate::bench::{Deployment, config, run, until, within};
use crate::servers::{Cluster, Server};

const TIME_TO_LIVE: Duration = Duration::from_secs(60);
/// The longest that the loss of a bucket may go unnoticed.
const NOTICED: Duration = Duration::from_secs(5);
/// Longer than a watch may be behind.
const TOO_LATE: Duration = Duration::from_secs(6);

fn leases(deployment: &Deployment) -> NatsLeases {
    NatsLeases::new(deployment.jetstream.clone(), TIME_TO_LIVE)
}

/// Waits until the watch ends, and says for how long.
async fn ends(watch: &mut dyn LeaseWatch) -> Duration {
    let since = Instant::now();
    within("the end of the watch", async { while watch.next().await.is_ok() {} }).await;
    since.elapsed()
}

/// Watches as soon as somebody answers.
async fn again(leases: &NatsLeases) -> Caught {
    within("another watch", async {
        loop {
            if let Ok(caught) = caught(leases).await {
                return caught;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    })
    .await
}

#[test]
fn a_bucket_that_is_deleted_under_a_watch_is_noticed_and_made_anew_by_whoever_comes_first() {
    run(async {
        let deployment = Deployment::start().await;
        let (leases, other) = (leases(&deployment), leases(&deployment));
        let (gone, kept) = (new_conn(), new_conn());
        leases.hold(gone, &lease_in("a")).await.unwrap();
        let Caught { mut watch, bucket, .. } = again(&leases).await;
        let stream = deployment.jetstream.names().lease_stream();
        deployment.raw().await.delete_stream(&stream).await.unwrap();
        // Many miss it at the same time, from two processes.
        let holds = (0..200).map(|n| {
            let leases = if n % 2 == 0 { &leases } else { &other };
            async move { leases.hold(new_conn(), &lease_in("a")).await.unwrap() }
        });
        futures::future::join_all(holds).await;
        other.hold(kept, &lease_in("a")).await.unwrap();
        assert!(ends(&mut *watch).await < NOTICED);
        let after = again(&leases).await;
        assert_ne!(after.bucket, bucket);
        assert!(!after.held.contains_key(&gone) && after.held.contains_key(&kept));
        assert_eq!(after.held.len(), 201);
        assert_eq!(again(&other).await.bucket, after.bucket, "all know it by one name");
    });
}

/// As by an operator, or by servers that all lost their memory: the stream is still there.
#[test]
fn a_bucket_that_is_emptied_under_a_watch_is_another_one() {
    run(async {
        let deployment = Deployment::start().await;
        let leases = leases(&deployment);
        leases.hold(new_conn(), &lease_in("a")).await.unwrap();
        let Caught { mut watch, bucket, .. } = again(&leases).await;
        let stream = deployment.raw().await.get_stream(deployment.jetstream.names().lease_stream()).await.unwrap();
        stream.purge().await.unwrap();
        assert!(ends(&mut *watch).await < NOTICED);
        let after = again(&leases).await;
        assert_ne!(after.bucket, bucket);
        assert!(after.held.is_empty());
    });
}

/// The bucket forgets that a lease ended: who comes later than that must not go on as if nothing was missed.
#[test]
fn a_watch_that_is_read_too_late_ends() {
    run(async {
        let deployment = Deployment::start().await;
        let leases = leases(&deployment);
        let Caught { mut watch, .. } = again(&leases).await;
        leases.hold(new_conn(), &lease_in("a")).await.unwrap();
        within("it in time", watch.next()).await.unwrap();
        leases.hold(new_conn(), &lease_in("a")).await.unwrap();
        tokio::time::sleep(TOO_LATE).await;
        let ended = within("it too late", watch.next()).await.unwrap_err().to_string();
        assert!(ended.contains("behind") && ended.contains("watch again"), "{ended}");
        assert!(watch.next().await.is_err(), "it stays so");
        assert_eq!(again(&leases).await.held.len(), 2);
    });
}

#[test]
fn a_server_that_is_restarted_under_a_watch_is_noticed_and_has_another_bucket() {
    run(async {
        let server = Server::started().await;
        let deployment = Deployment::on(config(&server.url())).await;
        let leases = leases(&deployment);
        leases.hold(new_conn(), &lease_in("a")).await.unwrap();
        let Caught { mut watch, bucket, .. } = again(&leases).await;
        server.kill();
        assert!(ends(&mut *watch).await < NOTICED);
        server.start();
        let after = again(&leases).await;
        assert_ne!(after.bucket, bucket);
        assert!(after.held.is_empty());
        leases.hold(new_conn(), &lease_in("a")).await.unwrap();
    });
}

/// The server keeps such a stream, with the time at which it was made, and begins its sequences anew.
#[test]
fn a_cluster_that_is_restarted_whole_has_another_bucket() {
    run(async {
        let cluster = Cluster::started().await;
        let deployment = Deployment::with(config(&cluster.url()), Replicas::Exactly(3)).await;
        let leases = leases(&deployment);
        let conn = new_conn();
        let held = leases.hold(conn, &lease_in("a")).await.unwrap();
        let Caught { mut watch, bucket, .. } = again(&leases).await;
        cluster.nodes.iter().for_each(|node| node.kill());
        assert!(ends(&mut *watch).await < NOTICED);
        cluster.nodes.iter().for_each(|node| node.start());
        let after = again(&leases).await;
        assert_ne!(after.bucket, bucket);
        assert!(after.held.is_empty());
        until("a lease can be taken", || async { leases.hold(conn, &lease_in("a")).await.is_ok() }).await;
        assert!(leases.get(conn).await.unwrap().unwrap().revision <= held + 1, "its revisions begin anew");
    });
}

#[test]
fn a_cluster_that_loses_one_server_keeps_its_leases() {
    run(async {
        let cluster = Cluster::started().await;
        let deployment = Deployment::with(config(&cluster.url()), Replicas::Exactly(3)).await;
        let leases = leases(&deployment);
        let conn = new_conn();
        leases.hold(conn, &lease_in("a")).await.unwrap();
        let Caught { bucket, .. } = again(&leases).await;
        let raw = deployment.raw().await;
        let stream = raw.get_stream(deployment.jetstream.names().lease_stream()).await.unwrap();
        let leader = stream.cached_info().cluster.as_ref().and_then(|cluster| cluster.leader.clone()).unwrap();
        cluster.node(&leader).kill();
        until("a lease can be renewed", || async { leases.hold(conn, &lease_in("a")).await.is_ok() }).await;
        let after = again(&leases).await;
        assert_eq!(after.bucket, bucket);
        assert!(after.held.contains_key(&conn));
    });
}
