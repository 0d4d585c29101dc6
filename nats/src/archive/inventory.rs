//! What is in the archive, held against what the log says must be there.

use std::fmt;

use ally_domain::ports::StoreError;

use super::manifest::{self, Followed, Lost};
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
    /// It is not there, or damaged, and an operator has declared it lost.
    Lost,
}

impl SegmentState {
    /// Whether its events can be read.
    #[must_use]
    pub const fn is_whole(self) -> bool {
        matches!(self, Self::Finished | Self::Begun)
    }

    /// Whether somebody must do something about it.
    #[must_use]
    pub const fn is_fault(self) -> bool {
        matches!(self, Self::Missing | Self::Damaged)
    }

    /// `finished`, `begun`, `missing`, `damaged`, `lost`
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Finished => "finished",
            Self::Begun => "begun",
            Self::Missing => "missing",
            Self::Damaged => "damaged",
            Self::Lost => "lost",
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
    /// Who declared it lost and why, while it is.
    pub lost: Option<Lost>,
}

/// The archive, looked at again and again: what the log names is read on from the last look.
#[derive(Debug)]
pub struct ArchiveLook {
    store: NatsEventStore,
    followed: Followed,
}

impl ArchiveLook {
    /// Of the archive that a store reads; nothing is read before the first look.
    #[must_use]
    pub fn new(store: NatsEventStore) -> Self {
        Self { store, followed: Followed::default() }
    }

    /// Every segment that the storage holds or the log names, by its first sequence. Names and sizes only: what is inside
    /// is checked by [`NatsArchive::read`](super::NatsArchive::read).
    ///
    /// # Errors
    /// When the log or the storage does not answer.
    pub async fn look(&mut self) -> Result<Vec<Inventoried>, StoreError> {
        let (store, stream) = (&self.store, StreamName::Plans);
        // The log first: what it names was in the storage before.
        let named = self.followed.read_on(&store.jetstream, &store.upcasters, stream).await?;
        let shelved = match &store.shelf {
            Some(shelf) => shelf.list(stream).await?,
            None => Vec::new(),
        };
        let (mut required, mut lost) = (named.required.clone(), named.lost.clone());
        let mut found: Vec<_> = shelved
            .into_iter()
            .map(|shelved| {
                let declared = lost.remove(&shelved.name).filter(|_| named.is_lost(&shelved.name, shelved.bytes));
                let whole = required.remove(&shelved.name).flatten().is_none_or(|bytes| bytes == shelved.bytes);
                let state = match (whole, shelved.finished) {
                    _ if declared.is_some() => SegmentState::Lost,
                    (false, _) => SegmentState::Damaged,
                    (true, true) => SegmentState::Finished,
                    (true, false) => SegmentState::Begun,
                };
                Inventoried { name: shelved.name, bytes: shelved.bytes, state, lost: declared.map(|(lost, _)| lost) }
            })
            .collect();
        let gone = |name, state, lost| Inventoried { name, bytes: 0, state, lost };
        found.extend(required.into_keys().map(|name| gone(name, SegmentState::Missing, None)));
        found.extend(lost.into_iter().map(|(name, (lost, _))| gone(name, SegmentState::Lost, Some(lost))));
        found.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(found)
    }
}

/// What became of the wish to declare a segment lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Declared {
    /// It is lost now.
    Lost,
    /// Somebody has declared it before.
    Already(Lost),
    /// It is there and has its size: nothing was changed.
    Whole,
    /// Neither the log nor the storage knows it.
    Unknown,
}

impl NatsEventStore {
    /// See [`ArchiveLook::look`].
    ///
    /// # Errors
    /// When the log or the storage does not answer.
    pub async fn inventory(&self) -> Result<Vec<Inventoried>, StoreError> {
        ArchiveLook::new(self.clone()).look().await
    }

    /// Declares a segment lost, in somebody's name and for good: whoever reads the log goes on without its events. Should it
    /// come back whole, it is read again.
    ///
    /// # Errors
    /// When the log or the storage does not answer.
    pub async fn declare_lost(&self, name: &SegmentName, lost: Lost) -> Result<Declared, StoreError> {
        let found = self.inventory().await?.into_iter().find(|it| it.name == *name);
        match found {
            None => Ok(Declared::Unknown),
            Some(Inventoried { lost: Some(before), .. }) => Ok(Declared::Already(before)),
            Some(it) if it.state.is_whole() => Ok(Declared::Whole),
            Some(_) => {
                if manifest::record_lost(&self.jetstream, StreamName::Plans, name, lost.clone()).await? {
                    return Ok(Declared::Lost);
                }
                let before = manifest::lost(&self.jetstream, StreamName::Plans, name).await?;
                Ok(Declared::Already(before.unwrap_or(lost)))
            }
        }
    }
}
