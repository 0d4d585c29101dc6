//! Waits for the end of a job by long polls, each of which sends the state that is known (`ETag`).

use std::sync::Arc;
use std::time::{Duration, Instant};

use http::{StatusCode, header};
use uuid::Uuid;

use crate::error::Error;
use crate::generated::{Client, types};
use crate::retry::{LONGEST, is_refusal_for_now, wait};

/// The server waits no longer.
const LONGEST_POLL_SECONDS: u64 = 30;
/// Between two polls that were answered at once, by something between that does not know how to wait.
const SHORTEST_POLL: Duration = Duration::from_millis(500);
/// After a poll that failed for now, where the server names no time.
const FAILED_POLL: Duration = Duration::from_secs(2);

/// The time is over and the job goes on. It can be waited for again.
#[derive(Debug, Clone, thiserror::Error)]
#[error("job {job_id} has not ended after {timeout:?}; wait for it again, or follow it")]
pub struct JobNotEnded {
    /// Which job.
    pub job_id: Uuid,
    /// As long as it was waited for.
    pub timeout: Duration,
    /// The newest state that is known.
    pub job: Option<types::Job>,
    /// Why the last poll failed, where it did.
    #[source]
    pub failure: Option<Arc<Error>>,
}

pub(crate) async fn wait_for_job(
    api: &Client,
    job_id: Uuid,
    timeout: Duration,
    mut on_change: impl FnMut(&types::Job),
) -> Result<types::Job, Error> {
    let end = Instant::now() + timeout.min(LONGEST);
    let (mut known, mut tag, mut failure) = (None, None::<String>, None);
    loop {
        let begun = Instant::now();
        let left = end.saturating_duration_since(begun);
        if left.is_zero() {
            return Err(Box::new(JobNotEnded { job_id, timeout, job: known, failure: failure.map(Arc::new) }).into());
        }
        let seconds = (left.as_secs() + u64::from(left.subsec_nanos() > 0)).min(LONGEST_POLL_SECONDS);
        let mut poll = api.job().id(job_id).wait(i32::try_from(seconds).unwrap_or_default());
        if let Some(tag) = &tag {
            poll = poll.if_none_match(tag.clone());
        }
        let answer = match poll.send().await {
            Err(progenitor_client::Error::UnexpectedResponse(answer))
                if answer.status() == StatusCode::NOT_MODIFIED =>
            {
                failure = None;
                tokio::time::sleep(SHORTEST_POLL.saturating_sub(begun.elapsed())).await;
                continue;
            }
            Err(error) => {
                let error = Error::from(error);
                let Some(after) = pause_after(&error) else { return Err(error) };
                failure = Some(error);
                let pause = wait(1, Some(after));
                tokio::time::sleep(pause.min(end.saturating_duration_since(Instant::now()))).await;
                continue;
            }
            Ok(answer) => answer,
        };
        failure = None;
        tag = answer.headers().get(header::ETAG).and_then(|tag| tag.to_str().ok()).map(str::to_owned);
        let job = answer.into_inner();
        on_change(&job);
        if job.ended {
            return Ok(job);
        }
        known = Some(job);
    }
}

/// How long to wait after a poll that failed for now: a server that is away for a while says nothing about the job.
fn pause_after(error: &Error) -> Option<Duration> {
    match error {
        Error::Problem(problem) if is_refusal_for_now(problem.status()) => {
            Some(problem.retry_after.unwrap_or(FAILED_POLL))
        }
        // An address that is none stays none.
        Error::Transport(error) if !error.is_builder() => Some(FAILED_POLL),
        _ => None,
    }
}
