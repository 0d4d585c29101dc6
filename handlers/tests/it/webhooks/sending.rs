//! One attempt at a delivery, over a connection to an endpoint on this machine, and what comes of it.

use std::sync::Arc;
use std::time::Duration;

use ally_domain::envelope::Recorded;
use ally_domain::ids::EndpointId;
use ally_domain::outcome::Outcome;
use ally_domain::webhook::{DeliveryEvent, DisableCause, EndpointEvent, MessageType};
use ally_handlers::webhooks::{AddressRule, DeliveryHandler, Sender, SigningKey, WebhookConfig};
use standardwebhooks::Webhook;

use super::receiver::{Answer, Receiver};
use super::{World, operator};
use crate::bench::{CountingClock, NOW, StillClock, deliver, deliver_again};

/// The bound of one attempt.
const TIMEOUT: Duration = Duration::from_secs(20);

fn key() -> SigningKey {
    SigningKey::new(&"k".repeat(32)).unwrap()
}

impl World {
    fn deliveries(&self) -> DeliveryHandler {
        let addresses = AddressRule::PublicAndLoopback;
        let config = WebhookConfig { timeout: TIMEOUT, addresses, ..WebhookConfig::default() };
        let (retry, clock) = (Arc::new(CountingClock), Arc::new(StillClock));
        let sender = Sender::new(Some(key()), config, clock.clone()).unwrap();
        DeliveryHandler::new(self.bench.executor.clone(), self.directory.clone(), sender, retry, clock)
    }

    /// The endpoint of a receiver.
    async fn register_receiver(&self, receiver: &Receiver) -> EndpointId {
        self.register_at(&receiver.url(), "coach", "a", &[MessageType::JobCompleted]).await
    }

    /// Queues a message for an endpoint: the event that the handler is given.
    async fn ping(&self, endpoint: &EndpointId) -> Recorded {
        self.bench.submissions.ping_endpoint(endpoint, None, &operator()).await.unwrap();
        self.last("DELIVERIES")
    }

    /// Why the last delivery was given up.
    fn reason(&self) -> String {
        match self.last("DELIVERIES").decode() {
            Ok(DeliveryEvent::GivenUp(given_up)) => given_up.reason,
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_message_is_sent_signed_and_once_to_an_endpoint_that_takes_it() {
    let (world, receiver) = (World::followed(), Receiver::start(Answer::Status(204, "")).await);
    let endpoint = world.register_receiver(&receiver).await;
    let (queued, handler) = (world.ping(&endpoint).await, world.deliveries());
    assert_eq!(deliver(&handler, &queued).await, Outcome::Done);
    assert_eq!(deliver_again(&handler, &queued).await, Outcome::Done);
    assert_eq!(world.names("DELIVERIES"), ["queued", "delivered"]);
    let Ok(DeliveryEvent::Delivered(delivered)) = world.last("DELIVERIES").decode() else { panic!() };
    assert_eq!((delivered.round, delivered.attempt, delivered.status), (1, 1, 204));

    let (received, message) = (receiver.received(), world.messages().remove(0));
    assert_eq!(received.len(), 1);
    assert_eq!(received[0].body, message.body().unwrap());
    assert_eq!(received[0].header("webhook-id"), message.id);
    let signed_at = NOW.unix_timestamp();
    assert_eq!(received[0].header("webhook-timestamp"), signed_at.to_string());
    let webhook = Webhook::new(key().secret(&endpoint, 1).expose()).unwrap();
    let signature = webhook.sign(&message.id, signed_at, received[0].body.as_bytes()).unwrap();
    assert_eq!(received[0].header("webhook-signature"), signature);
}

#[tokio::test]
async fn an_endpoint_that_is_busy_is_tried_again_when_it_says_and_not_before() {
    let (world, receiver) = (World::followed(), Receiver::start(Answer::Status(503, "retry-after: 90\r\n")).await);
    let endpoint = world.register_receiver(&receiver).await;
    let (queued, handler) = (world.ping(&endpoint).await, world.deliveries());
    let after = Duration::from_secs(90);
    let reason = "the endpoint answered 503".to_owned();
    assert_eq!(deliver(&handler, &queued).await, Outcome::Retry { reason, after: Some(after) });
    let Ok(DeliveryEvent::AttemptFailed(failed)) = world.last("DELIVERIES").decode() else { panic!() };
    assert_eq!((failed.attempt, failed.status, failed.retry_at), (1, Some(503), Some(NOW + after)));
    // The endpoint rests now, also for its other messages.
    let another = world.ping(&endpoint).await;
    for outcome in [deliver_again(&handler, &queued).await, deliver(&handler, &another).await] {
        let rests = matches!(&outcome, Outcome::Defer { after, .. } if *after > Duration::from_secs(60));
        assert!(rests, "{outcome:?}");
    }
    assert_eq!(receiver.received().len(), 1);
    assert_eq!(world.names("DELIVERIES"), ["queued", "attempt_failed", "queued"]);
    assert_eq!(world.names("WEBHOOKS"), ["endpoint_registered"], "one message that fails is no endpoint that fails");
}

#[tokio::test]
async fn an_endpoint_that_answers_410_is_disabled_and_its_deliveries_are_given_up() {
    // A directory that does not follow leaves it to the log to say how the endpoint is after the first delivery.
    let (world, receiver) = (World::unfollowed(), Receiver::start(Answer::Status(410, "")).await);
    let endpoint = world.register_receiver(&receiver).await;
    let (first, second, handler) = (world.ping(&endpoint).await, world.ping(&endpoint).await, world.deliveries());
    assert_eq!(deliver(&handler, &first).await, Outcome::Done);
    assert_eq!(world.names("DELIVERIES"), ["queued", "queued", "attempt_failed", "given_up"]);
    assert_eq!(world.reason(), "the endpoint answered 410: it is gone");
    let Ok(EndpointEvent::EndpointDisabled(disabled)) = world.last("WEBHOOKS").decode() else { panic!() };
    assert_eq!(disabled.cause, DisableCause::Gone);
    assert_eq!(deliver(&handler, &second).await, Outcome::Done);
    assert_eq!(world.reason(), "the endpoint is disabled");
    assert_eq!(receiver.received().len(), 1);
}

#[tokio::test]
async fn an_answer_whose_body_never_ends_is_taken_at_its_head() {
    for answer in [Answer::Stalled, Answer::Endless] {
        let (world, receiver) = (World::followed(), Receiver::start(answer).await);
        let endpoint = world.register_receiver(&receiver).await;
        let (queued, handler) = (world.ping(&endpoint).await, world.deliveries());
        let handled = tokio::time::timeout(TIMEOUT / 2, deliver(&handler, &queued)).await;
        assert_eq!(handled, Ok(Outcome::Done), "{answer:?}");
        assert_eq!(world.names("DELIVERIES"), ["queued", "delivered"], "{answer:?}");
        assert_eq!(receiver.received().len(), 1);
    }
}

#[tokio::test]
async fn a_delivery_to_an_endpoint_that_is_removed_is_given_up() {
    let (world, receiver) = (World::unfollowed(), Receiver::start(Answer::Status(204, "")).await);
    let endpoint = world.register_receiver(&receiver).await;
    let queued = world.ping(&endpoint).await;
    world.bench.submissions.remove_endpoint(&endpoint, &operator()).await.unwrap();
    assert_eq!(deliver(&world.deliveries(), &queued).await, Outcome::Done);
    assert_eq!(world.reason(), "the endpoint is removed");
    assert!(receiver.received().is_empty());
}

#[tokio::test]
async fn a_delivery_to_an_endpoint_that_is_enabled_again_is_sent_by_a_node_that_never_read_the_endpoints() {
    let (world, receiver) = (World::unfollowed(), Receiver::start(Answer::Status(204, "")).await);
    let endpoint = world.register_receiver(&receiver).await;
    world.enable(&endpoint, false).await;
    world.enable(&endpoint, true).await;
    let queued = world.ping(&endpoint).await;
    assert_eq!(deliver(&world.deliveries(), &queued).await, Outcome::Done);
    assert_eq!(world.names("DELIVERIES"), ["queued", "delivered"]);
    assert_eq!(receiver.received().len(), 1);
}

#[tokio::test]
async fn a_delivery_to_an_endpoint_that_is_enabled_again_is_sent_by_a_node_that_knows_it_as_disabled() {
    let (world, receiver) = (World::unfollowed(), Receiver::start(Answer::Status(204, "")).await);
    let (endpoint, following) = (world.register_receiver(&receiver).await, world.follow());
    let enabled = world.directory.first_place(Some(None)).await;
    assert!(enabled.is_some());
    world.enable(&endpoint, false).await;
    assert_eq!(world.directory.first_place(Some(enabled)).await, None);
    world.stop.cancel();
    following.await.unwrap();
    world.enable(&endpoint, true).await;
    let queued = world.ping(&endpoint).await;
    assert_eq!(deliver(&world.deliveries(), &queued).await, Outcome::Done);
    assert_eq!(world.names("DELIVERIES"), ["queued", "delivered"]);
    assert_eq!(receiver.received().len(), 1);
}
