//! Plans of earlier engines: read, judged by the rules of their time, shown and adapted. The fixtures were written by engine 1.

use ally_domain::engine::adapt::{AdaptInput, Adaptation, adapt, request_of};
use ally_domain::engine::answers::Answers;
use ally_domain::engine::markdown::markdown;
use ally_domain::engine::plan::{Plan, Validation};
use ally_domain::engine::profile::{BodyPart, Profile};
use ally_domain::engine::render::week_rows;
use ally_domain::engine::rule::Rule;
use ally_domain::engine::rules::{Since, next_version};
use ally_domain::engine::workout::TrainingLog;
use ally_domain::engine::{Catalogue, ENGINE, validate};

use super::lives::{Life, WELL};

const RUNNER: &str = include_str!("../../plans/engine-1.json");
const BEGINNER: &str = include_str!("../../plans/engine-1-beginner.json");

fn of_engine_1() -> Plan {
    serde_json::from_str(RUNNER).unwrap()
}

/// The beginner of the examples with the plan that engine 1 made for them.
fn beginner() -> Life {
    Life { plan: serde_json::from_str(BEGINNER).unwrap(), ..Life::of("beginner-bands-sore-knee", 4) }
}

fn athlete() -> Profile {
    let answers: Answers = serde_json::from_str(
        r#"{"purpose":"sport_performance","purposeDetails":"my first half marathon","proficiency":"intermediate",
            "season":"preseason","availabilityDays":["tuesday","thursday","sunday"],"weeklyGoalDays":3,"minutesPerSession":60,
            "equipment":["pull_up_bar"],"recoveryHabits":["good_sleep"],"injuries":[],"age":31}"#,
    )
    .unwrap();
    Profile::from_answers(&answers).unwrap()
}

fn hard(plan: &Plan, catalogue: &Catalogue) -> Vec<Rule> {
    let findings = validate(plan, &athlete(), &request_of(plan, plan.weeks[0].sessions[0].date), catalogue);
    findings.into_iter().filter(|finding| finding.hard).map(|finding| finding.rule).collect()
}

#[test]
fn a_plan_of_engine_1_is_written_back_as_it_was() {
    for stored in [RUNNER, BEGINNER] {
        let plan: Plan = serde_json::from_str(stored).unwrap();
        assert_eq!(plan.provenance.engine, "1");
        assert_eq!(serde_json::to_string(&plan).unwrap(), stored.trim_end());
    }
}

#[test]
fn a_plan_of_engine_1_is_judged_by_the_rules_of_its_time() {
    let catalogue = Catalogue::embedded().unwrap();
    let plan = of_engine_1();
    assert_eq!(hard(&plan, &catalogue), [], "it was sound when it was made");
    // The same weeks today would not be: what is missing from the rules it names is what spares it.
    let today = Plan { validation: Validation::default(), ..plan };
    let found = hard(&today, &catalogue);
    assert!(found.contains(&Rule::R29) && found.contains(&Rule::R30), "{found:?}");
}

#[test]
fn only_rules_that_came_later_are_spared() {
    let catalogue = Catalogue::embedded().unwrap();
    let mut plan = of_engine_1();
    plan.validation.rules = vec![Rule::R1];
    plan.weeks[0].sessions[0].est_min += 1;
    assert_eq!(hard(&plan, &catalogue), [Rule::R22]);
    for engine in ["0", "999"] {
        plan.provenance.engine = engine.to_owned();
        assert!(hard(&plan, &catalogue).contains(&Rule::R25), "there is no engine {engine}");
    }
}

#[test]
fn a_plan_of_engine_1_is_shown_and_adapted() {
    let catalogue = Catalogue::embedded().unwrap();
    let plan = of_engine_1();
    assert!(week_rows(&plan, 1, &catalogue).iter().all(|row| !row.exercise.is_empty()));
    assert!(markdown(&plan, &catalogue).contains("Lowering pull-up"));

    let life = Life { catalogue, profile: athlete(), plan: plan.clone(), log: TrainingLog::default() };
    let life = life.trains(1, WELL).trains(2, WELL);
    let day = life.monday(3);
    let life = life.feels(BodyPart::Knee, 6, day);
    let (adapted, decisions) = life.adapts(day);
    assert!(!decisions.is_empty());
    let next = &adapted.plan;
    assert_eq!((next.version, next.provenance.engine.as_str()), (plan.version + 1, ENGINE));
    assert!(next.validation.passed && !next.validation.rules.contains(&Rule::R29), "{:?}", next.validation);
    // And the version after that one, for which the first is no longer there to ask.
    let again = adapted.trains(3, WELL);
    let day = again.monday(4);
    let input = AdaptInput::new(&again.plan, &again.profile, &again.log, day);
    if let Ok(Adaptation::Next(last)) = adapt(&input, &again.catalogue) {
        let since = Since { today: day, log: &again.log };
        let found = next_version([&again.plan, &last], &since, &again.profile, &input.request, &again.catalogue);
        assert!(found.iter().all(|finding| !finding.hard), "{found:?}");
    }
}

#[test]
fn a_plan_of_engine_1_gives_way_to_pain() {
    let life = beginner().trains(1, WELL);
    let day = life.monday(2);
    let (life, decisions) = life.feels(BodyPart::Shoulder, 6, day).adapts(day);
    assert!(!decisions.is_empty());
    assert_eq!((life.plan.version, life.plan.provenance.engine.as_str()), (2, ENGINE));
    assert!(life.plan.validation.passed);
    assert!(markdown(&life.plan, &life.catalogue).contains("Week 1"));
}
