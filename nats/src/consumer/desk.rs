//! From an outcome to a settlement: done is acked, a retry waits by the retry clock, and what is given up is parked
//! first, told to its handler second, and ended last.

use std::sync::Arc;
use std::time::Duration;

use ally_domain::dates::moment_after;
use ally_domain::envelope::Recorded;
use ally_domain::outcome::Outcome;
use ally_domain::ports::{Clock, EventHandler, RetryClock};

use super::config::ConsumerConfig;
use crate::connection::JetStream;
use crate::copy;
use crate::dead_letter::{self, Grave};
use crate::delivery::{Delivery, Settlement};

/// How soon another try is made when the dead letters or the handler's log did not answer.
const PARK_RETRY: Duration = Duration::from_secs(5);
/// A delivery that is handed back goes to the next worker that pulls. Never a bare NAK: it would come back at once.
const HAND_BACK: Duration = Duration::from_millis(50);

pub(super) struct Desk {
    pub(super) jetstream: JetStream,
    pub(super) config: ConsumerConfig,
    pub(super) handler: Arc<dyn EventHandler>,
    pub(super) retry: Arc<dyn RetryClock>,
    pub(super) clock: Arc<dyn Clock>,
}

impl Desk {
    pub(super) async fn settle(&self, delivery: Delivery, event: &Recorded, outcome: Outcome) {
        match outcome {
            Outcome::Done => delivery.settle(Settlement::Ack).await,
            Outcome::Retry { reason, .. } if self.is_spent(&delivery) => {
                let reason = format!("all {} attempts are used up, the last one by: {reason}", delivery.deliveries());
                self.give_up(delivery, Some(event), reason).await;
            }
            Outcome::Retry { reason, after } => self.retry(delivery, &reason, after).await,
            Outcome::Defer { reason, after } => {
                tracing::debug!(consumer = self.config.name, event = %delivery.origin(), reason, "it is not its turn yet");
                self.put_off(delivery, after).await;
            }
            Outcome::GiveUp { reason } => self.give_up(delivery, Some(event), reason).await,
        }
    }

    pub(super) async fn hand_back(&self, delivery: Delivery) {
        delivery.settle(Settlement::Nak(HAND_BACK)).await;
    }

    fn is_spent(&self, delivery: &Delivery) -> bool {
        self.config.max_attempts.is_some_and(|most| delivery.deliveries() >= most)
    }

    async fn retry(&self, delivery: Delivery, reason: &str, after: Option<Duration>) {
        let attempt = u32::try_from(delivery.deliveries()).unwrap_or(u32::MAX);
        let delay = after.unwrap_or_else(|| self.retry.delay_after(attempt));
        tracing::info!(consumer = self.config.name, event = %delivery.origin(), attempt, delay_ms = delay.as_millis(), reason,
            "an attempt failed and will be repeated");
        // Every NAK is a delivery. Well before the server would give up, the wait becomes a message of its own, whose
        // deliveries count from 1.
        let wears_out = delivery.delivered >= u64::from(self.config.max_deliver / 2).max(1);
        if delay < self.config.schedule_from && !wears_out {
            return delivery.settle(Settlement::Nak(delay)).await;
        }
        self.put_off(delivery, delay).await;
    }

    /// Lets a message wait as a schedule, which holds no delivery and no ack slot.
    async fn put_off(&self, delivery: Delivery, delay: Duration) {
        let due = moment_after(self.clock.now(), delay);
        match copy::put_off(&self.jetstream, &delivery, &self.config.name, due).await {
            Ok(()) => delivery.settle(Settlement::Scheduled).await,
            Err(error) => {
                tracing::warn!(consumer = self.config.name, %error, "a later try could not be scheduled; it waits as a delivery");
                delivery.settle(Settlement::Nak(delay.min(self.config.schedule_from))).await;
            }
        }
    }

    /// Parks a message. One that cannot be read has no event, and nobody to be told.
    pub(super) async fn give_up(&self, delivery: Delivery, event: Option<&Recorded>, reason: String) {
        let fingerprint = dead_letter::fingerprint(&self.config.name, &delivery.raw, &reason);
        let grave = Grave {
            consumer: self.config.name.clone(),
            stream: delivery.stream,
            origin: delivery.origin(),
            origin_subject: delivery.origin_subject(),
            deliveries: delivery.deliveries(),
            reason: reason.clone(),
            fingerprint: fingerprint.clone(),
            at: self.clock.now(),
        };
        if let Err(error) = dead_letter::park(&self.jetstream, &delivery.raw, &grave).await {
            tracing::warn!(consumer = self.config.name, %error, "a message could not be parked; it will be tried again");
            return delivery.settle(Settlement::Nak(PARK_RETRY)).await;
        }
        if let Some(event) = event
            && let Err(error) = self.handler.parked(event, &reason, &fingerprint).await
        {
            tracing::warn!(consumer = self.config.name, %error, "a parked message could not be recorded; it will be tried again");
            return delivery.settle(Settlement::Nak(PARK_RETRY)).await;
        }
        tracing::warn!(consumer = self.config.name, event = %grave.origin, reason, fingerprint, "a message was given up and parked");
        delivery.settle(Settlement::Parked(reason)).await;
    }
}
