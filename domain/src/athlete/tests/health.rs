//! A professional's yes, reported pain and notes: what they bind, how long, and what settles them.

use time::macros::datetime;
use time::{Date, OffsetDateTime};

use super::*;
use crate::engine::profile::BodyPart;
use crate::engine::red_flags;
use crate::engine::workout::Pain;

const REPORTED: OffsetDateTime = datetime!(2026-11-18 19:00 UTC);
const TODAY: Date = date!(2026 - 11 - 20);

/// The whole answers and some more.
fn with(more: &str) -> String {
    WHOLE.replacen('{', &format!("{{{more},"), 1)
}

/// What the commands lead to, each decided on what came before.
fn after(commands: &[AthleteCommand]) -> AthleteState {
    commands.iter().fold(AthleteState::default(), |state, command| {
        let events = AthleteDecider::decide(&state, command).unwrap();
        events.iter().fold(state, AthleteDecider::evolve)
    })
}

fn hurts(body_part: BodyPart, level: u8, at: OffsetDateTime) -> AthleteCommand {
    AthleteCommand::ReportHealth { at, pain: vec![Pain { body_part, level }], note: None }
}

fn notes(words: &str) -> AthleteCommand {
    AthleteCommand::ReportHealth { at: REPORTED, pain: Vec::new(), note: Some(words.to_owned()) }
}

fn injuries(state: &AthleteState, today: Date) -> Vec<(BodyPart, u8)> {
    state.profile_on(today).unwrap().injuries.iter().map(|injury| (injury.body_part, injury.pain)).collect()
}

fn is_cleared(state: &AthleteState) -> bool {
    state.profile_on(TODAY).unwrap().cleared_by_professional
}

#[test]
fn a_yes_before_onboarding_is_complete_covers_nothing_that_comes_later() {
    let early = answer(r#"{"pregnant":true,"clearedByProfessional":true}"#);
    let chest = answer(r#"{"screening":{"chestPain":true}}"#);
    let state = after(&[early.clone(), chest, answer(WHOLE)]);
    assert!(!is_cleared(&state));
    assert!(is_cleared(&after(&[early, answer(WHOLE)])));
}

#[test]
fn a_yes_stays_when_things_get_better_and_ends_when_they_get_worse() {
    let ten = with(r#""clearedByProfessional":true,"weeksSinceBirth":3,"injuries":[{"bodyPart":"knee","pain":9}]"#);
    let better = answer(r#"{"weeksSinceBirth":4,"injuries":[{"bodyPart":"knee","pain":7}]}"#);
    assert!(is_cleared(&after(&[answer(&ten), better])));
    let yes = with(r#""clearedByProfessional":true,"injuries":[{"bodyPart":"knee","pain":10}]"#);
    let nine = answer(r#"{"injuries":[{"bodyPart":"knee","pain":9}]}"#);
    assert!(is_cleared(&after(&[answer(&yes), nine])), "less pain in the same place");
    let hip = answer(r#"{"injuries":[{"bodyPart":"hip","pain":9}]}"#);
    assert!(!is_cleared(&after(&[answer(&yes), hip])), "another place");
    let worse = answer(r#"{"injuries":[{"bodyPart":"knee","pain":10}]}"#);
    assert!(!is_cleared(&after(&[answer(&ten), worse])), "more pain");
    let newborn = answer(r#"{"weeksSinceBirth":1}"#);
    assert!(!is_cleared(&after(&[answer(&ten), newborn])), "a younger birth");
    let places =
        r#""injuries":[{"bodyPart":"knee","pain":7},{"bodyPart":"hip","pain":7},{"bodyPart":"neck","pain":7}]"#;
    let cleared = with(&format!(r#""clearedByProfessional":true,{places}"#));
    let other = answer(&format!("{{{}}}", places.replace("neck", "wrist")));
    assert!(!is_cleared(&after(&[answer(&cleared), other])), "as many places, and another one");
}

#[test]
fn what_had_passed_and_comes_back_is_new() {
    let pregnant = with(r#""pregnant":true,"clearedByProfessional":true"#);
    let state = after(&[answer(&pregnant), answer(r#"{"pregnant":false}"#)]);
    assert!(is_cleared(&state));
    let again = after(&[answer(&pregnant), answer(r#"{"pregnant":false}"#), answer(r#"{"pregnant":true}"#)]);
    assert!(!is_cleared(&again));
}

#[test]
fn a_yes_that_is_given_again_covers_what_came_in_between() {
    let cleared = with(r#""clearedByProfessional":true"#);
    let reported = [answer(&cleared), hurts(BodyPart::Knee, 9, REPORTED)];
    assert!(!is_cleared(&after(&reported)));
    let again = [&reported[..], &[answer(r#"{"clearedByProfessional":true}"#)]].concat();
    assert!(is_cleared(&after(&again)));
    let better = [&reported[..], &[hurts(BodyPart::Knee, 5, REPORTED + time::Duration::days(1))]].concat();
    assert!(is_cleared(&after(&better)), "the yes to what was known stands again");
}

#[test]
fn reported_pain_binds_the_next_profile_for_a_while() {
    let state = after(&[answer(WHOLE), hurts(BodyPart::Knee, 7, REPORTED), hurts(BodyPart::Hip, 4, REPORTED)]);
    assert_eq!(injuries(&state, TODAY), [(BodyPart::Knee, 7), (BodyPart::Hip, 4)]);
    assert_eq!(injuries(&state, date!(2026 - 12 - 16)), [(BodyPart::Knee, 7), (BodyPart::Hip, 4)]);
    assert_eq!(injuries(&state, date!(2026 - 12 - 17)), [(BodyPart::Knee, 7)], "28 days for pain, 84 for strong pain");
    assert_eq!(injuries(&state, date!(2027 - 02 - 11)), []);
    // Still sore after strong pain counts as strong, and less than was answered is the newest word, however old.
    let sore = after(&[
        answer(&with(r#""injuries":[{"bodyPart":"neck","pain":6}]"#)),
        hurts(BodyPart::Knee, 8, REPORTED),
        hurts(BodyPart::Knee, 4, REPORTED + time::Duration::hours(5)),
        hurts(BodyPart::Neck, 1, REPORTED),
    ]);
    assert_eq!(injuries(&sore, TODAY), [(BodyPart::Knee, 6), (BodyPart::Neck, 1)]);
    assert_eq!(injuries(&sore, date!(2027 - 06 - 01)), [(BodyPart::Neck, 1)]);
}

#[test]
fn an_answer_since_then_counts_and_the_same_list_again_is_none() {
    let none = with(r#""injuries":[]"#);
    let reported = [answer(&none), hurts(BodyPart::Knee, 9, REPORTED)];
    let then = |json: &str| after(&[&reported[..], &[answer(json)]].concat());
    let whole_again = none.replace(r#"["bands"]"#, r#"["dumbbells"]"#);
    assert_eq!(injuries(&then(&whole_again), TODAY), [(BodyPart::Knee, 9)], "a form that is sent again");
    assert_eq!(injuries(&then(r#"{"injuries":[{"bodyPart":"knee","pain":0}]}"#), TODAY), [(BodyPart::Knee, 0)]);
    assert_eq!(injuries(&then(r#"{"injuries":[{"bodyPart":"hip","pain":2}]}"#), TODAY), [(BodyPart::Hip, 2)]);
    let state = then(r#"{"injuries":[{"bodyPart":"knee","pain":2}]}"#);
    assert_eq!(state.settled_pain().len(), 1);
    assert_eq!((state.settled_pain()[0].at, state.settled_pain()[0].pain[0].level), (REPORTED, 2));
    // What was reported stands in the profile that the next answers make.
    assert_eq!(then(&whole_again).current.unwrap().profile.injuries.len(), 1);
}

#[test]
fn what_a_note_mentions_stands_until_its_question_is_answered() {
    let flags = |state: &AthleteState| red_flags(&state.profile_on(TODAY).unwrap());
    let calm = with(r#""screening":{"chestPain":false}"#);
    let noted = [answer(&calm), notes("tightness in my chest on the last set")];
    let expected = "a note of yours mentions chest pain, and chestPain was not answered since";
    assert_eq!(flags(&after(&noted)), [expected]);
    let answered = [&noted[..], &[answer(r#"{"screening":{"chestPain":false}}"#)]].concat();
    assert_eq!(flags(&after(&answered)), [""; 0], "the same answer, after the note");
    let other = [&noted[..], &[answer(r#"{"screening":{"medication":false}}"#)]].concat();
    assert_eq!(flags(&after(&other)), [expected]);
    let yes = [&noted[..], &[answer(r#"{"clearedByProfessional":true}"#)]].concat();
    assert_eq!(flags(&after(&yes)), [""; 0]);
    let state = after(&noted);
    assert_eq!(state.profile_on(date!(2027 - 02 - 11)).unwrap().mentioned, [""; 0], "84 days");
}

#[test]
fn a_report_that_says_nothing_new_is_no_event() {
    let knee = hurts(BodyPart::Knee, 7, REPORTED);
    let state = after(&[answer(WHOLE), knee.clone()]);
    for nothing in [
        knee,
        hurts(BodyPart::Hip, 0, REPORTED),
        hurts(BodyPart::Knee, 3, REPORTED - time::Duration::hours(1)),
        notes("a fine session"),
        notes("breathless after the intervals, as it should be"),
    ] {
        assert_eq!(AthleteDecider::decide(&state, &nothing).unwrap(), [], "{nothing:?}");
    }
    // Strong pain that is reported late, of a place that still hurts, counts.
    let late = hurts(BodyPart::Hip, 8, REPORTED - time::Duration::hours(1));
    let state = after(&[answer(WHOLE), hurts(BodyPart::Hip, 5, REPORTED), late]);
    assert_eq!(injuries(&state, TODAY), [(BodyPart::Hip, 6)]);
}
