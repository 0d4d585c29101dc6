//! Reads a segment forward from a sequence, a frame at a time: what is in memory does not grow with the segment.

use std::collections::VecDeque;

use ally_domain::ports::StoreError;

use super::segment::{self, Frame, SegmentName};
use super::shelf::{Shelf, unreadable};
use crate::codec::Raw;
use crate::names::StreamName;

/// A place in a segment.
#[derive(Debug)]
pub(crate) struct Slices {
    shelf: Shelf,
    stream: StreamName,
    name: SegmentName,
    after: u64,
    frames: VecDeque<Frame>,
    held: VecDeque<Raw>,
}

impl Slices {
    /// Opens a segment behind a sequence.
    pub(crate) async fn open(
        shelf: Shelf,
        stream: StreamName,
        name: SegmentName,
        after: u64,
    ) -> Result<Self, StoreError> {
        let broken = |reason: String| unreadable(&name, &reason);
        let size = shelf.size(stream, &name).await?;
        let end = size.saturating_sub(segment::TAIL_BYTES);
        let tail = shelf.part(stream, &name, end, size).await?;
        let at = segment::footer_at(&tail, size).map_err(broken)?;
        let footer = segment::footer(&shelf.part(stream, &name, at, end).await?).map_err(broken)?;
        let frames = footer.frames.into_iter().filter(|frame| frame.last > after).collect();
        Ok(Self { shelf, stream, name, after, frames, held: VecDeque::new() })
    }

    /// The sequence of the next message; none behind the last.
    pub(crate) async fn peek(&mut self) -> Result<Option<u64>, StoreError> {
        while self.held.is_empty()
            && let Some(frame) = self.frames.pop_front()
        {
            let bytes = self.shelf.part(self.stream, &self.name, frame.at, frame.at + frame.bytes).await?;
            let raws = segment::messages(&frame, &bytes).map_err(|reason| unreadable(&self.name, &reason))?;
            self.held = raws.into_iter().filter(|raw| raw.sequence > self.after).collect();
        }
        Ok(self.held.front().map(|raw| raw.sequence))
    }

    /// The message that was peeked at.
    pub(crate) fn take(&mut self) -> Option<Raw> {
        self.held.pop_front()
    }

    /// How many messages are left, or a few more as long as the first of them was not peeked at.
    pub(crate) fn left(&self) -> u64 {
        self.held.len() as u64 + self.frames.iter().map(|frame| frame.events).sum::<u64>()
    }
}
