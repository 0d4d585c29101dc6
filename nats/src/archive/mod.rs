//! The archive: finished histories, moved out of their stream into compressed segments, and read back from there.
//!
//! A stream keeps an index of its subjects in the server's memory, so a job that ended long ago still costs RAM. Here are
//! the format of a segment, the storage that holds segments, the manifest in the log that names them, the reader that merges them with the stream, and the steps
//! by which a history moves. Deliberately not here: which jobs may go and in which order the steps are done (the archiver in
//! `ally-handlers`), and what stands for a history in the log afterwards (an event of the domain).

mod histories;
mod inventory;
mod line;
mod manifest;
mod merged;
mod recall;
mod retire;
mod segment;
mod shelf;
mod slices;

pub use inventory::{ArchiveLook, Declared, Inventoried, SegmentState};
pub use manifest::Lost;
pub use retire::{NatsArchive, SegmentLimits};
pub use segment::{InvalidSegmentName, SegmentName};
pub use shelf::{InvalidArchive, Shelf, Shelved};
