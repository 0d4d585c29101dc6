//! The consumer runner: pull, span, handle, settle, under a supervisor that begins anew whatever breaks or stalls.
//!
//! Deliberately not here: what the work is (a handler behind the port) and how a delivery ends on the wire (`delivery`).

mod config;
mod desk;
mod settings;
mod work;
mod workload;

use std::sync::Arc;
use std::time::Duration;

use ally_domain::event_data::{self, EventType};
use ally_domain::ports::{Clock, EventHandler, RetryClock};
use ally_telemetry::names::{self, label, settlement};
use ally_telemetry::series;
use async_nats::Message;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::capacity::Take;
use crate::connection::JetStream;
use crate::delivery::Delivery;
use crate::error::JetStreamError;
use crate::pull::Puller;
use crate::upcast::Upcasters;

pub use config::{ConsumerConfig, Given};
use desk::Desk;
pub use settings::ConsumerFault;
use work::Ends;
pub use workload::Workload;

const RESTART_PAUSE: Duration = Duration::from_millis(250);
/// All of it is time in which jobs wait for nothing: a server that came back meanwhile would have served them.
const LONGEST_RESTART_PAUSE: Duration = Duration::from_secs(1);
/// What is left to a handler that was told to stop, to settle what it holds.
const HAND_BACK_TIME: Duration = Duration::from_secs(3);

/// Runs a handler over a durable consumer.
pub struct ConsumerRunner {
    desk: Arc<Desk>,
    upcasters: Arc<Upcasters>,
    workload: Workload,
}

impl ConsumerRunner {
    /// A runner; nothing happens before [`Self::run`].
    #[must_use]
    pub fn new(
        jetstream: JetStream,
        upcasters: Upcasters,
        config: ConsumerConfig,
        handler: Arc<dyn EventHandler>,
        retry: Arc<dyn RetryClock>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let workload = Workload::new(&config.name, config.max_in_flight.max(1));
        Self {
            desk: Arc::new(Desk { jetstream, config, handler, retry, clock }),
            upcasters: Arc::new(upcasters),
            workload,
        }
    }

    /// How much is in hand, for those who ask while it runs.
    #[must_use]
    pub fn workload(&self) -> Workload {
        self.workload.clone()
    }

    /// Works until the token is cancelled, then drains: pulls no more, finishes what is in hand or hands it back when
    /// its time is over, and returns.
    pub async fn run(self, stop: CancellationToken) {
        self.begin_series();
        let give_back = CancellationToken::new();
        let mut hands = JoinSet::new();
        let ends = Ends { stop, give_back: give_back.clone() };
        tokio::select! {
            () = self.pull(&mut hands, &ends) => {}
            () = self.watch_settings() => {}
        }
        self.drain(hands, &give_back).await;
    }

    /// Shows at zero what is counted of the consumer's messages, and its slots.
    fn begin_series(&self) {
        let config = &self.desk.config;
        let consumer = (label::CONSUMER, &[config.name.as_str()][..]);
        let given = |event_type: &EventType| config.gets(event_type);
        let types = config.stream.kinds().into_iter().flat_map(event_data::types_of).filter(given);
        let types: Vec<String> = types.map(|event_type| event_type.to_string()).collect();
        let types: Vec<&str> = types.iter().map(String::as_str).collect();
        let stream = (label::STREAM, &[config.stream.as_str()][..]);
        series::begin(names::MESSAGES_CONSUMED_TOTAL, &[stream, consumer, (label::TYPE, &types)]);
        series::begin(names::MESSAGE_PROCESS_DURATION_SECONDS, &[consumer, (label::TYPE, &types)]);
        series::begin(names::MESSAGES_SETTLED_TOTAL, &[consumer, (label::OUTCOME, &settlement::ALL)]);
        series::begin(names::CONSUMER_STALLS_TOTAL, &[consumer]);
        self.workload.show();
    }

    /// Pulls until told to stop, beginning anew whatever breaks.
    async fn pull(&self, hands: &mut JoinSet<()>, ends: &Ends) {
        let mut pause = RESTART_PAUSE;
        while !ends.stop.is_cancelled() {
            self.wait_for_room(hands, &ends.stop).await;
            let begun = tokio::time::Instant::now();
            if let Err(why) = self.pump(hands, ends).await {
                tracing::warn!(consumer = self.desk.config.name, why, "the pull is begun anew");
                metrics::counter!(names::CONSUMER_STALLS_TOTAL, label::CONSUMER => self.desk.config.name.clone())
                    .increment(1);
                self.workload.set_broken(why);
                pause = if begun.elapsed() > LONGEST_RESTART_PAUSE {
                    RESTART_PAUSE
                } else {
                    (pause * 2).min(LONGEST_RESTART_PAUSE)
                };
                let _ = ends.stop.run_until_cancelled(tokio::time::sleep(pause)).await;
            }
        }
    }

    /// Looks again and again whether the consumer is still as this worker made it, for those who ask. It never ends.
    async fn watch_settings(&self) {
        let (jetstream, config) = (&self.desk.jetstream, &self.desk.config);
        let mut last = None;
        loop {
            tokio::time::sleep(settings::LOOK_INTERVAL).await;
            // No answer is no verdict: whether the server answers is asked for by itself.
            let Ok(faults) = jetstream.look_at_consumer(config).await else { continue };
            let found = settings::sentence(&faults);
            if found != last {
                match &found {
                    Some(reason) => {
                        tracing::error!(consumer = config.name, reason, "somebody has changed the consumer")
                    }
                    None => tracing::info!(consumer = config.name, "the consumer is as it must be again"),
                }
            }
            self.workload.set_fault(found.clone());
            last = found;
        }
    }

    /// Creates the consumer or brings it up to date. `run` does it too; whoever wants to know that it is there calls this.
    ///
    /// # Errors
    /// When the server does not answer or refuses it.
    pub async fn ensure(&self) -> Result<(), JetStreamError> {
        self.desk.jetstream.apply_consumer(&self.desk.config).await
    }

    /// Waits while the server's store has no room for what would come of a message. What is in hand goes on meanwhile.
    async fn wait_for_room(&self, hands: &mut JoinSet<()>, stop: &CancellationToken) {
        let capacity = self.desk.jetstream.capacity();
        let mut changes = capacity.changes();
        let mut logged = false;
        while let Take::NoneBefore(next) = capacity.take() {
            if !logged {
                tracing::warn!(
                    consumer = self.desk.config.name,
                    why = capacity.warning(),
                    "nothing is pulled until there is room"
                );
                logged = true;
            }
            // To pause is what it is there for: it is not broken.
            self.workload.set_pulling(true);
            self.workload.set(hands.len());
            tokio::select! {
                () = stop.cancelled() => return,
                Some(_) = hands.join_next() => {}
                _ = changes.changed() => {}
                () = tokio::time::sleep_until(next) => {}
            }
        }
        if logged {
            tracing::info!(consumer = self.desk.config.name, "messages are pulled again");
        }
    }

    /// Pulls and hands out until told to stop, or until the store has no room. The error says what broke.
    async fn pump(&self, hands: &mut JoinSet<()>, ends: &Ends) -> Result<(), String> {
        let stop = &ends.stop;
        let capacity = self.desk.jetstream.capacity();
        let mut changes = capacity.changes();
        let Some(begun) = stop.run_until_cancelled(self.begin()).await else { return Ok(()) };
        let mut puller = begun.map_err(|error| error.to_string())?;
        self.workload.set_pulling(true);
        let pulled = loop {
            self.workload.set(hands.len());
            let free = match capacity.take() {
                Take::Any => self.workload.limit().saturating_sub(hands.len()),
                Take::One => 1_usize.saturating_sub(hands.len()),
                Take::NoneBefore(_) => break Ok(()),
            };
            tokio::select! {
                biased;
                () = stop.cancelled() => break Ok(()),
                Some(_) = hands.join_next() => {}
                _ = changes.changed() => {}
                message = puller.next(free), if free > 0 => match message {
                    Ok(message) => self.hand_out(message, hands, ends),
                    Err(why) => break Err(why),
                },
            }
        };
        self.workload.set_pulling(pulled.is_ok() && !stop.is_cancelled());
        for late in puller.stop().await {
            self.hand_back(late).await;
        }
        pulled
    }

    async fn begin(&self) -> Result<Puller, JetStreamError> {
        // A consumer needs its stream: asking before it is there would only fail and cost a pause.
        self.desk.jetstream.established().await;
        self.ensure().await?;
        let (jetstream, config) = (&self.desk.jetstream, &self.desk.config);
        Puller::start(jetstream, &jetstream.names().stream(config.stream), &config.name).await
    }

    fn hand_out(&self, message: Message, hands: &mut JoinSet<()>, ends: &Ends) {
        let (desk, upcasters, ends) = (Arc::clone(&self.desk), Arc::clone(&self.upcasters), ends.clone());
        hands.spawn(async move { work::work(&desk, &upcasters, message, &ends).await });
    }

    async fn hand_back(&self, message: Message) {
        let (config, jetstream) = (&self.desk.config, &self.desk.jetstream);
        if let Ok(delivery) = Delivery::new(jetstream, config.stream, &config.name, message) {
            self.desk.hand_back(delivery).await;
        }
    }

    async fn drain(&self, mut hands: JoinSet<()>, give_back: &CancellationToken) {
        let in_hand = hands.len();
        let finish = async { while hands.join_next().await.is_some() {} };
        if tokio::time::timeout(self.desk.config.drain_deadline, finish).await.is_err() {
            give_back.cancel();
            let settle = async { while hands.join_next().await.is_some() {} };
            let _ = tokio::time::timeout(HAND_BACK_TIME, settle).await;
        }
        self.workload.set(hands.len());
        if let Err(error) = self.desk.jetstream.flush().await {
            tracing::warn!(consumer = self.desk.config.name, %error, "the last settlements may not have been sent");
        }
        tracing::info!(consumer = self.desk.config.name, in_hand, left = hands.len(), "the consumer is drained");
    }
}
