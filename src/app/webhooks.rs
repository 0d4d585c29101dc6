//! Webhooks, joined: the endpoints of the log, the consumers that queue and send, and the bounds of the configuration.

use std::sync::Arc;
use std::time::Duration;

use ally_domain::ids::AggregateKind;
use ally_domain::ports::{EventHandler, RetryClock};
use ally_handlers::Executor;
use ally_handlers::webhooks::{
    AddressRule, DeliveryHandler, Directory, FanOutHandler, NoticeHandler, Sender, SigningKey, WebhookConfig,
};
use ally_nats::names::{StreamName, durable};
use ally_nats::{ConsumerConfig, JetStream, JitteredClock, NatsEventStore};
use anyhow::Context;
use tokio_util::sync::CancellationToken;

use super::clock::SystemClock;
use super::context::RoleContext;
use super::work;
use crate::config::Config;

/// No webhook is sent again sooner.
const RETRY_FLOOR: Duration = Duration::from_millis(250);
/// The pause before the fan-out is begun or ended once more where the server did not answer.
const PAUSE: Duration = Duration::from_secs(1);

/// What sends webhooks in a process.
#[derive(Clone)]
pub struct Webhooks {
    pub directory: Directory,
    pub deliver: Arc<dyn EventHandler>,
    pub notices: Arc<dyn EventHandler>,
    fan_out: Arc<dyn EventHandler>,
    retry: Arc<dyn RetryClock>,
}

impl Webhooks {
    /// All of it on one log.
    pub fn new(config: &Config, store: &Arc<NatsEventStore>) -> anyhow::Result<Self> {
        let (executor, clock) = (Executor::new(store.clone()), Arc::new(SystemClock));
        let directory = Directory::new(store.clone());
        let sender = Sender::new(key(config)?, bounds(config), clock.clone())?;
        let webhooks = &config.webhooks;
        let (first, longest) =
            (Duration::from_millis(webhooks.retry_first_ms), Duration::from_millis(webhooks.retry_longest_ms));
        let retry: Arc<dyn RetryClock> = Arc::new(JitteredClock::new(RETRY_FLOOR.min(first), first, longest));
        let deliver = DeliveryHandler::new(executor.clone(), directory.clone(), sender, retry.clone(), clock.clone());
        Ok(Self {
            deliver: Arc::new(deliver),
            notices: Arc::new(NoticeHandler::new(executor.clone(), directory.clone(), clock.clone())),
            fan_out: Arc::new(FanOutHandler::new(executor, directory.clone(), clock)),
            directory,
            retry,
        })
    }

    /// Begins the work in the background; it ends with the role.
    pub fn keep(&self, context: &RoleContext, jetstream: &JetStream) -> Vec<tokio::task::JoinHandle<()>> {
        if context.config.webhooks.allow_loopback {
            tracing::warn!(
                "WEBHOOK_ALLOW_LOOPBACK is set: webhooks may be sent to this machine's own addresses, and by http"
            );
        }
        let (background, stop) = (&context.background, &context.stop);
        let (directory, until) = (self.directory.clone(), stop.clone());
        let followed =
            background.keep("directory of endpoints", stop, move || directory.clone().follow_log(until.clone()));
        let (own, of, until) = (self.clone(), (context.config.clone(), jetstream.clone()), stop.clone());
        let sent = background.keep("webhooks", stop, move || {
            let (config, jetstream) = &of;
            work::runner_with(jetstream, webhooks_consumer(config), own.deliver.clone(), own.retry.clone())
                .run(until.clone())
        });
        let (own, of, until) = (self.clone(), (context.config.clone(), jetstream.clone()), stop.clone());
        let noticed = background.keep("notices of webhooks", stop, move || {
            let (config, jetstream) = &of;
            work::runner(jetstream.clone(), notices_consumer(config), own.notices.clone()).run(until.clone())
        });
        let (own, jetstream, until) = (self.clone(), jetstream.clone(), stop.clone());
        let fanned_out = background.keep("fan-out of webhooks", stop, move || {
            let (own, jetstream, until) = (own.clone(), jetstream.clone(), until.clone());
            async move { own.fan_out(&jetstream, &until).await }
        });
        vec![followed, sent, noticed, fanned_out]
    }

    /// Reads what happens to jobs while there is an endpoint, and not otherwise: a walk that nobody is told of costs nothing.
    async fn fan_out(&self, jetstream: &JetStream, stop: &CancellationToken) {
        let mut known = None;
        while let Some(first) = stop.run_until_cancelled(self.directory.first_place(known)).await {
            known = Some(first);
            let Some(after) = first else {
                while let Err(error) = jetstream.delete_consumer(StreamName::Plans, durable::WEBHOOK_EVENTS).await {
                    tracing::debug!(%error, "the consumer of webhooks' events could not be deleted yet");
                    if stop.run_until_cancelled(tokio::time::sleep(PAUSE)).await.is_none() {
                        return;
                    }
                }
                continue;
            };
            let consumer =
                ConsumerConfig::of_all(durable::WEBHOOK_EVENTS, StreamName::Plans, AggregateKind::Job, after);
            let ended = stop.child_token();
            let runner = work::runner(jetstream.clone(), consumer, self.fan_out.clone());
            let running = runner.run(ended.clone());
            tokio::pin!(running);
            tokio::select! {
                () = &mut running => {}
                _ = self.directory.first_place(known) => {
                    ended.cancel();
                    running.await;
                    // An endpoint may be there again by now: the next turn begins with what there is.
                    known = None;
                }
            }
        }
    }
}

/// The key that endpoints' secrets are derived from, where there is one.
pub fn key(config: &Config) -> anyhow::Result<Option<SigningKey>> {
    let key = config.webhooks.key.as_ref().map(|key| SigningKey::new(key.expose()));
    key.transpose().context("ALLY_WEBHOOK_KEY cannot be used")
}

/// Which addresses may be sent to.
pub const fn addresses(config: &Config) -> AddressRule {
    if config.webhooks.allow_loopback { AddressRule::PublicAndLoopback } else { AddressRule::Public }
}

/// The consumer of what is to be sent.
pub fn webhooks_consumer(config: &Config) -> ConsumerConfig {
    let webhooks = &config.webhooks;
    ConsumerConfig {
        max_in_flight: webhooks.max_in_flight,
        // The sender keeps its own time; the runner's is for a handler that does not.
        attempt_deadline: Duration::from_millis(webhooks.timeout_ms) * 2 + Duration::from_secs(30),
        drain_deadline: Duration::from_millis(config.workers.drain_deadline_ms),
        ..ConsumerConfig::new(durable::WEBHOOKS, StreamName::Deliveries, "queued")
    }
}

/// The consumer of what happens to endpoints.
pub fn notices_consumer(config: &Config) -> ConsumerConfig {
    ConsumerConfig {
        drain_deadline: Duration::from_millis(config.workers.drain_deadline_ms),
        ..ConsumerConfig::new(durable::WEBHOOK_NOTICES, StreamName::Webhooks, "endpoint")
    }
}

fn bounds(config: &Config) -> WebhookConfig {
    let webhooks = &config.webhooks;
    WebhookConfig {
        timeout: Duration::from_millis(webhooks.timeout_ms),
        per_endpoint: webhooks.per_endpoint,
        max_attempts: webhooks.max_attempts,
        disable_after: Duration::from_secs(webhooks.disable_after_seconds),
        rest: (Duration::from_millis(webhooks.rest_ms), Duration::from_millis(webhooks.longest_rest_ms)),
        addresses: addresses(config),
        ..WebhookConfig::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pauses_between_attempts_add_up_to_what_the_document_promises() {
        let webhooks = Config::default().webhooks;
        let (first, longest) = (u128::from(webhooks.retry_first_ms), u128::from(webhooks.retry_longest_ms));
        // Each pause is drawn evenly between nothing and its bound.
        let bounds: u128 = (0..webhooks.max_attempts - 1).map(|attempt| (first << attempt).min(longest)).sum();
        let (day, usual) = (24 * 3_600_000, bounds / 2);
        assert!((5 * day / 2..7 * day / 2).contains(&usual), "{} h", usual / 3_600_000);
    }
}
