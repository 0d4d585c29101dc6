//! When a job is worked on: not before the moment that its request names, and not behind its deadline.

use std::time::Duration;

use ally_domain::envelope::Recorded;
use ally_domain::ids::JobId;
use ally_domain::job::{Job, JobCommand, JobDecider, JobStatus, Priority};
use ally_domain::outcome::Outcome;
use ally_domain::ports::DeliveryContext;
use time::OffsetDateTime;

use super::PlannerHandler;
use crate::execute::ExecuteError;

/// The event by which a job goes before others.
const EXPEDITED: &str = "expedited";
/// A message that comes before its time, because the clocks of two machines differ, waits at least so long.
const SHORTEST_WAIT: Duration = Duration::from_millis(50);

impl PlannerHandler {
    /// What becomes of a delivery whose job is not to be worked on at this moment; none where nothing speaks against it.
    pub(super) async fn not_now(
        &self,
        job_id: &JobId,
        job: &Job,
        event: &Recorded,
        now: OffsetDateTime,
    ) -> Option<Outcome> {
        if job.passed_deadline(now).is_some() && !job.status.is_terminal() && job.status != JobStatus::Cancelling {
            return Some(self.settled(job_id, &JobCommand::Expire { at: now }, event).await);
        }
        let not_before = job.not_before()?;
        if now < not_before {
            return Some(too_early(not_before, now));
        }
        // It waited in the ordinary queue, since two messages of one job would be two workers at it.
        let is_to_be_put_forward = job.lane == Priority::High && self.config.lane == Priority::Normal;
        match is_to_be_put_forward {
            true => Some(self.settled(job_id, &JobCommand::Expedite, event).await),
            false => None,
        }
    }

    /// Executes a command behind which nothing is left to do here.
    async fn settled(&self, job_id: &JobId, command: &JobCommand, event: &Recorded) -> Outcome {
        match self.executor.execute::<JobDecider>(&job_id.into(), command, &self.context(event)).await {
            // What is refused has moved meanwhile, to an end or to another worker.
            Ok(_) | Err(ExecuteError::Refused(_)) => Outcome::Done,
            Err(error) => error.outcome(),
        }
    }
}

/// The message waits until its job is due, as a scheduled one that holds no delivery (ADR 0014).
pub(super) fn too_early(not_before: OffsetDateTime, now: OffsetDateTime) -> Outcome {
    let after = Duration::try_from(not_before - now).unwrap_or_default().max(SHORTEST_WAIT);
    Outcome::Defer { reason: format!("the job must not begin before {not_before}"), after }
}

/// How long a job has waited for its first attempt since it could begin; none for a later attempt, which has waited for its retry, too.
pub(super) fn wait(job: &Job, event: &Recorded, delivery: &DeliveryContext, now: OffsetDateTime) -> Option<Duration> {
    let since = match job.status {
        // One that was put forward when it was due could have begun then; an operator's word before that counts from when it came.
        JobStatus::Queued if delivery.delivery <= 1 && event.event_type.name == EXPEDITED => {
            let due = job.requested.as_ref().and_then(|requested| requested.not_before);
            due.map_or(event.at, |due| due.min(event.at))
        }
        JobStatus::Queued if delivery.delivery <= 1 => event.at,
        JobStatus::Scheduled => job.not_before()?.max(event.at),
        _ => return None,
    };
    (now - since).try_into().ok()
}
