//! A consumer that somebody has changed or deleted: its role says so, a command mends it, and what it held back is delivered.

use std::time::Duration;

use ally_domain::ids::AggregateKind;
use ally_domain::outcome::Outcome;
use ally_nats::names::StreamName;
use ally_nats::{ConsumerFault, ConsumerRunner, Workload};
use async_nats::jetstream::consumer::{FromConsumer, pull};
use futures::StreamExt;

use crate::bench::{Calls, Deployment, Worker, run, told, until, worker};

/// Changes the consumer of [`worker`] as an operator with other tools would.
async fn change(deployment: &Deployment, change: impl FnOnce(&mut pull::Config)) {
    let config = deployment.consumer().await.cached_info().config.clone();
    let mut config = pull::Config::try_from_consumer_config(config).unwrap();
    change(&mut config);
    let stream =
        deployment.raw().await.get_stream(deployment.jetstream.names().stream(StreamName::Plans)).await.unwrap();
    stream.create_consumer(config).await.unwrap();
}

async fn faults(deployment: &Deployment) -> Vec<String> {
    let found = deployment.jetstream.look_at_consumer(&worker()).await.unwrap();
    found.iter().map(ToString::to_string).collect()
}

async fn says(hands: &Workload, sentence: &str) {
    until(sentence, || async { hands.ready().is_err_and(|why| why.contains(sentence)) }).await;
}

fn working(deployment: &Deployment) -> (Worker, Workload, Calls) {
    let (handler, calls) = told(|_, _| async { Outcome::Done });
    let runner: ConsumerRunner = deployment.runner(worker(), handler);
    let hands = runner.workload();
    (Worker::start(runner), hands, calls)
}

#[test]
fn a_consumer_that_is_not_there_is_no_empty_one() {
    run(async {
        let deployment = Deployment::start().await;
        let missing = deployment.jetstream.look_at_consumer(&worker()).await.unwrap();
        assert_eq!(missing, [ConsumerFault::Missing { consumer: "worker".to_owned() }]);
        assert!(missing[0].to_string().contains("how many wait is not known"), "{}", missing[0]);
        deployment.jetstream.apply_consumer(&worker()).await.unwrap();
        assert_eq!(faults(&deployment).await, Vec::<String>::new(), "as the server spells its own defaults");
    });
}

#[test]
fn each_setting_that_was_changed_is_named_and_mended() {
    run(async {
        let deployment = Deployment::start().await;
        deployment.jetstream.apply_consumer(&worker()).await.unwrap();
        let requested = deployment.jetstream.names().event_of_all(AggregateKind::Job, "requested");
        change(&deployment, |config| {
            config.max_deliver = 1;
            config.ack_wait = Duration::from_secs(1);
            config.filter_subject = requested.clone();
        })
        .await;
        let found = faults(&deployment).await;
        assert_eq!(found.len(), 3, "{found:?}");
        let needed = deployment.jetstream.names().given("requested");
        let narrowed = format!("filter_subject {requested} where {needed} is needed");
        for setting in [&narrowed, "ack_wait 1s where 30s is needed", "max_deliver 1 where unlimited is needed"] {
            assert!(found.iter().any(|fault| fault.contains(setting)), "{setting}: {found:?}");
        }
        deployment.jetstream.apply_consumer(&worker()).await.unwrap();
        assert_eq!(faults(&deployment).await, Vec::<String>::new());
    });
}

#[test]
fn a_worker_whose_consumer_was_narrowed_says_so_and_is_given_what_waited_once_it_is_mended() {
    run(async {
        let deployment = Deployment::start().await;
        let (worked, hands, mut calls) = working(&deployment);
        deployment.request(1).await;
        assert_eq!(calls.next().await.event.position.sequence, 1);
        until("the worker is ready", || async { hands.ready().is_ok() }).await;
        let other = deployment.jetstream.names().event_of_all(AggregateKind::Job, "cancelled");
        change(&deployment, |config| config.filter_subject = other).await;
        says(&hands, "has filter_subject").await;
        says(&hands, "ally consumers apply").await;
        deployment.request(2).await;
        let figures = deployment.figures().await;
        assert_eq!(figures.depth(), 0, "the server says that nothing waits");

        deployment.jetstream.apply_consumer(&worker()).await.unwrap();
        let mut late = [calls.next().await.event.position.sequence, calls.next().await.event.position.sequence];
        late.sort_unstable();
        assert_eq!(late, [2, 3]);
        until("the worker is ready again", || async { hands.ready().is_ok() }).await;
        worked.stop().await;
    });
}

#[test]
fn what_a_pull_went_past_while_the_consumer_was_narrowed_is_delivered_once_it_is_mended() {
    run(async {
        let deployment = Deployment::start().await;
        let (worked, _, mut calls) = working(&deployment);
        deployment.request(1).await;
        assert_eq!(calls.next().await.event.position.sequence, 1);
        let other = deployment.jetstream.names().event_of_all(AggregateKind::Job, "cancelled");
        change(&deployment, |config| config.filter_subject = other).await;
        deployment.request(2).await;
        // A worker pulls again when its pull expires, and every pull has the server look for the next message that the filters
        // let by: it goes past these two, and its figures do not tell.
        let consumer = deployment.consumer().await;
        let pull = consumer.batch().max_messages(1).expires(Duration::from_millis(100)).messages().await;
        assert_eq!(pull.unwrap().count().await, 0);

        deployment.jetstream.apply_consumer(&worker()).await.unwrap();
        let mut late = [calls.next().await.event.position.sequence, calls.next().await.event.position.sequence];
        late.sort_unstable();
        assert_eq!(late, [2, 3]);
        deployment.all_settled().await;
        worked.stop().await;
    });
}

#[test]
fn a_consumer_that_cannot_be_changed_is_told_with_what_to_do() {
    run(async {
        let deployment = Deployment::start().await;
        let stream =
            deployment.raw().await.get_stream(deployment.jetstream.names().stream(StreamName::Plans)).await.unwrap();
        let new_only = pull::Config {
            durable_name: Some("worker".to_owned()),
            deliver_policy: async_nats::jetstream::consumer::DeliverPolicy::New,
            filter_subjects: vec![deployment.jetstream.names().event_of_all(AggregateKind::Job, "requested")],
            ..pull::Config::default()
        };
        stream.create_consumer(new_only).await.unwrap();
        let (worked, hands, mut calls) = working(&deployment);
        says(&hands, "the server refused the consumer worker").await;
        says(&hands, "nats consumer rm").await;
        stream.delete_consumer("worker").await.unwrap();
        deployment.request(1).await;
        calls.next().await;
        worked.stop().await;
    });
}
