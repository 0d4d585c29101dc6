//! The port `Archive` on JetStream: the steps by which finished histories move out of a stream.
//!
//! Deliberately not here: the order of the steps, and the event that stands for a history afterwards.

use std::collections::BTreeMap;
use std::sync::Arc;

use ally_domain::ids::{AggregateKind, AggregateRef};
use ally_domain::job::{ENDS, JobEventKind};
use ally_domain::ports::{Archive, Copied, Due, Found, Segment, StoreError, Written};
use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, PullConsumer, pull};
use async_trait::async_trait;
use futures::StreamExt;
use time::OffsetDateTime;
use tokio::sync::Mutex;

use super::histories::histories;
use super::inventory::ArchiveLook;
use super::manifest::{self, Entry};
use super::merged::missing;
use super::segment::{self, SegmentName};
use super::shelf::{Shelf, unreadable};
use crate::codec::Raw;
use crate::copy;
use crate::error::JetStreamError;
use crate::event_store::NatsEventStore;
use crate::names::StreamName;

/// The stream whose jobs age out.
const STREAM: StreamName = StreamName::Plans;
/// Ends in one look at the stream.
const PAGE: usize = 256;

/// How large a segment may become.
#[derive(Debug, Clone, Copy)]
pub struct SegmentLimits {
    /// From so many bytes of messages on it takes no further history.
    pub bytes: u64,
    /// The most histories in it.
    pub histories: usize,
}

impl Default for SegmentLimits {
    fn default() -> Self {
        Self { bytes: 8 * 1024 * 1024, histories: 50_000 }
    }
}

/// The archive of a stream.
#[derive(Debug, Clone)]
pub struct NatsArchive {
    store: NatsEventStore,
    shelf: Shelf,
    limits: SegmentLimits,
    look: Arc<Mutex<ArchiveLook>>,
}

/// The end of a job, in the stream.
#[derive(Debug, Clone)]
pub(super) struct End {
    pub(super) job: AggregateRef,
    pub(super) sequence: u64,
    stored_at: OffsetDateTime,
}

impl NatsArchive {
    /// The archive of a store on a shelf.
    #[must_use]
    pub fn new(store: NatsEventStore, shelf: Shelf, limits: SegmentLimits) -> Self {
        let look = ArchiveLook::new(store.clone().with_archive(Some(shelf.clone())));
        Self { store, shelf, limits, look: Arc::new(Mutex::new(look)) }
    }

    /// Every segment with what it holds, read back and checked.
    ///
    /// # Errors
    /// When there is no such segment, it is damaged, or the storage does not answer.
    pub async fn read(&self, name: &SegmentName) -> Result<Segment, StoreError> {
        Ok(self.read_back(name).await?.0)
    }

    /// The same, with what the manifest says of it.
    async fn read_back(&self, name: &SegmentName) -> Result<(Segment, Entry), StoreError> {
        let bytes = self.shelf.get(STREAM, name).await?;
        let (size, judged) = (bytes.len() as u64, name.clone());
        let decoded = tokio::task::spawn_blocking(move || segment::decode(&judged, &bytes)).await;
        let decoded = decoded.map_err(|error| unreadable(name, &error.to_string()))?;
        let (footer, raws) = decoded.map_err(|reason| unreadable(name, &reason))?;
        let mut found = BTreeMap::<AggregateRef, Vec<Raw>>::new();
        for raw in raws {
            let aggregate = self.store.jetstream.names().parse_event(&raw.subject);
            let foreign = || unreadable(name, &format!("{} is no subject of this deployment", raw.subject));
            found.entry(aggregate.ok_or_else(foreign)?).or_default().push(raw);
        }
        let histories = found.into_iter().map(|(aggregate, raws)| {
            let history = self.store.history(&aggregate, &raws)?;
            let ends = raws.first().zip(raws.last()).map_or((0, 0), |(first, last)| (first.sequence, last.sequence));
            Ok(Copied { aggregate, first: ends.0, last: ends.1, events: raws.len() as u64, history })
        });
        let segment = Segment {
            name: name.to_string(),
            first: name.first,
            last: name.last,
            events: name.events,
            raw_bytes: footer.frames.iter().map(|frame| frame.raw_bytes).sum(),
            bytes: size,
            histories: histories.collect::<Result<_, StoreError>>()?,
        };
        Ok((segment, Entry::new(name, size, footer.sha256)))
    }

    /// Tells the log and the storage of a segment, before anything in it leaves the stream.
    async fn announce(&self, entry: &Entry) -> Result<(), StoreError> {
        manifest::record(&self.store.jetstream, STREAM, entry).await?;
        self.shelf.announce(STREAM).await
    }

    /// Refuses to add to a storage that is not the one that the log speaks of: what the log names must be there, or be
    /// declared lost.
    async fn refuse_holes(&self) -> Result<(), StoreError> {
        let segments = self.look.lock().await.look().await?;
        let mut gone = segments.into_iter().filter(|segment| segment.state.is_fault());
        let Some(first) = gone.next() else { return Ok(()) };
        let (name, state, more) = (first.name, first.state, gone.count());
        let holds = format!(
            "it is {state} where jobs are to be archived to, as are {more} more, so nothing more leaves the log: is it the right \
             folder? It holds events {} to {}",
            name.first, name.last
        );
        Err(missing(&name, &holds))
    }

    async fn ends(&self, after: u64) -> Result<PullConsumer, StoreError> {
        let names = self.store.jetstream.names();
        let config = pull::Config {
            deliver_policy: DeliverPolicy::ByStartSequence { start_sequence: after + 1 },
            ack_policy: AckPolicy::None,
            filter_subjects: ENDS.iter().map(|end| names.event_of_all(AggregateKind::Job, end)).collect(),
            headers_only: true,
            memory_storage: true,
            num_replicas: 1,
            ..pull::Config::default()
        };
        let stream = self.store.jetstream.stream(STREAM).await?;
        stream.create_consumer(config).await.map_err(|error| unavailable("looking for jobs that ended", &error))
    }

    /// The next ends that are due, in the order in which they were stored, and whether there may be more.
    async fn page(&self, consumer: &PullConsumer, due: &Due) -> Result<(Vec<End>, bool), StoreError> {
        let what = "looking for jobs that ended";
        let fetched = consumer.fetch().max_messages(PAGE).messages().await;
        let mut messages = fetched.map_err(|error| unavailable(what, &error))?;
        let (mut ends, mut more) = (Vec::new(), false);
        while let Some(message) = messages.next().await {
            let message = message.map_err(|error| unavailable(what, &error))?;
            let info = message.info().map_err(|error| unavailable(what, &error))?;
            // What is stored later is due later, so all behind it is not due either.
            if info.stream_sequence > due.up_to || info.published >= due.ended_before {
                return Ok((ends, false));
            }
            more = info.pending > 0;
            if let Some(job) = self.store.jetstream.names().parse_event(&message.subject) {
                ends.push(End { job, sequence: info.stream_sequence, stored_at: info.published });
            }
        }
        Ok((ends, more))
    }

    /// Whether a history can go: it cannot when it goes on, for example because an earlier run took what was before.
    fn may_go(&self, end: &End, raws: &[Raw]) -> bool {
        let why = match self.store.history(&end.job, raws) {
            Ok(history) if history.events.iter().any(|event| JobEventKind::of(&event.event_type).is_none()) => {
                "it holds an event of a newer version".to_owned()
            }
            Ok(history) if history.last_sequence() == end.sequence => return true,
            Ok(_) => "it went on behind its end".to_owned(),
            // The segment would be one that nobody can read back.
            Err(error) => error.to_string(),
        };
        tracing::warn!(job = %end.job.id, end = end.sequence, why, "a job that ended stays in the log");
        false
    }

    /// Loads what is due first, as much as a segment takes.
    async fn collect(&self, due: &Due) -> Result<(Vec<Raw>, u64, u64), StoreError> {
        let consumer = self.ends(due.after).await?;
        let (mut raws, mut bytes, mut count, mut up_to) = (Vec::new(), 0_u64, 0_usize, due.after);
        loop {
            let (ends, more) = self.page(&consumer, due).await?;
            let mut found = histories(&self.store.jetstream, STREAM, &ends).await?;
            for end in ends {
                up_to = end.sequence;
                let history = found.remove(&end.job).unwrap_or_default();
                if self.may_go(&end, &history) {
                    count += 1;
                    bytes += history.iter().map(size).sum::<u64>();
                    raws.extend(history);
                }
                if bytes >= self.limits.bytes || count >= self.limits.histories {
                    return Ok((raws, count as u64, up_to));
                }
            }
            if !more {
                return Ok((raws, count as u64, up_to));
            }
        }
    }
}

#[async_trait]
impl Archive for NatsArchive {
    async fn unfinished(&self) -> Result<Vec<Segment>, StoreError> {
        let mut segments = Vec::new();
        for shelved in self.shelf.list(STREAM).await?.into_iter().filter(|shelved| !shelved.finished) {
            let (segment, entry) = self.read_back(&shelved.name).await?;
            self.announce(&entry).await?;
            segments.push(segment);
        }
        Ok(segments)
    }

    async fn find(&self, due: Due) -> Result<Found, StoreError> {
        let consumer = self.ends(due.after).await?;
        let mut found = Found::default();
        loop {
            let (ends, more) = self.page(&consumer, &due).await?;
            found.jobs += ends.len() as u64;
            found.oldest = found.oldest.or(ends.first().map(|end| end.stored_at));
            if !more {
                return Ok(found);
            }
        }
    }

    async fn write(&self, due: Due) -> Result<Written, StoreError> {
        let (mut raws, histories, up_to) = self.collect(&due).await?;
        if raws.is_empty() {
            return Ok(Written { segment: None, up_to });
        }
        self.refuse_holes().await?;
        raws.sort_unstable_by_key(|raw| raw.sequence);
        let encoded = tokio::task::spawn_blocking(move || segment::encode(STREAM.as_str(), &raws, histories)).await;
        let failed = |error: &dyn std::fmt::Display| StoreError::Rejected {
            what: "writing a segment of the archive".to_owned(),
            reason: error.to_string(),
        };
        let encoded = encoded.map_err(|error| failed(&error))?.map_err(|error| failed(&error))?;
        self.shelf.put(STREAM, &encoded.name, encoded.bytes).await?;
        // What was written is believed when it was read.
        let (segment, entry) = self.read_back(&encoded.name).await?;
        if segment.histories.len() as u64 != histories {
            let reason = format!("it holds {} histories instead of {histories}", segment.histories.len());
            return Err(unreadable(&encoded.name, &reason));
        }
        self.announce(&entry).await?;
        Ok(Written { segment: Some(segment), up_to })
    }

    async fn remove(&self, history: &Copied) -> Result<(), StoreError> {
        // From the first on: what is left of a history that has lost its beginning means nothing, but for the event that
        // stands for it. One by one, since a purge has the server count anew what each consumer has before it.
        for event in &history.history.events {
            copy::delete(&self.store.jetstream, STREAM, event.position.sequence).await?;
        }
        Ok(())
    }

    async fn finish(&self, segment: &Segment) -> Result<(), StoreError> {
        let name: SegmentName = segment.name.parse().map_err(|error: segment::InvalidSegmentName| {
            StoreError::Rejected { what: "finishing a segment".to_owned(), reason: error.to_string() }
        })?;
        self.shelf.finish(STREAM, &name).await
    }
}

fn size(raw: &Raw) -> u64 {
    let headers: usize = raw
        .headers
        .iter()
        .map(|(name, values)| {
            let name: &str = name.as_ref();
            values.iter().map(|value| name.len() + value.as_str().len()).sum::<usize>()
        })
        .sum();
    (raw.subject.len() + headers + raw.payload.len()) as u64
}

fn unavailable(what: &str, error: &dyn std::fmt::Display) -> StoreError {
    JetStreamError::Unavailable { what: what.to_owned(), reason: error.to_string() }.into()
}
