//! What is in the archive, held against what the log says must be there.

use std::fmt;

use ally_domain::ports::StoreError;

use super::manifest;
use super::segment::SegmentName;
use crate::event_store::NatsEventStore;
use crate::names::StreamName;

/// How it stands with a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SegmentState {
    /// It is there, and all of it has left its stream.
    Finished,
    /// It is there; the next run goes through its jobs again.
    Begun,
    /// The log names it and the storage does not hold it: its events can be read nowhere.
    Missing,
    /// It is there with another size than the log says.
    Damaged,
}

impl SegmentState {
    /// Whether its events can be read.
    #[must_use]
    pub const fn is_whole(self) -> bool {
        matches!(self, Self::Finished | Self::Begun)
    }

    /// `finished`, `begun`, `missing`, `damaged`
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Finished => "finished",
            Self::Begun => "begun",
            Self::Missing => "missing",
            Self::Damaged => "damaged",
        }
    }
}

impl fmt::Display for SegmentState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A segment of the storage or of the manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inventoried {
    /// What it is called, which tells what it holds.
    pub name: SegmentName,
    /// Its size in the storage; 0 when it is not there.
    pub bytes: u64,
    /// How it stands with it.
    pub state: SegmentState,
}

impl NatsEventStore {
    /// Every segment that the storage holds or the log names, by its first sequence. Names and sizes only: what is inside
    /// is checked by [`NatsArchive::read`](super::NatsArchive::read).
    ///
    /// # Errors
    /// When the log or the storage does not answer.
    pub async fn inventory(&self) -> Result<Vec<Inventoried>, StoreError> {
        let stream = StreamName::Plans;
        // The log first: what it names was in the storage before.
        let mut required = manifest::required(&self.jetstream, &self.upcasters, stream, 0).await?;
        let shelved = match &self.shelf {
            Some(shelf) => shelf.list(stream).await?,
            None => Vec::new(),
        };
        let mut found: Vec<_> = shelved
            .into_iter()
            .map(|shelved| {
                let whole = required.remove(&shelved.name).flatten().is_none_or(|bytes| bytes == shelved.bytes);
                let state = match (whole, shelved.finished) {
                    (false, _) => SegmentState::Damaged,
                    (true, true) => SegmentState::Finished,
                    (true, false) => SegmentState::Begun,
                };
                Inventoried { name: shelved.name, bytes: shelved.bytes, state }
            })
            .collect();
        found.extend(required.into_keys().map(|name| Inventoried { name, bytes: 0, state: SegmentState::Missing }));
        found.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(found)
    }
}
