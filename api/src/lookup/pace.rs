//! How long jobs take, by those that this process has read and that ended lately: enough to tell a caller how long theirs may
//! take yet. Nothing is asked of anybody for it.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ally_domain::ids::JobId;
use ally_domain::job::JobStatus;
use ally_projections::job_status::JobStatusView;
use time::OffsetDateTime;

/// How many ended jobs are kept in mind.
const KEPT: usize = 32;
/// For how long what was seen says something: by then the queue may be another one.
const HOLDS: Duration = Duration::from_secs(600);
/// A job that waits so many times as long as others took is held up by something: then nobody can tell.
const HELD_UP: u32 = 3;

/// The jobs that ended lately.
#[derive(Default)]
pub(super) struct Pace(Mutex<VecDeque<Ended>>);

struct Ended {
    job: JobId,
    at: OffsetDateTime,
    took: Duration,
}

impl Pace {
    /// Keeps in mind how long a completed job took, from the queue to its end.
    pub(super) fn note(&self, job: &JobStatusView) {
        let Some(at) = job.completed_at.filter(|_| job.status == JobStatus::Completed) else { return };
        let Ok(took) = Duration::try_from(at - job.queued_at) else { return };
        let mut ended = self.ended();
        if ended.iter().any(|known| known.job == job.job_id) {
            return;
        }
        if ended.len() == KEPT {
            ended.pop_front();
        }
        ended.push_back(Ended { job: job.job_id.clone(), at, took });
    }

    /// How long a job takes yet, where that can be told.
    pub(super) fn estimate(&self, job: &JobStatusView, now: OffsetDateTime) -> Option<Duration> {
        let usual = self.usual(now)?;
        if job.status == JobStatus::Retrying {
            let pause = job.next_retry_at.map(|due| Duration::try_from(due - now).unwrap_or_default());
            return Some(pause.unwrap_or_default() + usual);
        }
        // One that is scheduled is queued when its time has come.
        if job.status == JobStatus::Scheduled {
            return Some(Duration::try_from(job.queued_at - now).unwrap_or_default() + usual);
        }
        let age = Duration::try_from(now - job.queued_at).unwrap_or_default();
        let open = matches!(job.status, JobStatus::Queued | JobStatus::Running);
        (open && age < usual.max(Duration::from_secs(1)) * HELD_UP).then(|| usual.saturating_sub(age))
    }

    /// The median of those that ended lately.
    fn usual(&self, now: OffsetDateTime) -> Option<Duration> {
        let mut took: Vec<Duration> =
            self.ended().iter().filter(|ended| now - ended.at < HOLDS).map(|ended| ended.took).collect();
        took.sort_unstable();
        took.get(took.len() / 2).copied()
    }

    fn ended(&self) -> MutexGuard<'_, VecDeque<Ended>> {
        // An entry is kept whole or not at all.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use ally_domain::envelope::Position;
    use ally_projections::job_status::Request;
    use time::macros::datetime;

    use super::*;

    const START: OffsetDateTime = datetime!(2026-11-20 08:00 UTC);
    const SECOND: Duration = Duration::from_secs(1);

    fn queued(id: &str) -> JobStatusView {
        let position = Position { stream: "PLANS".to_owned(), sequence: 1 };
        let request = Request {
            at: START,
            trace_id: None,
            correlation: String::new(),
            position,
            not_before: None,
            deadline: None,
        };
        JobStatusView::requested(id.parse().unwrap(), "amy".parse().unwrap(), request)
    }

    fn completed(id: &str, took: Duration) -> JobStatusView {
        JobStatusView { status: JobStatus::Completed, completed_at: Some(START + took), ..queued(id) }
    }

    #[test]
    fn nobody_can_tell_before_a_job_ended() {
        let pace = Pace::default();
        assert_eq!(pace.estimate(&queued("a"), START), None);
        pace.note(&queued("b"));
        assert_eq!(pace.estimate(&queued("a"), START), None, "one that has not ended says nothing");
    }

    #[test]
    fn what_is_left_is_what_others_took_without_what_has_passed() {
        let pace = Pace::default();
        for (id, seconds) in [("a", 1), ("b", 10), ("c", 12), ("c", 500)] {
            pace.note(&completed(id, SECOND * seconds));
        }
        let at = |seconds| pace.estimate(&queued("x"), START + SECOND * seconds);
        assert_eq!(at(0), Some(SECOND * 10), "the median, each job once");
        assert_eq!(at(4), Some(SECOND * 6));
        assert_eq!(at(11), Some(Duration::ZERO), "any moment now");
        assert_eq!(at(30), None, "held up by something");
        assert_eq!(pace.estimate(&completed("x", SECOND), START), None, "nothing is left at an end");
        let due = Some(START + SECOND * 5);
        let retrying = JobStatusView { status: JobStatus::Retrying, next_retry_at: due, ..queued("x") };
        assert_eq!(pace.estimate(&retrying, START), Some(SECOND * 15));
        let scheduled = JobStatusView { status: JobStatus::Scheduled, queued_at: START + SECOND * 600, ..queued("x") };
        assert_eq!(pace.estimate(&scheduled, START), Some(SECOND * 610), "when it begins, and then as others");
    }

    #[test]
    fn what_was_seen_long_ago_says_nothing() {
        let pace = Pace::default();
        pace.note(&completed("a", SECOND));
        let later = START + HOLDS + SECOND;
        let job = JobStatusView { queued_at: later, ..queued("x") };
        assert_eq!(pace.estimate(&job, later), None);
    }

    #[test]
    fn only_so_many_are_kept_in_mind() {
        let pace = Pace::default();
        for n in 0..100 {
            pace.note(&completed(&format!("job-{n}"), SECOND));
        }
        assert_eq!(pace.ended().len(), KEPT);
    }
}
