//! Jobs that must be finished by a moment.

use super::*;
use crate::decider::Decider;

const DEADLINE: OffsetDateTime = datetime!(2026-11-20 12:30 UTC);
const LATE: OffsetDateTime = datetime!(2026-11-20 12:30:00.001 UTC);

fn requested_with_deadline() -> JobEvent {
    let JobEvent::Requested(requested) = requested() else { unreachable!() };
    Requested { deadline: Some(DEADLINE), ..requested }.into()
}

fn start_at(max_attempts: u32, at: OffsetDateTime) -> JobCommand {
    JobCommand::Start { lane: Priority::Normal, worker: "w".into(), max_attempts, at }
}

fn complete_at(attempt: u32, at: OffsetDateTime) -> JobCommand {
    JobCommand::Complete { attempt, plan_id: plan(), plan_version: None, note: None, at }
}

fn fail_attempt(attempt: u32, retry_at: OffsetDateTime) -> JobCommand {
    JobCommand::FailAttempt { attempt, reason: "busy".into(), retry_at, attempts_left: 2 }
}

fn passed(attempt: u32) -> JobEvent {
    let reason = "the job was not finished by its deadline, 2026-11-20T12:30:00Z".into();
    Failed { attempt, code: FailureCode::DeadlinePassed, reason }.into()
}

#[test]
fn no_attempt_begins_behind_the_deadline() {
    let history = [requested_with_deadline()];
    given::<JobDecider>(&history).when(&start_at(3, DEADLINE)).then(&[started(1)]);
    given::<JobDecider>(&history)
        .when(&start_at(3, LATE))
        .then(&[passed(0)])
        .when(&start_at(3, LATE))
        .then_refused(&JobRefusal::NotPossible(JobStatus::Failed));
    let finish = JobCommand::Finish {
        lane: Priority::Normal,
        worker: "w".into(),
        max_attempts: 3,
        begun_at: DEADLINE,
        plan_id: plan(),
        at: LATE,
    };
    given::<JobDecider>(&history).when(&finish).then(&[passed(0)]);
    // Also where the attempts are used up: it is over, and no operator has to look at it.
    given::<JobDecider>(&[requested_with_deadline(), started(1)]).when(&start_at(1, LATE)).then(&[passed(1)]);
}

#[test]
fn a_plan_that_is_made_too_late_does_not_count() {
    let history = [requested_with_deadline(), started(1)];
    given::<JobDecider>(&history).when(&complete_at(1, DEADLINE)).then(&[completed(1)]);
    given::<JobDecider>(&history).when(&complete_at(1, LATE)).then(&[passed(1)]);
    // What was completed in time stays completed, whenever that is told again.
    given::<JobDecider>(&[requested_with_deadline(), started(1), completed(1)])
        .when(&complete_at(1, LATE))
        .then_nothing();
}

#[test]
fn a_retry_that_would_come_too_late_ends_the_job_at_once() {
    let history = [requested_with_deadline(), started(1)];
    let before = datetime!(2026-11-20 12:29:59 UTC);
    let again = AttemptFailed { attempt: 1, reason: "busy".into(), retry_at: before, attempts_left: Some(2) };
    given::<JobDecider>(&history).when(&fail_attempt(1, before)).then(&[again.into()]);
    let reason = "attempt 1 failed (busy), and another would come after the deadline, 2026-11-20T12:30:00Z";
    let failed = Failed { attempt: 1, code: FailureCode::DeadlinePassed, reason: reason.into() };
    given::<JobDecider>(&history).when(&fail_attempt(1, DEADLINE)).then(&[failed.into()]);
}

#[test]
fn whatever_waits_or_runs_expires_and_only_behind_the_deadline() {
    let expire = |at| JobCommand::Expire { at };
    for history in [
        vec![requested_with_deadline()],
        vec![requested_with_deadline(), started(1)],
        vec![requested_with_deadline(), started(1), attempt_failed(1)],
    ] {
        let attempts = JobDecider::fold(&history).0.unwrap().attempts;
        given::<JobDecider>(&history).when(&expire(DEADLINE)).then_nothing();
        given::<JobDecider>(&history).when(&expire(LATE)).then(&[passed(attempts)]);
    }
    given::<JobDecider>(&[requested()]).when(&expire(LATE)).then_nothing();
}

#[test]
fn a_job_at_an_end_or_about_to_stop_does_not_expire() {
    let expire = JobCommand::Expire { at: LATE };
    for (end, status) in [
        (completed(1), JobStatus::Completed),
        (dead(), JobStatus::DeadLettered),
        (Cancelled {}.into(), JobStatus::Cancelled),
        (CancelRequested {}.into(), JobStatus::Cancelling),
    ] {
        given::<JobDecider>(&[requested_with_deadline(), started(1), end])
            .when(&expire)
            .then_refused(&JobRefusal::NotPossible(status));
    }
}
