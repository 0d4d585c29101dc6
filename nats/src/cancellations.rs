//! Who wants a running job stopped: heard live, as the server republishes what it has stored, and looked up in the log now
//! and then for what a broken connection swallowed.
//!
//! One subscription a process, whatever the number of jobs: a watch costs an entry in a map. A consumer of one's own
//! would hand each wish to one worker only, and the worker that has the job is not known to it.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ally_domain::ids::{AggregateId, AggregateKind, AggregateRef, JobId};
use ally_domain::ports::{Cancellations, StopWish};
use futures::StreamExt;
use tokio_util::sync::CancellationToken;

use crate::connection::JetStream;
use crate::names::{STOP_WISH, StreamName, header};
use crate::read::Reader;

/// The event that begins an attempt: only a wish behind it is about it.
const BEGIN: &str = "started";
/// The pause before another try to subscribe.
const PAUSE: Duration = Duration::from_millis(500);

/// Watches jobs for wishes to stop them. Clones share one subscription.
#[derive(Clone)]
pub struct NatsCancellations {
    jetstream: JetStream,
    watched: Arc<Watched>,
    look_every: Duration,
}

/// The jobs that somebody here works on.
#[derive(Default)]
struct Watched(Mutex<HashMap<AggregateId, Watch>>);

struct Watch {
    watchers: usize,
    wish: CancellationToken,
}

/// A job that is watched, until this is dropped.
struct Watching {
    watched: Arc<Watched>,
    job: AggregateId,
    wish: CancellationToken,
}

impl NatsCancellations {
    /// Watches over a connection. Nothing is heard live before [`Self::run`]; every watch looks into the log this often.
    #[must_use]
    pub fn new(jetstream: JetStream, look_every: Duration) -> Self {
        Self { jetstream, watched: Arc::default(), look_every }
    }

    /// Listens until the token is cancelled.
    pub async fn run(self, stop: CancellationToken) {
        let listening = async {
            loop {
                self.listen().await;
                tokio::time::sleep(PAUSE).await;
            }
        };
        let _: Option<()> = stop.run_until_cancelled(listening).await;
    }

    /// Listens until the subscription ends; the client renews it by itself whenever it reconnects.
    async fn listen(&self) {
        let names = self.jetstream.names();
        let subject = names.live_wishes();
        let mut wishes = match self.jetstream.client().subscribe(subject).await {
            Ok(wishes) => wishes,
            Err(error) => return tracing::warn!(%error, "wishes to stop a job are not heard live"),
        };
        while let Some(message) = wishes.next().await {
            let stored_on = message.headers.as_ref().and_then(|headers| headers.get(header::SUBJECT));
            if let Some(job) = stored_on.and_then(|subject| names.parse_event(subject.as_str())) {
                self.watched.tell(&job.id);
            }
        }
    }

    /// Whether the log holds a wish that is about the job's newest attempt. A log that does not answer says nothing.
    async fn asked(&self, job: &AggregateId) -> bool {
        let reader = Reader::new(self.jetstream.clone(), StreamName::Plans);
        let aggregate = AggregateRef { kind: AggregateKind::Job, id: job.clone() };
        let [wish, begin] = [STOP_WISH, BEGIN].map(|event| self.jetstream.names().event(&aggregate, event));
        match futures::try_join!(reader.last(&wish), reader.last(&begin)) {
            Ok((Some(wish), begin)) => begin.is_none_or(|begin| begin.sequence < wish.sequence),
            Ok((None, _)) | Err(_) => false,
        }
    }
}

impl Cancellations for NatsCancellations {
    fn watch(&self, job: &JobId) -> StopWish {
        let watching = Watched::enter(&self.watched, job.into());
        let cancellations = self.clone();
        Box::pin(async move {
            let mut look = tokio::time::interval(cancellations.look_every);
            look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            look.reset();
            loop {
                tokio::select! {
                    () = watching.wish.cancelled() => return,
                    _ = look.tick() => if cancellations.asked(&watching.job).await { return },
                }
            }
        })
    }
}

impl Watched {
    fn enter(watched: &Arc<Self>, job: AggregateId) -> Watching {
        let mut jobs = watched.jobs();
        let watch = jobs.entry(job.clone()).or_insert_with(|| Watch { watchers: 0, wish: CancellationToken::new() });
        watch.watchers += 1;
        Watching { watched: Arc::clone(watched), job, wish: watch.wish.clone() }
    }

    fn tell(&self, job: &AggregateId) {
        if let Some(watch) = self.jobs().get(job) {
            watch.wish.cancel();
        }
    }

    fn jobs(&self) -> MutexGuard<'_, HashMap<AggregateId, Watch>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let mut jobs = self.watched.jobs();
        if let Entry::Occupied(mut watch) = jobs.entry(self.job.clone()) {
            watch.get_mut().watchers -= 1;
            if watch.get().watchers == 0 {
                watch.remove();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_is_remembered_as_long_as_somebody_watches_it() {
        let watched = Arc::new(Watched::default());
        let job: AggregateId = "j1".parse().unwrap();
        let (first, second) = (Watched::enter(&watched, job.clone()), Watched::enter(&watched, job.clone()));
        drop(first);
        watched.tell(&job);
        assert!(second.wish.is_cancelled());
        drop(second);
        assert!(watched.jobs().is_empty());
        let later = Watched::enter(&watched, job.clone());
        assert!(!later.wish.is_cancelled(), "an old wish is not about a new watch");
        watched.tell(&"j2".parse().unwrap());
        assert!(!later.wish.is_cancelled());
    }
}
