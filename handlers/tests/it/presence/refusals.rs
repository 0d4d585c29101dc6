//! A node that does not know the rooms yet says so, and is seen to.

use ally_domain::room::MemberState;
use ally_handlers::presence::{Audience, PresenceConfig, PresenceError, Resume};

use super::cluster::{Cluster, join, origin};

/// An error of this operation, as it is counted.
fn refused(operation: &str, times: u32) -> String {
    format!(r#"presence_error_total{{operation="{operation}",error_type="unavailable"}} {times}"#)
}

#[tokio::test(start_paused = true)]
async fn who_is_refused_by_a_node_that_is_not_ready_is_counted() {
    let recorder = metrics_exporter_prometheus::PrometheusBuilder::new().build_recorder();
    let _guard = metrics::set_default_local_recorder(&recorder);
    let mut cluster = Cluster::start(0, PresenceConfig::default()).await;
    cluster.store.set_outage(Some("no network"));
    cluster.add_unready_node();
    let node = &cluster.nodes[0];
    let room = "lobby".parse().unwrap();

    let joined = join(node, "lobby", "amy").await;
    assert!(matches!(joined, Err(PresenceError::Unavailable { .. })), "by a socket");
    let entered = node.presence.enter(&room, &"amy".parse().unwrap(), MemberState::default(), &origin()).await;
    assert!(matches!(entered, Err(PresenceError::Unavailable { .. })), "{entered:?}");
    let door = ally_domain::room::Door::Websocket;
    let resume = Resume { token: "a.b".to_owned(), user: None, door, audience: Audience::Full, since: None };
    let resumed = node.presence.resume(resume).await;
    assert!(matches!(resumed, Err(PresenceError::Unavailable { .. })), "by a return");

    let told = recorder.handle().render();
    for line in [refused("join", 2), refused("resume", 1), refused("leave", 0)] {
        assert!(told.contains(&line), "{line} in {told}");
    }
    assert_eq!(cluster.leases.held().len(), 0, "and nobody holds a lease for it");
}
