//! The rules of a plan, as sentences.

use time::macros::datetime;
use time::{Date, Duration, OffsetDateTime};

use super::{
    Created, MAX_ENTRIES, PainReported, PlanCommand, PlanDecider, PlanEvent, PlanRefusal, Revised, WorkoutLogged,
};
use crate::decider::Decider;
use crate::engine::adapt::{AdaptInput, Adaptation, adapt};
use crate::engine::fuzz::athlete;
use crate::engine::plan::Plan;
use crate::engine::profile::{BodyPart, Profile};
use crate::engine::workout::{ItemDone, Pain, PainReport, SetDone, TrainingLog, Workout};
use crate::engine::{Catalogue, ComposeInput, compose};
use crate::ids::{AthleteId, JobId, PlanId};
use crate::scenario::given;

fn amy() -> AthleteId {
    "amy".parse().unwrap()
}

fn made() -> (Profile, Plan) {
    let catalogue = Catalogue::shared().unwrap();
    let plan_id: PlanId = "plan-1".parse().unwrap();
    (0..)
        .find_map(|case| {
            let (profile, request) = athlete(7, case);
            let input = ComposeInput { plan_id: &plan_id, profile_revision: 1, profile: &profile, request: &request };
            let plan = compose(&input, catalogue).ok()?;
            (plan.weeks.len() > 3
                && profile.injuries.is_empty()
                && plan.weeks.iter().all(|week| week.sessions.len() > 1))
            .then_some((profile, plan))
        })
        .unwrap()
}

fn created() -> PlanEvent {
    Created { job_id: "job-1".parse().unwrap(), athlete_id: amy(), plan: made().1 }.into()
}

/// An hour after the first session's midday.
fn now() -> OffsetDateTime {
    made().1.weeks[0].sessions[0].date.midnight().assume_utc() + Duration::hours(13)
}

fn workout() -> Workout {
    let session = &made().1.weeks[0].sessions[0];
    let exercise = session.blocks[0].items[0].ex.clone();
    Workout {
        session_id: session.id.clone(),
        performed_at: now() - Duration::hours(1),
        items: vec![ItemDone { exercise, sets: vec![SetDone { seconds: Some(75), ..SetDone::default() }] }],
        session_rpe: Some(6),
        pain: Vec::new(),
        note: None,
    }
}

fn log(entry: &str, workout: Workout, fingerprint: &str) -> PlanCommand {
    PlanCommand::LogWorkout {
        entry_id: entry.parse().unwrap(),
        athlete_id: amy(),
        workout: Box::new(workout),
        fingerprint: fingerprint.into(),
        now: now(),
    }
}

fn logged(entry: &str, workout: Workout) -> PlanEvent {
    WorkoutLogged {
        entry_id: entry.parse().unwrap(),
        athlete_id: amy(),
        plan_version: 1,
        workout,
        fingerprint: "f1".into(),
    }
    .into()
}

fn hurts(level: u8) -> PainReport {
    PainReport { at: now(), pain: vec![Pain { body_part: BodyPart::Knee, level }], note: None }
}

fn report(athlete: &str, report: PainReport) -> PlanCommand {
    PlanCommand::ReportPain {
        entry_id: "pain-1".parse().unwrap(),
        athlete_id: athlete.parse().unwrap(),
        report: Box::new(report),
        fingerprint: "f1".into(),
        now: now(),
    }
}

fn reported(level: u8) -> PlanEvent {
    let entry_id = "pain-1".parse().unwrap();
    PainReported { entry_id, athlete_id: amy(), report: hurts(level), fingerprint: "f1".into() }.into()
}

/// The version that strong knee pain leads to.
fn next() -> Plan {
    let (profile, plan) = made();
    let mut log = TrainingLog::default();
    log.report(hurts(7));
    let input = AdaptInput::new(&plan, &profile, &log, now().date());
    match adapt(&input, Catalogue::shared().unwrap()).unwrap() {
        Adaptation::Next(next) => *next,
        Adaptation::Same(_) => panic!("strong pain changes the plan"),
    }
}

fn revise(plan: Plan, today: Date) -> PlanCommand {
    PlanCommand::Revise { job_id: "job-2".parse().unwrap(), athlete_id: amy(), plan: Box::new(plan), today }
}

fn fields(refusal: &PlanRefusal) -> Vec<&str> {
    match refusal {
        PlanRefusal::Invalid(errors) => errors.iter().map(|error| error.field.as_str()).collect(),
        _ => Vec::new(),
    }
}

#[test]
fn a_workout_is_written_down_once_however_often_it_is_sent() {
    given::<PlanDecider>(&[created()])
        .when(&log("e1", workout(), "f1"))
        .then(&[logged("e1", workout())])
        .when(&log("e1", workout(), "f1"))
        .then_nothing();
    given::<PlanDecider>(&[created(), logged("e1", workout())])
        .when(&log("e1", workout(), "other"))
        .then_refused(&PlanRefusal::KeyReused);
}

#[test]
fn a_later_workout_of_the_same_session_counts_in_its_place() {
    let corrected = Workout { session_rpe: Some(9), ..workout() };
    let state = PlanDecider::fold(&[created(), logged("e1", workout()), logged("e2", corrected.clone())]);
    assert_eq!(state.log.workouts, [corrected]);
    assert_eq!(state.entries.len(), 2);
}

#[test]
fn every_wrong_field_of_a_workout_is_named() {
    let late = made().1.weeks[2].sessions[0].id.clone();
    let set = SetDone {
        reps: Some(501),
        seconds: Some(5),
        rir: Some(11),
        rpe: serde_json::from_str("8.2").ok(),
        ..SetDone::default()
    };
    let wrong = Workout {
        session_id: late,
        performed_at: now() + Duration::days(1),
        items: vec![
            ItemDone { exercise: "no-such-exercise".into(), sets: vec![set] },
            ItemDone { exercise: workout().items[0].exercise.clone(), sets: Vec::new() },
        ],
        session_rpe: Some(11),
        pain: vec![Pain { body_part: BodyPart::Hip, level: 11 }, Pain { body_part: BodyPart::Hip, level: 1 }],
        note: Some("x".repeat(1_001)),
    };
    let state = PlanDecider::fold(&[created()]);
    let refusal = PlanDecider::decide(&state, &log("e1", wrong, "f1")).unwrap_err();
    assert_eq!(
        fields(&refusal),
        [
            "performedAt",
            "sessionId",
            "items[0].exercise",
            "items[0].sets[0]",
            "items[0].sets[0].reps",
            "items[0].sets[0].rpe",
            "items[0].sets[0].rir",
            "items[0].sets[0].rpe",
            "items[1].sets",
            "sessionRpe",
            "pain[0].level",
            "pain[1].bodyPart",
            "note",
        ]
    );
    let unknown = Workout { session_id: "w99d1".into(), ..workout() };
    let refusal = PlanDecider::decide(&state, &log("e1", unknown, "f1")).unwrap_err();
    assert_eq!(fields(&refusal), ["sessionId"]);
}

#[test]
fn pain_can_be_reported_without_a_workout_and_by_nobody_else() {
    given::<PlanDecider>(&[created()]).when(&report("amy", hurts(7))).then(&[reported(7)]);
    given::<PlanDecider>(&[created()]).when(&report("ben", hurts(7))).then_refused(&PlanRefusal::Unknown);
    given::<PlanDecider>(&[]).when(&report("amy", hurts(7))).then_refused(&PlanRefusal::Unknown);
    let state = PlanDecider::fold(&[created()]);
    let empty = PainReport { pain: Vec::new(), at: datetime!(2099-01-01 00:00 UTC), note: None };
    assert_eq!(fields(&PlanDecider::decide(&state, &report("amy", empty)).unwrap_err()), ["at", "pain"]);
}

#[test]
fn one_job_makes_one_version() {
    let revised = Revised { job_id: "job-2".parse().unwrap(), athlete_id: amy(), plan: next() };
    given::<PlanDecider>(&[created(), reported(7)])
        .when(&revise(next(), now().date()))
        .then(&[revised.into()])
        .when(&revise(next(), now().date()))
        .then_nothing();
}

#[test]
fn a_version_of_another_than_the_newest_is_refused_and_so_is_one_that_changes_the_past() {
    let other: JobId = "job-9".parse().unwrap();
    let second = Revised { job_id: other, athlete_id: amy(), plan: next() }.into();
    given::<PlanDecider>(&[created(), reported(7), second])
        .when(&revise(next(), now().date()))
        .then_refused(&PlanRefusal::Superseded { parent: 1, newest: 2 });
    let mut rewritten = next();
    rewritten.weeks[0].sessions.clear();
    let state = PlanDecider::fold(&[created()]);
    let later = now().date() + Duration::days(7);
    assert!(matches!(PlanDecider::decide(&state, &revise(rewritten, later)), Err(PlanRefusal::Broken { .. })));
}

#[test]
fn a_log_that_is_full_takes_no_more() {
    let mut state = PlanDecider::fold(&[created()]);
    state.entries = (0..MAX_ENTRIES).map(|n| (format!("e{n}").parse().unwrap(), "f".to_owned())).collect();
    let refusal = PlanDecider::decide(&state, &log("new", workout(), "f1")).unwrap_err();
    assert_eq!(refusal, PlanRefusal::Full { what: "log entries", most: MAX_ENTRIES });
    assert_eq!(PlanDecider::decide(&state, &log("e1", workout(), "f")), Ok(Vec::new()), "a repeat is no new entry");
}
