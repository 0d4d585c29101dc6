//! The port `Deliveries` on JetStream: which messages their consumer has settled although the job that they should bring is
//! still open, and putting a copy of such a message back before its consumer.
//!
//! No clock is asked. A consumer's settled sequence is read first and the job last, and a handler appends before its message
//! is settled: what is settled and not appended by then never will be. A message that waits is a schedule, or a copy of it
//! that is behind the settled sequence.
//!
//! Deliberately not here: what becomes of such a job.

mod follow;
mod open_jobs;
mod promises;
mod settled;
mod waiting;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use ally_domain::envelope::{Position, Recorded};
use ally_domain::ids::{AggregateKind, AggregateRef, JobId};
use ally_domain::job::QUEUED_BY;
use ally_domain::ports::{Deliveries, StoreError, Unheld, UnheldMessages};
use async_nats::HeaderValue;
use async_trait::async_trait;
use time::OffsetDateTime;
use tokio::sync::Mutex;

use crate::connection::JetStream;
use crate::copy::{self, Published};
use crate::dead_letter::{self, Grave};
use crate::error::JetStreamError;
use crate::names::{StreamName, durable, header};
use crate::read::Reader;
use crate::upcast::Upcasters;
use open_jobs::OpenJobs;
use promises::Promises;
use settled::Settled;
use waiting::Waiting;

/// The most messages that one look answers with.
const MAX_FOUND: usize = 500;
/// Messages whose schedules and copies are asked for at once; two subjects each, and the server answers 1,024.
const PAGE: usize = 256;
/// A message that was put back has been delivered before: whoever works on it must know that an attempt may have been lost.
const DELIVERED_BEFORE: u64 = 1;

/// What the consumers of a deployment hold. Clones share what they have read of the log.
#[derive(Clone)]
pub struct NatsDeliveries {
    jetstream: JetStream,
    upcasters: Arc<Upcasters>,
    open: Arc<Mutex<OpenJobs>>,
    promises: Arc<Mutex<Promises>>,
    waiting: Arc<Mutex<Waiting>>,
}

impl NatsDeliveries {
    /// Nothing is read before the first look, which reads the log from its beginning; later ones read on.
    #[must_use]
    pub fn new(jetstream: JetStream, upcasters: Upcasters) -> Self {
        Self {
            jetstream,
            upcasters: Arc::new(upcasters),
            open: Arc::default(),
            promises: Arc::default(),
            waiting: Arc::default(),
        }
    }

    fn reader(&self, stream: StreamName) -> Reader {
        Reader::new(self.jetstream.clone(), stream)
    }

    /// Leaves out what waits: as a schedule, or as a copy that its consumer has not settled.
    async fn not_waiting(&self, found: Vec<Unheld>, settled: &Settled) -> Result<Vec<Unheld>, JetStreamError> {
        let (mut left, mut waiting) = (Vec::new(), self.waiting.lock().await);
        let found = waiting.select(found);
        for page in found.chunks(PAGE) {
            let mut last = HashMap::new();
            for stream in StreamName::WORK {
                let subjects: Vec<String> = page
                    .iter()
                    .filter(|unheld| unheld.message.stream == stream.as_str())
                    .flat_map(|unheld| self.waits_on(stream, unheld))
                    .collect();
                if subjects.is_empty() {
                    continue;
                }
                for raw in self.reader(stream).lasts(&subjects).await? {
                    last.insert(raw.subject, raw.sequence);
                }
            }
            for unheld in page {
                let [schedule, due] = self.waits_on(stream_of(&unheld.message)?, unheld);
                let copy = last.get(&due).copied().unwrap_or(0);
                if last.contains_key(&schedule) {
                    waiting.note(&unheld.message);
                } else if settled.is_settled(&unheld.consumer, copy) {
                    left.push(Unheld { copy, ..unheld.clone() });
                }
            }
        }
        Ok(left)
    }

    /// The same of one message, asked of the leader. A message goes from its schedule to its copy and perhaps back, so the
    /// schedule is looked for before and behind the copy.
    async fn waits_nowhere(&self, unheld: Unheld, settled: &Settled) -> Result<Option<Unheld>, JetStreamError> {
        let stream = stream_of(&unheld.message)?;
        let (reader, [schedule, due]) = (self.reader(stream), self.waits_on(stream, &unheld));
        if reader.last(&schedule).await?.is_some() {
            return Ok(None);
        }
        let copy = reader.last(&due).await?.map_or(0, |copy| copy.sequence);
        let waits = !settled.is_settled(&unheld.consumer, copy) || reader.last(&schedule).await?.is_some();
        Ok((!waits).then_some(Unheld { copy, ..unheld }))
    }

    fn waits_on(&self, stream: StreamName, unheld: &Unheld) -> [String; 2] {
        let (names, consumer, sequence) = (self.jetstream.names(), &unheld.consumer, unheld.message.sequence);
        [names.schedule(stream, consumer, sequence), names.due(stream, consumer, sequence, given(consumer))]
    }
}

#[async_trait]
impl Deliveries for NatsDeliveries {
    async fn unheld(&self, last: &HashSet<JobId>) -> Result<UnheldMessages, StoreError> {
        let settled = Settled::read(&self.jetstream).await?;
        let mut found = {
            let mut open = self.open.lock().await;
            open.read_on(&self.jetstream).await?;
            open.settled_by(&settled)
        };
        {
            let mut promises = self.promises.lock().await;
            promises.read_on(&self.jetstream, &self.upcasters, settled.up_to(durable::ONBOARDING)).await?;
            found.extend(promises.unkept(&self.jetstream).await?);
        }
        found.sort_unstable_by_key(|unheld| (last.contains(&unheld.job), unheld.message.sequence));
        let found = self.not_waiting(found, &settled).await?;
        let more = found.len().saturating_sub(MAX_FOUND) as u64;
        let mut messages = Vec::new();
        for unheld in found.into_iter().take(MAX_FOUND) {
            messages.extend(self.waits_nowhere(unheld, &settled).await?);
        }
        Ok(UnheldMessages { messages, more })
    }

    async fn unheld_of(
        &self,
        job: &JobId,
        about: &AggregateRef,
        queued_by: &Recorded,
    ) -> Result<Option<Unheld>, StoreError> {
        let queue = QUEUED_BY.iter().find(|(name, _)| *name == queued_by.event_type.name);
        let consumer = match (about.kind, queue) {
            (AggregateKind::Athlete, _) => durable::ONBOARDING,
            (_, Some((_, queue))) => durable::of(*queue),
            (_, None) => return Ok(None),
        };
        let settled = Settled::read(&self.jetstream).await?;
        if !settled.is_settled(consumer, queued_by.position.sequence) {
            return Ok(None);
        }
        let (consumer, message) = (consumer.to_owned(), queued_by.position.clone());
        let unheld = Unheld { job: job.clone(), about: about.clone(), consumer, message, copy: 0 };
        if about.kind == AggregateKind::Athlete && promises::is_parked(&self.jetstream, &unheld).await? {
            return Ok(None);
        }
        Ok(self.waits_nowhere(unheld, &settled).await?)
    }

    async fn put_back(&self, message: &Unheld) -> Result<bool, StoreError> {
        let stream = stream_of(&message.message)?;
        let raw = self.reader(stream).at(message.message.sequence).await?.ok_or_else(|| gone(message))?;
        let origin = message.message.to_string();
        let mut headers = copy::headers_of(&raw, &origin, &raw.subject, DELIVERED_BEFORE);
        // Whoever else puts it back at the same moment has seen the same copy, or none: one of the two is refused.
        headers.insert(header::EXPECTED_SEQUENCE, HeaderValue::from(message.copy));
        let [_, subject] = self.waits_on(stream, message);
        let what = format!("putting {origin} back before {}", message.consumer);
        let published = copy::publish(&self.jetstream, &what, subject, headers, raw.payload.clone()).await?;
        Ok(published == Published::Stored)
    }

    async fn park(&self, message: &Unheld, reason: &str, at: OffsetDateTime) -> Result<String, StoreError> {
        let stream = stream_of(&message.message)?;
        let raw = self.reader(stream).at(message.message.sequence).await?.ok_or_else(|| gone(message))?;
        let fingerprint = dead_letter::fingerprint(&message.consumer, &raw, reason);
        let grave = Grave {
            consumer: message.consumer.clone(),
            stream,
            origin: message.message.clone(),
            origin_subject: raw.subject.clone(),
            deliveries: DELIVERED_BEFORE,
            reason: reason.to_owned(),
            fingerprint: fingerprint.clone(),
            at,
        };
        dead_letter::park(&self.jetstream, &raw, &grave).await?;
        Ok(fingerprint)
    }
}

/// The event that a consumer is given; there is no message of another one here.
fn given(consumer: &str) -> &'static str {
    durable::GIVEN.iter().find(|(name, ..)| *name == consumer).map_or("", |(.., event)| event)
}

fn stream_of(position: &Position) -> Result<StreamName, JetStreamError> {
    position.stream.parse().map_err(|error: crate::names::UnknownStream| JetStreamError::Unreadable {
        what: position.to_string(),
        reason: error.to_string(),
    })
}

fn gone(message: &Unheld) -> JetStreamError {
    JetStreamError::Unreadable {
        what: format!("the message {} of job {}", message.message, message.job),
        reason: "it is not in its stream any more".to_owned(),
    }
}
