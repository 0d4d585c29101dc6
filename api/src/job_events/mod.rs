//! The events of jobs as server-sent events: of one job, or of all jobs of an athlete.
//!
//! A stream begins with what is (`snapshot`), or, for a client that comes back with the id of its last event, with exactly what it
//! missed. Then each event of the log is told once, in order. The ids are places in the log, so any node takes up where another one
//! ended. Deliberately not here: the reading of the log (`ally_handlers::job_feed`) and how a job is folded
//! (`ally_projections::job_status`).

mod begin;
mod event_type;
mod histories;
mod history;
mod message;
mod observe;
mod stream;
mod turns;

pub(crate) use begin::Since;
pub(crate) use event_type::JobEventType;
pub(crate) use message::{EndBody, JobEventBody, ResyncBody, ResyncReason, SnapshotBody, name};
pub(crate) use stream::JobStream;

use std::sync::Arc;
use std::time::Duration;

use ally_domain::ports::Clock;
use ally_handlers::job_feed::JobFeed;
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;

use self::turns::Turns;
use crate::event_stream::Open;

/// Histories that are read at once for all streams of a node that begin.
const MAX_READS: usize = 6;

/// What one client may have of streams, and how they are kept.
#[derive(Debug, Clone)]
pub struct StreamLimits {
    /// Streams of one athlete at once, on this node; 0 is no limit.
    pub per_athlete: usize,
    /// Streams of one client address at once, on this node; 0 is no limit.
    pub per_address: usize,
    /// Streams at once, on this node.
    pub in_all: usize,
    /// How long a client may take to read what it is sent.
    pub patience: Duration,
    /// How old a stream may become; one is no older than its token.
    pub max_age: Duration,
    /// How often a stream that has nothing to tell sends a comment, so that no proxy closes it.
    pub comment_every: Duration,
}

impl Default for StreamLimits {
    fn default() -> Self {
        Self {
            per_athlete: 64,
            per_address: 2_048,
            in_all: 6_000,
            patience: Duration::from_secs(10),
            max_age: Duration::from_secs(24 * 3_600),
            comment_every: Duration::from_secs(15),
        }
    }
}

/// What streams of this node are served with. Cheap to clone.
#[derive(Clone)]
pub(crate) struct JobStreams {
    pub feed: JobFeed,
    pub clock: Arc<dyn Clock>,
    pub limits: Arc<StreamLimits>,
    pub open: Arc<Open>,
    pub tasks: TaskTracker,
    /// Histories that are read for streams that begin, so that commands and polls of others are read as well.
    pub reads: Arc<Semaphore>,
    /// Streams of all jobs that begin, one at a time of each athlete: their share of `reads` is that of one.
    turns: Arc<Turns>,
}

impl JobStreams {
    pub(crate) fn new(feed: JobFeed, clock: Arc<dyn Clock>, limits: StreamLimits) -> Self {
        observe::begin_series();
        Self {
            feed,
            clock,
            limits: Arc::new(limits),
            open: Arc::default(),
            tasks: TaskTracker::new(),
            reads: Arc::new(Semaphore::new(MAX_READS)),
            turns: Arc::default(),
        }
    }
}
