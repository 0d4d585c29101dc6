//! How a stream begins: with what is, or with what its client missed.
//!
//! Its follower is registered first, and the log is read afterwards: what stands up to the place at which the follower began comes
//! from the log, and all behind it from the follower. So nothing is missed, and nothing is told twice.

use std::collections::{HashMap, HashSet, VecDeque};
use std::time::Duration;

use ally_domain::envelope::Position;
use ally_domain::ids::{AthleteId, JobId};
use ally_handlers::job_feed::{JobFollower, Notice};
use ally_handlers::presence::Cursor;
use futures::{StreamExt as _, TryStreamExt as _};

use super::JobStreams;
use super::history::{Message, STREAM, Told};
use super::message::ResyncReason;
use crate::lookup::Lookup;
use crate::problem::{Kind, Problem};

/// How long a stream may take to begin, each time that it waits for something.
const WAIT: Duration = Duration::from_secs(3);
/// The most jobs of an athlete that a stream begins with.
const MAX_JOBS: u16 = 500;
/// Histories that are read at once for one stream.
const READS: usize = 16;
/// The most events that are told of what was missed: as many as may wait for a stream that is open.
const MAX_MISSED: usize = 1_024;

/// Where a client left off: the id of its last event, or a text that is none.
pub(crate) type Since = Option<Result<Cursor, ResyncReason>>;

/// A stream that can begin.
pub(crate) struct Begun {
    pub(super) follower: JobFollower,
    /// The mark of the log in ids.
    pub(super) log: u32,
    pub(super) start: Start,
    /// The jobs of which something may come.
    pub(super) jobs: HashMap<String, Told>,
    /// What stands up to here was told.
    pub(super) told: u64,
    /// What the follower was told while the stream began, and stands behind that.
    pub(super) pending: VecDeque<Notice>,
    /// The one job whose end is the stream's.
    pub(super) only: Option<JobId>,
}

impl Begun {
    /// What comes next.
    pub(super) async fn next(&mut self) -> Option<Notice> {
        match self.pending.pop_front() {
            Some(notice) => Some(notice),
            None => self.follower.next().await,
        }
    }
}

/// What a client is told at first.
pub(super) enum Start {
    Snapshot { at: Cursor, resync: Option<ResyncReason> },
    Missed(Vec<Message>),
}

impl JobStreams {
    /// Begins a stream of one job of an athlete; none where its client knows the job's end already.
    pub(crate) async fn begin_job(
        &self,
        lookup: &Lookup,
        athlete: &AthleteId,
        job: &JobId,
        since: Since,
    ) -> Result<Option<Begun>, Problem> {
        if lookup.job(athlete, job, None).await?.is_none() {
            return Err(Problem::not_found("job"));
        }
        let follower = self.feed.follow_job(job);
        let place = reading(&follower).await?;
        let history = lookup.job_history(athlete, job).await?;
        let known = self.known(since, place).await?;
        let mut told = Told::default();
        let since = known.as_ref().ok().copied().flatten();
        let messages = told.take_all(place.log, &history, (since.unwrap_or(u64::MAX), u64::MAX))?;
        let has_ended = told.view.as_ref().is_some_and(|view| view.status.is_terminal());
        if has_ended && since.is_some_and(|since| since >= told.last) {
            return Ok(None);
        }
        let last = told.last;
        let start = match known {
            Ok(Some(_)) => Start::Missed(messages),
            Ok(None) => Start::Snapshot { at: Cursor { log: place.log, sequence: last }, resync: None },
            Err(reason) => Start::Snapshot { at: Cursor { log: place.log, sequence: last }, resync: Some(reason) },
        };
        let jobs = HashMap::from([(job.to_string(), told)]);
        let only = Some(job.clone());
        Ok(Some(Begun { follower, log: place.log, start, jobs, told: last, pending: VecDeque::new(), only }))
    }

    /// Begins a stream of all jobs of an athlete.
    pub(crate) async fn begin_all(&self, lookup: &Lookup, athlete: &AthleteId, since: Since) -> Result<Begun, Problem> {
        let mut follower = self.feed.follow_athlete(athlete);
        reading(&follower).await?;
        // What was answered to this athlete a moment ago is in what follows.
        let end = self.feed.end().await?;
        tokio::time::timeout(WAIT, follower.reached(end)).await.map_err(|_| not_followed())?;
        let place = reading(&follower).await?;
        let known = self.known(since, place).await?;
        let since = known.as_ref().ok().copied().flatten();
        let seen = Position { stream: STREAM.to_owned(), sequence: place.sequence };
        let mut resync = known.err();
        let mut found = lookup.jobs_to_follow(athlete, since, MAX_JOBS, (&seen, WAIT)).await?;
        if since.is_some() && found.len() >= usize::from(MAX_JOBS) {
            resync = Some(ResyncReason::MissedTooMuch);
            found = lookup.jobs_to_follow(athlete, None, MAX_JOBS, (&seen, WAIT)).await?;
        }
        let since = since.filter(|_| resync.is_none());
        let place = follower.add_all(found.iter()).ok_or_else(not_followed)?;
        let looked_at: HashSet<String> = found.iter().map(ToString::to_string).collect();
        let behind = since.unwrap_or(u64::MAX);
        let read = found.into_iter().map(|job| async move {
            // Closed never: this process does not close it.
            let _turn = self.reads.acquire().await.ok();
            let mut told = Told::default();
            let messages = match lookup.job_history(athlete, &job).await {
                Ok(history) => told.take_all(place.log, &history, (behind, place.sequence)).map_err(Problem::from),
                Err(problem) => Err(problem),
            };
            match messages {
                Ok(messages) => Ok(Some((job.to_string(), told, messages))),
                // One job that cannot be read is no reason to tell nothing of the others.
                Err(problem) if is_of_the_job(&problem) => {
                    tracing::error!(job_id = %job, %problem, "a job is left out of a stream: its events cannot be read");
                    Ok(None)
                }
                Err(problem) => Err(problem),
            }
        });
        let read: Vec<_> = futures::stream::iter(read).buffered(READS).try_collect().await?;
        if since.is_some() && read.iter().any(Option::is_none) {
            resync = Some(ResyncReason::MissedTooMuch);
        }
        let (mut jobs, mut missed) = (HashMap::with_capacity(read.len()), Vec::new());
        for (job, told, messages) in read.into_iter().flatten() {
            missed.extend(messages);
            jobs.insert(job, told);
        }
        // Jobs that were requested since the views were asked: the follower was told of them from their beginning.
        let mut pending = VecDeque::new();
        for notice in follower.take_waiting() {
            match &notice {
                Notice::Event(event) if event.position.sequence <= place.sequence => {
                    let job = event.aggregate.id.as_str();
                    if looked_at.contains(job) {
                        continue;
                    }
                    let message = jobs.entry(job.to_owned()).or_default().take(place.log, event)?;
                    let is_missed = since.is_some_and(|since| event.position.sequence > since);
                    missed.extend(message.filter(|_| is_missed));
                }
                Notice::Event(_) | Notice::End(_) => pending.push_back(notice),
            }
        }
        jobs.retain(|_, told| told.view.as_ref().is_some_and(|view| !view.status.is_final()));
        if missed.len() > MAX_MISSED {
            resync = Some(ResyncReason::MissedTooMuch);
        }
        missed.sort_unstable_by_key(|message| message.id);
        let start = match since.filter(|_| resync.is_none()) {
            Some(_) => Start::Missed(missed),
            None => Start::Snapshot { at: place, resync },
        };
        let told = place.sequence.max(since.unwrap_or_default());
        Ok(Begun { follower, log: place.log, start, jobs, told, pending, only: None })
    }

    /// The sequence up to which a client knows everything; why it begins afresh where its id tells nothing.
    async fn known(&self, since: Since, place: Cursor) -> Result<Result<Option<u64>, ResyncReason>, Problem> {
        Ok(match since {
            None => Ok(None),
            Some(Err(reason)) => Err(reason),
            Some(Ok(since)) if since.log != place.log => Err(ResyncReason::UnknownPosition),
            Some(Ok(since)) if since.sequence > place.sequence && since.sequence > self.feed.end().await? => {
                Err(ResyncReason::UnknownPosition)
            }
            Some(Ok(since)) => Ok(Some(since.sequence)),
        })
    }
}

/// Up to where the log is read, once it is.
async fn reading(follower: &JobFollower) -> Result<Cursor, Problem> {
    tokio::time::timeout(WAIT, follower.reading()).await.map_err(|_| not_followed())
}

fn not_followed() -> Problem {
    Problem::unavailable("the event log", "its events are not followed by this node")
}

/// Whether a failure is one job's own, and asking again would find the same.
const fn is_of_the_job(problem: &Problem) -> bool {
    matches!(problem.kind, Kind::Internal | Kind::ArchiveMissing | Kind::Outdated)
}
