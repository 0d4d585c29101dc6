//! Jobs that must not begin before a moment.

use super::*;
use crate::decider::Decider;

const DUE: OffsetDateTime = datetime!(2026-12-01 06:00 UTC);
const EARLY: OffsetDateTime = datetime!(2026-12-01 05:59:59.999 UTC);

fn scheduling(priority: Priority) -> JobCommand {
    let JobCommand::Request(request) = request("f1") else { unreachable!() };
    JobCommand::Request(Box::new(RequestPlan { not_before: Some(DUE), priority, ..*request }))
}

fn scheduled(priority: Priority) -> JobEvent {
    let JobEvent::Requested(requested) = requested() else { unreachable!() };
    Requested { not_before: Some(DUE), priority, ..requested }.into()
}

fn start_at(lane: Priority, at: OffsetDateTime) -> JobCommand {
    JobCommand::Start { lane, worker: "w".into(), max_attempts: 3, at }
}

fn finish_at(at: OffsetDateTime) -> JobCommand {
    let worker = "w".into();
    JobCommand::Finish { lane: Priority::Normal, worker, max_attempts: 3, begun_at: at, plan_id: plan(), at }
}

#[test]
fn a_scheduled_job_is_there_at_once_and_begins_when_it_is_due() {
    let early = JobRefusal::TooEarly { not_before: DUE };
    let history = [scheduled(Priority::Normal)];
    given::<JobDecider>(&[]).when(&scheduling(Priority::Normal)).then(&history);
    assert_eq!(JobDecider::fold(&history).0.unwrap().status, JobStatus::Scheduled);
    given::<JobDecider>(&history).when(&start_at(Priority::Normal, EARLY)).then_refused(&early);
    given::<JobDecider>(&history).when(&finish_at(EARLY)).then_refused(&early);
    given::<JobDecider>(&history).when(&start_at(Priority::Normal, DUE)).then(&[started(1)]);
    given::<JobDecider>(&history).when(&scheduling(Priority::Normal)).then_nothing();
}

#[test]
fn a_scheduled_job_is_cancelled_at_once() {
    given::<JobDecider>(&[scheduled(Priority::Normal)])
        .when(&JobCommand::Cancel)
        .then(&[Cancelled {}.into()])
        .when(&start_at(Priority::Normal, DUE))
        .then_refused(&JobRefusal::NotPossible(JobStatus::Cancelled));
}

#[test]
fn an_expedited_job_waits_for_its_time_no_longer() {
    for priority in [Priority::Normal, Priority::High] {
        let history = [scheduled(priority), Expedited {}.into()];
        given::<JobDecider>(&history[..1]).when(&JobCommand::Expedite).then(&history[1..]);
        given::<JobDecider>(&history).when(&start_at(Priority::High, EARLY)).then(&[started(1)]);
        given::<JobDecider>(&history).when(&start_at(Priority::Normal, DUE)).then_refused(&JobRefusal::OtherLane);
        given::<JobDecider>(&history).when(&JobCommand::Expedite).then_nothing();
    }
}

/// Two messages of one job would be two workers at it: it waits in the ordinary queue, whose worker puts it forward.
#[test]
fn a_scheduled_job_of_high_priority_is_put_forward_when_it_is_due() {
    let first = scheduled(Priority::High);
    given::<JobDecider>(&[]).when(&scheduling(Priority::High)).then(std::slice::from_ref(&first));
    given::<JobDecider>(std::slice::from_ref(&first))
        .when(&start_at(Priority::Normal, DUE))
        .then_refused(&JobRefusal::OtherLane);
    given::<JobDecider>(std::slice::from_ref(&first)).when(&scheduling(Priority::High)).then_nothing();
    given::<JobDecider>(&[first]).when(&JobCommand::Expedite).then(&[Expedited {}.into()]);
}

#[test]
fn a_scheduled_job_that_nobody_holds_is_put_back_and_may_be_parked() {
    let requeued: JobEvent = Requeued { note: "lost".into() }.into();
    given::<JobDecider>(&[scheduled(Priority::Normal)])
        .when(&JobCommand::Requeue { note: "lost".into() })
        .then(std::slice::from_ref(&requeued))
        .when(&start_at(Priority::Normal, EARLY))
        .then_refused(&JobRefusal::TooEarly { not_before: DUE });
    let park = JobCommand::DeadLetter { reason: "busy".into(), fingerprint: "x".into() };
    let parked = DeadLettered { attempts: 0, reason: "busy".into(), fingerprint: "x".into() };
    given::<JobDecider>(&[scheduled(Priority::Normal)]).when(&park).then(&[parked.into()]);
}

#[test]
fn a_retry_of_a_job_that_was_scheduled_does_not_wait_for_that_moment() {
    let history = [scheduled(Priority::Normal), started(1), attempt_failed(1)];
    given::<JobDecider>(&history).when(&start_at(Priority::Normal, EARLY)).then(&[started(2)]);
}

#[test]
fn a_request_without_moments_keeps_the_shape_that_was_always_written() {
    let JobEvent::Requested(plain) = requested() else { unreachable!() };
    let json = serde_json::to_value(&plain).unwrap();
    assert!(json.get("notBefore").is_none() && json.get("deadline").is_none(), "{json}");
    let later = Requested { not_before: Some(EARLY), deadline: Some(DUE), ..plain };
    let json = serde_json::to_value(&later).unwrap();
    assert_eq!(
        (json["notBefore"].as_str(), json["deadline"].as_str()),
        (Some("2026-12-01T05:59:59.999Z"), Some("2026-12-01T06:00:00Z"))
    );
    assert_eq!(serde_json::from_value::<Requested>(json).unwrap(), later);
}
