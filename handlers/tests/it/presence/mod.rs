//! Nodes of presence over one log and one bucket of leases in memory: whatever happens, everybody is told the same.

mod cluster;
mod feed;
mod interleaved;
mod reaper;
mod refusals;
