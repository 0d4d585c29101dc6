//! What stands between a route and the log: room in the queue, and commands that outlive a caller who hangs up.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use ally_telemetry::names::limit;
use tokio_util::task::TaskTracker;
use tracing::Instrument as _;

use crate::depth::QueueDepth;
use crate::limits::limited;
use crate::ports::Views;
use crate::problem::{Kind, Problem};

/// When a refused caller should come back.
const COME_BACK: Duration = Duration::from_secs(5);

/// The way of commands. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Gate {
    depth: QueueDepth,
    max_queued: u64,
    running: TaskTracker,
}

impl Gate {
    pub(crate) fn new(views: Arc<dyn Views>, max_queued: u64, running: TaskTracker) -> Self {
        Self { depth: QueueDepth::new(views), max_queued, running }
    }

    /// Refuses new work while the queue is as long as it may be. A view that does not answer refuses nobody: the log
    /// still takes what it can.
    pub(crate) async fn admit(&self) -> Result<(), Problem> {
        self.admit_behind(0).await
    }

    /// The same behind others that are admitted and not in the views yet.
    pub(crate) async fn admit_behind(&self, others: u64) -> Result<(), Problem> {
        let Some(depth) = self.depth.get().await else { return Ok(()) };
        let depth = depth.saturating_add(others);
        if depth < self.max_queued {
            return Ok(());
        }
        limited(limit::QUEUE);
        let detail = format!("{depth} jobs wait, as many as may; nothing was stored");
        Err(Problem::new(Kind::QueueFull, detail).retry_after(COME_BACK))
    }

    /// Runs a command to its end even when the caller hangs up: an append that is under way is never torn, and a drain
    /// waits for it.
    pub(crate) async fn run<T, E>(
        &self,
        command: impl Future<Output = Result<T, E>> + Send + 'static,
    ) -> Result<T, Problem>
    where
        T: Send + 'static,
        E: Into<Problem> + Send + 'static,
    {
        match self.running.spawn(command.in_current_span()).await {
            Ok(outcome) => outcome.map_err(Into::into),
            Err(error) => Err(Problem::internal(error)),
        }
    }
}
