//! From an outcome to a settlement: done is acked, a retry waits by the retry clock, and what is given up is parked
//! first, told to its handler second, and ended last.

use std::sync::Arc;
use std::time::Duration;

use ally_domain::dates::moment_after;
use ally_domain::envelope::Recorded;
use ally_domain::outcome::Outcome;
use ally_domain::ports::{Clock, EventHandler, RetryClock};
use tokio_util::sync::CancellationToken;

use super::config::ConsumerConfig;
use crate::connection::JetStream;
use crate::copy;
use crate::dead_letter::{self, Grave};
use crate::delivery::{Delivery, Settlement};

/// The pauses between two tries to park when the dead letters or the handler's log did not take it: the first, the longest.
const PARK_PAUSE: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(15));
/// A delivery that is handed back goes to the next worker that pulls. Never a bare NAK: it would come back at once.
const HAND_BACK: Duration = Duration::from_millis(50);
/// Signs of life in one ack wait.
const PULSES: u32 = 3;

pub(super) struct Desk {
    pub(super) jetstream: JetStream,
    pub(super) config: ConsumerConfig,
    pub(super) handler: Arc<dyn EventHandler>,
    pub(super) retry: Arc<dyn RetryClock>,
    pub(super) clock: Arc<dyn Clock>,
}

impl Desk {
    /// Settles a delivery. One that could not be put off comes back when its time has come, to be handled again: it was
    /// kept meanwhile, since every NAK is a delivery, and would wear out a message that only waits for room. `stop` ends
    /// every wait and hands back what waited.
    pub(super) async fn settle(
        &self,
        delivery: Delivery,
        event: &Recorded,
        outcome: Outcome,
        stop: &CancellationToken,
    ) -> Option<Delivery> {
        match outcome {
            Outcome::Done => delivery.settle(Settlement::Ack).await,
            Outcome::Retry { reason, .. } if self.is_spent(&delivery) => {
                let reason = format!("all {} attempts are used up, the last one by: {reason}", delivery.deliveries());
                self.give_up(delivery, Some(event), reason, stop).await;
            }
            Outcome::Retry { reason, after } => return self.retry(delivery, &reason, after, stop).await,
            Outcome::Defer { reason, after } => {
                tracing::debug!(consumer = self.config.name, event = %delivery.origin(), reason, "it is not its turn yet");
                return self.put_off(delivery, after, stop).await;
            }
            Outcome::Superseded { reason } => {
                tracing::info!(consumer = self.config.name, event = %delivery.origin(), reason, "another worker has taken over; its delivery stays open");
                delivery.leave();
            }
            Outcome::GiveUp { reason } => self.give_up(delivery, Some(event), reason, stop).await,
        }
        None
    }

    /// Gives a delivery to the next worker that pulls. One that was handed back often goes as a message of its own.
    pub(super) async fn hand_back(&self, delivery: Delivery) {
        let worn = self.wears_out(&delivery);
        let due = self.clock.now() + HAND_BACK;
        let scheduled = worn && copy::put_off(&self.jetstream, &delivery, &self.config, due).await.is_ok();
        delivery.settle(if scheduled { Settlement::Scheduled } else { Settlement::Nak(HAND_BACK) }).await;
    }

    /// Whether a message was delivered often and never settled: it kills whoever works on it.
    pub(super) fn is_deadly(&self, delivery: &Delivery) -> bool {
        delivery.delivered > u64::from(self.config.max_deliver)
    }

    fn is_spent(&self, delivery: &Delivery) -> bool {
        self.config.max_attempts.is_some_and(|most| delivery.deliveries() >= most)
    }

    /// Every NAK is a delivery. Well before a message would be taken for a deadly one, what waits becomes a message of its
    /// own, whose deliveries count from 1.
    fn wears_out(&self, delivery: &Delivery) -> bool {
        delivery.delivered >= u64::from(self.config.max_deliver / 2).max(1)
    }

    async fn retry(
        &self,
        delivery: Delivery,
        reason: &str,
        after: Option<Duration>,
        stop: &CancellationToken,
    ) -> Option<Delivery> {
        let attempt = u32::try_from(delivery.deliveries()).unwrap_or(u32::MAX);
        let delay = after.unwrap_or_else(|| self.retry.delay_after(attempt));
        tracing::info!(consumer = self.config.name, event = %delivery.origin(), attempt, delay_ms = delay.as_millis(), reason,
            "an attempt failed and will be repeated");
        if delay < self.config.schedule_from && !self.wears_out(&delivery) {
            delivery.settle(Settlement::Nak(delay)).await;
            return None;
        }
        self.put_off(delivery, delay, stop).await
    }

    /// Lets a message wait as a schedule, which holds no delivery and no ack slot. Where none can be stored, it waits here.
    async fn put_off(&self, delivery: Delivery, delay: Duration, stop: &CancellationToken) -> Option<Delivery> {
        let due = moment_after(self.clock.now(), delay);
        match copy::put_off(&self.jetstream, &delivery, &self.config, due).await {
            Ok(()) => {
                delivery.settle(Settlement::Scheduled).await;
                None
            }
            Err(error) => {
                tracing::warn!(consumer = self.config.name, %error, "a later try could not be scheduled; it waits in this worker");
                self.keep(delivery, delay.min(self.config.schedule_from), stop).await
            }
        }
    }

    /// Waits with a delivery in hand. `None` when the worker ends first: then it is handed back.
    async fn keep(&self, delivery: Delivery, delay: Duration, stop: &CancellationToken) -> Option<Delivery> {
        let waited = tokio::select! {
            biased;
            () = stop.cancelled() => false,
            () = tokio::time::sleep(delay) => true,
            () = self.keep_alive(&delivery) => true,
        };
        if waited {
            return Some(delivery);
        }
        self.hand_back(delivery).await;
        None
    }

    /// Tells the server again and again that the work goes on. It never ends by itself.
    pub(super) async fn keep_alive(&self, delivery: &Delivery) {
        let pulse = (self.config.ack_wait / PULSES).max(Duration::from_millis(10));
        loop {
            tokio::time::sleep(pulse).await;
            delivery.in_progress().await;
        }
    }

    /// Parks what killed every worker that had it.
    pub(super) async fn give_up_deadly(&self, delivery: Delivery, event: Option<&Recorded>, stop: &CancellationToken) {
        // This delivery is not one that killed anybody.
        let deliveries = delivery.deliveries() - 1;
        let reason = format!("it was delivered {deliveries} times and never settled");
        self.park_until_stored(delivery, event, reason, deliveries, stop).await;
    }

    /// Parks a message. One that cannot be read has no event, and nobody to be told.
    pub(super) async fn give_up(
        &self,
        delivery: Delivery,
        event: Option<&Recorded>,
        reason: String,
        stop: &CancellationToken,
    ) {
        let deliveries = delivery.deliveries();
        self.park_until_stored(delivery, event, reason, deliveries, stop).await;
    }

    /// Parks until it has worked, with the delivery in hand: a park that fails is neither a delivery nor an attempt.
    async fn park_until_stored(
        &self,
        mut delivery: Delivery,
        event: Option<&Recorded>,
        reason: String,
        deliveries: u64,
        stop: &CancellationToken,
    ) {
        let grave = Grave {
            consumer: self.config.name.clone(),
            stream: delivery.stream,
            origin: delivery.origin(),
            origin_subject: delivery.origin_subject(),
            deliveries,
            fingerprint: dead_letter::fingerprint(&self.config.name, &delivery.raw, &reason),
            reason,
            at: self.clock.now(),
        };
        let mut pause = PARK_PAUSE.0;
        while let Err(error) = self.park(&delivery, event, &grave).await {
            tracing::warn!(consumer = self.config.name, event = %grave.origin, error, "a message could not be parked yet; it stays in hand");
            let Some(kept) = self.keep(delivery, pause, stop).await else { return };
            delivery = kept;
            pause = (pause * 2).min(PARK_PAUSE.1);
        }
        let Grave { origin, reason, fingerprint, .. } = grave;
        tracing::warn!(consumer = self.config.name, event = %origin, reason, fingerprint, "a message was given up and parked");
        delivery.settle(Settlement::Parked(reason)).await;
    }

    async fn park(&self, delivery: &Delivery, event: Option<&Recorded>, grave: &Grave) -> Result<(), String> {
        dead_letter::park(&self.jetstream, &delivery.raw, grave).await.map_err(|error| error.to_string())?;
        match event {
            Some(event) => {
                let recorded = self.handler.parked(event, &grave.reason, &grave.fingerprint).await;
                recorded.map_err(|error| format!("it is parked and could not be recorded: {error}"))
            }
            None => Ok(()),
        }
    }
}
