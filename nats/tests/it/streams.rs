//! A role among streams that are gone, changed by hand or written by a newer version: it says so, changes nothing, and goes
//! on when they are mended.

use std::time::Duration;

use ally_domain::outcome::Outcome;
use ally_domain::testing::conformance;
use ally_nats::names::{StreamName, stream_metadata};
use ally_nats::{JetStream, NatsConfig, NatsEventStore, Replicas, StreamFault, Upcasters};
use async_nats::jetstream::stream::Config;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::bench::{Deployment, config, env, run, told, until, worker};
use crate::servers::Cluster;

/// A role that looks at its streams until the test ends.
struct Role {
    jetstream: JetStream,
    watch: JoinHandle<()>,
}

impl Role {
    fn start(jetstream: JetStream) -> Self {
        let watched = jetstream.clone();
        let watch = tokio::spawn(async move { watched.watch_streams(&CancellationToken::new()).await });
        Self { jetstream, watch }
    }

    async fn says(&self, sentence: &str) {
        until(sentence, || async { self.jetstream.ready().await.is_err_and(|why| why.contains(sentence)) }).await;
    }

    async fn is_ready(&self) {
        until("it is ready", || async { self.jetstream.ready().await.is_ok() }).await;
    }
}

impl Drop for Role {
    fn drop(&mut self) {
        self.watch.abort();
    }
}

async fn settings(deployment: &Deployment, stream: StreamName) -> Option<Config> {
    let found = deployment.raw().await.get_stream(deployment.jetstream.names().stream(stream)).await.ok()?;
    Some(found.cached_info().config.clone())
}

/// Changes a stream as an operator with other tools would.
async fn change(deployment: &Deployment, stream: StreamName, change: impl FnOnce(&mut Config)) {
    let mut config = settings(deployment, stream).await.unwrap();
    change(&mut config);
    deployment.raw().await.update_stream(&config).await.unwrap();
}

/// The settings under their number. A change of one raises `SCHEMA` in `topology.rs`, unless the number is higher than that of
/// the last release already; then accept the new text.
#[test]
fn the_settings_belong_to_the_schema_number() {
    run(async {
        let deployment = Deployment::start().await;
        let prefix = deployment.jetstream.names().stream(StreamName::Plans).replace("_PLANS", "");
        let mut text = String::new();
        for stream in StreamName::ALL {
            let mut config = settings(&deployment, stream).await.unwrap();
            config.metadata.retain(|key, _| key == stream_metadata::SCHEMA);
            text += &serde_json::to_string_pretty(&config).unwrap().replace(&prefix, "PREFIX");
            text.push('\n');
        }
        insta::assert_snapshot!(text);
    });
}

#[test]
fn a_role_waits_for_streams_that_nobody_has_made_yet_and_goes_on_when_they_are_there() {
    run(async {
        let role = Role::start(JetStream::connect(config(&env("ALLY_TEST_NATS_URL"))).await.unwrap());
        role.says("there are no streams under the prefix").await;
        role.says("`ally streams apply` makes them").await;
        let raw = async_nats::jetstream::new(async_nats::connect(env("ALLY_TEST_NATS_URL")).await.unwrap());
        for stream in StreamName::ALL {
            let name = role.jetstream.names().stream(stream);
            assert!(raw.get_stream(&name).await.is_err(), "the role has made {name}");
        }
        role.jetstream.apply_streams(Replicas::AsFound).await.unwrap();
        role.is_ready().await;
        for stream in StreamName::ALL {
            raw.delete_stream(role.jetstream.names().stream(stream)).await.unwrap();
        }
    });
}

#[test]
fn a_stream_that_is_deleted_is_noticed_never_made_anew_and_worked_with_when_it_is_back() {
    run(async {
        let deployment = Deployment::start().await;
        let role = Role::start(deployment.another_role().await);
        role.is_ready().await;
        let (handler, mut calls) = told(|_, _| async { Outcome::Done });
        let _worker = deployment.work(worker(), handler);
        deployment.request(1).await;
        calls.next().await;

        let plans = deployment.jetstream.names().stream(StreamName::Plans);
        deployment.raw().await.delete_stream(&plans).await.unwrap();
        role.says(&format!("the stream {plans} is gone")).await;
        // A role that starts now, a worker that begins anew, an append: none makes a stream.
        let late = Role::start(deployment.another_role().await);
        late.says(&format!("the stream {plans} is gone")).await;
        assert!(settings(&deployment, StreamName::Plans).await.is_none());

        deployment.jetstream.apply_streams(Replicas::AsFound).await.unwrap();
        role.is_ready().await;
        late.is_ready().await;
        deployment.request(1).await;
        calls.next().await;
    });
}

#[test]
fn another_setting_is_named_with_what_it_is_and_what_is_needed() {
    run(async {
        let deployment = Deployment::start().await;
        let dlq = deployment.jetstream.names().stream(StreamName::DeadLetters);
        change(&deployment, StreamName::DeadLetters, |config| config.max_age = Duration::from_secs(3_600)).await;
        let role = Role::start(deployment.another_role().await);
        role.says(&format!("the stream {dlq} has max_age 3600s where 2592000s is needed")).await;
        role.says("`ally streams apply` mends it").await;
        let found = settings(&deployment, StreamName::DeadLetters).await.unwrap();
        assert_eq!(found.max_age, Duration::from_secs(3_600), "the role has changed the stream");

        let planned = deployment.jetstream.stream_changes(Replicas::AsFound).await.unwrap();
        assert_eq!(planned.len(), 1, "{planned:?}");
        assert_eq!(deployment.jetstream.apply_streams(Replicas::AsFound).await.unwrap(), planned);
        role.is_ready().await;
    });
}

/// What belongs to the operator: how many servers hold a stream and which, what it is for, and notes of their own.
#[test]
fn what_is_the_operator_s_own_is_no_fault_and_stays() {
    run(async {
        let deployment = Deployment::start().await;
        change(&deployment, StreamName::Plans, |config| {
            config.description = Some("ours".to_owned());
            config.metadata.insert("owner".to_owned(), "kim".to_owned());
        })
        .await;
        assert_eq!(deployment.jetstream.look_at_streams().await.unwrap(), []);
        change(&deployment, StreamName::Plans, |config| config.duplicate_window = Duration::from_secs(60)).await;
        deployment.jetstream.apply_streams(Replicas::AsFound).await.unwrap();
        let config = settings(&deployment, StreamName::Plans).await.unwrap();
        assert_eq!(config.metadata.get("owner").map(String::as_str), Some("kim"));
    });
}

#[test]
fn an_older_version_leaves_the_streams_of_a_newer_one_alone() {
    run(async {
        let deployment = Deployment::start().await;
        let plans = deployment.jetstream.names().stream(StreamName::Plans);
        let newer = |config: &mut Config| {
            config.metadata.insert(stream_metadata::SCHEMA.to_owned(), "7".to_owned());
            config.duplicate_window = Duration::from_secs(60);
        };
        change(&deployment, StreamName::Plans, newer).await;
        change(&deployment, StreamName::DeadLetters, |config| config.max_age = Duration::from_secs(60)).await;
        let before = settings(&deployment, StreamName::DeadLetters).await.unwrap();

        let role = Role::start(deployment.another_role().await);
        role.says(&format!("the stream {plans} was written by a newer version of Ally (its schema is 7")).await;
        let refused = deployment.jetstream.apply_streams(Replicas::AsFound).await.unwrap_err().to_string();
        assert!(refused.contains("written by a newer version") && refused.contains(&plans), "{refused}");
        assert!(deployment.jetstream.stream_changes(Replicas::AsFound).await.is_err());
        assert_eq!(settings(&deployment, StreamName::DeadLetters).await.unwrap(), before, "not even another stream");
    });
}

/// Streams without a number are those of the versions before it.
#[test]
fn streams_without_a_number_are_brought_up_to_date_by_the_command_alone() {
    run(async {
        let deployment = Deployment::start().await;
        change(&deployment, StreamName::Plans, |config| config.metadata.clear()).await;
        let faults = deployment.jetstream.look_at_streams().await.unwrap();
        let [StreamFault::Differs(difference)] = &faults[..] else { panic!("{faults:?}") };
        assert_eq!((difference.setting.as_str(), difference.found.as_str()), (stream_metadata::SCHEMA, "none"));
        deployment.jetstream.apply_own_streams().await.unwrap();
        assert_eq!(deployment.jetstream.look_at_streams().await.unwrap(), []);
    });
}

/// The server refuses a stream whose subjects another one has: the others are made all the same, and it is named.
#[test]
fn a_stream_that_the_server_refuses_keeps_no_other_from_being_made() {
    run(async {
        let jetstream = JetStream::connect(config(&env("ALLY_TEST_NATS_URL"))).await.unwrap();
        let raw = async_nats::jetstream::new(async_nats::connect(env("ALLY_TEST_NATS_URL")).await.unwrap());
        let plans = jetstream.names().stream(StreamName::Plans);
        let foreign = Config {
            name: format!("foreign_{plans}"),
            subjects: vec![jetstream.names().kind(ally_domain::ids::AggregateKind::Job)],
            ..Config::default()
        };
        raw.create_stream(foreign.clone()).await.unwrap();
        let applied = jetstream.apply_each_stream(Replicas::AsFound).await.unwrap();
        let refused: Vec<_> = applied.refusals.iter().map(ToString::to_string).collect();
        assert!(refused.len() == 1 && refused[0].contains(&plans) && refused[0].contains("overlap"), "{refused:?}");
        for stream in [StreamName::Onboarding, StreamName::DeadLetters, StreamName::Advisories] {
            let name = jetstream.names().stream(stream);
            assert!(applied.changed.iter().any(|change| change.stream == name), "{name}: {applied:?}");
            raw.get_stream(&name).await.unwrap();
        }
        assert!(jetstream.apply_streams(Replicas::AsFound).await.is_err(), "whoever needs them all is told");
        raw.delete_stream(&foreign.name).await.unwrap();
        assert_eq!(jetstream.apply_each_stream(Replicas::AsFound).await.unwrap().refusals.len(), 0);
        for stream in StreamName::ALL {
            raw.delete_stream(jetstream.names().stream(stream)).await.unwrap();
        }
    });
}

#[test]
fn a_process_with_servers_of_its_own_makes_streams_once_and_no_lost_one_anew() {
    run(async {
        let jetstream = JetStream::connect(config(&env("ALLY_TEST_NATS_URL"))).await.unwrap();
        assert!(!jetstream.apply_own_streams().await.unwrap().is_empty());
        assert!(jetstream.apply_own_streams().await.unwrap().is_empty());
        let raw = async_nats::jetstream::new(async_nats::connect(env("ALLY_TEST_NATS_URL")).await.unwrap());
        let onboarding = jetstream.names().stream(StreamName::Onboarding);
        raw.delete_stream(&onboarding).await.unwrap();
        let error = jetstream.apply_own_streams().await.unwrap_err().to_string();
        assert!(error.contains(&format!("the stream {onboarding} is gone")), "{error}");
        assert!(raw.get_stream(&onboarding).await.is_err());
        for stream in StreamName::ALL {
            let _ = raw.delete_stream(jetstream.names().stream(stream)).await;
        }
    });
}

#[test]
fn in_a_cluster_the_streams_say_how_many_servers_hold_them() {
    run(async {
        let cluster = Cluster::started().await;
        let deployment = Deployment::with(config(&cluster.url()), Replicas::Exactly(3)).await;
        let replicas = async || {
            let mut numbers = Vec::new();
            for stream in StreamName::ALL {
                numbers.push(settings(&deployment, stream).await.unwrap().num_replicas);
            }
            numbers
        };
        // A role with nothing said about replicas, a store that reads, and a consumer: nothing is scaled.
        let role = Role::start(deployment.another_role().await);
        role.is_ready().await;
        let store = NatsEventStore::new(role.jetstream.clone(), Upcasters::default());
        conformance::append_one(&store, "requested", 0).await.unwrap();
        let (handler, mut calls) = told(|_, _| async { Outcome::Done });
        let _worker = deployment.work(worker(), handler);
        calls.next().await;
        assert_eq!(replicas().await, [3; StreamName::ALL.len()]);
        let raw = deployment.raw().await;
        let stream = raw.get_stream(deployment.jetstream.names().stream(StreamName::Plans)).await.unwrap();
        let consumer = stream.consumer_info("worker").await.unwrap();
        assert_eq!(consumer.cluster.unwrap().replicas.len(), 2, "a consumer is held by as many as its stream");

        // Fewer only by an exact number.
        for copies in [Replicas::AsFound, Replicas::AtLeast(1)] {
            assert_eq!(deployment.jetstream.apply_streams(copies).await.unwrap(), []);
        }
        let planned = deployment.jetstream.stream_changes(Replicas::Exactly(1)).await.unwrap();
        assert!(planned.iter().all(|it| (it.found.as_str(), it.needed.as_str()) == ("3", "1")), "{planned:?}");
        assert_eq!(replicas().await, [3; StreamName::ALL.len()]);
        deployment.jetstream.apply_streams(Replicas::Exactly(1)).await.unwrap();
        assert_eq!(replicas().await, [1; StreamName::ALL.len()]);
        deployment.jetstream.apply_streams(Replicas::AtLeast(3)).await.unwrap();
        assert_eq!(replicas().await, [3; StreamName::ALL.len()]);
    });
}

#[test]
fn a_url_that_nobody_answers_at_is_no_verdict_about_streams() {
    run(async {
        let mut config = NatsConfig::new("nats://127.0.0.1:1");
        config.request_timeout = Duration::from_millis(50);
        let jetstream = JetStream::connect(config).await.unwrap();
        jetstream.look_at_streams().await.unwrap_err();
        let why = jetstream.streams_ready().unwrap_err();
        assert!(!why.contains("gone") && !why.contains("ally streams apply"), "{why}");
    });
}
