//! How consumers stand, as the server sees it: for status pages, for admission, for gauges. Pausing and resuming them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use ally_domain::dates::moment_after;
use ally_domain::ports::Clock;
use ally_telemetry::names::{self, figures, label};
use ally_telemetry::series;
use async_nats::jetstream::consumer::{self, FromConsumer, pull};
use async_nats::jetstream::context::ConsumerInfoErrorKind;
use time::OffsetDateTime;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::connection::JetStream;
use crate::consumer::{ConsumerConfig, ConsumerFault};
use crate::dead_letter::DeadLetters;
use crate::error::JetStreamError;
use crate::names::{StreamName, consumer_metadata};
use crate::read::Reader;

/// A pause ends by itself after this long at the latest, so that nobody's forgotten pause lasts for ever.
pub const LONGEST_PAUSE: Duration = Duration::from_secs(7 * 24 * 3600);

/// How a consumer stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ConsumerFigures {
    /// Messages that it has still to be given.
    pub pending: u64,
    /// Messages given and not settled.
    pub ack_pending: u64,
    /// Of these, how many were given more than once.
    pub redelivered: u64,
    /// Pulls that wait for messages: workers with free hands.
    pub waiting_pulls: u64,
    /// Whether an operator has paused it.
    pub paused: bool,
    /// How long the pause still lasts; zero when there is none.
    pub pause_left: Duration,
    /// Who has paused it, where that was said.
    pub paused_by: Option<String>,
    /// The age of the oldest message that is not settled; zero when there is none.
    pub oldest_age: Duration,
}

impl ConsumerFigures {
    /// All that is not done: what admission compares with its limit.
    #[must_use]
    pub const fn depth(&self) -> u64 {
        self.pending + self.ack_pending
    }
}

impl JetStream {
    /// How a durable consumer stands now.
    ///
    /// # Errors
    /// When there is no such consumer or JetStream does not answer.
    pub async fn consumer_figures(
        &self,
        stream: StreamName,
        consumer: &str,
        clock: &dyn Clock,
    ) -> Result<ConsumerFigures, JetStreamError> {
        let info =
            self.stream(stream).await?.consumer_info(consumer).await.map_err(|error| unavailable(consumer, &error))?;
        let mut figures = ConsumerFigures {
            pending: info.num_pending,
            ack_pending: info.num_ack_pending as u64,
            redelivered: info.num_redelivered as u64,
            waiting_pulls: info.num_waiting as u64,
            paused: info.paused,
            pause_left: info.pause_remaining.unwrap_or_default(),
            paused_by: info.config.metadata.get(consumer_metadata::PAUSED_BY).filter(|_| info.paused).cloned(),
            oldest_age: Duration::ZERO,
        };
        if figures.depth() > 0 {
            figures.oldest_age = self.oldest_age(stream, &info, clock).await?;
        }
        Ok(figures)
    }

    /// The first message behind the ack floor is by definition not settled.
    async fn oldest_age(
        &self,
        stream: StreamName,
        info: &consumer::Info,
        clock: &dyn Clock,
    ) -> Result<Duration, JetStreamError> {
        let reader = Reader::new(self.clone(), stream);
        let single = std::slice::from_ref(&info.config.filter_subject);
        let filters = if info.config.filter_subjects.is_empty() { single } else { &info.config.filter_subjects };
        let mut oldest = None;
        for filter in filters {
            let first = reader.next(filter, info.ack_floor.stream_sequence + 1).await?;
            oldest = oldest.into_iter().chain(first.map(|message| message.stored_at)).min();
        }
        let age = oldest.map_or(time::Duration::ZERO, |stored_at| clock.now() - stored_at);
        Ok(age.try_into().unwrap_or(Duration::ZERO))
    }

    /// Whether a durable consumer is there: its first worker or `ally consumers apply` makes it.
    ///
    /// # Errors
    /// When JetStream does not answer.
    pub async fn has_consumer(&self, stream: StreamName, consumer: &str) -> Result<bool, JetStreamError> {
        match self.stream(stream).await?.consumer_info(consumer).await {
            Ok(_) => Ok(true),
            Err(error) if matches!(error.kind(), ConsumerInfoErrorKind::NotFound) => Ok(false),
            Err(error) => Err(unavailable(consumer, &error)),
        }
    }

    /// Stops deliveries to a durable consumer, in somebody's name; what is in hand is finished. Ends by itself after `length`,
    /// at most [`LONGEST_PAUSE`].
    ///
    /// # Errors
    /// When there is no such consumer or JetStream does not answer.
    pub async fn pause_consumer(
        &self,
        stream: StreamName,
        consumer: &str,
        length: Duration,
        by: &str,
        clock: &dyn Clock,
    ) -> Result<(), JetStreamError> {
        let until = moment_after(clock.now(), length.min(LONGEST_PAUSE));
        self.set_pause(stream, consumer, Some((until, by))).await
    }

    /// Lets deliveries go on.
    ///
    /// # Errors
    /// When there is no such consumer or JetStream does not answer.
    pub async fn resume_consumer(&self, stream: StreamName, consumer: &str) -> Result<(), JetStreamError> {
        self.set_pause(stream, consumer, None).await
    }

    /// The name is written first: the server's own request for a pause has no room for it, and an update of a consumer leaves
    /// its pause as it is.
    async fn set_pause(
        &self,
        stream: StreamName,
        consumer: &str,
        pause: Option<(OffsetDateTime, &str)>,
    ) -> Result<(), JetStreamError> {
        let stream = self.stream(stream).await?;
        let info = stream.consumer_info(consumer).await.map_err(|error| unavailable(consumer, &error))?;
        let config = pull::Config::try_from_consumer_config(info.config);
        let mut config = config.map_err(|error| unavailable(consumer, &error))?;
        config.metadata.remove(consumer_metadata::PAUSED_BY);
        config.metadata.extend(pause.map(|(_, by)| (consumer_metadata::PAUSED_BY.to_owned(), by.to_owned())));
        stream.update_consumer(config).await.map_err(|error| unavailable(consumer, &error))?;
        let changed = match pause {
            Some((until, _)) => stream.pause_consumer(consumer, until).await,
            None => stream.resume_consumer(consumer).await,
        };
        changed.map(|_| ()).map_err(|error| unavailable(consumer, &error))
    }
}

fn unavailable(consumer: &str, error: &dyn std::fmt::Display) -> JetStreamError {
    JetStreamError::Unavailable { what: format!("the consumer {consumer}"), reason: error.to_string() }
}

/// Looks at consumers and dead letters again and again, keeps their gauges, and shows the latest figures without asking
/// the server for each request.
pub struct ConsumerMonitor {
    jetstream: JetStream,
    clock: Arc<dyn Clock>,
    consumers: Vec<ConsumerConfig>,
    latest: watch::Sender<BTreeMap<String, ConsumerFigures>>,
}

impl ConsumerMonitor {
    /// A monitor of some durable consumers.
    #[must_use]
    pub fn new(jetstream: JetStream, clock: Arc<dyn Clock>, consumers: Vec<ConsumerConfig>) -> Self {
        Self { jetstream, clock, consumers, latest: watch::Sender::new(BTreeMap::new()) }
    }

    /// The latest figures by consumer; one that is missing could not be asked the last time.
    #[must_use]
    pub fn figures(&self) -> watch::Receiver<BTreeMap<String, ConsumerFigures>> {
        self.latest.subscribe()
    }

    /// Looks every `interval` until the token is cancelled.
    pub async fn run(self, interval: Duration, stop: CancellationToken) {
        let dead_letters = DeadLetters::new(self.jetstream.clone());
        let mut ticks = tokio::time::interval(interval);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        while stop.run_until_cancelled(ticks.tick()).await.is_some() {
            let mut latest = BTreeMap::new();
            for config in &self.consumers {
                if let Some(figures) = self.look(config).await {
                    latest.insert(config.name.clone(), figures);
                }
            }
            if !latest.is_empty() {
                series::measured(figures::CONSUMERS, self.now());
            }
            self.latest.send_replace(latest);
            if let Ok(counts) = dead_letters.counts().await {
                for config in &self.consumers {
                    let count = counts.get(&config.name).copied().unwrap_or(0);
                    metrics::gauge!(names::DEAD_LETTERS, label::CONSUMER => config.name.clone()).set(count as f64);
                }
                series::measured(figures::DEAD_LETTERS, self.now());
            }
        }
    }

    fn now(&self) -> f64 {
        (self.clock.now() - OffsetDateTime::UNIX_EPOCH).as_seconds_f64()
    }

    /// Looks at one consumer and keeps its gauges. Of one that is not there nothing is known, least of all that nothing
    /// waits for it.
    async fn look(&self, config: &ConsumerConfig) -> Option<ConsumerFigures> {
        let faults = self.jetstream.look_at_consumer(config).await.ok()?;
        metrics::gauge!(names::CONSUMER_FAULTS, label::CONSUMER => config.name.clone()).set(faults.len() as f64);
        if let [ConsumerFault::Missing { .. }] = faults[..] {
            for gauge in [
                names::CONSUMER_PENDING,
                names::CONSUMER_ACK_PENDING,
                names::CONSUMER_OLDEST_AGE_SECONDS,
                names::CONSUMER_PAUSED,
                names::CONSUMER_PAUSED_UNTIL_TIMESTAMP_SECONDS,
            ] {
                metrics::gauge!(gauge, label::CONSUMER => config.name.clone()).set(f64::NAN);
            }
            return None;
        }
        let figures = self.jetstream.consumer_figures(config.stream, &config.name, self.clock.as_ref()).await.ok()?;
        record(&config.name, &figures);
        let until = if figures.paused { self.now() + figures.pause_left.as_secs_f64() } else { 0.0 };
        metrics::gauge!(names::CONSUMER_PAUSED_UNTIL_TIMESTAMP_SECONDS, label::CONSUMER => config.name.clone())
            .set(until);
        Some(figures)
    }
}

fn record(consumer: &str, figures: &ConsumerFigures) {
    let gauge = |name, value: f64| metrics::gauge!(name, label::CONSUMER => consumer.to_owned()).set(value);
    gauge(names::CONSUMER_PENDING, figures.pending as f64);
    gauge(names::CONSUMER_ACK_PENDING, figures.ack_pending as f64);
    gauge(names::CONSUMER_OLDEST_AGE_SECONDS, figures.oldest_age.as_secs_f64());
    gauge(names::CONSUMER_PAUSED, if figures.paused { 1.0 } else { 0.0 });
}
