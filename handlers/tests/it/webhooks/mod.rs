//! The handlers of webhooks over a log in memory: what is queued for which endpoints, and what comes of an attempt.

mod fan_out;
mod notices;
mod receiver;
mod sending;

use std::sync::Arc;

use ally_domain::envelope::{Actor, CommandContext, Recorded, TraceContext};
use ally_domain::ids::EndpointId;
use ally_domain::outcome::Outcome;
use ally_domain::webhook::{
    DeliveryEvent, EndpointCommand, EndpointDecider, MessageType, Queued, Registration, WebhookMessage,
};
use ally_handlers::webhooks::Directory;
use ally_handlers::{EndpointChange, Origin};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::bench::Bench;

/// A log, and the endpoints as one node knows them.
struct World {
    bench: Bench,
    directory: Directory,
    stop: CancellationToken,
}

impl World {
    /// A world whose directory does not follow the log.
    fn unfollowed() -> Self {
        let (bench, stop) = (Bench::new(), CancellationToken::new());
        let directory = Directory::new(Arc::new(bench.store.clone()));
        Self { bench, directory, stop }
    }

    /// A world whose directory follows the log until the end of the test.
    fn followed() -> Self {
        let world = Self::unfollowed();
        world.follow();
        world
    }

    /// Lets the directory follow the log until the world is stopped.
    fn follow(&self) -> JoinHandle<()> {
        tokio::spawn(self.directory.clone().follow_log(self.stop.clone()))
    }

    /// An endpoint of an app that takes messages of some types, about what happens from now on.
    async fn register(&self, app: &str, key: &str, types: &[MessageType]) -> EndpointId {
        self.register_at(&format!("https://{app}.example/{key}"), app, key, types).await
    }

    /// The same at an address.
    async fn register_at(&self, url: &str, app: &str, key: &str, types: &[MessageType]) -> EndpointId {
        let registration = Registration {
            app: app.parse().unwrap(),
            url: url.parse().unwrap(),
            types: types.iter().copied().collect(),
            description: None,
        };
        let registered = self.bench.submissions.register_endpoint(&registration, Some(key), &operator()).await;
        registered.unwrap().0.endpoint_id
    }

    /// Disables an endpoint, or enables it for what happens from now on.
    async fn enable(&self, endpoint: &EndpointId, enabled: bool) {
        let change = EndpointChange { enabled: Some(enabled), ..EndpointChange::default() };
        self.bench.submissions.update_endpoint(endpoint, change, &operator()).await.unwrap();
    }

    /// Executes a command on an endpoint, as the handler of deliveries does.
    async fn execute(&self, endpoint: &EndpointId, command: EndpointCommand) {
        let context = CommandContext { command_id: uuid::Uuid::now_v7().into(), ..self.bench.context() };
        self.bench.executor.execute::<EndpointDecider>(&endpoint.into(), &command, &context).await.unwrap();
    }

    /// What was queued, in the order of the log.
    fn queued(&self) -> Vec<Queued> {
        let events = self.bench.store.events("DELIVERIES");
        let queued = events.iter().filter_map(|event| match event.decode() {
            Ok(DeliveryEvent::Queued(queued)) => Some(queued),
            _ => None,
        });
        queued.collect()
    }

    /// The endpoints for which something was queued, once for each time, in their own order.
    fn receivers(&self) -> Vec<EndpointId> {
        sorted(self.queued().into_iter().map(|queued| queued.endpoint_id))
    }

    /// The messages that were queued, in the order of the log.
    fn messages(&self) -> Vec<WebhookMessage> {
        self.queued().into_iter().map(|queued| queued.message).collect()
    }

    /// The names of a stream's events, in the order of the log.
    fn names(&self, stream: &str) -> Vec<String> {
        self.bench.store.events(stream).into_iter().map(|event| event.event_type.name).collect()
    }

    /// The last event of a stream.
    fn last(&self, stream: &str) -> Recorded {
        self.bench.store.events(stream).pop().unwrap()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

fn sorted(endpoints: impl IntoIterator<Item = EndpointId>) -> Vec<EndpointId> {
    let mut endpoints: Vec<_> = endpoints.into_iter().collect();
    endpoints.sort();
    endpoints
}

fn operator() -> Origin {
    let (actor, trace) = (Actor::Operator("olga".into()), TraceContext::default());
    Origin { actor, correlation: "request-2".into(), trace }
}

#[track_caller]
fn is_left_to_a_newer_process(outcome: &Outcome) {
    match outcome {
        Outcome::Defer { reason, .. } => assert!(reason.contains("written by a newer version"), "{reason}"),
        other => panic!("{other:?}"),
    }
}
