//! The one reader of a node.

use std::sync::Arc;
use std::time::Duration;

use ally_domain::envelope::Recorded;
use ally_domain::ids::{AggregateKind, AthleteId, JobId};
use ally_domain::job::JobEvent;
use ally_domain::ports::{EventLog, StoreError, StreamIdentity};
use tokio_util::sync::CancellationToken;

use super::followers::{End, Followers, JobFollower};
use crate::cursor::Cursor;
use crate::interruption::Interruptions;

/// The stream, as positions name it.
const STREAM: &str = "PLANS";
/// Events taken at once.
const BATCH: usize = 256;
/// How long one read waits for the next event. At its end the reader looks whether anybody follows still.
const WAIT: Duration = Duration::from_secs(1);

/// The feed of a node. Cheap to clone.
#[derive(Clone)]
pub struct JobFeed {
    log: Arc<dyn EventLog>,
    followers: Arc<Followers>,
}

/// How far the log was read.
struct Place {
    stream: StreamIdentity,
    sequence: u64,
}

impl Place {
    fn cursor(&self) -> Cursor {
        Cursor { log: Cursor::mark_of(&self.stream), sequence: self.sequence }
    }
}

impl JobFeed {
    /// A feed over a log. It tells nothing until [`Self::follow_log`] runs.
    #[must_use]
    pub fn new(log: Arc<dyn EventLog>) -> Self {
        Self { log, followers: Arc::default() }
    }

    /// Follows one job from now on.
    #[must_use]
    pub fn follow_job(&self, job: &JobId) -> JobFollower {
        let follower = JobFollower::new(Arc::clone(&self.followers), None);
        follower.add(job);
        follower
    }

    /// Follows the jobs that are requested for an athlete from now on. Those that were requested before are added one by one.
    #[must_use]
    pub fn follow_athlete(&self, athlete: &AthleteId) -> JobFollower {
        JobFollower::new(Arc::clone(&self.followers), Some(athlete.clone()))
    }

    /// The sequence of the last event of the log, as of now.
    ///
    /// # Errors
    /// When the log does not answer.
    pub async fn end(&self) -> Result<u64, StoreError> {
        self.log.last_event(STREAM).await
    }

    /// How many follow something.
    #[must_use]
    pub fn len(&self) -> usize {
        self.followers.len()
    }

    /// Whether nobody follows anything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Reads the log for those who follow, until it is stopped.
    pub async fn follow_log(self, stop: CancellationToken) {
        let mut interruptions = Interruptions::default();
        let following = async {
            loop {
                self.followers.wait_for_one().await;
                let mut place = None;
                // Nobody follows any more: the place is of no use, and the next one begins at the end.
                while let Err(error) = self.read(&mut place).await {
                    interruptions.pause("plan jobs", &error).await;
                }
            }
        };
        stop.run_until_cancelled(following).await;
    }

    /// Reads until nobody follows any more.
    async fn read(&self, place: &mut Option<Place>) -> Result<(), StoreError> {
        let stream = self.log.identity(STREAM).await?;
        if place.as_ref().is_some_and(|place| place.stream != stream) {
            // Whatever the followers know is of another log.
            self.followers.end_all(End::NewLog);
            *place = None;
        }
        let place = match place {
            Some(place) => place,
            None => {
                let sequence = self.log.last_event(STREAM).await?;
                place.insert(Place { stream, sequence })
            }
        };
        let mut reader = self.log.open(STREAM, place.sequence).await?;
        self.followers.begin(place.cursor());
        while !self.followers.end_if_none() {
            let batch = reader.next(BATCH, WAIT).await?;
            // What cannot be read is reported by the projector, and moves no place: the views do not come to it either.
            let read = batch.events.iter().map(|event| event.position.sequence);
            place.sequence = read.fold(place.sequence, u64::max);
            let jobs = batch.events.into_iter().filter(|event| event.aggregate.kind == AggregateKind::Job);
            self.followers.tell(jobs.map(Arc::new), place.cursor(), athlete_of);
        }
        Ok(())
    }
}

/// Whose job an event begins.
fn athlete_of(event: &Recorded) -> Option<AthleteId> {
    match event.decode() {
        Ok(JobEvent::Requested(requested)) => Some(requested.athlete_id),
        _ => None,
    }
}
