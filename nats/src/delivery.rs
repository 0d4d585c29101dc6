//! A delivered message and its only way out: [`Delivery::settle`] takes it by value. One that is dropped unsettled is a
//! defect: it is logged and counted, and comes again after its ack wait.
//!
//! Deliberately not here: which settlement an outcome deserves (`consumer::desk`).

use std::time::Duration;

use ally_domain::envelope::Position;
use ally_telemetry::job;
use ally_telemetry::names::{self, attr, label, settlement, span};
use async_nats::Message;
use async_nats::jetstream;
use bytes::Bytes;
use tracing::{Instrument, Span};

use crate::codec::{Raw, plain_text};
use crate::connection::JetStream;
use crate::copy;
use crate::names::{StreamName, header};

const SETTLE_ATTEMPTS: u32 = 3;

/// How a delivery ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Settlement {
    /// Done.
    Ack,
    /// To be delivered again after a delay.
    Nak(Duration),
    /// A later try is scheduled as a message of its own.
    Scheduled,
    /// Parked, with why.
    Parked(String),
}

impl Settlement {
    fn label(&self) -> &'static str {
        match self {
            Self::Ack => settlement::ACK,
            Self::Nak(_) => settlement::NAK,
            Self::Scheduled => settlement::SCHEDULED,
            Self::Parked(_) => settlement::DEAD_LETTER,
        }
    }

    fn wire(&self) -> Bytes {
        match self {
            Self::Ack | Self::Scheduled => Bytes::from_static(b"+ACK"),
            Self::Nak(delay) => Bytes::from(format!("-NAK {{\"delay\": {}}}", delay.as_nanos())),
            // The advisory repeats the reason: the backstop knows by it that this one is taken care of.
            Self::Parked(reason) => Bytes::from(format!("+TERM {PARKED}{}", one_line(reason))),
        }
    }
}

/// Begins the reason of every delivery that ended in the dead letters.
pub(crate) const PARKED: &str = "parked: ";

fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(512).collect()
}

/// A delivered message.
#[derive(Debug)]
pub(crate) struct Delivery {
    jetstream: JetStream,
    consumer: String,
    reply: async_nats::Subject,
    /// The message as the stream holds it: the event itself, or a copy of it that came due.
    pub(crate) raw: Raw,
    pub(crate) stream: StreamName,
    /// How often this message was delivered, from 1.
    pub(crate) delivered: u64,
    settled: bool,
}

impl Delivery {
    /// # Errors
    /// When the message is none of a consumer's: it has no reply that tells its place.
    pub(crate) fn new(
        jetstream: &JetStream,
        stream: StreamName,
        consumer: &str,
        message: Message,
    ) -> Result<Self, String> {
        let reply = message.reply.clone().ok_or("it has no reply subject")?;
        let message = jetstream::Message { message, context: jetstream.context().clone() };
        let info = message.info().map_err(|error| error.to_string())?;
        let (sequence, stored_at) = (info.stream_sequence, info.published);
        let delivered = u64::try_from(info.delivered).unwrap_or(1);
        let raw = Raw::delivered(message.message, sequence, stored_at);
        let (jetstream, consumer) = (jetstream.clone(), consumer.to_owned());
        Ok(Self { jetstream, consumer, reply, raw, stream, delivered, settled: false })
    }

    /// Where the event itself stands.
    pub(crate) fn origin(&self) -> Position {
        let origin = self.raw.headers.get(header::ORIGIN).and_then(|origin| origin.as_str().parse().ok());
        origin.unwrap_or_else(|| Position { stream: self.stream.as_str().to_owned(), sequence: self.raw.sequence })
    }

    /// The subject of the event itself.
    pub(crate) fn origin_subject(&self) -> String {
        let origin = self.raw.headers.get(header::ORIGIN_SUBJECT);
        origin.map_or_else(|| self.raw.subject.clone(), |origin| plain_text(origin.as_str()).into_owned())
    }

    /// Whether this is a copy that came due, which nobody needs once it is settled.
    pub(crate) fn is_copy(&self) -> bool {
        self.raw.headers.get(header::ORIGIN).is_some()
    }

    /// How often the event was delivered, its earlier copies included.
    pub(crate) fn deliveries(&self) -> u64 {
        let earlier = self.raw.headers.get(header::DELIVERIES).and_then(|count| count.as_str().parse().ok());
        self.delivered + earlier.unwrap_or(0)
    }

    /// Tells the server that the work goes on.
    pub(crate) async fn in_progress(&self) {
        let sent = self.jetstream.client().publish(self.reply.clone(), Bytes::from_static(b"+WPI")).await;
        if let Err(error) = sent {
            tracing::debug!(consumer = self.consumer, %error, "the work's progress could not be told");
        }
    }

    /// Ends the delivery and waits until the server has taken it in. A settlement that stays unanswered is no error: the
    /// message comes again, and whoever works on it finds it done.
    pub(crate) async fn settle(mut self, settlement: Settlement) {
        self.settled = true;
        let label = settlement.label();
        Span::current().record(attr::MESSAGING_NATS_SETTLEMENT, label);
        let span = if settlement == Settlement::Ack { Span::none() } else { self.settle_span(label) };
        metrics::counter!(names::MESSAGES_SETTLED_TOTAL, label::CONSUMER => self.consumer.clone(), label::OUTCOME => label)
            .increment(1);
        let sent = self.send(&settlement).instrument(span.clone()).await;
        if let Err(error) = sent {
            span.record(attr::OTEL_STATUS_CODE, span::status::ERROR);
            span.record(attr::ERROR_TYPE, "unconfirmed");
            tracing::warn!(
                consumer = self.consumer,
                sequence = self.raw.sequence,
                settlement = label,
                error,
                "a settlement was not confirmed; the message will come again"
            );
        } else if self.is_copy() && !matches!(settlement, Settlement::Nak(_)) {
            self.delete_copy().await;
        }
    }

    /// What did not end well is worth a span: how it goes on is the next thing that a person asks. Of an acknowledgement the span of
    /// the work says all.
    fn settle_span(&self, label: &'static str) -> Span {
        tracing::info_span!(
            span::SETTLE,
            { attr::OTEL_NAME } = span::settle(label, &self.consumer),
            { attr::OTEL_KIND } = span::kind::CLIENT,
            { attr::OTEL_STATUS_CODE } = tracing::field::Empty,
            { attr::ERROR_TYPE } = tracing::field::Empty,
            { attr::MESSAGING_SYSTEM } = attr::NATS,
            { attr::MESSAGING_OPERATION_NAME } = label,
            { attr::MESSAGING_OPERATION_TYPE } = "settle",
            { attr::MESSAGING_DESTINATION_NAME } = self.stream.as_str(),
            { attr::MESSAGING_CONSUMER_GROUP_NAME } = self.consumer,
            { attr::MESSAGING_MESSAGE_ID } = self.raw.headers.get(header::CE_ID).map(|id| id.as_str()),
            { attr::MESSAGING_NATS_SETTLEMENT } = label,
            { attr::JOB_ID } = job::current(),
        )
    }

    /// Leaves the message to a later delivery of it: the server knows one settlement a message, whichever delivery sends it,
    /// and would take one from here for the end of the other's work.
    pub(crate) fn leave(mut self) {
        self.settled = true;
        metrics::counter!(names::MESSAGES_SETTLED_TOTAL,
            label::CONSUMER => self.consumer.clone(), label::OUTCOME => settlement::LEFT)
        .increment(1);
    }

    async fn send(&self, settlement: &Settlement) -> Result<(), String> {
        let mut why = String::new();
        for _ in 0..SETTLE_ATTEMPTS {
            match self.jetstream.client().request(self.reply.clone(), settlement.wire()).await {
                Ok(_) => return Ok(()),
                Err(error) => why = error.to_string(),
            }
        }
        Err(why)
    }

    async fn delete_copy(&self) {
        if let Err(error) = copy::delete(&self.jetstream, self.stream, self.raw.sequence).await {
            tracing::debug!(stream = %self.stream, sequence = self.raw.sequence, %error, "a settled copy stays in its stream");
        }
    }
}

impl Drop for Delivery {
    fn drop(&mut self) {
        if !self.settled {
            tracing::error!(consumer = self.consumer, stream = %self.stream, sequence = self.raw.sequence,
                "a delivery was dropped unsettled; the message will come again after its ack wait");
            metrics::counter!(names::MESSAGES_SETTLED_TOTAL,
                label::CONSUMER => self.consumer.clone(), label::OUTCOME => settlement::UNSETTLED)
            .increment(1);
        }
    }
}
