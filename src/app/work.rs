//! The consumers: which events go to which handler, within which limits.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use ally_domain::job::Priority;
use ally_domain::ports::{Cancellations, EventHandler, PlanProvider, RetryClock};
use ally_handlers::{Executor, OnboardingHandler, PlannerConfig, PlannerHandler, Quarantine};
use ally_nats::names::{StreamName, durable};
use ally_nats::{ConsumerConfig, ConsumerRunner, JetStream, JitteredClock, NatsEventStore, Upcasters};

use super::clock::SystemClock;
use super::context::RoleContext;
use super::provider::{self, provider};
use super::webhooks::{self, Webhooks};
use crate::config::{Config, Provider};

/// Beyond the attempts that the log counts, a message is parked when it killed its worker so many times more.
const DELIVERIES_BEYOND_ATTEMPTS: u32 = 3;

/// The worker on the jobs of a queue.
pub fn planner(
    context: &RoleContext,
    store: &Arc<NatsEventStore>,
    lane: Priority,
    provider: Arc<dyn PlanProvider>,
    cancellations: Arc<dyn Cancellations>,
    quarantine: &Quarantine,
) -> Arc<dyn EventHandler> {
    let workers = &context.config.workers;
    let config = PlannerConfig {
        worker: format!("{}-{}", context.role.service(), std::process::id()),
        lane,
        max_per_athlete: workers.max_jobs_per_athlete,
        max_attempts: workers.max_attempts,
        attempt_deadline: Duration::from_millis(workers.attempt_deadline_ms),
    };
    // Also where only parked messages are settled: a job that ends there was this provider's.
    let executor = Executor::new(store.clone()).with_provider(provider::name(&context.config));
    let handler = PlannerHandler::new(executor, provider, retry_clock(), Arc::new(SystemClock), cancellations, config);
    Arc::new(handler.sharing(quarantine.clone()))
}

/// The process manager of onboarding.
pub fn onboarding(store: &Arc<NatsEventStore>) -> Arc<dyn EventHandler> {
    Arc::new(OnboardingHandler::new(Executor::new(store.clone())))
}

/// Every handler by the name of its consumer, for who settles in their place.
pub fn handlers(
    context: &RoleContext,
    store: &Arc<NatsEventStore>,
    cancellations: &Arc<dyn Cancellations>,
    webhooks: &Webhooks,
) -> anyhow::Result<HashMap<String, Arc<dyn EventHandler>>> {
    // Who settles makes no plan, so that the endpoint of a model is never its matter.
    let provider = provider(&context.config, Provider::Builtin)?;
    let quarantine = Quarantine::default();
    let of = |lane| planner(context, store, lane, provider.clone(), cancellations.clone(), &quarantine);
    Ok(HashMap::from([
        (durable::PLANNER.to_owned(), of(Priority::Normal)),
        (durable::PLANNER_EXPRESS.to_owned(), of(Priority::High)),
        (durable::ONBOARDING.to_owned(), onboarding(store)),
        (durable::WEBHOOKS.to_owned(), webhooks.deliver.clone()),
        (durable::WEBHOOK_NOTICES.to_owned(), webhooks.notices.clone()),
    ]))
}

/// The consumer of requested and redriven jobs.
pub fn planner_consumer(config: &Config) -> ConsumerConfig {
    let consumer = ConsumerConfig::new(durable::PLANNER, StreamName::Plans, "requested");
    limited(config, consumer, config.workers.planner_max_in_flight)
}

/// The consumer of jobs that go before others.
pub fn express_consumer(config: &Config) -> ConsumerConfig {
    let consumer = ConsumerConfig::new(durable::PLANNER_EXPRESS, StreamName::Plans, "expedited");
    limited(config, consumer, config.workers.planner_express_max_in_flight)
}

/// The consumer of completed onboardings.
pub fn onboarding_consumer(config: &Config) -> ConsumerConfig {
    let consumer = ConsumerConfig::new(durable::ONBOARDING, StreamName::Onboarding, "onboarding_completed");
    limited(config, consumer, config.workers.onboarding_max_in_flight)
}

/// Every consumer of workers, as its role makes it.
pub fn consumers(config: &Config) -> [ConsumerConfig; 5] {
    [
        planner_consumer(config),
        express_consumer(config),
        onboarding_consumer(config),
        webhooks::webhooks_consumer(config),
        webhooks::notices_consumer(config),
    ]
}

fn limited(config: &Config, consumer: ConsumerConfig, max_in_flight: usize) -> ConsumerConfig {
    let workers = &config.workers;
    ConsumerConfig {
        max_in_flight,
        ack_wait: Duration::from_millis(workers.ack_wait_ms),
        // The handler keeps the deadline itself; the runner's is for a handler that does not.
        attempt_deadline: Duration::from_millis(workers.attempt_deadline_ms) * 2,
        max_deliver: workers.max_attempts + DELIVERIES_BEYOND_ATTEMPTS,
        drain_deadline: Duration::from_millis(workers.drain_deadline_ms),
        ..consumer
    }
}

/// A runner of a handler.
pub fn runner(jetstream: JetStream, config: ConsumerConfig, handler: Arc<dyn EventHandler>) -> ConsumerRunner {
    runner_with(&jetstream, config, handler, retry_clock())
}

/// A runner of a handler that waits by a clock of its own.
pub fn runner_with(
    jetstream: &JetStream,
    config: ConsumerConfig,
    handler: Arc<dyn EventHandler>,
    retry: Arc<dyn RetryClock>,
) -> ConsumerRunner {
    ConsumerRunner::new(jetstream.clone(), Upcasters::default(), config, handler, retry, Arc::new(SystemClock))
}

fn retry_clock() -> Arc<dyn RetryClock> {
    Arc::new(JitteredClock::default())
}

#[cfg(test)]
mod tests {
    use ally_nats::Given;

    use super::*;

    #[test]
    fn each_consumer_is_given_what_its_name_says() {
        let made = consumers(&Config::default());
        let made = made.each_ref().map(|consumer| match &consumer.given {
            Given::Event(event) => (consumer.name.as_str(), consumer.stream, event.as_str()),
            given @ Given::AllOf { .. } => panic!("{} gets {given:?}", consumer.name),
        });
        assert_eq!(made, durable::GIVEN);
    }
}
