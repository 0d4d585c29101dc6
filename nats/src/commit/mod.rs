//! Group commit. An append goes out alone while the log is idle; when a queue forms, appends to different aggregates
//! share an atomic batch, because the server then pays for one flush to disk instead of many.
//!
//! Each stream has one queue in a process. What is sent, and how an answer is read, lives in the modules below.

mod flight;
mod publish;
mod queue;
mod recent;
mod resolve;
mod unit;

use ally_domain::envelope::TraceContext;
use ally_domain::ports::{Appended, StoreError};
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use crate::connection::JetStream;
use crate::names::StreamName;

pub(crate) use unit::Unit;

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
    /// Why the last attempt did not succeed.
    why: String,
}

impl Waiting {
    fn is_single(&self) -> bool {
        self.unit.messages.len() == 1
    }

    fn answer(self, answer: Result<Appended, StoreError>) {
        // Whoever asked may have gone; the events are stored all the same.
        let _ = self.reply.send(answer);
    }
}

/// The way into the queue of one stream.
#[derive(Debug, Clone)]
pub(crate) struct Committer {
    jetstream: JetStream,
    queue: mpsc::Sender<Waiting>,
}

impl Committer {
    /// Starts the queue; it ends, after its last append, when all handles to it are gone.
    pub(crate) fn start(jetstream: JetStream, stream: StreamName) -> Self {
        let (queue, waiting) = mpsc::channel(jetstream.config().commit.max_waiting.max(1));
        tokio::spawn(queue::Queue::new(jetstream.clone(), stream, waiting).run());
        Self { jetstream, queue }
    }

    /// Waits for the answer: stored, stored before, a conflict, or why nobody knows.
    pub(crate) async fn append(&self, unit: Unit, trace: TraceContext) -> Result<Appended, StoreError> {
        let (reply, answer) = oneshot::channel();
        let deadline = Instant::now() + self.jetstream.config().commit.deadline;
        let waiting =
            Waiting { unit, reply, deadline, trace, attempts: 0, uncertain: false, alone: false, why: String::new() };
        let ended = || StoreError::Unavailable { reason: "the queue of appends has ended".to_owned() };
        self.queue.send(waiting).await.map_err(|_| ended())?;
        answer.await.map_err(|_| ended())?
    }
}
