//! Jobs that ended long ago leave the log: whatever stops the archiver, nothing is lost or doubled; and an athlete or an
//! operator sees no difference.

mod crash;
mod fault;
mod jobs;
mod missing;
mod whole;
