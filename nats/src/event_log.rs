//! The port `EventLog` on JetStream: a whole stream in order, as fast as the server can send it.
//!
//! Each reader has an ephemeral pull consumer of its own without acknowledgements: the position belongs to whoever
//! reads. A lost or silent consumer is replaced behind the last event that was handed out.

use std::sync::Arc;
use std::time::Duration;

use ally_domain::envelope::Position;
use ally_domain::ports::{EventLog, EventReader, ReadBatch, Skipped, StoreError, StreamIdentity};
use ally_telemetry::names::{self, label};
use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, pull};
use async_nats::jetstream::{self};
use async_trait::async_trait;
use futures::{FutureExt, StreamExt};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::codec::{self, Raw, Unreadable, plain_text};
use crate::connection::JetStream;
use crate::dead_letter;
use crate::event_store::NatsEventStore;
use crate::names::{StreamName, header};
use crate::read;
use crate::upcast::Upcasters;

const PULL_MESSAGES: usize = 5_000;
/// Keeps what is on its way far below what the server buffers for a client before it cuts it off.
const PULL_BYTES: usize = 16 * 1024 * 1024;
const PULL_EXPIRES: Duration = Duration::from_secs(20);
const HEARTBEAT: Duration = Duration::from_secs(3);
/// After this long without a reader the server forgets the consumer.
const INACTIVE: Duration = Duration::from_secs(60);

#[async_trait]
impl EventLog for NatsEventStore {
    async fn open(&self, stream: &str, after: u64) -> Result<Box<dyn EventReader>, StoreError> {
        let stream = parse(stream)?;
        let mut reader = Reader {
            jetstream: self.jetstream.clone(),
            upcasters: Arc::clone(&self.upcasters),
            stream,
            created: None,
            after,
            consumed: 0,
            messages: None,
        };
        reader.subscribe().await?;
        self.with_archived(Box::new(reader), stream, after).await
    }

    async fn last_sequence(&self, stream: &str) -> Result<u64, StoreError> {
        Ok(self.jetstream.stream_end(parse(stream)?).await?.last)
    }

    async fn last_event(&self, stream: &str) -> Result<u64, StoreError> {
        let reader = read::Reader::new(self.jetstream.clone(), parse(stream)?);
        let last = reader.last(&self.jetstream.names().all_events()).await?;
        Ok(last.map_or(0, |raw| raw.sequence))
    }

    async fn last_kept(&self, stream: &str) -> Result<u64, StoreError> {
        let end = self.jetstream.stream_end(parse(stream)?).await?;
        // Nobody removes a last message by hand: an audit is written behind each entry that goes. Only age takes it.
        Ok(if end.messages == 0 { 0 } else { end.last })
    }

    async fn identity(&self, stream: &str) -> Result<StreamIdentity, StoreError> {
        let created = self.jetstream.stream_end(parse(stream)?).await?.created;
        let text = created.format(&Rfc3339).map_err(|error| StoreError::Unavailable { reason: error.to_string() })?;
        Ok(StreamIdentity(text))
    }
}

fn parse(stream: &str) -> Result<StreamName, StoreError> {
    stream.parse().map_err(|error: crate::names::UnknownStream| StoreError::Rejected {
        what: format!("reading {stream}"),
        reason: error.to_string(),
    })
}

struct Reader {
    jetstream: JetStream,
    upcasters: Arc<Upcasters>,
    stream: StreamName,
    /// When the stream was made that this reader was opened on.
    created: Option<OffsetDateTime>,
    after: u64,
    /// How many messages this consumer has delivered: a number that is skipped is a message that was lost on the way.
    consumed: u64,
    messages: Option<pull::Stream>,
}

#[async_trait]
impl EventReader for Reader {
    async fn next(&mut self, max: usize, wait: Duration) -> Result<ReadBatch, StoreError> {
        let mut batch = ReadBatch::default();
        let deadline = tokio::time::Instant::now() + wait;
        while batch.events.len() < max {
            let Some(messages) = self.messages.as_mut() else {
                self.subscribe().await?;
                continue;
            };
            let next = match batch.events.is_empty() {
                true => match tokio::time::timeout_at(deadline, messages.next()).await {
                    Ok(next) => next,
                    Err(_) => break,
                },
                false => match messages.next().now_or_never() {
                    Some(next) => next,
                    None => break,
                },
            };
            match next {
                Some(Ok(message)) => self.take(message, &mut batch)?,
                Some(Err(error)) => self.drop_consumer(&error.to_string()),
                None => self.drop_consumer("its stream of messages ended"),
            }
        }
        Ok(batch)
    }
}

impl Reader {
    async fn subscribe(&mut self) -> Result<(), StoreError> {
        let unavailable = |error: &dyn std::fmt::Display| StoreError::Unavailable {
            reason: format!("the events of {} behind {} cannot be read: {error}", self.stream, self.after),
        };
        let config = pull::Config {
            deliver_policy: DeliverPolicy::ByStartSequence { start_sequence: self.after + 1 },
            ack_policy: AckPolicy::None,
            filter_subject: match self.stream {
                // All that it holds: letters, and what was done to them.
                StreamName::DeadLetters => String::new(),
                _ => self.jetstream.names().all_events(),
            },
            inactive_threshold: INACTIVE,
            memory_storage: true,
            num_replicas: 1,
            ..pull::Config::default()
        };
        let stream = self.jetstream.stream(self.stream).await?;
        let consumer = stream.create_consumer(config).await.map_err(|error| unavailable(&error))?;
        // Behind the consumer: whichever stream this is, the consumer is on it.
        let created = self.jetstream.stream_end(self.stream).await?.created;
        if *self.created.get_or_insert(created) != created {
            return Err(unavailable(&"the stream was made anew meanwhile; its sequences begin anew"));
        }
        let messages = consumer
            .stream()
            .max_messages_per_batch(PULL_MESSAGES)
            .max_bytes_per_batch(PULL_BYTES)
            .expires(PULL_EXPIRES)
            .heartbeat(HEARTBEAT)
            .messages()
            .await
            .map_err(|error| unavailable(&error))?;
        self.messages = Some(messages);
        self.consumed = 0;
        Ok(())
    }

    fn drop_consumer(&mut self, why: &str) {
        tracing::info!(stream = %self.stream, after = self.after, why, "reading on with a new consumer");
        self.messages = None;
    }

    fn take(&mut self, message: jetstream::Message, batch: &mut ReadBatch) -> Result<(), StoreError> {
        let info = message.info().map_err(|error| StoreError::Unavailable { reason: error.to_string() })?;
        if info.consumer_sequence != self.consumed + 1 {
            self.drop_consumer("a message was lost on its way");
            return Ok(());
        }
        let (sequence, stored_at, pending) = (info.stream_sequence, info.published, info.pending);
        let raw = Raw::delivered(message.message, sequence, stored_at);
        self.consumed += 1;
        self.after = sequence;
        batch.pending = pending;
        let names = self.jetstream.names();
        let read = match self.stream {
            StreamName::DeadLetters => dead_letter::recorded(names, self.jetstream.config().dead_letter_age, &raw),
            stream => codec::decode(names, &self.upcasters, stream, &raw),
        };
        match read {
            Ok(event) => batch.events.push(event),
            Err(unreadable) => batch.skipped.push(skipped(self.stream, &raw, &unreadable)),
        }
        Ok(())
    }
}

/// Why a message is skipped: it is none of ours, or not as ours are.
const FOREIGN: &str = "foreign";
const MALFORMED: &str = "malformed";
pub(crate) const SKIPPED: [&str; 2] = [FOREIGN, MALFORMED];

/// One message that cannot be read must not stop all that is built from the log; whoever builds is told of it.
pub(crate) fn skipped(stream: StreamName, raw: &Raw, why: &Unreadable) -> Skipped {
    let reason = match why {
        Unreadable::Foreign(_) => FOREIGN,
        Unreadable::Malformed(_) => MALFORMED,
    };
    tracing::warn!(%stream, sequence = raw.sequence, subject = raw.subject, %why, "an event was skipped");
    metrics::counter!(names::EVENTS_SKIPPED_TOTAL, label::STREAM => stream.as_str(), label::REASON => reason)
        .increment(1);
    let event_type = raw.headers.get(header::CE_TYPE).map(|text| plain_text(text.as_str()).into_owned());
    Skipped {
        position: Position { stream: stream.as_str().to_owned(), sequence: raw.sequence },
        subject: raw.subject.clone(),
        event_type: event_type.unwrap_or_default(),
        reason: why.to_string(),
    }
}
