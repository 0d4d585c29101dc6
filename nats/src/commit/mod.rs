//! Group commit. An append goes out at once, from the task that asked for it, while few are on their way; when more
//! come, they queue, and appends to different aggregates share an atomic batch, because the server then pays for one
//! flush to disk instead of many.
//!
//! Each stream has one queue in a process. What is sent, and how an answer is read, lives in the modules below.

mod boarding;
mod fleet;
mod flight;
mod publish;
mod queue;
mod resolve;
mod supervise;
mod unit;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use ally_domain::envelope::TraceContext;
use ally_domain::ports::{Appended, StoreError};
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::time::Instant;

use crate::config::CommitConfig;
use crate::connection::JetStream;
use crate::names::StreamName;

use flight::Flight;
pub(crate) use unit::{Numbers, Unit};

/// An append on its way, and where its answer is awaited.
#[derive(Debug)]
struct Waiting {
    unit: Unit,
    reply: oneshot::Sender<Result<Appended, StoreError>>,
    deadline: Instant,
    /// The context of its send span, for links from the batch that carries it.
    trace: TraceContext,
    attempts: u32,
    /// A trip had no answer, so that events found in the log may be this very append's.
    uncertain: bool,
    /// Never to share a batch: its own mistake would fail the others.
    alone: bool,
    /// The log contradicted what this process remembers of its aggregates, as it does where the stream was made anew: the
    /// server's word counts, not the memory.
    contradicted: bool,
    /// Why the last attempt did not succeed.
    why: String,
}

impl Waiting {
    fn is_single(&self) -> bool {
        self.unit.messages.len() == 1
    }

    /// Whoever gave up before anything was sent need not be served.
    fn is_wanted(&self) -> bool {
        self.attempts > 0 || !self.reply.is_closed()
    }

    fn answer(self, answer: Result<Appended, StoreError>) {
        // Whoever asked may have gone; the events are stored all the same.
        let _ = self.reply.send(answer);
    }
}

/// How busy the way to a stream is: seen by those who append, and by the queue.
#[derive(Debug, Default)]
struct Traffic {
    /// Appends that have not been answered.
    open: AtomicUsize,
    /// Appends are sharing batches: whoever comes now joins the queue.
    sharing: AtomicBool,
    /// An append has been answered, so that another may go out.
    answered: Notify,
    /// Tests have the queue break down where it stands.
    #[cfg(feature = "testing")]
    breaks: AtomicBool,
}

/// Counts an append until it is answered, or nobody waits for it any more.
struct Open(Arc<Traffic>);

impl Open {
    fn count(traffic: &Arc<Traffic>) -> (Self, usize) {
        let others = traffic.open.fetch_add(1, Ordering::Relaxed);
        (Self(Arc::clone(traffic)), others)
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::Relaxed);
        self.0.answered.notify_one();
    }
}

/// The way to one stream.
#[derive(Debug, Clone)]
struct Way {
    jetstream: JetStream,
    stream: StreamName,
    traffic: Arc<Traffic>,
}

impl Way {
    fn limits(&self) -> &CommitConfig {
        &self.jetstream.config().commit
    }

    /// How many appends have not been answered.
    fn open(&self) -> usize {
        self.traffic.open.load(Ordering::Relaxed)
    }
}

/// Appends to one stream.
#[derive(Debug, Clone)]
pub(crate) struct Committer {
    way: Way,
    queue: mpsc::Sender<Waiting>,
}

impl Committer {
    /// Starts the queue, under supervision; it ends, after its last append, when all handles to it are gone.
    pub(crate) fn start(jetstream: JetStream, stream: StreamName) -> Self {
        let way = Way { jetstream, stream, traffic: Arc::default() };
        let (queue, waiting) = mpsc::channel(way.limits().max_waiting.max(1));
        tokio::spawn(supervise::run(way.clone(), waiting));
        Self { way, queue }
    }

    /// Has the queue break down at its next step.
    #[cfg(feature = "testing")]
    pub(crate) fn break_down(&self) {
        self.way.traffic.breaks.store(true, Ordering::Relaxed);
        self.way.traffic.answered.notify_one();
    }

    /// Whether appends share batches at the moment.
    pub(crate) fn is_sharing(&self) -> bool {
        self.way.traffic.sharing.load(Ordering::Relaxed)
    }

    /// Waits for the answer: stored, stored before, a conflict, or why nobody knows.
    pub(crate) async fn append(&self, unit: Unit, trace: TraceContext) -> Result<Appended, StoreError> {
        let limits = self.way.limits();
        let (reply, mut answer) = oneshot::channel();
        let deadline = Instant::now() + limits.deadline;
        let waiting = Waiting {
            unit,
            reply,
            deadline,
            trace,
            attempts: 0,
            uncertain: false,
            alone: false,
            contradicted: false,
            why: String::new(),
        };
        let (_open, others) = Open::count(&self.way.traffic);
        let idle = others < limits.share_from && !self.is_sharing();
        let queued = if idle && waiting.is_single() {
            // A task of its own would cost two changes of hands; what is not settled at once goes into the queue.
            // In a box of its own, so that those who queue do not carry the room for it.
            let landed = Box::pin(Flight::send(self.way.clone(), waiting).run()).await;
            landed.again.into_iter().next()
        } else {
            Some(waiting)
        };
        let ended = || StoreError::Unavailable { reason: "the queue of appends has ended".to_owned() };
        match queued {
            Some(waiting) => {
                self.queue.send(waiting).await.map_err(|_| ended())?;
                answer.await.map_err(|_| ended())?
            }
            None => answer.try_recv().map_err(|_| ended())?,
        }
    }
}
