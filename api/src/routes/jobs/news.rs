//! What a caller asks of a job's status: now, at a position, or once there is news.

use std::time::{Duration, Instant};

use ally_domain::envelope::Position;
use ally_domain::fingerprint::fingerprint;
use ally_domain::ids::JobId;
use ally_projections::job_status::JobStatusView;
use poem::http::HeaderMap;

use crate::auth::Caller;
use crate::etag::{self, KnownTags};
use crate::lookup::Remembered;
use crate::observe::Waited;
use crate::params::{AtPosition, Faults, Given, WaitSeconds};
use crate::prefer;
use crate::problem::Problem;
use crate::routes::Desk;

/// Pauses of a long poll while nothing is heard of the database: the first and the longest; each is half again as long as the
/// one before.
const PAUSE: (Duration, Duration) = (Duration::from_millis(40), Duration::from_millis(800));
/// A job is read again though no news of it came: an announcement may have been lost with a connection.
const LOOK: Duration = Duration::from_secs(5);
/// How long a job is read once the wait is over: what does not answer by then is answered with what was read before, so that a
/// wait ends within the request's deadline.
const LAST_READ: Duration = Duration::from_millis(500);

/// What a status request asks beside the job.
pub(super) struct Question {
    position: Option<Position>,
    wait: Duration,
    /// Whether the wait was asked for by `Prefer`.
    is_preference: bool,
    known: KnownTags,
}

impl Question {
    /// Reads the parameters.
    pub(super) fn read(
        mut faults: Faults,
        position: Option<Given<AtPosition>>,
        wait: Option<Given<WaitSeconds>>,
        headers: &HeaderMap,
    ) -> Result<Self, Problem> {
        let position = faults.read("position", position);
        let wait = faults.read("wait", wait);
        faults.check()?;
        // A parameter is a demand and counts before a preference.
        let preferred = wait.is_none().then(|| prefer::wait(headers)).flatten();
        let is_preference = preferred.is_some();
        let wait = wait.or(preferred).unwrap_or_default();
        Ok(Self { position, wait, is_preference, known: KnownTags::of(headers) })
    }

    /// What `Preference-Applied` says: the wait as the server takes it.
    pub(super) fn granted_preference(&self, longest: Duration) -> Option<String> {
        self.is_preference.then(|| format!("wait={}", self.wait.min(longest).as_secs()))
    }

    /// Whether the caller knows this state already.
    pub(super) fn knows(&self, tag: &str) -> bool {
        self.known.names(tag)
    }
}

/// The job and the name of its state: as it is, or as it is once there is news or the wait is over.
pub(super) async fn news(
    desk: &Desk,
    caller: &Caller,
    id: &JobId,
    question: &Question,
    waited: &Waited,
) -> Result<(JobStatusView, String), Problem> {
    let started = Instant::now();
    let wait = question.wait.min(desk.longest_wait);
    let (mut pause, longest) = PAUSE;
    let mut last: Option<(JobStatusView, String)> = None;
    loop {
        let read = desk.lookup.job_with_news(&caller.athlete, id, question.position.as_ref());
        let found = match last.take() {
            None => read.await?,
            Some(known) => {
                let left = wait.saturating_sub(started.elapsed()) + LAST_READ;
                match tokio::time::timeout(left, read).await {
                    Ok(found) => found?,
                    Err(_) => return Ok(known),
                }
            }
        };
        let Remembered { view: job, mut news, .. } = found.ok_or_else(|| Problem::not_found("job"))?;
        let tag = tag(&job)?;
        let fresh = !question.known.is_empty() && !question.knows(&tag);
        let left = wait.saturating_sub(started.elapsed());
        if fresh || job.status.is_terminal() || left.is_zero() || desk.draining.is_cancelled() {
            return Ok((job, tag));
        }
        if !waited.begin() {
            return Ok((job, tag));
        }
        let paused = Instant::now();
        if news.is_known() {
            tokio::select! {
                () = news.changed() => {}
                () = tokio::time::sleep(LOOK.min(left)) => {}
                () = desk.draining.cancelled() => {}
            }
        } else {
            tokio::select! {
                () = tokio::time::sleep(pause.min(left)) => {}
                () = desk.draining.cancelled() => {}
            }
            pause = (pause + pause / 2).min(longest);
        }
        waited.add(paused.elapsed());
        last = Some((job, tag));
    }
}

/// The state's name: weak, since it stands for what the body says and not for its bytes.
fn tag(job: &JobStatusView) -> Result<String, Problem> {
    let state = (job.status, job.progress, &job.phase, job.attempts, &job.last.stream, job.last.sequence);
    let print = fingerprint(&state).map_err(Problem::internal)?;
    Ok(etag::weak(&print))
}
