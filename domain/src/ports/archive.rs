//! What passes between the archiver and the archive.

use time::OffsetDateTime;

use super::History;
use crate::ids::AggregateRef;

/// A finished history in a piece of the archive.
#[derive(Debug, Clone)]
pub struct Copied {
    /// Whose events.
    pub aggregate: AggregateRef,
    /// The sequence of its first event.
    pub first: u64,
    /// The sequence of its last event.
    pub last: u64,
    /// How many events it has.
    pub events: u64,
    /// The events, as they were read back from there.
    pub history: History,
}

/// A piece of the archive: whole histories, written once, never changed.
#[derive(Debug, Clone)]
pub struct Segment {
    /// Its name in the archive.
    pub name: String,
    /// The sequence of its first event.
    pub first: u64,
    /// The sequence of its last event.
    pub last: u64,
    /// How many events it holds.
    pub events: u64,
    /// How large these are, as JSON.
    pub raw_bytes: u64,
    /// How large it is in the archive.
    pub bytes: u64,
    /// The histories in it.
    pub histories: Vec<Copied>,
}

/// What may go to the archive: jobs that ended for good, before a time and at or before a position, behind another.
#[derive(Debug, Clone, Copy)]
pub struct Due {
    /// Ends that were stored before this time.
    pub ended_before: OffsetDateTime,
    /// Ends behind this sequence: where the last piece left off.
    pub after: u64,
    /// Ends up to this sequence: as far as every view has read.
    pub up_to: u64,
}

/// What a look at the log found due.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Found {
    /// Jobs.
    pub jobs: u64,
    /// When the oldest of them ended.
    pub oldest: Option<OffsetDateTime>,
}
