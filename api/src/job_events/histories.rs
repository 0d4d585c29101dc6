//! The jobs of an athlete as the log has them up to one place: where each stands, and what a client missed of them.

use std::collections::{HashMap, HashSet, VecDeque};

use ally_domain::event_data::EncodingError;
use ally_domain::ids::{AthleteId, JobId};
use ally_handlers::Cursor;
use ally_handlers::job_feed::Notice;
use futures::{StreamExt as _, TryStreamExt as _};
use tokio::sync::Semaphore;

use super::begin::{Known, Start};
use super::history::{Message, Told};
use crate::lookup::Lookup;
use crate::problem::{Kind, Problem};

/// Histories that are read at once for one stream.
const READS: usize = 16;
/// The most events that are sent of what was missed: as many as may wait for a stream that is open.
const MAX_MISSED: usize = 1_024;

/// The jobs of an athlete, up to a place.
pub(super) struct Histories {
    place: Cursor,
    /// What the client knows of them.
    known: Known,
    jobs: HashMap<String, Told>,
    missed: Vec<Message>,
    /// The jobs whose histories were to be read, also where one could not be.
    looked_at: HashSet<String>,
}

/// One history.
struct History {
    job: String,
    told: Told,
    missed: Vec<Message>,
}

impl Histories {
    /// Reads the histories of some jobs up to a place, as many at once as there are permits.
    pub(super) async fn read(
        lookup: &Lookup,
        permits: &Semaphore,
        (athlete, jobs): (&AthleteId, Vec<JobId>),
        (known, place): (Known, Cursor),
    ) -> Result<Self, Problem> {
        let looked_at = jobs.iter().map(ToString::to_string).collect();
        let read = jobs.into_iter().map(|job| async move {
            // The semaphore is never closed.
            let _permit = permits.acquire().await.ok();
            match History::read(lookup, (athlete, &job), (known, place)).await {
                Ok(history) => Ok(Some(history)),
                // One job that cannot be read is no reason to send nothing of the others.
                Err(problem) if is_of_the_job(&problem) => {
                    tracing::error!(job_id = %job, %problem, "a job is left out of a stream: its events cannot be read");
                    Ok(None)
                }
                Err(problem) => Err(problem),
            }
        });
        let read: Vec<_> = futures::stream::iter(read).buffered(READS).try_collect().await?;
        let mut all = Self { place, known, jobs: HashMap::with_capacity(read.len()), missed: Vec::new(), looked_at };
        if read.iter().any(Option::is_none) {
            all.known = all.known.or_missed_too_much();
        }
        for history in read.into_iter().flatten() {
            all.missed.extend(history.missed);
            all.jobs.insert(history.job, history.told);
        }
        Ok(all)
    }

    /// Takes in what a follower was given meanwhile: the jobs that were requested after those of the views come from their beginning.
    /// What stands behind the place is given back.
    pub(super) fn take(&mut self, notices: Vec<Notice>) -> Result<VecDeque<Notice>, EncodingError> {
        let mut behind = VecDeque::new();
        for notice in notices {
            match &notice {
                Notice::Event(event) if event.position.sequence <= self.place.sequence => {
                    let job = event.aggregate.id.as_str();
                    if self.looked_at.contains(job) {
                        continue;
                    }
                    let message = self.jobs.entry(job.to_owned()).or_default().take(self.place.log, event)?;
                    self.missed.extend(message.filter(|_| event.position.sequence > self.known.missed_behind()));
                }
                Notice::Event(_) | Notice::End(_) => behind.push_back(notice),
            }
        }
        Ok(behind)
    }

    /// How a stream begins, the jobs of which something may come, and the sequence up to which its client knows all.
    pub(super) fn begin(mut self) -> (Start, HashMap<String, Told>, u64) {
        self.jobs.retain(|_, told| told.view.as_ref().is_some_and(|view| !view.status.is_final()));
        if self.missed.len() > MAX_MISSED {
            self.known = self.known.or_missed_too_much();
        }
        self.missed.sort_unstable_by_key(|message| message.id);
        let up_to = self.place.sequence.max(self.known.sequence().unwrap_or_default());
        (self.known.start(self.place, self.missed), self.jobs, up_to)
    }
}

impl History {
    async fn read(
        lookup: &Lookup,
        (athlete, job): (&AthleteId, &JobId),
        (known, place): (Known, Cursor),
    ) -> Result<Self, Problem> {
        let history = lookup.job_history(athlete, job).await?;
        let mut told = Told::default();
        let missed = told.take_all(place.log, &history, (known.missed_behind(), place.sequence))?;
        Ok(Self { job: job.to_string(), told, missed })
    }
}

/// Whether a failure is one job's own, and asking again would find the same.
const fn is_of_the_job(problem: &Problem) -> bool {
    matches!(problem.kind, Kind::Internal | Kind::ArchiveMissing | Kind::Outdated)
}
