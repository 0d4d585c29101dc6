//! The events of plan jobs as they enter the log, for whoever follows a job or an athlete on this node.
//!
//! One reader serves all followers of a node, and reads only while there are any: a walk that nobody watches costs nothing.
//! Deliberately not here: what was before somebody began to follow. They read it from the log once they are followers, up to the
//! [place](JobFollower::add_all) of the reader; what is behind it is told.

mod feed;
mod followers;

pub use feed::JobFeed;
pub use followers::{End, JobFollower, Notice};
