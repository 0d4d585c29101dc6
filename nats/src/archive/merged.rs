//! A stream read together with its archive, as if no event had ever left it: in order of sequence, each event once.
//!
//! An event leaves the stream only when the segment that holds it is there and the manifest names it. So whoever has just
//! read from the stream and then looks which segments there must be knows of every event that was missing in what they read.
//! A segment that must be there and is not stops the reader before the first event that could be behind the hole. A segment is opened when
//! the reader gets to its first event; its frames are read one at a time.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use ally_domain::envelope::Recorded;
use ally_domain::ports::{EventReader, ReadBatch, Skipped, StoreError};
use async_trait::async_trait;
use bytes::Bytes;

use super::manifest::{self, Manifest, Named};
use super::segment::SegmentName;
use super::shelf::Shelf;
use super::slices::Slices;
use crate::codec;
use crate::connection::JetStream;
use crate::event_log::skipped;
use crate::names::StreamName;
use crate::upcast::Upcasters;

/// The reader of a stream that events may have left for an archive.
pub(crate) struct Merged {
    hot: Box<dyn EventReader>,
    jetstream: JetStream,
    upcasters: Arc<Upcasters>,
    manifest: Box<dyn Manifest>,
    /// Where segments are; none when this process was not told.
    shelf: Option<Shelf>,
    stream: StreamName,
    /// Behind which sequence it was opened, and where the stream ended then.
    opened: (u64, u64),
    /// The last sequence that was handed out.
    after: u64,
    /// Read from the stream and not handed out yet.
    ahead: VecDeque<Recorded>,
    /// Messages that are no events for this version, not told yet.
    skipped: Vec<Skipped>,
    /// What the stream held behind these.
    hot_pending: u64,
    /// Segments that the storage was seen to hold.
    listed: HashSet<SegmentName>,
    /// Segments that were declared lost and are not there.
    lost: HashSet<SegmentName>,
    /// What was announced in the storage and in the manifest when the segments were listed; `None` before they were.
    seen: Option<(Option<Bytes>, u64)>,
    /// Segments that begin farther on, by their first sequence.
    later: VecDeque<SegmentName>,
    open: Vec<Slices>,
}

impl Merged {
    /// A reader behind a sequence of a stream that ended with another. `hot` must have been opened behind the same one.
    pub(crate) fn new(
        hot: Box<dyn EventReader>,
        jetstream: JetStream,
        upcasters: Arc<Upcasters>,
        (manifest, shelf): (Box<dyn Manifest>, Option<Shelf>),
        (stream, after, end): (StreamName, u64, u64),
    ) -> Self {
        Self {
            hot,
            jetstream,
            upcasters,
            manifest,
            shelf,
            stream,
            opened: (after, end),
            after,
            ahead: VecDeque::new(),
            skipped: Vec::new(),
            hot_pending: 0,
            listed: HashSet::new(),
            lost: HashSet::new(),
            seen: None,
            later: VecDeque::new(),
            open: Vec::new(),
        }
    }

    /// Reads on in the stream; numbers that are missing there may be in a segment that was not there before.
    async fn read_ahead(&mut self, max: usize, wait: Duration) -> Result<(), StoreError> {
        let batch = self.hot.next(max, wait).await?;
        self.hot_pending = batch.pending;
        let mut last = self.after;
        let gaps = batch.events.iter().any(|event| {
            let gap = event.position.sequence != last + 1;
            last = event.position.sequence;
            gap
        });
        self.ahead.extend(batch.events);
        self.skipped.extend(batch.skipped);
        if gaps { self.look_for_segments().await } else { Ok(()) }
    }

    async fn look_for_segments(&mut self) -> Result<(), StoreError> {
        // Asked before the lists are made: what is announced meanwhile makes the next look list again.
        let news = match &self.shelf {
            Some(shelf) => shelf.news(self.stream).await?,
            None => None,
        };
        let seen = (news, self.manifest.newest().await?);
        if self.seen.as_ref() == Some(&seen) {
            return Ok(());
        }
        let named = self.manifest.named(self.after).await?;
        let mut later: Vec<_> = self.later.drain(..).collect();
        if let Some(shelf) = &self.shelf {
            for segment in shelf.list(self.stream).await? {
                if named.is_lost(&segment.name, segment.bytes) {
                    continue;
                }
                let new = self.listed.insert(segment.name.clone());
                if new && segment.name.last > self.after {
                    later.push(segment.name);
                }
            }
        }
        later.sort();
        self.later = later.into();
        self.check(&named)?;
        self.tell_lost(named);
        self.seen = Some(seen);
        Ok(())
    }

    /// Whether all segments are there that must be.
    fn check(&self, named: &Named) -> Result<(), StoreError> {
        let mut missing = named.required.keys().filter(|name| !self.listed.contains(name));
        let Some(first) = missing.next() else { return Ok(()) };
        let more = missing.count();
        let but = if more == 0 { String::new() } else { format!(", and {more} more") };
        Err(self.missing(first, &format!("it holds events {} to {}{but}", first.first, first.last)))
    }

    /// Remembers which segments were declared lost; each that would be read here is told once.
    fn tell_lost(&mut self, named: Named) {
        for (name, (lost, _)) in named.lost {
            if name.last > self.after && !self.listed.contains(&name) && self.lost.insert(name.clone()) {
                let (segment, by, note) = (name.to_string(), lost.actor, lost.note);
                tracing::warn!(segment, by, note, "reading on without the events of a segment that was declared lost");
            }
        }
    }

    /// An event that stands for others says where these are: they must have been read from there. The manifest tells earlier;
    /// this is for what an archiver wrote that keeps none.
    fn check_passed(&self, event: &Recorded) -> Result<(), StoreError> {
        let (after, end) = self.opened;
        if event.position.sequence > end {
            // They left after this reader was opened: the look at the gap that they left has found their segment.
            return Ok(());
        }
        match manifest::archived(event)? {
            Some((archived, name))
                if archived.last > after && !self.listed.contains(&name) && !self.lost.contains(&name) =>
            {
                Err(self.missing(&name, &format!("it holds the events of {}", event.aggregate)))
            }
            _ => Ok(()),
        }
    }

    fn missing(&self, name: &SegmentName, holds: &str) -> StoreError {
        match self.shelf {
            Some(_) => missing(name, holds),
            None => elsewhere(name, holds),
        }
    }

    /// The open segment whose next message comes first, with its sequence. A further one is opened when it begins before
    /// that: however many there are, only those are in memory that lie beside each other.
    async fn first_archived(&mut self, before: u64) -> Result<Option<(u64, usize)>, StoreError> {
        loop {
            let first = self.first_open(before).await?;
            let before = first.map_or(before, |(sequence, _)| sequence);
            let Some(shelf) = &self.shelf else { return Ok(first) };
            let Some(name) = self.later.pop_front_if(|name| name.first < before) else { return Ok(first) };
            let opened = Slices::open(shelf.clone(), self.stream, name, self.after).await?;
            self.open.push(opened);
        }
    }

    async fn first_open(&mut self, before: u64) -> Result<Option<(u64, usize)>, StoreError> {
        let mut first: Option<(u64, usize)> = None;
        let mut n = 0;
        while n < self.open.len() {
            // What was handed out already, from the stream or from another segment, is passed over.
            let mut next = self.open[n].peek().await?;
            while next.is_some_and(|sequence| sequence <= self.after) {
                self.open[n].take();
                next = self.open[n].peek().await?;
            }
            let Some(sequence) = next else {
                self.open.swap_remove(n);
                continue;
            };
            if sequence < first.map_or(before, |(least, _)| least) {
                first = Some((sequence, n));
            }
            n += 1;
        }
        Ok(first)
    }

    fn pending(&self) -> u64 {
        let later: u64 = self.later.iter().map(|name| name.events).sum();
        let open: u64 = self.open.iter().map(Slices::left).sum();
        self.hot_pending + self.ahead.len() as u64 + open + later
    }
}

#[async_trait]
impl EventReader for Merged {
    async fn next(&mut self, max: usize, wait: Duration) -> Result<ReadBatch, StoreError> {
        if self.ahead.is_empty() {
            self.read_ahead(max, wait).await?;
        }
        let mut batch = ReadBatch::default();
        // Behind the next event of the stream nothing is known yet, so nothing of the archive is handed out from there.
        while batch.events.len() < max
            && let Some(next) = self.ahead.front().map(|event| event.position.sequence)
        {
            match self.first_archived(next).await? {
                Some((sequence, n)) => {
                    self.after = sequence;
                    let Some(raw) = self.open[n].take() else { continue };
                    match codec::decode(self.jetstream.names(), &self.upcasters, self.stream, &raw) {
                        Ok(event) => batch.events.push(event),
                        Err(unreadable) => batch.skipped.push(skipped(self.stream, &raw, &unreadable)),
                    }
                }
                None => {
                    if let Some(event) = self.ahead.front() {
                        self.check_passed(event)?;
                    }
                    self.after = next;
                    batch.events.extend(self.ahead.pop_front());
                }
            }
        }
        if self.ahead.is_empty() {
            // What is in the archive as well as in the stream is not to come again.
            self.first_archived(self.after + 1).await?;
        }
        batch.skipped.append(&mut self.skipped);
        batch.pending = self.pending();
        Ok(batch)
    }
}

/// A segment that is named and not there.
pub(super) fn missing(name: &SegmentName, holds: &str) -> StoreError {
    StoreError::ArchiveMissing {
        segment: name.to_string(),
        reason: format!(
            "{holds}; put it back from a backup, or set ARCHIVE_URL to where the whole archive is kept \
             (`ally archive list` shows what is missing)"
        ),
    }
}

/// A segment that this process was not told the place of.
pub(super) fn elsewhere(name: &SegmentName, holds: &str) -> StoreError {
    StoreError::ArchiveMissing {
        segment: name.to_string(),
        reason: format!("{holds}, and this process knows of no archive; set ARCHIVE_URL to where the archive is kept"),
    }
}

#[cfg(test)]
mod tests {
    use ally_domain::envelope::Position;
    use ally_domain::ids::AggregateRef;
    use ally_domain::testing::conformance::{event, new_context, new_job};
    use time::OffsetDateTime;

    use super::super::manifest::Required;

    use super::super::segment;
    use super::*;
    use crate::codec::Raw;
    use crate::config::NatsConfig;

    const SEGMENTS: u64 = 20;
    const EVENTS: u64 = 10;

    /// A stream of which one event is left, behind all that went to the archive.
    struct Left(Option<Recorded>);

    #[async_trait]
    impl EventReader for Left {
        async fn next(&mut self, _max: usize, _wait: Duration) -> Result<ReadBatch, StoreError> {
            Ok(ReadBatch { events: self.0.take().into_iter().collect(), ..ReadBatch::default() })
        }
    }

    /// A manifest that names what there is.
    struct Names(Required);

    #[async_trait]
    impl Manifest for Names {
        async fn newest(&self) -> Result<u64, StoreError> {
            Ok(1)
        }

        async fn named(&self, after: u64) -> Result<Named, StoreError> {
            let behind = self.0.iter().filter(|(name, _)| name.last > after);
            let required = behind.map(|(name, it)| (name.clone(), *it)).collect();
            Ok(Named { required, ..Named::default() })
        }
    }

    fn raw(jetstream: &JetStream, job: &AggregateRef, sequence: u64) -> Raw {
        let (event, context) = (event("progressed", 1), Arc::new(new_context()));
        let id = format!("{}:1", context.command_id);
        let told = codec::encode(jetstream.names(), job, event, &context, id, &context.trace).unwrap();
        let (headers, stored_at) = (told.header_map(), OffsetDateTime::UNIX_EPOCH);
        Raw { subject: told.subject.to_string(), sequence, headers, payload: told.payload, stored_at }
    }

    #[tokio::test]
    async fn only_segments_that_lie_beside_each_other_are_in_memory() {
        let folder = tempfile::tempdir().unwrap();
        let shelf = Shelf::open(&format!("file://{}", folder.path().display()), "t").unwrap();
        // Nothing is asked of the server.
        let jetstream = JetStream::connect(NatsConfig::new("nats://127.0.0.1:1")).await.unwrap();
        let (job, stream) = (new_job(), StreamName::Plans);
        let mut named = Required::new();
        for n in 0..SEGMENTS {
            // Each lies half beside the next.
            let raws: Vec<_> = (0..EVENTS).map(|m| raw(&jetstream, &job, 1 + n * EVENTS + m * 2 - m % 2)).collect();
            let written = segment::encode(stream.as_str(), &raws, 1).unwrap();
            shelf.put(stream, &written.name, written.bytes).await.unwrap();
            named.insert(written.name, None);
        }
        shelf.announce(stream).await.unwrap();
        let last = raw(&jetstream, &job, 10_000);
        let last = codec::decode(jetstream.names(), &Upcasters::default(), stream, &last).unwrap();
        let left = Box::new(Left(Some(last)));
        let mut merged = Merged::new(
            left,
            jetstream,
            Arc::new(Upcasters::default()),
            (Box::new(Names(named)), Some(shelf)),
            (stream, 0, 10_000),
        );
        let mut read: Vec<Position> = Vec::new();
        while read.last().is_none_or(|position| position.sequence < 10_000) {
            read.extend(merged.next(7, Duration::ZERO).await.unwrap().events.into_iter().map(|event| event.position));
            assert!(merged.open.len() <= 3, "{} of {SEGMENTS} segments are open", merged.open.len());
        }
        assert!(read.is_sorted_by(|one, next| one.sequence < next.sequence), "{read:?}");
        assert_eq!(read.len() as u64, SEGMENTS * EVENTS + 1);
    }
}
