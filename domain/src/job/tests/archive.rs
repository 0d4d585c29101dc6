//! A job whose events are in the archive is the same job to everybody.

use super::*;

fn copy() -> ArchivedEvents {
    ArchivedEvents { segment: "s1".into(), first: 1, last: 9, events: 5 }
}

fn archive() -> JobCommand {
    JobCommand::Archive(copy())
}

fn archived(status: JobStatus, attempts: u32, plan_id: Option<PlanId>) -> JobEvent {
    Archived {
        athlete_id: "amy".parse().unwrap(),
        fingerprint: "f1".into(),
        status,
        attempts,
        plan_id,
        segment: "s1".into(),
        first: 1,
        last: 9,
        events: 5,
    }
    .into()
}

/// Every end with its events and with the one event that stands for them.
fn ends() -> Vec<(JobStatus, Vec<JobEvent>, JobEvent)> {
    let failed: JobEvent = Failed { attempt: 1, code: FailureCode::Infeasible, reason: "no day".into() }.into();
    vec![
        (
            JobStatus::Completed,
            vec![requested(), started(1), completed(1)],
            archived(JobStatus::Completed, 1, Some(plan())),
        ),
        (JobStatus::Failed, vec![requested(), started(1), failed], archived(JobStatus::Failed, 1, None)),
        (JobStatus::Cancelled, vec![requested(), Cancelled {}.into()], archived(JobStatus::Cancelled, 0, None)),
    ]
}

#[test]
fn a_job_that_ended_for_good_is_archived_once() {
    for (status, history, event) in ends() {
        assert!(status.is_final());
        given::<JobDecider>(&history)
            .when(&archive())
            .then(std::slice::from_ref(&event))
            .when(&archive())
            .then_nothing();
        assert!(ENDS.contains(&crate::event_data::EventData::event_type(history.last().unwrap()).name.as_str()));
    }
}

#[test]
fn what_may_still_go_on_is_not_archived() {
    let histories = [
        (JobStatus::Queued, vec![requested()]),
        (JobStatus::Running, vec![requested(), started(1)]),
        (JobStatus::Retrying, vec![requested(), started(1), attempt_failed(1)]),
        (JobStatus::Cancelling, vec![requested(), started(1), CancelRequested {}.into()]),
        (JobStatus::DeadLettered, vec![requested(), started(1), dead()]),
    ];
    for (status, history) in histories {
        given::<JobDecider>(&history).when(&archive()).then_refused(&JobRefusal::NotPossible(status));
    }
    given::<JobDecider>(&[]).when(&archive()).then_refused(&JobRefusal::Unknown);
}

/// Before its events are removed, while some are, and after.
#[test]
fn a_repeated_request_never_makes_the_job_again() {
    for (_, history, event) in ends() {
        let whole = [history, vec![event]].concat();
        for left in 0..whole.len() {
            given::<JobDecider>(&whole[left..]).when(&request("f1")).then_nothing();
            given::<JobDecider>(&whole[left..]).when(&request("f2")).then_refused(&JobRefusal::KeyReused);
        }
    }
}

#[test]
fn no_worker_takes_it_up_and_nobody_puts_it_back() {
    for (status, _, event) in ends() {
        let refusal = JobRefusal::Archived(status);
        let late = [
            start(),
            start_express(),
            JobCommand::Expedite,
            JobCommand::Redrive { note: "again".into() },
            JobCommand::DeadLetter { reason: "r".into(), fingerprint: "f".into() },
        ];
        for command in late {
            given::<JobDecider>(std::slice::from_ref(&event)).when(&command).then_refused(&refusal);
        }
        assert_eq!(refusal.to_string(), format!("the job is {} and archived", status.as_str()));
    }
}

#[test]
fn what_was_done_before_is_still_done() {
    for (status, _, event) in ends() {
        let given = || given::<JobDecider>(std::slice::from_ref(&event));
        match status {
            JobStatus::Cancelled => {
                given().when(&JobCommand::Cancel).then_nothing();
                given().when(&JobCommand::ConfirmCancel).then_nothing();
            }
            status => given().when(&JobCommand::Cancel).then_refused(&JobRefusal::Archived(status)),
        }
        if status == JobStatus::Completed {
            given().when(&complete(1)).then_nothing();
        }
    }
}
