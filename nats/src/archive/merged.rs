//! A stream read together with its archive, as if no event had ever left it: in order of sequence, each event once.
//!
//! An event leaves the stream only when the segment that holds it is there. So whoever has just read from the stream and
//! then looks which segments there are knows of every event that was missing in what they read. A segment is opened when
//! the reader gets to its first event; its frames are read one at a time.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use ally_domain::envelope::Recorded;
use ally_domain::ports::{EventReader, ReadBatch, StoreError};
use async_trait::async_trait;
use bytes::Bytes;

use super::segment::SegmentName;
use super::shelf::Shelf;
use super::slices::Slices;
use crate::codec;
use crate::connection::JetStream;
use crate::event_log::skipped;
use crate::names::StreamName;
use crate::upcast::Upcasters;

/// The reader of a stream with an archive.
pub(crate) struct Merged {
    hot: Box<dyn EventReader>,
    jetstream: JetStream,
    upcasters: Arc<Upcasters>,
    shelf: Shelf,
    stream: StreamName,
    /// The last sequence that was handed out.
    after: u64,
    /// Read from the stream and not handed out yet.
    ahead: VecDeque<Recorded>,
    /// What the stream held behind these.
    hot_pending: u64,
    known: HashSet<SegmentName>,
    /// What was announced when the segments were listed; `None` before they were.
    news: Option<Option<Bytes>>,
    /// Segments that begin farther on, by their first sequence.
    later: VecDeque<SegmentName>,
    open: Vec<Slices>,
}

impl Merged {
    /// A reader behind a sequence. `hot` must have been opened behind the same one.
    pub(crate) fn new(
        hot: Box<dyn EventReader>,
        jetstream: JetStream,
        upcasters: Arc<Upcasters>,
        shelf: Shelf,
        (stream, after): (StreamName, u64),
    ) -> Self {
        Self {
            hot,
            jetstream,
            upcasters,
            shelf,
            stream,
            after,
            ahead: VecDeque::new(),
            hot_pending: 0,
            known: HashSet::new(),
            news: None,
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
        if gaps { self.look_for_segments().await } else { Ok(()) }
    }

    async fn look_for_segments(&mut self) -> Result<(), StoreError> {
        // Asked before the list is made: what is announced meanwhile makes the next look list again.
        let news = self.shelf.news(self.stream).await?;
        if self.news.as_ref() == Some(&news) {
            return Ok(());
        }
        self.news = Some(news);
        let mut later: Vec<_> = self.later.drain(..).collect();
        for segment in self.shelf.list(self.stream).await? {
            if segment.name.last > self.after && self.known.insert(segment.name.clone()) {
                later.push(segment.name);
            }
        }
        later.sort();
        self.later = later.into();
        Ok(())
    }

    /// The open segment whose next message comes first, with its sequence. A further one is opened when it begins before
    /// that: however many there are, only those are in memory that lie beside each other.
    async fn first_archived(&mut self, before: u64) -> Result<Option<(u64, usize)>, StoreError> {
        loop {
            let first = self.first_open(before).await?;
            let before = first.map_or(before, |(sequence, _)| sequence);
            let Some(name) = self.later.pop_front_if(|name| name.first < before) else { return Ok(first) };
            let opened = Slices::open(self.shelf.clone(), self.stream, name, self.after).await?;
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
                        Err(unreadable) => skipped(self.stream, &raw, &unreadable),
                    }
                }
                None => {
                    self.after = next;
                    batch.events.extend(self.ahead.pop_front());
                }
            }
        }
        if self.ahead.is_empty() {
            // What is in the archive as well as in the stream is not to come again.
            self.first_archived(self.after + 1).await?;
        }
        batch.pending = self.pending();
        Ok(batch)
    }
}

#[cfg(test)]
mod tests {
    use ally_domain::envelope::Position;
    use ally_domain::ids::AggregateRef;
    use ally_domain::testing::conformance::{event, new_context, new_job};
    use time::OffsetDateTime;

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
            Ok(ReadBatch { events: self.0.take().into_iter().collect(), pending: 0 })
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
        for n in 0..SEGMENTS {
            // Each lies half beside the next.
            let raws: Vec<_> = (0..EVENTS).map(|m| raw(&jetstream, &job, 1 + n * EVENTS + m * 2 - m % 2)).collect();
            let written = segment::encode(stream.as_str(), &raws, 1).unwrap();
            shelf.put(stream, &written.name, written.bytes).await.unwrap();
        }
        shelf.announce(stream).await.unwrap();
        let last = raw(&jetstream, &job, 10_000);
        let last = codec::decode(jetstream.names(), &Upcasters::default(), stream, &last).unwrap();
        let left = Box::new(Left(Some(last)));
        let mut merged = Merged::new(left, jetstream, Arc::new(Upcasters::default()), shelf, (stream, 0));
        let mut read: Vec<Position> = Vec::new();
        while read.last().is_none_or(|position| position.sequence < 10_000) {
            read.extend(merged.next(7, Duration::ZERO).await.unwrap().events.into_iter().map(|event| event.position));
            assert!(merged.open.len() <= 3, "{} of {SEGMENTS} segments are open", merged.open.len());
        }
        assert!(read.is_sorted_by(|one, next| one.sequence < next.sequence), "{read:?}");
        assert_eq!(read.len() as u64, SEGMENTS * EVENTS + 1);
    }
}
