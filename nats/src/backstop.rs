//! The backstop: what the server gave up, or somebody else ended, is parked by whoever reads the server's advisories. The
//! server says only which message; the message itself is still in its stream.
//!
//! Our own consumers have the server give nothing up: what kills its worker every time is parked by the runner. Advisories
//! come of consumers that an older deployment made and of hands that end deliveries. One may be lost: it is a hint.

use std::collections::HashMap;
use std::sync::Arc;

use ally_domain::envelope::{Position, Recorded};
use ally_domain::ports::{Clock, EventHandler};
use ally_telemetry::names::{self, label, settlement};
use ally_telemetry::series;
use async_nats::jetstream::consumer::{AckPolicy, pull};
use serde::Deserialize;
use tokio_util::sync::CancellationToken;

use crate::codec::{self, Raw};
use crate::connection::JetStream;
use crate::copy::Published;
use crate::dead_letter::{self, Grave};
use crate::delivery::{Delivery, PARKED, Settlement};
use crate::error::JetStreamError;
use crate::names::{StreamName, durable};
use crate::pull::Puller;
use crate::read::Reader;
use crate::upcast::Upcasters;

const RETRY: std::time::Duration = std::time::Duration::from_secs(2);
const MAX_IN_FLIGHT: usize = 1;

/// What both kinds of advisories have in common.
#[derive(Debug, Deserialize)]
struct Advisory {
    stream: String,
    consumer: String,
    stream_seq: u64,
    #[serde(default)]
    deliveries: u64,
    #[serde(default)]
    reason: Option<String>,
}

/// Parks what no code settled, and tells the handler that should have.
pub struct Backstop {
    jetstream: JetStream,
    upcasters: Upcasters,
    clock: Arc<dyn Clock>,
    handlers: HashMap<String, Arc<dyn EventHandler>>,
}

impl Backstop {
    /// `handlers` are those of the durable consumers, by name: they record on their aggregates that a message is parked.
    #[must_use]
    pub fn new(
        jetstream: JetStream,
        upcasters: Upcasters,
        clock: Arc<dyn Clock>,
        handlers: HashMap<String, Arc<dyn EventHandler>>,
    ) -> Self {
        Self { jetstream, upcasters, clock, handlers }
    }

    /// Watches until the token is cancelled.
    pub async fn run(self, stop: CancellationToken) {
        let consumer = (label::CONSUMER, &[durable::BACKSTOP][..]);
        series::begin(names::MESSAGES_SETTLED_TOTAL, &[consumer, (label::OUTCOME, &settlement::ALL)]);
        let work = async {
            loop {
                if let Err(why) = self.watch().await {
                    tracing::warn!(why, "the backstop begins anew");
                    tokio::time::sleep(RETRY).await;
                }
            }
        };
        let _: Option<()> = stop.run_until_cancelled(work).await;
    }

    async fn watch(&self) -> Result<(), String> {
        let mut puller = self.begin().await.map_err(|error| error.to_string())?;
        loop {
            let message = puller.next(MAX_IN_FLIGHT).await?;
            let delivery = Delivery::new(&self.jetstream, StreamName::Advisories, durable::BACKSTOP, message)?;
            let settlement = match self.take(&delivery.raw).await {
                Ok(()) => Settlement::Ack,
                Err(error) => {
                    tracing::warn!(%error, "an advisory could not be dealt with; it will be tried again");
                    Settlement::Nak(RETRY)
                }
            };
            delivery.settle(settlement).await;
        }
    }

    async fn begin(&self) -> Result<Puller, JetStreamError> {
        self.jetstream.established().await;
        let config = pull::Config {
            durable_name: Some(durable::BACKSTOP.to_owned()),
            ack_policy: AckPolicy::Explicit,
            ack_wait: std::time::Duration::from_secs(30),
            max_deliver: -1,
            max_ack_pending: 64,
            ..pull::Config::default()
        };
        let stream = self.jetstream.stream(StreamName::Advisories).await?;
        stream.create_consumer(config).await.map_err(|error| JetStreamError::Unavailable {
            what: "the consumer of advisories".to_owned(),
            reason: error.to_string(),
        })?;
        Puller::start(&self.jetstream, &self.jetstream.names().stream(StreamName::Advisories), durable::BACKSTOP).await
    }

    async fn take(&self, raw: &Raw) -> Result<(), JetStreamError> {
        let advisory: Advisory = match serde_json::from_slice(&raw.payload) {
            Ok(advisory) => advisory,
            Err(error) => {
                tracing::warn!(%error, "an advisory cannot be read");
                return Ok(());
            }
        };
        let settled_by_us = advisory.reason.as_deref().is_some_and(|reason| reason.starts_with(PARKED));
        let Some(stream) = self.jetstream.names().parse_stream(&advisory.stream).filter(|_| !settled_by_us) else {
            return Ok(());
        };
        match Reader::new(self.jetstream.clone(), stream).at(advisory.stream_seq).await? {
            Some(message) => self.park(stream, &advisory, &message).await,
            None => {
                tracing::warn!(stream = %stream, sequence = advisory.stream_seq, "a message that nobody settled is gone");
                Ok(())
            }
        }
    }

    async fn park(&self, stream: StreamName, advisory: &Advisory, message: &Raw) -> Result<(), JetStreamError> {
        let event = codec::decode(self.jetstream.names(), &self.upcasters, stream, message).ok();
        let place = Position { stream: stream.as_str().to_owned(), sequence: message.sequence };
        let reason = match &advisory.reason {
            Some(reason) => format!("its delivery was ended: {reason}"),
            None => format!("it was delivered {} times and never settled", advisory.deliveries),
        };
        let fingerprint = dead_letter::fingerprint(&advisory.consumer, message, &reason);
        let grave = Grave {
            consumer: advisory.consumer.clone(),
            stream,
            origin: event.as_ref().map_or(place, |event| event.position.clone()),
            origin_subject: event.as_ref().map_or_else(|| message.subject.clone(), |event| self.subject_of(event)),
            deliveries: advisory.deliveries,
            reason: reason.clone(),
            fingerprint: fingerprint.clone(),
            at: self.clock.now(),
        };
        let parked = dead_letter::park(&self.jetstream, message, &grave).await?;
        if parked == Published::Stored {
            tracing::warn!(consumer = advisory.consumer, event = %grave.origin, reason, "a message that nobody settled was parked");
        }
        if let (Some(event), Some(handler)) = (&event, self.handlers.get(&advisory.consumer)) {
            handler.parked(event, &reason, &fingerprint).await.map_err(|error| JetStreamError::Unavailable {
                what: format!("recording that {} is parked", grave.origin),
                reason: error.to_string(),
            })?;
        }
        Ok(())
    }

    fn subject_of(&self, event: &Recorded) -> String {
        self.jetstream.names().event(&event.aggregate, &event.event_type.name)
    }
}
