//! How many jobs wait, as admission needs it: asked of the views now and then, within a short deadline. What is accepted goes to the
//! log, so views that do not answer keep nobody waiting and refuse nobody.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ally_telemetry::names;
use tokio::time::Instant;

use crate::ports::Views;

/// How often the views are asked, at most. The limit protects against thousands too many, not against one.
const EVERY: Duration = Duration::from_millis(500);
/// How long a request waits for their answer.
const DEADLINE: Duration = Duration::from_millis(250);
/// How long an answer holds while there is no newer one: by then the workers may have emptied the queue.
const HOLDS: Duration = Duration::from_secs(10);

/// The depth of the queue. Clones share it.
#[derive(Clone)]
pub(crate) struct QueueDepth {
    views: Arc<dyn Views>,
    known: Arc<Mutex<Known>>,
}

#[derive(Default)]
struct Known {
    depth: Option<(Instant, u64)>,
    asked: Option<Instant>,
    silent: bool,
}

impl QueueDepth {
    pub(crate) fn new(views: Arc<dyn Views>) -> Self {
        Self { views, known: Arc::default() }
    }

    /// The depth as far as it is known; none while nobody can tell.
    pub(crate) async fn get(&self) -> Option<u64> {
        if self.is_due() {
            self.ask().await;
        }
        self.known().depth.filter(|(at, _)| at.elapsed() < HOLDS).map(|(_, depth)| depth)
    }

    /// One request asks for all, and after a failure none asks for a while.
    fn is_due(&self) -> bool {
        let mut known = self.known();
        let due = known.asked.is_none_or(|asked| asked.elapsed() >= EVERY);
        if due {
            known.asked = Some(Instant::now());
        }
        due
    }

    async fn ask(&self) {
        let answer = tokio::time::timeout(DEADLINE, self.views.queued()).await;
        let answer = answer
            .map_err(|_| format!("no answer within {} ms", DEADLINE.as_millis()))
            .and_then(|answer| answer.map_err(|error| error.to_string()));
        let mut known = self.known();
        match answer {
            Ok(depth) => {
                known.depth = Some((Instant::now(), depth));
                if std::mem::take(&mut known.silent) {
                    tracing::info!(depth, "the depth of the queue is known again");
                }
            }
            Err(why) => {
                metrics::counter!(names::ADMISSION_UNMEASURED_TOTAL).increment(1);
                if !std::mem::replace(&mut known.silent, true) {
                    tracing::warn!(
                        why,
                        "the views do not tell how many jobs wait; jobs are accepted as before, and soon whatever waits"
                    );
                }
            }
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        // Each field is written whole.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
