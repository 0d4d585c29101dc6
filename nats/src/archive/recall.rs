//! How the event store reads what went to the archive: a whole stream, or the history of one aggregate.

use ally_domain::ids::AggregateRef;
use ally_domain::job::Archived;
use ally_domain::ports::{EventReader, History, StoreError};

use super::manifest::{self, InStream};
use super::merged::{Merged, elsewhere, missing};
use super::segment::SegmentName;
use super::slices::Slices;
use crate::event_store::NatsEventStore;
use crate::names::StreamName;

impl NatsEventStore {
    /// A reader of a stream, with what the archive holds of it.
    pub(crate) async fn with_archived(
        &self,
        hot: Box<dyn EventReader>,
        stream: StreamName,
        after: u64,
    ) -> Result<Box<dyn EventReader>, StoreError> {
        // No other stream's events ever leave it.
        if stream != StreamName::Plans {
            return Ok(hot);
        }
        let end = ally_domain::ports::EventLog::last_sequence(self, stream.as_str()).await?;
        let (jetstream, upcasters) = (self.jetstream.clone(), self.upcasters.clone());
        let manifest = InStream { jetstream: jetstream.clone(), upcasters: upcasters.clone(), stream };
        let parts = (Box::new(manifest) as Box<dyn manifest::Manifest>, self.shelf.clone());
        Ok(Box::new(Merged::new(hot, jetstream, upcasters, parts, (stream, after, end))))
    }

    /// A history, with the events before the one that stands for them.
    pub(crate) async fn with_archived_events(
        &self,
        aggregate: &AggregateRef,
        hot: History,
    ) -> Result<History, StoreError> {
        let mut archived = None;
        for event in &hot.events {
            archived = archived.or(manifest::archived(event)?);
        }
        let Some((archived, name)) = archived else { return Ok(hot) };
        let mut whole = match self.archived_events(aggregate, &archived, name.clone()).await {
            Ok(whole) => whole,
            // What a lost segment held is lost; the event that stands for it says how the job ended.
            Err(error) => match manifest::lost(&self.jetstream, StreamName::of(aggregate.kind), &name).await? {
                Some(_) => return Ok(hot),
                None => return Err(error),
            },
        };
        let last = whole.last_sequence();
        // Where not all have left the log yet, some are in both places.
        whole.events.extend(hot.events.into_iter().filter(|event| event.position.sequence > last));
        Ok(whole)
    }

    async fn archived_events(
        &self,
        aggregate: &AggregateRef,
        archived: &Archived,
        name: SegmentName,
    ) -> Result<History, StoreError> {
        let holds = || format!("it holds the events of {aggregate}");
        let shelf = self.shelf.clone().ok_or_else(|| elsewhere(&name, &holds()))?;
        let rejected = |reason: String| StoreError::Rejected { what: format!("looking back at {aggregate}"), reason };
        let stream = StreamName::of(aggregate.kind);
        if !shelf.has(stream, &name).await? {
            return Err(missing(&name, &holds()));
        }
        let mut slices = Slices::open(shelf, stream, name, archived.first.saturating_sub(1)).await?;
        let mut found = Vec::new();
        while slices.peek().await?.is_some_and(|sequence| sequence <= archived.last) {
            let Some(raw) = slices.take() else { break };
            if self.jetstream.names().parse_event(&raw.subject).as_ref() == Some(aggregate) {
                found.push(raw);
            }
        }
        if found.len() as u64 != archived.events {
            let (segment, events) = (&archived.segment, archived.events);
            return Err(rejected(format!("{segment} holds {} of its {events} events", found.len())));
        }
        self.history(aggregate, &found)
    }
}
