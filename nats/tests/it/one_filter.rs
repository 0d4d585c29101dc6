//! What a consumer with its one filter is given, and what becomes of a log that was written when consumers had several.

use std::collections::HashSet;

use ally_domain::envelope::Recorded;
use ally_domain::ids::{AggregateKind, AggregateRef};
use ally_domain::outcome::Outcome;
use ally_domain::ports::{Deliveries, EventStore, Unheld};
use ally_domain::testing::conformance::{event, new_append, new_job};
use ally_nats::names::{StreamName, durable};
use ally_nats::{ConsumerConfig, NatsDeliveries, Upcasters};
use async_nats::HeaderMap;
use async_nats::jetstream::consumer::{AckPolicy, pull};
use async_nats::jetstream::stream::Stream;
use bytes::Bytes;
use futures::StreamExt;

use crate::archive;
use crate::bench::{Calls, Deployment, SystemClock, run, told, until};

fn planner() -> ConsumerConfig {
    ConsumerConfig::new(durable::PLANNER, StreamName::Plans, "requested")
}

async fn plans(deployment: &Deployment) -> Stream {
    deployment.raw().await.get_stream(deployment.jetstream.names().stream(StreamName::Plans)).await.unwrap()
}

/// Appends events to a job, each by itself.
async fn tell(deployment: &Deployment, job: &AggregateRef, names: &[&str]) {
    let store = deployment.store();
    for (number, name) in names.iter().enumerate() {
        let expected = store.load(job).await.unwrap().last_sequence();
        store.append(new_append(job, expected, vec![event(name, number)])).await.unwrap();
    }
}

async fn unheld(deployment: &Deployment) -> Vec<Unheld> {
    let deliveries = NatsDeliveries::new(deployment.jetstream.clone(), Upcasters::default());
    deliveries.unheld(&HashSet::new()).await.unwrap().messages
}

/// The name of the next event, where it stands, and how often it was delivered.
async fn next(calls: &mut Calls) -> (String, u64, u64) {
    let call = calls.next().await;
    (call.event.event_type.name.clone(), call.event.position.sequence, call.delivery)
}

async fn all_settled(deployment: &Deployment) {
    until("everything is settled", || async {
        let figures = deployment.jetstream.consumer_figures(StreamName::Plans, durable::PLANNER, &SystemClock).await;
        figures.is_ok_and(|figures| figures.depth() == 0)
    })
    .await;
}

#[test]
fn every_durable_consumer_has_one_filter() {
    run(async {
        let deployment = Deployment::start().await;
        let raw = deployment.raw().await;
        for (name, stream, event) in durable::GIVEN {
            let config = ConsumerConfig::new(name, stream, event);
            deployment.jetstream.apply_consumer(&config).await.unwrap();
            let stream = raw.get_stream(deployment.jetstream.names().stream(stream)).await.unwrap();
            let made = stream.consumer_info(name).await.unwrap().config;
            assert_eq!(made.filter_subject, deployment.jetstream.names().given(event));
            assert!(made.filter_subjects.is_empty(), "{:?}", made.filter_subjects);
        }
    });
}

#[test]
fn a_request_a_redrive_and_what_comes_back_arrive_and_nothing_else() {
    run(async {
        let deployment = Deployment::start().await;
        let (handler, mut calls) = told(|_, _| async { Outcome::Done });
        let worker = deployment.work(planner(), handler);
        let job = new_job();
        tell(&deployment, &job, &["requested", "started", "expedited", "dead_lettered", "redriven"]).await;
        assert_eq!(next(&mut calls).await, ("requested".to_owned(), 1, 1));
        assert_eq!(next(&mut calls).await, ("redriven".to_owned(), 5, 1));
        all_settled(&deployment).await;

        // The message of the redrive was settled and nothing came of it.
        let lost = unheld(&deployment).await.remove(0);
        assert_eq!(lost.message.sequence, 5);
        let deliveries = NatsDeliveries::new(deployment.jetstream.clone(), Upcasters::default());
        assert!(deliveries.put_back(&lost).await.unwrap());
        assert_eq!(next(&mut calls).await, ("redriven".to_owned(), 5, 2), "a copy of it");
        tell(&deployment, &job, &["completed"]).await;
        all_settled(&deployment).await;
        assert!(calls.handled.try_recv().is_err(), "it is given its own only");
        worker.stop().await;
    });
}

/// Its request and its redrive stand on one subject, whose last message is not the first of the job.
#[test]
fn a_job_that_was_redriven_goes_whole_too() {
    run(async {
        let bench = archive::Bench::start(100).await;
        let life = ["requested", "dead_lettered", "redriven", "dead_lettered", "redriven", "completed"];
        let jobs = bench.jobs(2, &life).await;
        let names = |events: &[Recorded]| events.iter().map(|it| it.event_type.name.clone()).collect::<Vec<_>>();
        for job in &jobs {
            assert_eq!(names(&bench.store.load(job).await.unwrap().events), life);
        }
        let segments = bench.archive_all().await;
        assert_eq!(segments[0].histories.iter().map(|copy| copy.events).collect::<Vec<_>>(), [6, 6]);
        for job in &jobs {
            assert_eq!(names(&bench.store.look_back(job).await.unwrap().events)[..6], life);
        }
    });
}

/// A consumer as it was made before, and what it left behind: a redrive on a subject of its own and a copy that came due, neither
/// of them delivered yet.
#[test]
fn what_waited_under_the_subjects_of_before_is_delivered_and_what_was_settled_is_not_done_again() {
    run(async {
        let deployment = Deployment::start().await;
        let names = deployment.jetstream.names().clone();
        let prefix = names.all_events().replace(".es.>", "");
        let (redriven, due) = (format!("{prefix}.es.job.*.redriven"), format!("{prefix}.due.PLANS.planner.*"));
        let stream = plans(&deployment).await;
        let before = pull::Config {
            durable_name: Some(durable::PLANNER.to_owned()),
            filter_subjects: vec![names.event_of_all(AggregateKind::Job, "requested"), redriven.clone(), due.clone()],
            ack_policy: AckPolicy::Explicit,
            ..pull::Config::default()
        };
        let consumer = stream.create_consumer(before).await.unwrap();
        deployment.request(3).await;
        let mut taken = consumer.fetch().max_messages(3).messages().await.unwrap();
        let mut headers = Vec::new();
        while let Some(message) = taken.next().await {
            let message = message.unwrap();
            message.double_ack().await.unwrap();
            headers.push(message.headers.clone().unwrap());
        }
        // The first has ended; the second was put off, and its copy came due; the third was redriven.
        let requested = async |sequence| stream.get_raw_message(sequence).await.unwrap();
        let job = async |sequence| names.parse_event(&requested(sequence).await.subject).unwrap();
        tell(&deployment, &job(1).await, &["completed"]).await;
        let second = requested(2).await;
        store(&deployment, due.replace('*', "2"), {
            let mut copy = without_expectations(&second.headers);
            copy.insert("ally-origin", "PLANS:2");
            copy.insert("ally-origin-subject", second.subject.as_str());
            copy.insert("ally-deliveries", "1");
            copy
        })
        .await;
        let third = job(3).await;
        tell(&deployment, &third, &["dead_lettered"]).await;
        store(&deployment, redriven.replace('*', third.id.as_str()), {
            let mut event = without_expectations(&headers[2]);
            event.insert("ce-type", "plan_job.redriven.v1");
            event
        })
        .await;

        let (handler, mut calls) = told(|_, _| async { Outcome::Done });
        let worker = deployment.work(planner(), handler);
        let deliveries = NatsDeliveries::new(deployment.jetstream.clone(), Upcasters::default());
        // What is behind the last message that was settled may still be delivered for all that is known of the consumer, so the
        // redrive is found once a later message is settled: here the copy.
        for (event, sequence) in [("requested", 2), ("redriven", 7)] {
            until("it is found to be held by nobody", || async {
                unheld(&deployment).await.iter().map(|lost| lost.message.sequence).eq([sequence])
            })
            .await;
            assert!(deliveries.put_back(&unheld(&deployment).await.remove(0)).await.unwrap());
            assert_eq!(next(&mut calls).await, (event.to_owned(), sequence, 2), "as one that was delivered before");
            all_settled(&deployment).await;
            let job = if sequence == 2 { job(2).await } else { third.clone() };
            tell(&deployment, &job, &["completed"]).await;
        }
        all_settled(&deployment).await;
        assert!(calls.handled.try_recv().is_err(), "what was settled is not delivered again");
        worker.stop().await;
    });
}

fn without_expectations(headers: &HeaderMap) -> HeaderMap {
    let mut left = HeaderMap::new();
    for (name, values) in headers.iter().filter(|(name, _)| !name.to_string().starts_with("Nats-")) {
        left.insert(name.clone(), values[0].clone());
    }
    left
}

async fn store(deployment: &Deployment, subject: String, headers: HeaderMap) {
    let raw = deployment.raw().await;
    let payload = Bytes::from_static(b"{\"number\":1}");
    raw.publish_with_headers(subject, headers, payload).await.unwrap().await.unwrap();
}
