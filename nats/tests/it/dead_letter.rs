//! Dead letters: parked whole and once, told to their handler, grouped, put back, discarded; and the backstop for what
//! killed its worker.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use ally_domain::dead_letter::{DeadLetterEvent, Ending};
use ally_domain::outcome::Outcome;
use ally_domain::ports::{EventHandler, EventLog};
use ally_nats::names::StreamName;
use ally_nats::{Backstop, ConsumerConfig, DeadLetterFilter, DeadLetters, Removal, Upcasters};
use futures::StreamExt;
use time::macros::datetime;
use tokio_util::sync::CancellationToken;

use crate::bench::{Deployment, PATIENCE, SystemClock, run, told, until, worker};

fn kim() -> Removal {
    Removal { actor: "operator:kim".to_owned(), note: "fixed".to_owned(), at: datetime!(2026-01-02 03:04:05 UTC) }
}

fn everything() -> DeadLetterFilter {
    DeadLetterFilter::default()
}

#[test]
fn what_is_given_up_is_parked_whole_and_blocks_nobody() {
    run(async {
        let deployment = Deployment::start().await;
        let letters = DeadLetters::new(deployment.jetstream.clone());
        let (handler, mut calls) = told(|event, _| {
            let hopeless = event.position.sequence == 2;
            async move { if hopeless { Outcome::give_up("no exercise 17 for 3 days") } else { Outcome::Done } }
        });
        let _worker = deployment.work(worker(), handler);
        for _ in 0..3 {
            deployment.request(1).await;
        }
        let (position, reason) = calls.next_parked().await;
        assert_eq!((position.as_str(), reason.as_str()), ("PLANS:2", "no exercise 17 for 3 days"));
        deployment.all_settled().await;

        let [letter] = &letters.list(&everything(), 10).await.unwrap()[..] else { panic!("there is one") };
        assert_eq!(letter.id.to_string(), "worker.PLANS-2");
        assert_eq!((letter.origin.sequence, letter.deliveries), (2, 1));
        assert_eq!(letter.event_type, "plan_job.requested.v1");
        assert_eq!(letter.data, r#"{"number":1}"#);
        assert_eq!(letter.correlation.as_deref(), Some("a request"));
        assert_eq!(letters.show(&letter.id).await.unwrap().unwrap().reason, letter.reason);
        assert_eq!(letters.counts().await.unwrap(), [("worker".to_owned(), 1)].into());
    });
}

#[test]
fn a_parked_message_that_cannot_be_recorded_is_parked_once_all_the_same() {
    run(async {
        let deployment = Deployment::start().await;
        let letters = DeadLetters::new(deployment.jetstream.clone());
        let (handler, mut calls) = told(|_, _| async { Outcome::give_up("no") });
        handler.refuse_parked(1);
        let _worker = deployment.work(worker(), handler);
        deployment.request(1).await;
        calls.next_parked().await;
        deployment.all_settled().await;
        assert_eq!(letters.list(&everything(), 10).await.unwrap().len(), 1);
    });
}

#[test]
fn retries_end_where_the_attempts_are_used_up() {
    run(async {
        let deployment = Deployment::start().await;
        let (handler, mut calls) = told(|_, _| async { Outcome::retry("still down") });
        let _worker = deployment.work(ConsumerConfig { max_attempts: Some(3), ..worker() }, handler);
        deployment.request(1).await;
        let (_, reason) = calls.next_parked().await;
        assert_eq!(reason, "all 3 attempts are used up, the last one by: still down");
        deployment.all_settled().await;
    });
}

#[test]
fn a_message_that_cannot_be_read_is_parked_too() {
    run(async {
        let deployment = Deployment::start().await;
        let letters = DeadLetters::new(deployment.jetstream.clone());
        let (handler, mut calls) = told(|_, _| async { Outcome::Done });
        let _worker = deployment.work(worker(), handler);
        let raw = deployment.raw().await;
        let subject = deployment.jetstream.names().event(&ally_domain::testing::conformance::new_job(), "requested");
        raw.publish(subject, "gibberish".into()).await.unwrap().await.unwrap();
        until("it is parked", || async { !letters.list(&everything(), 1).await.unwrap().is_empty() }).await;
        deployment.all_settled().await;
        let letter = letters.list(&everything(), 1).await.unwrap().remove(0);
        assert_eq!(letter.reason, "the message cannot be read: it has no header ce-type");
        assert_eq!(letter.data, "gibberish");
        assert!(calls.handled.try_recv().is_err());
    });
}

#[test]
fn like_causes_form_one_group() {
    run(async {
        let deployment = Deployment::start().await;
        let letters = DeadLetters::new(deployment.jetstream.clone());
        let (handler, _calls) = told(|event, _| {
            let sequence = event.position.sequence;
            let reason =
                if sequence <= 3 { format!("provider answered 503 to {sequence}") } else { "no plan".to_owned() };
            async move { Outcome::give_up(reason) }
        });
        let _worker = deployment.work(worker(), handler);
        for _ in 0..4 {
            deployment.request(1).await;
        }
        until("all are parked", || async { letters.list(&everything(), 10).await.unwrap().len() == 4 }).await;
        let groups = letters.groups(&everything()).await.unwrap();
        assert_eq!(groups.iter().map(|group| group.count).collect::<Vec<_>>(), [3, 1]);
        assert!(groups[0].example.starts_with("provider answered 503 to ") && groups[1].example == "no plan");
        let one = DeadLetterFilter { fingerprint: Some(groups[1].fingerprint.clone()), ..everything() };
        assert_eq!(letters.list(&one, 10).await.unwrap().len(), 1);
        let none = DeadLetterFilter { consumer: Some("nobody".to_owned()), ..everything() };
        assert!(letters.list(&none, 10).await.unwrap().is_empty());
    });
}

#[test]
fn a_requeued_message_runs_again_and_may_be_parked_again() {
    run(async {
        let deployment = Deployment::start().await;
        let letters = DeadLetters::new(deployment.jetstream.clone());
        let (handler, mut calls) = told(|_, _| async { Outcome::give_up("no") });
        let worker_ = deployment.work(worker(), handler);
        deployment.request(1).await;
        let first = calls.next().await;
        calls.next_parked().await;
        deployment.all_settled().await;
        let id = letters.list(&everything(), 1).await.unwrap().remove(0).id;

        assert!(letters.requeue(&id, &kim()).await.unwrap());
        let second = calls.next().await;
        assert_eq!((second.delivery, &second.event.event_id), (1, &first.event.event_id));
        assert_eq!(second.event.position, first.event.position);
        calls.next_parked().await;
        deployment.all_settled().await;
        assert_eq!(letters.list(&everything(), 10).await.unwrap().len(), 1, "parked again, under the same id");
        worker_.stop().await;

        let (handler, mut calls) = told(|_, _| async { Outcome::Done });
        let _worker = deployment.work(worker(), handler);
        assert!(letters.requeue(&id, &kim()).await.unwrap());
        calls.next().await;
        deployment.all_settled().await;
        assert!(letters.list(&everything(), 10).await.unwrap().is_empty());
        assert!(!letters.requeue(&id, &kim()).await.unwrap(), "what is not there is not put back");
    });
}

#[test]
fn a_discarded_message_leaves_an_audit() {
    run(async {
        let deployment = Deployment::start().await;
        let letters = DeadLetters::new(deployment.jetstream.clone());
        let (handler, mut calls) = told(|_, _| async { Outcome::give_up("no") });
        let _worker = deployment.work(worker(), handler);
        deployment.request(1).await;
        calls.next_parked().await;
        let id = letters.list(&everything(), 1).await.unwrap().remove(0).id;
        let facts = async || {
            let batch = deployment.store().open("DLQ", 0).await.unwrap().next(10, PATIENCE).await.unwrap();
            batch.events.iter().map(|event| event.decode::<DeadLetterEvent>().unwrap()).collect::<Vec<_>>()
        };
        let [DeadLetterEvent::Parked(parked)] = &facts().await[..] else { panic!("it is parked") };
        assert_eq!((parked.letter.id.as_str(), parked.replaces), ("worker.PLANS-1", None));
        let beyond = parked.keep_until - parked.letter.parked_at - time::Duration::days(30);
        assert!(beyond.abs() < time::Duration::MINUTE, "{beyond}");
        assert_eq!(letters.ended(&id).await.unwrap(), None);
        assert!(letters.discard(&id, &kim()).await.unwrap());
        let [DeadLetterEvent::Ended(ended)] = &facts().await[..] else { panic!("only the audit is left") };
        assert_eq!((&ended.letter, ended.entry, ended.action), (&parked.letter, 1, Ending::Discarded));
        assert!(letters.show(&id).await.unwrap().is_none());
        let told = letters.ended(&id).await.unwrap().unwrap();
        assert_eq!(
            (told.action, told.actor.as_str(), told.letter),
            (Ending::Discarded, "operator:kim", ended.letter.clone())
        );
        assert!(!letters.discard(&id, &kim()).await.unwrap());

        let names = deployment.jetstream.names();
        let stream = deployment.raw().await.get_stream(names.stream(StreamName::DeadLetters)).await.unwrap();
        let audit = names.dead_letter_audit("worker", StreamName::Plans, 1);
        let audit = stream.direct_get_last_for_subject(audit).await.unwrap();
        let audit: serde_json::Value = serde_json::from_slice(&audit.payload).unwrap();
        assert_eq!(
            (&audit["action"], &audit["actor"], &audit["note"]),
            (&"discarded".into(), &"operator:kim".into(), &"fixed".into())
        );
    });
}

#[test]
fn what_kills_its_worker_every_time_is_parked_by_the_runner_and_not_handled_again() {
    run(async {
        let deployment = Deployment::start().await;
        let letters = DeadLetters::new(deployment.jetstream.clone());
        let (handler, mut calls) = told(|_, _| async { Outcome::Done });
        let config = ConsumerConfig { ack_wait: Duration::from_millis(200), max_deliver: 2, ..worker() };
        let runner = deployment.runner(config.clone(), Arc::clone(&handler) as Arc<dyn EventHandler>);
        runner.ensure().await.unwrap();
        deployment.request(1).await;
        let consumer = deployment.consumer().await;
        for _ in 0..2 {
            deployment.lose_one(&consumer).await;
        }
        let _worker = deployment.work(config, handler);
        let (position, reason) = calls.next_parked().await;
        assert_eq!((position.as_str(), reason.as_str()), ("PLANS:1", "it was delivered 2 times and never settled"));
        deployment.all_settled().await;
        let letter = letters.list(&everything(), 10).await.unwrap().remove(0);
        assert_eq!((letter.id.to_string().as_str(), letter.deliveries), ("worker.PLANS-1", 2));
        assert!(calls.handled.try_recv().is_err(), "it was handled a third time");
    });
}

/// A fact of the server's that others build on: an update revives what is still to come, and not what was given up.
#[test]
fn what_an_older_consumer_gave_up_is_not_delivered_again_when_it_is_brought_up_to_date() {
    run(async {
        let deployment = Deployment::start().await;
        let (handler, mut calls) = told(|_, _| async { Outcome::Done });
        let config = ConsumerConfig { ack_wait: Duration::from_millis(200), ..worker() };
        let runner = deployment.runner(config.clone(), Arc::clone(&handler) as Arc<dyn EventHandler>);
        runner.ensure().await.unwrap();
        deployment.limit_deliveries(1).await;
        let given_up = deployment.request(1).await.remove(0);
        let consumer = deployment.consumer().await;
        deployment.lose_one(&consumer).await;
        // The server gives up when somebody asks for it again.
        until("it is given up", || async {
            let mut messages = consumer.fetch().max_messages(1).messages().await.unwrap();
            assert!(messages.next().await.is_none());
            deployment.figures().await.ack_pending == 0
        })
        .await;

        let _worker = deployment.work(config, handler);
        let next = deployment.request(1).await.remove(0);
        assert_eq!(calls.next().await.event.aggregate, next, "and not {given_up}");
        deployment.all_settled().await;
        assert_eq!(deployment.consumer().await.cached_info().config.max_deliver, -1);
        assert!(calls.handled.try_recv().is_err());
    });
}

#[test]
fn what_an_older_consumer_gives_up_is_parked_by_the_backstop() {
    run(async {
        let deployment = Deployment::start().await;
        let letters = DeadLetters::new(deployment.jetstream.clone());
        let (handler, mut calls) = told(|_, _| async { Outcome::Done });
        let config = ConsumerConfig { ack_wait: Duration::from_millis(200), ..worker() };
        deployment.runner(config, Arc::clone(&handler) as Arc<dyn EventHandler>).ensure().await.unwrap();
        deployment.limit_deliveries(2).await;
        deployment.request(1).await;

        let handlers = HashMap::from([("worker".to_owned(), handler as Arc<dyn EventHandler>)]);
        let backstop =
            Backstop::new(deployment.jetstream.clone(), Upcasters::default(), Arc::new(SystemClock), handlers);
        let stop = CancellationToken::new();
        let watching = tokio::spawn(backstop.run(stop.clone()));

        // A worker that takes messages and dies before it says anything about them, again and again.
        let consumer = deployment.consumer().await;
        let killed = tokio::spawn(async move {
            let mut messages = consumer.messages().await.unwrap();
            while let Some(message) = messages.next().await {
                drop(message);
            }
        });
        let (position, reason) = calls.next_parked().await;
        assert_eq!((position.as_str(), reason.as_str()), ("PLANS:1", "it was delivered 2 times and never settled"));
        let letter = letters.list(&everything(), 10).await.unwrap().remove(0);
        assert_eq!((letter.id.to_string().as_str(), letter.deliveries), ("worker.PLANS-1", 2));
        until("nothing is pending", || async { deployment.figures().await.depth() == 0 }).await;
        killed.abort();
        stop.cancel();
        watching.await.unwrap();
    });
}

#[test]
fn the_backstop_leaves_alone_what_a_runner_has_parked() {
    run(async {
        let deployment = Deployment::start().await;
        let letters = DeadLetters::new(deployment.jetstream.clone());
        let (handler, mut calls) = told(|_, _| async { Outcome::give_up("no") });
        let _worker = deployment.work(worker(), Arc::clone(&handler) as Arc<dyn EventHandler>);
        deployment.request(1).await;
        calls.next_parked().await;
        let id = letters.list(&everything(), 1).await.unwrap().remove(0).id;
        deployment.all_settled().await;
        letters.discard(&id, &kim()).await.unwrap();

        let handlers = HashMap::from([("worker".to_owned(), handler as Arc<dyn EventHandler>)]);
        let backstop =
            Backstop::new(deployment.jetstream.clone(), Upcasters::default(), Arc::new(SystemClock), handlers);
        let stop = CancellationToken::new();
        let watching = tokio::spawn(backstop.run(stop.clone()));
        until("the advisory is dealt with", || async {
            let figures = deployment.jetstream.consumer_figures(StreamName::Advisories, "backstop", &SystemClock).await;
            figures.is_ok_and(|figures| figures.depth() == 0)
        })
        .await;
        assert!(letters.list(&everything(), 1).await.unwrap().is_empty(), "it was parked a second time");
        stop.cancel();
        watching.await.unwrap();
    });
}
