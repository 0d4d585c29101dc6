//! The streams: as they must be, however often they are applied; and a connection that knows why it is none.

use ally_nats::names::StreamName;
use ally_nats::{JetStream, NatsConfig, Replicas};
use async_nats::jetstream::stream::Republish;

use crate::bench::{Deployment, run};

#[test]
fn applying_again_changes_nothing() {
    run(async {
        let deployment = Deployment::start().await;
        let raw = deployment.raw().await;
        let name = deployment.jetstream.names().stream(StreamName::Plans);
        let before = raw.get_stream(&name).await.unwrap().cached_info().clone();
        assert_eq!(deployment.jetstream.apply_streams(Replicas::AsFound).await.unwrap(), []);
        let after = raw.get_stream(&name).await.unwrap().cached_info().clone();
        assert_eq!(before.config, after.config);
        assert_eq!(before.created, after.created);
        assert!(after.config.allow_atomic_publish && after.config.allow_message_schedules && after.config.allow_direct);
        assert_eq!(deployment.jetstream.ready().await, Ok(()));
    });
}

/// As every earlier version had it.
#[test]
fn a_log_that_republishes_every_event_is_brought_up_to_date() {
    run(async {
        let deployment = Deployment::start().await;
        let (raw, names) = (deployment.raw().await, deployment.jetstream.names());
        let plans = names.stream(StreamName::Plans);
        let mut config = raw.get_stream(&plans).await.unwrap().cached_info().config.clone();
        let now = config.republish.clone().unwrap();
        let (source, destination) = (names.all_events(), names.all_events().replace(".es.", ".live."));
        config.republish = Some(Republish { source, destination, headers_only: false });
        raw.update_stream(&config).await.unwrap();
        deployment.jetstream.ensure_topology().await.unwrap();
        let after = raw.get_stream(&plans).await.unwrap().cached_info().config.clone();
        assert_eq!(after.republish, Some(now));
    });
}

#[test]
fn without_a_server_it_starts_and_says_why_it_is_not_ready() {
    run(async {
        let jetstream = JetStream::connect(NatsConfig::new("nats://operator:secret@127.0.0.1:1")).await.unwrap();
        let why = jetstream.ready().await.unwrap_err();
        assert!(why.starts_with("not connected to NATS at nats://********@127.0.0.1:1"), "{why}");
        assert!(!why.contains("secret") && !why.contains("operator"), "{why}");
    });
}

#[test]
fn a_url_or_prefix_that_cannot_be_right_is_told_at_once() {
    run(async {
        for url in ["", "nats://", "nats://[", "http://x", "nats://a b"] {
            let error = JetStream::connect(NatsConfig::new(url)).await.expect_err(url).to_string();
            assert!(error.contains("is not a NATS address"), "{error}");
        }
        let config = NatsConfig { prefix: "a.b".to_owned(), ..NatsConfig::new("nats://127.0.0.1:1") };
        assert!(JetStream::connect(config).await.unwrap_err().to_string().contains("is not a prefix"));
    });
}
