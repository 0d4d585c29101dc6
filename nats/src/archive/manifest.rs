//! What the log says about its archive: one message for each segment, written before anything leaves the stream. A reader
//! knows from it which segments must be there, whatever the storage lists.
//!
//! Archives older than the manifest have no such messages: there the events `plan_job.archived` name their segments, and
//! those before the first message of the manifest are read instead.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use ally_domain::event_data::EncodingError;
use ally_domain::ids::AggregateKind;
use ally_domain::job::{Archived, JobEvent};
use ally_domain::ports::StoreError;
use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, pull};
use async_nats::{HeaderMap, HeaderValue};
use async_trait::async_trait;
use bytes::Bytes;
use futures::StreamExt;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::segment::{InvalidSegmentName, SegmentName};
use crate::codec::{self, Raw};
use crate::connection::JetStream;
use crate::copy::{self, Published};
use crate::error::JetStreamError;
use crate::names::{StreamName, header};
use crate::read::Reader;
use crate::upcast::Upcasters;

/// Messages that are asked for at once.
const BATCH: usize = 1_000;
/// A consumer that nobody asks any more is removed by the server.
const INACTIVE: Duration = Duration::from_secs(30);

/// A message of the manifest. The name carries the counts and the beginning of the checksum as well; here they are for
/// whoever reads the stream without Ally.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Entry {
    /// The segment's name.
    pub(super) segment: String,
    pub(super) first: u64,
    pub(super) last: u64,
    pub(super) events: u64,
    pub(super) histories: u64,
    /// The segment's size in the archive.
    pub(super) bytes: u64,
    /// The checksum that stands in its footer.
    pub(super) sha256: String,
    /// That it is lost, and by whose decision: an entry behind the one that was written with the segment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) lost: Option<Lost>,
}

impl Entry {
    pub(super) fn new(name: &SegmentName, bytes: u64, sha256: String) -> Self {
        let SegmentName { first, last, events, histories, .. } = *name;
        Self { segment: name.to_string(), first, last, events, histories, bytes, sha256, lost: None }
    }
}

/// An operator's decision that a segment is lost: whoever reads the log goes on without its events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Lost {
    /// Who decided it: `operator:kim`.
    pub actor: String,
    /// Why, in their words.
    pub note: String,
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
}

/// Segments that must be in the archive, with their size where the manifest tells it.
pub(super) type Required = BTreeMap<SegmentName, Option<u64>>;

/// What the log names.
#[derive(Debug, Clone, Default)]
pub(super) struct Named {
    pub(super) required: Required,
    /// Those that were declared lost, with the size that they had where the manifest tells it.
    pub(super) lost: BTreeMap<SegmentName, (Lost, Option<u64>)>,
}

impl Named {
    fn note(&mut self, name: SegmentName, entry: Entry) {
        let bytes = (entry.bytes > 0).then_some(entry.bytes);
        match entry.lost {
            Some(lost) => {
                self.required.remove(&name);
                self.lost.insert(name, (lost, bytes));
            }
            None if !self.lost.contains_key(&name) => {
                self.required.insert(name, bytes);
            }
            None => {}
        }
    }

    /// What an event says: its segment must be there unless it was declared lost.
    fn note_archived(&mut self, name: SegmentName) {
        if !self.lost.contains_key(&name) {
            self.required.entry(name).or_default();
        }
    }

    /// Whether a stored segment of a size is one that was declared lost and did not come back whole.
    pub(super) fn is_lost(&self, name: &SegmentName, stored_bytes: u64) -> bool {
        self.lost.get(name).is_some_and(|(_, bytes)| bytes.is_some_and(|bytes| bytes != stored_bytes))
    }
}

/// What a reader asks of the manifest.
#[async_trait]
pub(super) trait Manifest: Send {
    /// The sequence of the newest entry; 0 when there is none. As long as it is the same, so is the manifest.
    async fn newest(&self) -> Result<u64, StoreError>;

    /// The segments that hold events behind a sequence.
    async fn named(&self, after: u64) -> Result<Named, StoreError>;
}

/// The manifest that a stream carries.
pub(super) struct InStream {
    pub(super) jetstream: JetStream,
    pub(super) upcasters: Arc<Upcasters>,
    pub(super) stream: StreamName,
}

#[async_trait]
impl Manifest for InStream {
    async fn newest(&self) -> Result<u64, StoreError> {
        let filter = self.jetstream.names().archive_segments(self.stream);
        let last = Reader::new(self.jetstream.clone(), self.stream).last(&filter).await?;
        Ok(last.map_or(0, |entry| entry.sequence))
    }

    async fn named(&self, after: u64) -> Result<Named, StoreError> {
        let mut followed = Followed { read: after, legacy: after, ..Followed::default() };
        followed.read_on(&self.jetstream, &self.upcasters, self.stream).await?;
        let mut named = followed.named;
        // What says so stands behind the events, so nothing before was read; what it holds may all be before.
        named.required.retain(|name, _| name.last > after);
        Ok(named)
    }
}

/// Writes the entry of a segment. Writing it twice stores it once.
pub(super) async fn record(jetstream: &JetStream, stream: StreamName, entry: &Entry) -> Result<(), StoreError> {
    // A segment has one subject and is never changed: what is there already says the same.
    publish(jetstream, stream, entry, 0).await.map(|_| ())
}

/// Writes that a segment is lost, behind what the manifest said of it last; false when somebody else was quicker.
pub(super) async fn record_lost(
    jetstream: &JetStream,
    stream: StreamName,
    name: &SegmentName,
    lost: Lost,
) -> Result<bool, StoreError> {
    let last = last_entry(jetstream, stream, name).await?;
    let (sequence, mut entry) = last.unwrap_or_else(|| (0, Entry::new(name, 0, String::new())));
    entry.lost = Some(lost);
    publish(jetstream, stream, &entry, sequence).await.map(|published| published == Published::Stored)
}

/// An operator's decision about a segment; none when there is none.
pub(super) async fn lost(
    jetstream: &JetStream,
    stream: StreamName,
    name: &SegmentName,
) -> Result<Option<Lost>, StoreError> {
    Ok(last_entry(jetstream, stream, name).await?.and_then(|(_, entry)| entry.lost))
}

async fn last_entry(
    jetstream: &JetStream,
    stream: StreamName,
    name: &SegmentName,
) -> Result<Option<(u64, Entry)>, StoreError> {
    let subject = jetstream.names().archive_segment(stream, &name.to_string());
    let last = Reader::new(jetstream.clone(), stream).last(&subject).await?;
    last.map(|raw| Ok((raw.sequence, entry_of(stream, &raw)?.1))).transpose()
}

async fn publish(
    jetstream: &JetStream,
    stream: StreamName,
    entry: &Entry,
    expected: u64,
) -> Result<Published, StoreError> {
    let what = format!("the manifest's entry for the segment {}", entry.segment);
    let refused = |reason: String| StoreError::Rejected { what: what.clone(), reason };
    let payload = serde_json::to_vec(entry).map_err(|error| refused(error.to_string()))?;
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, "application/json");
    headers.insert(header::EXPECTED_SEQUENCE, HeaderValue::from(expected));
    let subject = jetstream.names().archive_segment(stream, &entry.segment);
    Ok(copy::publish(jetstream, &what, subject, headers, Bytes::from(payload)).await?)
}

fn entry_of(stream: StreamName, raw: &Raw) -> Result<(SegmentName, Entry), StoreError> {
    let unreadable = |reason: String| StoreError::Rejected {
        what: format!("reading the manifest of the archive at {stream}:{}", raw.sequence),
        reason,
    };
    let entry: Entry = serde_json::from_slice(&raw.payload).map_err(|error| unreadable(error.to_string()))?;
    let name = entry.segment.parse().map_err(|error: InvalidSegmentName| unreadable(error.to_string()))?;
    Ok((name, entry))
}

/// What the log names, up to a sequence: read on from look to look.
#[derive(Debug, Default)]
pub(super) struct Followed {
    /// When the stream was made that all of it was read from.
    created: Option<OffsetDateTime>,
    /// Up to where entries were read.
    read: u64,
    /// Up to where events were read in place of entries; as long as no entry was found.
    legacy: u64,
    first_entry: Option<u64>,
    named: Named,
}

impl Followed {
    /// Reads on to the present end of the stream.
    pub(super) async fn read_on(
        &mut self,
        jetstream: &JetStream,
        upcasters: &Upcasters,
        stream: StreamName,
    ) -> Result<&Named, StoreError> {
        let end = jetstream.stream_end(stream).await?;
        if self.created.is_some_and(|before| before != end.created) {
            *self = Self::default();
        }
        self.created = Some(end.created);
        let mut entries = Vec::new();
        scan(jetstream, stream, jetstream.names().archive_segments(stream), self.read, |raw| {
            entries.push((raw.sequence, entry_of(stream, &raw)?));
            Ok(true)
        })
        .await?;
        let had_entries = self.first_entry.is_some();
        for (sequence, (name, entry)) in entries {
            if entry.lost.is_none() {
                self.first_entry.get_or_insert(sequence);
            }
            self.read = sequence;
            self.named.note(name, entry);
        }
        if !had_entries {
            self.read_legacy(jetstream, upcasters, stream).await?;
        }
        // To begin far from the end costs the server a walk of its whole index, also where there is nothing to read. A replica may
        // not have all yet that the leader tells of; there the next look begins behind the last entry.
        if !jetstream.is_replicated() {
            (self.read, self.legacy) = (self.read.max(end.last), self.legacy.max(end.last));
        }
        Ok(&self.named)
    }

    /// Before the first entry the events that stand for others name their segments.
    async fn read_legacy(
        &mut self,
        jetstream: &JetStream,
        upcasters: &Upcasters,
        stream: StreamName,
    ) -> Result<(), StoreError> {
        let first_entry = self.first_entry.unwrap_or(u64::MAX);
        let archived_events = jetstream.names().event_of_all(AggregateKind::Job, ARCHIVED);
        let (named, legacy) = (&mut self.named, &mut self.legacy);
        scan(jetstream, stream, archived_events, *legacy, |raw| {
            if raw.sequence > first_entry {
                return Ok(false);
            }
            *legacy = raw.sequence;
            if let Ok(event) = codec::decode(jetstream.names(), upcasters, stream, &raw)
                && let Some((_, name)) = archived(&event)?
            {
                named.note_archived(name);
            }
            Ok(true)
        })
        .await
    }
}

/// The event that stands for what went to the archive.
const ARCHIVED: &str = "archived";

/// What an event says about the archive; nothing when it is another event.
pub(super) fn archived(event: &ally_domain::envelope::Recorded) -> Result<Option<(Archived, SegmentName)>, StoreError> {
    if event.aggregate.kind != AggregateKind::Job || event.event_type.name != ARCHIVED {
        return Ok(None);
    }
    let corrupt = |reason: String| StoreError::Corrupt {
        aggregate: event.aggregate.clone(),
        position: event.position.clone(),
        reason,
    };
    match event.decode() {
        Ok(JobEvent::Archived(archived)) => {
            let name = archived.segment.parse().map_err(|error: InvalidSegmentName| corrupt(error.to_string()))?;
            Ok(Some((archived, name)))
        }
        Ok(_) => Ok(None),
        Err(EncodingError::Unknown { .. }) => Err(StoreError::newer(event)),
        Err(error) => Err(corrupt(error.to_string())),
    }
}

/// Hands over the messages of a filter behind a sequence, in order, until there is no more or it is told to stop.
async fn scan(
    jetstream: &JetStream,
    stream: StreamName,
    filter_subject: String,
    after: u64,
    mut each: impl FnMut(Raw) -> Result<bool, StoreError> + Send,
) -> Result<(), StoreError> {
    let config = pull::Config {
        deliver_policy: DeliverPolicy::ByStartSequence { start_sequence: after + 1 },
        ack_policy: AckPolicy::None,
        filter_subject,
        inactive_threshold: INACTIVE,
        memory_storage: true,
        num_replicas: 1,
        ..pull::Config::default()
    };
    let held = jetstream.stream(stream).await?;
    let consumer = held.create_consumer(config).await.map_err(|error| unavailable(&error))?;
    let (mut pending, mut received) = (consumer.cached_info().num_pending, 0);
    'reading: while pending > 0 {
        let before = received;
        let fetched = consumer.fetch().max_messages(BATCH).messages().await;
        let mut messages = fetched.map_err(|error| unavailable(&error))?;
        while let Some(message) = messages.next().await {
            let message = message.map_err(|error| unavailable(&error))?;
            let info = message.info().map_err(|error| unavailable(&error))?;
            received += 1;
            if info.consumer_sequence != received {
                return Err(unavailable(&"a message was lost on its way"));
            }
            pending = info.pending;
            let (sequence, published) = (info.stream_sequence, info.published);
            if !each(Raw::delivered(message.message, sequence, published))? {
                break 'reading;
            }
        }
        if received == before {
            // Nothing came, late or gone: the server is asked anew what is left.
            pending = consumer.get_info().await.map_err(|error| unavailable(&error))?.num_pending;
        }
    }
    // It would go by itself, later; until then the server keeps it up to date.
    let _ = held.delete_consumer(&consumer.cached_info().name).await;
    Ok(())
}

fn unavailable(error: &dyn std::fmt::Display) -> StoreError {
    JetStreamError::Unavailable { what: "reading the archive's manifest".to_owned(), reason: error.to_string() }.into()
}
