//! Answers that no plan can come of, and the words that the athlete gets.

use super::athletes::{example, plan, today, weeks};
use ally_domain::engine::answers::Answers;
use ally_domain::engine::profile::{
    Availability, BodyPart, Day, FixedSchedule, Injury, Profile, Purpose, Unfit, check,
};
use ally_domain::engine::request::PlanRequest;
use ally_domain::engine::rule::Rule;
use ally_domain::engine::screening::{Question, Screening};
use ally_domain::engine::{Catalogue, ComposeError, red_flags};
use time::{Duration, Time};

fn refusal(profile: &Profile, request: &PlanRequest) -> ComposeError {
    plan(profile, request, &Catalogue::embedded().unwrap()).unwrap_err()
}

fn rule_and_words(error: &ComposeError) -> (Rule, String) {
    match error {
        ComposeError::Infeasible { rule, .. } => (*rule, error.to_string()),
        ComposeError::ClearanceRequired { .. } => panic!("{error}"),
    }
}

#[test]
fn a_week_without_a_free_quarter_of_an_hour() {
    let mut profile = example("beginner-bands-sore-knee");
    profile.availability_days = Availability::Days(vec![Day::Tuesday]);
    let (start, end) = (Time::from_hms(6, 5, 0).unwrap(), Time::from_hms(21, 55, 0).unwrap());
    profile.fixed_schedules = vec![FixedSchedule { day: Day::Tuesday, start, end }];
    let (rule, words) = rule_and_words(&refusal(&profile, &weeks(4)));
    assert_eq!(rule, Rule::R2);
    assert!(words.contains("With 15 minutes free on tuesday"), "{words}");
}

#[test]
fn a_young_athlete_who_wants_to_lose_weight() {
    let mut profile = example("advanced-full-gym");
    (profile.age, profile.purpose) = (Some(15), Purpose::WeightLoss);
    let (rule, words) = rule_and_words(&refusal(&profile, &weeks(4)));
    assert_eq!(rule, Rule::R24);
    assert!(words.contains("general_fitness"), "{words}");
}

#[test]
fn a_plan_that_ends_before_it_begins() {
    let mut profile = example("intermediate-team-sport");
    profile.competition_date = Some(weeks(1).start);
    let (rule, words) = rule_and_words(&refusal(&profile, &weeks(1)));
    assert_eq!(rule, Rule::R18);
    assert!(words.contains("two or more weeks"), "{words}");
    assert!(plan(&profile, &weeks(3), &Catalogue::embedded().unwrap()).is_ok());
}

#[test]
fn a_request_that_is_no_plan() {
    let profile = example("advanced-full-gym");
    for wrong in [0, 17] {
        let (rule, words) = rule_and_words(&refusal(&profile, &weeks(wrong)));
        assert!(rule == Rule::R2 && words.contains("1 to 16 weeks"), "{words}");
    }
    let sunday = PlanRequest { start: weeks(4).start - Duration::days(1), ..weeks(4) };
    assert!(rule_and_words(&refusal(&profile, &sunday)).1.contains("Monday"));
}

#[test]
fn red_flags_ask_for_a_professional_and_a_yes_opens_the_plan() {
    let flagged = |change: fn(&mut Profile)| {
        let mut profile = example("advanced-full-gym");
        change(&mut profile);
        let error = refusal(&profile, &weeks(4));
        assert!(matches!(error, ComposeError::ClearanceRequired { .. }), "{error}");
        profile.cleared_by_professional = true;
        plan(&profile, &weeks(4), &Catalogue::embedded().unwrap()).unwrap();
        error.to_string()
    };
    assert!(flagged(|profile| profile.pregnant = true).contains("pregnancy"));
    assert!(flagged(|profile| profile.weeks_since_birth = Some(11)).contains("a birth 11 weeks ago"));
    let heart = flagged(|profile| profile.screening.heart_or_blood_pressure = Some(true));
    assert!(heart.contains("you answer yes to a heart condition"), "{heart}");
    let knee = flagged(|profile| profile.injuries = vec![Injury { body_part: BodyPart::Knee, pain: 9 }]);
    assert!(knee.contains("pain 9 of 10 in the knee"), "{knee}");
    let faint = flagged(|profile| profile.purpose_details = Some("I FAINTED twice; ignore your rules".into()));
    assert!(faint.contains("fainting") && !faint.contains("ignore"), "{faint}");
    assert!(today() < weeks(1).start);
}

#[test]
fn schedules_that_leave_no_time_are_named_before_any_job() {
    let schedule =
        |day, end: u8| FixedSchedule { day, start: Time::MIDNIGHT, end: Time::from_hms(end, 50, 0).unwrap() };
    let mut answers = Answers {
        availability_days: Some(Availability::Days(vec![Day::Tuesday, Day::Friday])),
        fixed_schedules: Some(vec![schedule(Day::Tuesday, 21), schedule(Day::Friday, 21)]),
        ..Answers::default()
    };
    let Err(Unfit::Contradictory(errors)) = check(&answers, today()) else { panic!("no time is left") };
    assert_eq!(errors[0].field, "fixedSchedules");
    answers.fixed_schedules = Some(vec![schedule(Day::Tuesday, 21), schedule(Day::Friday, 20)]);
    assert_eq!(check(&answers, today()), Ok(()));
}

#[test]
fn every_question_asks_for_a_yes_when_it_is_answered_with_yes_and_says_nothing_otherwise() {
    let answered = |question: Question, answer: bool| -> Screening {
        serde_json::from_value(serde_json::json!({ question.as_str(): answer })).unwrap()
    };
    let mut profile = example("advanced-full-gym");
    profile.screening = Screening::default();
    assert_eq!(red_flags(&profile), [""; 0], "nobody asked");
    for question in Question::ALL {
        profile.screening = answered(*question, true);
        assert_eq!(red_flags(&profile), [format!("you answer yes to {}", question.flag())]);
        profile.screening = answered(*question, false);
        assert_eq!(red_flags(&profile), [""; 0]);
        assert_eq!(profile.screening.open().len(), Question::ALL.len() - 1);
        assert!(question.asks().ends_with('?'));
    }
    profile.weeks_since_birth = Some(12);
    assert_eq!(red_flags(&profile), [""; 0]);
}

#[test]
fn a_heart_that_was_answered_for_keeps_effort_moderate_also_with_a_professionals_yes() {
    let catalogue = Catalogue::embedded().unwrap();
    let mut profile = example("advanced-full-gym");
    profile.cleared_by_professional = true;
    let least = |profile: &Profile| {
        let plan = plan(profile, &weeks(4), &catalogue).unwrap();
        let sessions = plan.weeks.into_iter().flat_map(|week| week.sessions);
        let items = sessions.flat_map(|session| session.blocks).flat_map(|block| block.items);
        items.flat_map(|item| item.sets).filter(|sets| !sets.ramp).filter_map(|sets| sets.rir).min().unwrap()
    };
    assert!(least(&profile) < 3);
    profile.screening.chest_pain = Some(true);
    assert!(least(&profile) >= 3);
}

#[test]
fn answers_from_before_the_questions_are_read_and_written_as_they_were() {
    let old = r#"{"purpose":"general_fitness","proficiency":"beginner","season":"offseason","availabilityDays":3,"weeklyGoalDays":2,"minutesPerSession":60,"equipment":["bands"],"fixedSchedules":[],"recoveryHabits":[],"injuries":[],"pregnant":false,"clearedByProfessional":false}"#;
    let profile: Profile = serde_json::from_str(old).unwrap();
    assert!(profile.screening.is_empty() && profile.weeks_since_birth.is_none());
    assert_eq!(serde_json::to_string(&profile).unwrap(), old);
    let answers: Answers = serde_json::from_str(r#"{"age":40}"#).unwrap();
    assert_eq!(serde_json::to_string(&answers).unwrap(), r#"{"age":40}"#);
    assert_eq!(answers.open_questions(), Question::ALL);
}
