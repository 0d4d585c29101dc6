mod archive;
mod deadline;
mod orphan;
mod schedule;

use super::*;
use crate::engine::answers::Answers;
use crate::engine::profile::Profile;
use crate::engine::request::PlanRequest;
use crate::ids::{JobId, PlanId};
use crate::scenario::given;
use time::OffsetDateTime;
use time::macros::{date, datetime};

const NOW: OffsetDateTime = datetime!(2026-11-20 12:00 UTC);

fn profile() -> Profile {
    let answers: Answers = serde_json::from_str(
        r#"{"purpose":"general_fitness","proficiency":"beginner","season":"offseason","availabilityDays":3,
            "weeklyGoalDays":2,"equipment":["bands"],"recoveryHabits":["good_sleep"]}"#,
    )
    .unwrap();
    Profile::from_answers(&answers).unwrap()
}

fn job_id() -> JobId {
    "job-1".parse().unwrap()
}

fn request(fingerprint: &str) -> JobCommand {
    JobCommand::Request(Box::new(RequestPlan {
        job_id: job_id(),
        athlete_id: "amy".parse().unwrap(),
        profile_revision: 1,
        profile: profile(),
        request: PlanRequest { start: date!(2026 - 11 - 23), weeks: 4, seed: 7 },
        fingerprint: fingerprint.into(),
        replan: None,
        priority: Priority::Normal,
        not_before: None,
        deadline: None,
    }))
}

fn requested() -> JobEvent {
    Requested {
        job_id: job_id(),
        athlete_id: "amy".parse().unwrap(),
        profile_revision: 1,
        profile: profile(),
        request: PlanRequest { start: date!(2026 - 11 - 23), weeks: 4, seed: 7 },
        fingerprint: "f1".into(),
        replan: None,
        priority: Priority::Normal,
        not_before: None,
        deadline: None,
    }
    .into()
}

fn started(attempt: u32) -> JobEvent {
    Started { attempt, worker: "w".into() }.into()
}

fn start() -> JobCommand {
    JobCommand::Start { lane: Priority::Normal, worker: "w".into(), max_attempts: 3, at: NOW }
}

fn attempt_failed(attempt: u32) -> JobEvent {
    let retry_at = datetime!(2026-11-20 12:00 UTC);
    AttemptFailed { attempt, reason: "busy".into(), retry_at, attempts_left: Some(2) }.into()
}

fn plan() -> PlanId {
    PlanId::for_job(&job_id())
}

fn complete(attempt: u32) -> JobCommand {
    JobCommand::Complete { attempt, plan_id: plan(), plan_version: None, note: None, at: NOW }
}

fn completed(attempt: u32) -> JobEvent {
    Completed { attempt, plan_id: plan(), plan_version: None, note: None, begun: None }.into()
}

fn dead() -> JobEvent {
    DeadLettered { attempts: 3, reason: "busy".into(), fingerprint: "x".into() }.into()
}

#[test]
fn a_request_queues_a_job_and_walks_to_its_plan() {
    given::<JobDecider>(&[])
        .when(&request("f1"))
        .then(&[requested()])
        .when(&start())
        .then(&[started(1)])
        .when(&complete(1))
        .then(&[completed(1)]);
}

#[test]
fn the_same_request_again_is_no_new_job() {
    given::<JobDecider>(&[requested()]).when(&request("f1")).then_nothing();
    given::<JobDecider>(&[requested(), started(1), completed(1)]).when(&request("f1")).then_nothing();
}

#[test]
fn another_request_under_the_same_key_is_refused() {
    given::<JobDecider>(&[requested()]).when(&request("f2")).then_refused(&JobRefusal::KeyReused);
}

#[test]
fn nothing_but_a_request_begins_a_job() {
    for command in [start(), complete(1), JobCommand::Cancel, JobCommand::ConfirmCancel] {
        given::<JobDecider>(&[]).when(&command).then_refused(&JobRefusal::Unknown);
    }
}

#[test]
fn a_job_whose_worker_was_lost_is_taken_up_again_as_the_next_attempt() {
    given::<JobDecider>(&[requested(), started(1)]).when(&start()).then(&[started(2)]);
}

#[test]
fn a_worker_that_comes_back_late_is_fenced() {
    let history = [requested(), started(1), started(2)];
    let fenced = JobRefusal::Fenced { stale: 1, current: 2 };
    given::<JobDecider>(&history).when(&complete(1)).then_refused(&fenced);
    given::<JobDecider>(&history).when(&complete(2)).then(&[completed(2)]);
}

fn finish(max_attempts: u32) -> JobCommand {
    let begun_at = datetime!(2026-11-20 12:00 UTC);
    JobCommand::Finish { lane: Priority::Normal, worker: "w".into(), max_attempts, begun_at, plan_id: plan(), at: NOW }
}

fn finished(attempt: u32) -> JobEvent {
    let begun = Some(Begun { at: datetime!(2026-11-20 12:00 UTC), worker: "w".into() });
    Completed { attempt, plan_id: plan(), plan_version: None, note: None, begun }.into()
}

#[test]
fn an_attempt_that_ends_at_once_is_begun_and_ended_by_one_event() {
    given::<JobDecider>(&[requested()]).when(&finish(3)).then(&[finished(1)]);
    given::<JobDecider>(&[requested(), finished(1)]).when(&finish(3)).then_nothing();
    given::<JobDecider>(&[requested(), finished(1)]).when(&complete(1)).then_nothing();
    given::<JobDecider>(&[requested(), finished(1)])
        .when(&start())
        .then_refused(&JobRefusal::NotPossible(JobStatus::Completed));
    // It counts as any other, and takes over from one whose worker was lost.
    let counted = [requested(), started(1), attempt_failed(1)];
    given::<JobDecider>(&counted).when(&finish(3)).then(&[finished(2)]);
    given::<JobDecider>(&counted).when(&finish(1)).then_refused(&JobRefusal::Exhausted { attempts: 1 });
    given::<JobDecider>(&[requested(), started(1)]).when(&finish(3)).then(&[finished(2)]);
}

#[test]
fn what_is_to_be_stopped_is_not_finished() {
    let wished = [requested(), started(1), CancelRequested {}.into()];
    given::<JobDecider>(&wished).when(&finish(3)).then(&[Cancelled {}.into()]);
    let cancelled = [requested(), Cancelled {}.into()];
    given::<JobDecider>(&cancelled).when(&finish(3)).then_refused(&JobRefusal::NotPossible(JobStatus::Cancelled));
    given::<JobDecider>(&[requested(), Expedited {}.into()]).when(&finish(3)).then_refused(&JobRefusal::OtherLane);
}

#[test]
fn a_completion_told_twice_counts_once() {
    given::<JobDecider>(&[requested(), started(1), completed(1)]).when(&complete(1)).then_nothing();
}

#[test]
fn the_budget_of_attempts_ends() {
    let mut history = vec![requested()];
    for attempt in 1..=3 {
        history.extend([started(attempt), attempt_failed(attempt)]);
    }
    given::<JobDecider>(&history).when(&start()).then_refused(&JobRefusal::Exhausted { attempts: 3 });
}

#[test]
fn a_redriven_job_has_a_new_budget_and_goes_on_counting() {
    let mut history = vec![requested()];
    for attempt in 1..=3 {
        history.extend([started(attempt), attempt_failed(attempt)]);
    }
    history.push(dead());
    let redrive = JobCommand::Redrive { note: "fixed".into() };
    given::<JobDecider>(&history)
        .when(&redrive)
        .then(&[Redriven { note: "fixed".into() }.into()])
        .when(&start())
        .then(&[started(4)]);
}

#[test]
fn only_a_dead_letter_is_redriven() {
    let redrive = JobCommand::Redrive { note: String::new() };
    for (history, status) in
        [(vec![requested()], JobStatus::Queued), (vec![requested(), started(1), completed(1)], JobStatus::Completed)]
    {
        given::<JobDecider>(&history).when(&redrive).then_refused(&JobRefusal::NotPossible(status));
    }
}

#[test]
fn parking_twice_records_once() {
    let park = JobCommand::DeadLetter { reason: "busy".into(), fingerprint: "x".into() };
    given::<JobDecider>(&[requested(), started(1), dead()]).when(&park).then_nothing();
    given::<JobDecider>(&[requested(), started(1), completed(1)])
        .when(&park)
        .then_refused(&JobRefusal::NotPossible(JobStatus::Completed));
}

#[test]
fn a_waiting_job_is_cancelled_at_once_and_a_running_one_is_asked_to_stop() {
    given::<JobDecider>(&[requested()]).when(&JobCommand::Cancel).then(&[Cancelled {}.into()]);
    given::<JobDecider>(&[requested(), started(1), attempt_failed(1)])
        .when(&JobCommand::Cancel)
        .then(&[Cancelled {}.into()]);
    given::<JobDecider>(&[requested(), started(1)])
        .when(&JobCommand::Cancel)
        .then(&[CancelRequested {}.into()])
        .when(&JobCommand::ConfirmCancel)
        .then(&[Cancelled {}.into()]);
}

#[test]
fn a_job_that_is_being_cancelled_hands_in_no_plan() {
    let history = [requested(), started(1), CancelRequested {}.into()];
    let refusal = JobRefusal::NotPossible(JobStatus::Cancelling);
    given::<JobDecider>(&history).when(&complete(1)).then_refused(&refusal);
    // Its worker died before it acknowledged: the next one to hold the delivery does.
    given::<JobDecider>(&history).when(&start()).then(&[Cancelled {}.into()]);
}

#[test]
fn an_ended_job_is_not_taken_up_again() {
    let failed: JobEvent = Failed { attempt: 1, code: FailureCode::Infeasible, reason: "no day".into() }.into();
    for (end, status) in [
        (completed(1), JobStatus::Completed),
        (failed, JobStatus::Failed),
        (dead(), JobStatus::DeadLettered),
        (Cancelled {}.into(), JobStatus::Cancelled),
    ] {
        assert!(status.is_terminal());
        given::<JobDecider>(&[requested(), started(1), end])
            .when(&start())
            .then_refused(&JobRefusal::NotPossible(status));
    }
}

fn start_express() -> JobCommand {
    JobCommand::Start { lane: Priority::High, worker: "w".into(), max_attempts: 3, at: NOW }
}

#[test]
fn an_expedited_job_is_taken_up_by_the_express_workers_and_by_nobody_else() {
    given::<JobDecider>(&[requested()])
        .when(&JobCommand::Expedite)
        .then(&[Expedited {}.into()])
        .when(&start())
        .then_refused(&JobRefusal::OtherLane);
    given::<JobDecider>(&[requested(), Expedited {}.into()]).when(&start_express()).then(&[started(1)]);
    given::<JobDecider>(&[requested()]).when(&start_express()).then_refused(&JobRefusal::OtherLane);
}

#[test]
fn a_request_of_high_priority_is_expedited_from_the_start() {
    let JobCommand::Request(mut request) = request("f1") else { panic!() };
    request.priority = Priority::High;
    let JobEvent::Requested(mut first) = requested() else { panic!() };
    first.priority = Priority::High;
    let events = [first.into(), Expedited {}.into()];
    given::<JobDecider>(&[]).the_rest_follows(&JobCommand::Request(request.clone()));
    given::<JobDecider>(&events[..1]).when(&JobCommand::Expedite).then(&events[1..]);
    given::<JobDecider>(&[]).when(&JobCommand::Request(request)).then(&events);
    // Known from the request alone: the ordinary workers leave it to the others.
    given::<JobDecider>(&events[..1]).when(&start()).then_refused(&JobRefusal::OtherLane);
}

#[test]
fn only_a_waiting_job_is_expedited_and_only_once() {
    given::<JobDecider>(&[requested(), Expedited {}.into()]).when(&JobCommand::Expedite).then_nothing();
    given::<JobDecider>(&[requested(), started(1)])
        .when(&JobCommand::Expedite)
        .then_refused(&JobRefusal::NotPossible(JobStatus::Running));
}

#[test]
fn a_redriven_job_waits_in_the_ordinary_queue() {
    let history = [requested(), Expedited {}.into(), started(1), dead(), Redriven { note: "x".into() }.into()];
    given::<JobDecider>(&history).when(&start()).then(&[started(2)]);
}

#[test]
fn a_request_to_adapt_a_plan_keeps_the_shape_that_was_always_written() {
    let JobEvent::Requested(plain) = requested() else { unreachable!() };
    let plain_json = serde_json::to_value(&plain).unwrap();
    assert!(plain_json.get("replan").is_none(), "a request for a new plan is written as it always was");
    let replan = Replan { plan_id: plan(), base_version: 2, reason: None };
    let adapting = Requested { replan: Some(replan), ..plain };
    let json = serde_json::to_value(&adapting).unwrap();
    assert_eq!(json["replan"], serde_json::json!({ "planId": plan(), "baseVersion": 2 }));
    assert_eq!(serde_json::from_value::<Requested>(json).unwrap(), adapting);
}
