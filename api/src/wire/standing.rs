//! Where a job stands, in one sentence for people. Programs read `status`, `ended` and `error`.

use std::borrow::Cow;

use ally_domain::job::{JobStatus, plain_reason};
use ally_projections::job_status::JobStatusView;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// The sentence.
pub(crate) fn standing(job: &JobStatusView) -> String {
    match job.status {
        JobStatus::Scheduled => format!("The job is scheduled; it begins at {}.", moment(job.queued_at)),
        JobStatus::Queued => "The job waits for a worker.".to_owned(),
        JobStatus::Running => match &job.phase {
            Some(phase) => format!("A worker makes the plan: {phase}, {} % done.", job.progress),
            None => "A worker makes the plan.".to_owned(),
        },
        JobStatus::Retrying => {
            format!("Attempt {} failed ({}); the next one begins by itself.", job.attempts, reason(job))
        }
        JobStatus::Completed => match (&job.note, job.plan_version) {
            (Some(note), _) => sentence(note),
            (None, Some(version)) => format!("Version {version} of the plan is ready."),
            (None, None) => "The plan is ready.".to_owned(),
        },
        JobStatus::Failed => sentence(&format!("There is no plan: {}", reason(job))),
        JobStatus::DeadLettered => {
            "All attempts failed; whoever operates the service can put the job back into the queue.".to_owned()
        }
        JobStatus::Cancelling => "The job is to be cancelled, and a worker still has it in hand.".to_owned(),
        JobStatus::Cancelled => "The job was cancelled.".to_owned(),
    }
}

fn moment(at: OffsetDateTime) -> String {
    at.format(&Rfc3339).unwrap_or_else(|_| at.to_string())
}

fn reason(job: &JobStatusView) -> Cow<'_, str> {
    job.error.as_ref().map_or(Cow::Borrowed("no reason is known"), |error| plain_reason(&error.message))
}

/// A text with a full stop and a capital.
fn sentence(text: &str) -> String {
    let text = text.trim().trim_end_matches('.');
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| format!("{}{}.", first.to_uppercase(), letters.as_str()))
}

#[cfg(test)]
mod tests {
    use ally_domain::envelope::Position;
    use ally_projections::job_status::{JobError, Request};
    use time::macros::datetime;

    use super::*;

    fn job(status: JobStatus) -> JobStatusView {
        let position = Position { stream: "PLANS".to_owned(), sequence: 1 };
        let request = Request {
            at: datetime!(2026-11-20 08:00 UTC),
            trace_id: None,
            correlation: String::new(),
            position,
            not_before: None,
            deadline: None,
        };
        let (id, athlete) = ("j".parse().unwrap(), "amy".parse().unwrap());
        JobStatusView { status, ..JobStatusView::requested(id, athlete, request) }
    }

    #[test]
    fn every_status_is_one_sentence() {
        for status in JobStatus::ALL {
            let said = standing(&job(status));
            assert!(said.ends_with('.') && !said.ends_with("..") && said.len() > 10, "{status:?}: {said}");
            assert!(said.starts_with(char::is_uppercase), "{status:?}: {said}");
        }
    }

    #[test]
    fn what_is_known_of_a_job_is_in_its_sentence() {
        let error = Some(JobError { code: "infeasible".to_owned(), message: "no plan fits.".to_owned() });
        let failed = JobStatusView { error, ..job(JobStatus::Failed) };
        assert_eq!(standing(&failed), "There is no plan: no plan fits.");
        let running = JobStatusView { phase: Some("composing".to_owned()), progress: 40, ..job(JobStatus::Running) };
        assert_eq!(standing(&running), "A worker makes the plan: composing, 40 % done.");
        let scheduled = JobStatusView { queued_at: datetime!(2026-12-01 06:00 UTC), ..job(JobStatus::Scheduled) };
        assert_eq!(standing(&scheduled), "The job is scheduled; it begins at 2026-12-01T06:00:00Z.");
        let adapted = JobStatusView { note: Some("nothing had to change".to_owned()), ..job(JobStatus::Completed) };
        assert_eq!(standing(&adapted), "Nothing had to change.");
        let next = JobStatusView { plan_version: Some(3), ..job(JobStatus::Completed) };
        assert_eq!(standing(&next), "Version 3 of the plan is ready.");
    }
}
