mod health;

use time::macros::date;

use super::*;
use crate::decider::Decider;
use crate::engine::answers::{Answers, Step};
use crate::engine::profile::{Profile, Unfit};
use crate::ids::{AthleteId, JobId};
use crate::problem::FieldError;
use crate::scenario::given;

const WHOLE: &str = r#"{"purpose":"general_fitness","proficiency":"beginner","season":"offseason",
    "availabilityDays":["monday","thursday"],"weeklyGoalDays":2,"equipment":["bands"],"recoveryHabits":[]}"#;

fn amy() -> AthleteId {
    "amy".parse().unwrap()
}

fn answers(json: &str) -> Answers {
    serde_json::from_str(json).unwrap()
}

fn answer(json: &str) -> AthleteCommand {
    AthleteCommand::Answer { athlete_id: amy(), answers: Box::new(answers(json)), today: date!(2026 - 11 - 20) }
}

fn answered(steps: &[Step], json: &str) -> AthleteEvent {
    OnboardingAnswered { completed_steps: steps.to_vec(), answers: answers(json) }.into()
}

fn completed(revision: u32, json: &str) -> AthleteEvent {
    let profile = Profile::from_answers(&answers(json)).unwrap();
    OnboardingCompleted { revision, profile, job_id: JobId::for_profile(&amy(), revision) }.into()
}

#[test]
fn all_six_steps_at_once_make_a_profile_and_promise_a_job() {
    given::<AthleteDecider>(&[]).when(&answer(WHOLE)).then(&[answered(&Step::ALL, WHOLE), completed(1, WHOLE)]);
}

#[test]
fn step_by_step_leads_to_the_same_profile() {
    let last =
        r#"{"availabilityDays":["monday","thursday"],"weeklyGoalDays":2,"equipment":["bands"],"recoveryHabits":[]}"#;
    given::<AthleteDecider>(&[])
        .when(&answer(r#"{"purpose":"general_fitness"}"#))
        .then(&[answered(&[Step::Purpose], r#"{"purpose":"general_fitness"}"#)])
        .when(&answer(r#"{"proficiency":"beginner","season":"offseason"}"#))
        .then(&[answered(&[Step::Proficiency, Step::Season], r#"{"proficiency":"beginner","season":"offseason"}"#)])
        .when(&answer(last))
        .then(&[answered(&[Step::Availability, Step::Equipment, Step::Recovery], last), completed(1, WHOLE)]);
}

#[test]
fn answers_that_were_stored_without_their_profile_make_it_when_they_come_again() {
    given::<AthleteDecider>(&[]).the_rest_follows(&answer(WHOLE));
    let stronger = answer(r#"{"proficiency":"advanced"}"#);
    given::<AthleteDecider>(&[answered(&Step::ALL, WHOLE), completed(1, WHOLE)]).the_rest_follows(&stronger);
}

#[test]
fn the_same_answers_again_change_nothing() {
    given::<AthleteDecider>(&[answered(&Step::ALL, WHOLE), completed(1, WHOLE)]).when(&answer(WHOLE)).then_nothing();
}

#[test]
fn a_changed_answer_makes_the_next_revision_with_a_job_of_its_own() {
    let history = [answered(&Step::ALL, WHOLE), completed(1, WHOLE)];
    let changed = WHOLE.replace(r#"["bands"]"#, r#"["dumbbells"]"#);
    given::<AthleteDecider>(&history)
        .when(&answer(r#"{"equipment":["dumbbells"]}"#))
        .then(&[answered(&[], r#"{"equipment":["dumbbells"]}"#), completed(2, &changed)]);
    let state = AthleteDecider::fold(&[history[0].clone(), history[1].clone(), completed(2, &changed)]);
    assert!(state.promised(&JobId::for_profile(&amy(), 1)) && state.promised(&JobId::for_profile(&amy(), 2)));
    assert!(!state.promised(&JobId::for_profile(&amy(), 3)));
}

#[test]
fn every_field_out_of_range_is_named() {
    let command = answer(
        r#"{"availabilityDays":9,"weeklyGoalDays":0,"minutesPerSession":5,"age":3,
            "injuries":[{"bodyPart":"knee","pain":11}]}"#,
    );
    let AthleteRefusal::Unfit(Unfit::Invalid(errors)) =
        AthleteDecider::decide(&AthleteState::default(), &command).unwrap_err()
    else {
        panic!("not invalid")
    };
    let fields: Vec<_> = errors.iter().map(|error| error.field.as_str()).collect();
    assert_eq!(fields, ["weeklyGoalDays", "minutesPerSession", "age", "availabilityDays", "injuries[0].pain"]);
}

#[test]
fn a_schedule_that_ends_before_it_begins_contradicts_itself() {
    for end in ["09:00", "10:00"] {
        let schedule = format!(r#"{{"fixedSchedules":[{{"day":"monday","start":"10:00","end":"{end}"}}]}}"#);
        let expected =
            FieldError::new("fixedSchedules[0].end", "is not after start", "a later time of the same day, HH:MM");
        given::<AthleteDecider>(&[])
            .when(&answer(&schedule))
            .then_refused(&Unfit::Contradictory(vec![expected]).into());
    }
}

#[test]
fn answers_that_contradict_earlier_ones_are_refused() {
    let history = [answered(&[], r#"{"availabilityDays":2}"#)];
    let expected = FieldError::new(
        "weeklyGoalDays",
        "3 sessions do not fit on 2 available days",
        "1 to 2, or more availabilityDays",
    );
    given::<AthleteDecider>(&history)
        .when(&answer(r#"{"weeklyGoalDays":3}"#))
        .then_refused(&Unfit::Contradictory(vec![expected]).into());
}

#[test]
fn a_competition_in_the_past_is_refused_and_one_today_is_not() {
    given::<AthleteDecider>(&[])
        .when(&answer(r#"{"competitionDate":"2026-11-20"}"#))
        .then(&[answered(&[], r#"{"competitionDate":"2026-11-20"}"#)]);
    let expected = FieldError::new(
        "competitionDate",
        "2026-11-19 is in the past",
        "2026-11-20 or later, at most five years ahead, or none",
    );
    given::<AthleteDecider>(&[])
        .when(&answer(r#"{"competitionDate":"2026-11-19"}"#))
        .then_refused(&Unfit::Contradictory(vec![expected]).into());
}

#[test]
fn questions_answered_one_by_one_add_up_and_make_a_revision() {
    let history = [answered(&Step::ALL, WHOLE), completed(1, WHOLE)];
    let (one, two) = (r#"{"screening":{"chestPain":false}}"#, r#"{"screening":{"medication":true}}"#);
    let both = WHOLE.replace("{\"purpose\"", r#"{"screening":{"chestPain":false,"medication":true},"purpose""#);
    let first = WHOLE.replace("{\"purpose\"", r#"{"screening":{"chestPain":false},"purpose""#);
    given::<AthleteDecider>(&history)
        .when(&answer(one))
        .then(&[answered(&[], one), completed(2, &first)])
        .when(&answer(two))
        .then(&[answered(&[], two), completed(3, &both)])
        .when(&answer(one))
        .then_nothing();
}

#[test]
fn a_professionals_yes_covers_what_was_known_and_nothing_that_comes_later() {
    let cleared = WHOLE.replace("{\"purpose\"", r#"{"clearedByProfessional":true,"pregnant":true,"purpose""#);
    let history = [answered(&Step::ALL, &cleared), completed(1, &cleared)];
    let anew = r#"{"screening":{"chestPain":true}}"#;
    let ended = r#"{"screening":{"chestPain":true},"clearedByProfessional":false}"#;
    let after = WHOLE.replace(
        "{\"purpose\"",
        r#"{"clearedByProfessional":false,"pregnant":true,"screening":{"chestPain":true},"purpose""#,
    );
    given::<AthleteDecider>(&history).when(&answer(anew)).then(&[answered(&[], ended), completed(2, &after)]);

    // A yes that comes with the answer covers it, and an answer that calls for none leaves the yes as it is.
    let with = r#"{"screening":{"chestPain":true},"clearedByProfessional":true}"#;
    let yes = after.replace(r#""clearedByProfessional":false"#, r#""clearedByProfessional":true"#);
    given::<AthleteDecider>(&history).when(&answer(with)).then(&[answered(&[], with), completed(2, &yes)]);
    let harmless = cleared.replace(r#"["bands"]"#, r#"["dumbbells"]"#);
    given::<AthleteDecider>(&history)
        .when(&answer(r#"{"equipment":["dumbbells"]}"#))
        .then(&[answered(&[], r#"{"equipment":["dumbbells"]}"#), completed(2, &harmless)]);
}
