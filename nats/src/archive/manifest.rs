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
use async_nats::HeaderMap;
use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, pull};
use async_trait::async_trait;
use bytes::Bytes;
use futures::StreamExt;
use serde::{Deserialize, Serialize};

use super::segment::{InvalidSegmentName, SegmentName};
use crate::codec::{self, Raw};
use crate::connection::JetStream;
use crate::copy;
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
}

impl Entry {
    pub(super) fn new(name: &SegmentName, bytes: u64, sha256: String) -> Self {
        let SegmentName { first, last, events, histories, .. } = *name;
        Self { segment: name.to_string(), first, last, events, histories, bytes, sha256 }
    }
}

/// Segments that must be in the archive, with their size where the manifest tells it.
pub(super) type Required = BTreeMap<SegmentName, Option<u64>>;

/// What a reader asks of the manifest.
#[async_trait]
pub(super) trait Manifest: Send {
    /// The sequence of the newest entry; 0 when there is none. As long as it is the same, so is the manifest.
    async fn newest(&self) -> Result<u64, StoreError>;

    /// The segments that hold events behind a sequence.
    async fn required(&self, after: u64) -> Result<Required, StoreError>;
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

    async fn required(&self, after: u64) -> Result<Required, StoreError> {
        required(&self.jetstream, &self.upcasters, self.stream, after).await
    }
}

/// Writes the entry of a segment. Writing it twice stores it once.
pub(super) async fn record(jetstream: &JetStream, stream: StreamName, entry: &Entry) -> Result<(), StoreError> {
    let what = format!("the manifest's entry for the segment {}", entry.segment);
    let refused = |reason: String| StoreError::Rejected { what: what.clone(), reason };
    let payload = serde_json::to_vec(entry).map_err(|error| refused(error.to_string()))?;
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, "application/json");
    headers.insert(header::EXPECTED_SEQUENCE, "0");
    let subject = jetstream.names().archive_segment(stream, &entry.segment);
    // A segment has one subject and is never changed: what is there already says the same.
    copy::publish(jetstream, &what, subject, headers, Bytes::from(payload)).await?;
    Ok(())
}

/// The segments that hold events behind a sequence. What says so stands behind these events, so nothing before is read.
pub(super) async fn required(
    jetstream: &JetStream,
    upcasters: &Upcasters,
    stream: StreamName,
    after: u64,
) -> Result<Required, StoreError> {
    let mut required = Required::new();
    let mut first_entry = u64::MAX;
    scan(jetstream, stream, jetstream.names().archive_segments(stream), after, |raw| {
        first_entry = first_entry.min(raw.sequence);
        let unreadable = |reason: String| StoreError::Rejected {
            what: format!("reading the manifest of the archive at {stream}:{}", raw.sequence),
            reason,
        };
        let entry: Entry = serde_json::from_slice(&raw.payload).map_err(|error| unreadable(error.to_string()))?;
        let name = entry.segment.parse().map_err(|error: InvalidSegmentName| unreadable(error.to_string()))?;
        required.insert(name, Some(entry.bytes));
        Ok(true)
    })
    .await?;
    let archived_events = jetstream.names().event_of_all(AggregateKind::Job, ARCHIVED);
    scan(jetstream, stream, archived_events, after, |raw| {
        if raw.sequence > first_entry {
            return Ok(false);
        }
        if let Ok(event) = codec::decode(jetstream.names(), upcasters, stream, &raw)
            && let Some((_, name)) = archived(&event)?
        {
            required.entry(name).or_default();
        }
        Ok(true)
    })
    .await?;
    required.retain(|name, _| name.last > after);
    Ok(required)
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
