//! How a stream begins: with what is, or with what its client missed.
//!
//! Its follower is registered first, and the log is read afterwards: what stands up to the place at which the follower began comes
//! from the log, and all behind it from the follower. So nothing is missed, and nothing is sent twice.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use ally_domain::envelope::Position;
use ally_domain::ids::{AthleteId, JobId};
use ally_handlers::Cursor;
use ally_handlers::job_feed::{JobFollower, Notice};
use ally_telemetry::names::limit;

use super::JobStreams;
use super::histories::Histories;
use super::history::{Message, STREAM, Told};
use super::message::ResyncReason;
use super::turns::Turn;
use crate::limits::limited;
use crate::lookup::Lookup;
use crate::problem::{Kind, Problem};

/// How long a stream may take to begin, each time that it waits for something.
const WAIT: Duration = Duration::from_secs(3);
/// How long a stream waits for others of the same athlete that begin before it.
const TURN_WAIT: Duration = Duration::from_secs(10);
/// When a client whose stream got no turn should come back.
const COME_BACK: Duration = Duration::from_secs(5);
/// The most jobs of an athlete that a stream begins with.
const MAX_JOBS: u16 = 500;

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

/// What a client is sent at first.
pub(super) enum Start {
    Snapshot { at: Cursor, resync: Option<ResyncReason> },
    Missed(Vec<Message>),
}

/// What a client knows when its stream begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    /// Nothing that counts: a snapshot follows; the reason where the client thinks otherwise.
    Nothing(Option<ResyncReason>),
    /// Every event up to a sequence.
    UpTo(u64),
}

impl Known {
    pub(super) const fn sequence(self) -> Option<u64> {
        match self {
            Self::Nothing(_) => None,
            Self::UpTo(sequence) => Some(sequence),
        }
    }

    /// The sequence behind which events were missed: none is where a snapshot says all.
    pub(super) fn missed_behind(self) -> u64 {
        self.sequence().unwrap_or(u64::MAX)
    }

    /// The same, for a client that cannot be sent all that it missed.
    pub(super) const fn or_missed_too_much(self) -> Self {
        match self {
            Self::UpTo(_) => Self::Nothing(Some(ResyncReason::MissedTooMuch)),
            nothing @ Self::Nothing(_) => nothing,
        }
    }

    /// How the stream begins at a place.
    pub(super) fn start(self, at: Cursor, missed: Vec<Message>) -> Start {
        match self {
            Self::UpTo(_) => Start::Missed(missed),
            Self::Nothing(resync) => Start::Snapshot { at, resync },
        }
    }
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
        let missed = told.take_all(place.log, &history, (known.missed_behind(), u64::MAX))?;
        let (log, last) = (place.log, told.last);
        let has_ended = told.view.as_ref().is_some_and(|view| view.status.is_terminal());
        if has_ended && known.sequence().is_some_and(|known| known >= last) {
            return Ok(None);
        }
        let start = known.start(Cursor { log, sequence: last }, missed);
        let jobs = HashMap::from([(job.to_string(), told)]);
        let only = Some(job.clone());
        Ok(Some(Begun { follower, log, start, jobs, told: last, pending: VecDeque::new(), only }))
    }

    /// Begins a stream of all jobs of an athlete.
    pub(crate) async fn begin_all(&self, lookup: &Lookup, athlete: &AthleteId, since: Since) -> Result<Begun, Problem> {
        // Held until the stream has begun.
        let _turn = self.turn(athlete).await?;
        let mut follower = self.feed.follow_athlete(athlete);
        let place = self.reading_to_the_end(&follower).await?;
        let known = self.known(since, place).await?;
        let (found, known) = jobs_to_follow(lookup, athlete, known, place).await?;
        let place = follower.add_all(found.iter()).ok_or_else(not_followed)?;
        let mut histories = Histories::read(lookup, &self.reads, (athlete, found), (known, place)).await?;
        let pending = histories.take(follower.take_waiting())?;
        let (start, jobs, told) = histories.begin();
        Ok(Begun { follower, log: place.log, start, jobs, told, pending, only: None })
    }

    /// The turn of an athlete to begin a stream of all jobs: hundreds of histories may be read for one, and an athlete may have many.
    async fn turn(&self, athlete: &AthleteId) -> Result<Turn, Problem> {
        tokio::time::timeout(TURN_WAIT, self.turns.take(athlete)).await.map_err(|_| {
            limited(limit::EVENT_STREAMS);
            let waited = TURN_WAIT.as_secs();
            let detail =
                format!("other streams of this athlete have been beginning for {waited} s; one begins at a time");
            Problem::new(Kind::RateLimited, detail).retry_after(COME_BACK)
        })
    }

    /// Up to where the log is read, once that is its end: what was answered to an athlete a moment ago is in what follows.
    async fn reading_to_the_end(&self, follower: &JobFollower) -> Result<Cursor, Problem> {
        reading(follower).await?;
        let end = self.feed.end().await?;
        tokio::time::timeout(WAIT, follower.reached(end)).await.map_err(|_| not_followed())?;
        reading(follower).await
    }

    /// What a client knows, by the id that it had last.
    async fn known(&self, since: Since, place: Cursor) -> Result<Known, Problem> {
        Ok(match since {
            None => Known::Nothing(None),
            Some(Err(reason)) => Known::Nothing(Some(reason)),
            Some(Ok(since)) if since.log != place.log => Known::Nothing(Some(ResyncReason::UnknownPosition)),
            Some(Ok(since)) if since.sequence > place.sequence && since.sequence > self.feed.end().await? => {
                Known::Nothing(Some(ResyncReason::UnknownPosition))
            }
            Some(Ok(since)) => Known::UpTo(since.sequence),
        })
    }
}

/// The jobs of an athlete of which something may come, or came since a client left; and what it knows, where that is too many.
async fn jobs_to_follow(
    lookup: &Lookup,
    athlete: &AthleteId,
    known: Known,
    place: Cursor,
) -> Result<(Vec<JobId>, Known), Problem> {
    let seen = Position { stream: STREAM.to_owned(), sequence: place.sequence };
    let found = lookup.jobs_to_follow(athlete, known.sequence(), MAX_JOBS, (&seen, WAIT)).await?;
    if known.sequence().is_none() || found.len() < usize::from(MAX_JOBS) {
        return Ok((found, known));
    }
    let open = lookup.jobs_to_follow(athlete, None, MAX_JOBS, (&seen, WAIT)).await?;
    Ok((open, known.or_missed_too_much()))
}

/// Up to where the log is read, once it is.
async fn reading(follower: &JobFollower) -> Result<Cursor, Problem> {
    tokio::time::timeout(WAIT, follower.reading()).await.map_err(|_| not_followed())
}

fn not_followed() -> Problem {
    Problem::unavailable("the event log", "its events are not followed by this node")
}
