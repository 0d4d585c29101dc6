//! Jobs that nobody holds: what becomes of them, and what a message that was put back leads to.

use std::time::Duration;

use super::*;
use crate::decider::Decider;

const LIMITS: OrphanLimits = OrphanLimits { max_attempts: 3, longest_attempt: Duration::from_secs(60) };

fn becomes(history: &[JobEvent], seconds_ago: i64) -> Option<Remedy> {
    let job = JobDecider::fold(history).0.unwrap();
    let now = datetime!(2026-11-20 12:00 UTC);
    remedy(&job, now - time::Duration::seconds(seconds_ago), now, &LIMITS)
}

#[test]
fn what_waits_is_put_back_at_once() {
    assert_eq!(becomes(&[requested()], 0), Some(Remedy::PutBack));
    assert_eq!(becomes(&[requested(), started(1), attempt_failed(1)], 0), Some(Remedy::PutBack));
}

#[test]
fn what_runs_is_left_to_its_worker_as_long_as_that_one_may_live() {
    assert_eq!(becomes(&[requested(), started(1)], 59), Some(Remedy::Wait));
    assert_eq!(becomes(&[requested(), started(1)], 60), Some(Remedy::PutBack));
}

#[test]
fn what_has_used_up_its_attempts_is_parked() {
    let mut history = vec![requested()];
    history.extend((1..=3).map(started));
    assert_eq!(becomes(&history, 59), Some(Remedy::Wait), "the last attempt may live");
    assert_eq!(becomes(&history, 60), Some(Remedy::Park));
}

#[test]
fn what_is_to_stop_is_cancelled_and_an_end_stays() {
    let asked: JobEvent = CancelRequested {}.into();
    assert_eq!(becomes(&[requested(), started(1), asked], 0), Some(Remedy::Cancel));
    for end in [completed(1), dead(), Cancelled {}.into()] {
        assert_eq!(becomes(&[requested(), started(1), end], 600), None);
    }
}

#[test]
fn a_message_put_back_changes_no_count_and_fences_nobody() {
    let requeue = JobCommand::Requeue { note: "lost".into() };
    let requeued: JobEvent = Requeued { note: "lost".into() }.into();
    given::<JobDecider>(&[requested(), started(1)])
        .when(&requeue)
        .then(std::slice::from_ref(&requeued))
        .when(&complete(1))
        .then(&[completed(1)]);
    given::<JobDecider>(&[requested(), started(1), requeued]).when(&start()).then(&[started(2)]);
}

#[test]
fn only_what_waits_or_runs_is_put_back() {
    let requeue = JobCommand::Requeue { note: String::new() };
    for (end, status) in [
        (completed(1), JobStatus::Completed),
        (dead(), JobStatus::DeadLettered),
        (CancelRequested {}.into(), JobStatus::Cancelling),
    ] {
        let refused = JobRefusal::NotPossible(status);
        given::<JobDecider>(&[requested(), started(1), end]).when(&requeue).then_refused(&refused);
    }
}
