//! Adaptation, rule by rule: given a plan and a log, when the next version is asked for, then this changes and nothing else.

use ally_domain::engine::adapt::{Action, AdaptError, Decision, diff};
use ally_domain::engine::catalogue::StressTag;
use ally_domain::engine::plan::{Phase, Plan, Session};
use ally_domain::engine::profile::BodyPart;
use ally_domain::engine::rule::Rule;
use time::Duration;

use super::lives::{Life, WELL, Went, decided, items, working};

const LIFTER: &str = "advanced-full-gym";
const TEAM: &str = "intermediate-team-sport";

fn ahead(life: &Life, week: i64) -> impl Iterator<Item = &Session> {
    let monday = life.monday(week);
    life.plan.weeks.iter().flat_map(|week| &week.sessions).filter(move |session| session.date >= monday)
}

fn of(decisions: &[Decision], action: Action) -> Vec<&Decision> {
    decisions.iter().filter(|decision| decision.action == action).collect()
}

#[test]
fn two_workouts_at_the_top_with_the_reserve_kept_raise_the_load_a_little() {
    let life = Life::of(LIFTER, 4).trains(1, WELL).trains(2, WELL);
    let day = life.monday(3);
    let before = life.plan.clone();
    let (life, decisions) = life.adapts(day);
    let raised = of(&decisions, Action::Raise);
    assert!(raised.len() >= 5, "{decisions:#?}");
    assert!(raised.iter().all(|decision| decision.facts.len() == 2 && decision.facts[0].contains("to the top")));
    let loads: Vec<u32> = ahead(&life, 3)
        .flat_map(items)
        .flat_map(|item| &item.sets)
        .filter_map(|sets| sets.load_kg)
        .map(|load| load.milli())
        .collect();
    assert!(!loads.is_empty());
    assert!(loads.iter().all(|grams| (41_000..=42_000).contains(grams)), "2.5 to 5 % of 40 kg: {loads:?}");
    assert_eq!((life.plan.version, life.plan.parent), (2, Some(1)));
    assert!(diff(&before, &life.plan).iter().any(|change| change.to.as_deref().is_some_and(|to| to.contains("kg"))));

    // The same evidence has its effect once.
    assert!(!decided(&life.stays(day), Action::Raise));
}

#[test]
fn one_workout_at_the_top_is_no_evidence_yet() {
    let life = Life::of(TEAM, 4).does("w1d1", WELL);
    let monday = life.monday(1) + Duration::days(1);
    assert!(life.stays(monday).is_empty());
}

#[test]
fn where_no_load_is_known_percent_repetitions_or_reserve_take_the_step() {
    let life = Life::of("beginner-bands-sore-knee", 4);
    let bare = Went { kg: None, ..WELL };
    let life = life.trains(1, bare).trains(2, bare);
    let (day, before) = (life.monday(3), life.plan.clone());
    let (life, decisions) = life.adapts(day);
    let raised = of(&decisions, Action::Raise);
    assert!(!raised.is_empty(), "{decisions:#?}");
    let harder = |decision: &&Decision| {
        let pairs = ahead(&life, 3).filter_map(|session| {
            let old = before.weeks.iter().flat_map(|week| &week.sessions).find(|old| old.id == session.id)?;
            Some((working(old, &decision.about)?.clone(), working(session, &decision.about)?.clone()))
        });
        let mut pairs = pairs.filter(|(old, new)| old != new);
        pairs.any(|(old, new)| new.reps > old.reps || new.rir < old.rir || new.seconds > old.seconds)
    };
    assert!(raised.iter().all(harder), "{raised:#?}");
}

#[test]
fn a_reserve_two_short_lowers_the_load_five_percent_and_three_short_ten() {
    for (short, kg) in [(-2, 38_000), (-3, 36_000)] {
        let life = Life::of(LIFTER, 4).does("w1d1", Went { reserve: short, ..WELL });
        let day = life.monday(1) + Duration::days(1);
        let (life, decisions) = life.adapts(day);
        let lowered = of(&decisions, Action::Lower);
        assert!(!lowered.is_empty() && lowered.iter().all(|decision| decision.rule == Rule::R11), "{decisions:#?}");
        let loads: Vec<u32> = ahead(&life, 2)
            .flat_map(items)
            .flat_map(|item| &item.sets)
            .filter_map(|sets| sets.load_kg)
            .map(|load| load.milli())
            .collect();
        assert!(loads.contains(&kg), "{short}: {loads:?}");
    }
}

#[test]
fn repetitions_missed_twice_lower_the_load_and_missed_once_do_not() {
    let missed = Went { reps: -9, ..WELL };
    let once = Life::of(LIFTER, 4).does("w1d1", missed);
    assert!(once.stays(once.monday(1) + Duration::days(1)).is_empty());
    let twice = Life::of(LIFTER, 4).trains(1, missed).trains(2, missed);
    let day = twice.monday(3);
    let (_, decisions) = twice.adapts(day);
    assert!(decided(&decisions, Action::Lower) && !decided(&decisions, Action::Raise), "{decisions:#?}");
}

#[test]
fn a_week_of_which_too_little_was_done_comes_again_and_the_taper_stays_where_it_is() {
    let life = Life::of(TEAM, 8);
    let middle = life.plan.weeks[1].sessions[1].id.clone();
    let life = life.trains(1, WELL).does(&middle, WELL);
    let (day, before) = (life.monday(3), life.plan.clone());
    let (life, decisions) = life.adapts(day);
    assert!(decided(&decisions, Action::RepeatWeek), "{decisions:#?}");
    let names = |plan: &Plan, week: usize| -> Vec<Vec<String>> {
        plan.weeks[week]
            .sessions
            .iter()
            .map(|session| items(session).map(|item| item.ex.to_string()).collect())
            .collect()
    };
    assert_eq!(names(&life.plan, 2), names(&before, 1), "week 2 comes again as week 3");
    let phases = |plan: &Plan| plan.weeks.iter().map(|week| week.phase).collect::<Vec<_>>();
    for (n, phase) in phases(&before).into_iter().enumerate().filter(|(_, phase)| *phase == Phase::Taper) {
        assert_eq!(phases(&life.plan)[n], phase, "the taper ends at the competition");
        assert_eq!(life.plan.weeks[n].sessions.len(), before.weeks[n].sessions.len());
    }
    assert_eq!(life.plan.weeks.len(), before.weeks.len());
    assert!(!decided(&life.stays(day), Action::RepeatWeek), "a week is repeated once");
}

#[test]
fn an_athlete_who_does_enough_or_never_logs_repeats_nothing() {
    let life = Life::of(TEAM, 8);
    assert!(life.stays(life.monday(3)).is_empty(), "nothing was ever logged: nothing is known");
    let life = life.trains(1, WELL).trains(2, Went { reps: -1, ..WELL });
    let day = life.monday(3);
    assert!(!decided(&life.decides(day), Action::RepeatWeek));
}

#[test]
fn three_bad_signals_in_seven_days_bring_a_lighter_week_and_two_do_not() {
    let hard = Went { reps: -1, felt: 9, ..WELL };
    let two = Life::of(LIFTER, 6).trains(1, Went { reps: -1, ..WELL }).does("w2d1", hard).does("w2d2", hard);
    let day = two.monday(2) + Duration::days(2);
    assert!(!decided(&two.decides(day), Action::EarlyDeload));
    let id = two.plan.weeks[1].sessions[2].id.clone();
    let three = two.does(&id, hard);
    let day = three.session(&id).date + Duration::days(1);
    let before = three.plan.clone();
    let (life, decisions) = three.adapts(day);
    let deload = of(&decisions, Action::EarlyDeload);
    assert_eq!(deload.len(), 1, "{decisions:#?}");
    assert_eq!(deload[0].facts.len(), 3);
    assert!(!before.weeks[2].deload && life.plan.weeks[2].deload);
    assert!(!decided(&life.decides(day), Action::EarlyDeload), "signals have their effect once");
}

#[test]
fn strong_pain_replaces_what_strains_the_place_and_holds_every_load_until_it_is_gone() {
    let life = Life::of(LIFTER, 6).trains(1, WELL).trains(2, WELL);
    let day = life.monday(3);
    let life = life.feels(BodyPart::Knee, 7, day);
    let (life, decisions) = life.adapts(day);
    assert!(decided(&decisions, Action::Substitute), "{decisions:#?}");
    assert!(decided(&decisions, Action::Hold) && !decided(&decisions, Action::Raise));
    let strains = |life: &Life, week: i64| {
        let exercises: Vec<_> =
            ahead(life, week).flat_map(items).map(|item| life.catalogue.get(&item.ex).unwrap()).collect();
        exercises.iter().any(|exercise| exercise.stress_tags.contains(&StressTag::KneeLoad))
    };
    assert!(!strains(&life, 3));

    // Less pain, but not little: still locked, in this and later versions.
    let life = life.feels(BodyPart::Knee, 4, day + Duration::days(1)).trains(3, WELL);
    let day = life.monday(4);
    assert!(life.stays(day).iter().all(|decision| matches!(decision.action, Action::Hold | Action::Decline)));
    assert!(!strains(&life, 4));

    // Little pain: loads may rise again.
    let life = life.feels(BodyPart::Knee, 2, day);
    let (_, decisions) = life.adapts(day);
    assert!(decided(&decisions, Action::Raise) && !decided(&decisions, Action::Hold), "{decisions:#?}");
}

#[test]
fn pain_of_five_modifies_and_pain_of_three_changes_nothing() {
    let life = Life::of(LIFTER, 4);
    let day = life.monday(2);
    let (sore, decisions) = Life::of(LIFTER, 4).feels(BodyPart::Shoulder, 5, day).adapts(day);
    assert!(decided(&decisions, Action::Modify), "{decisions:#?}");
    let modified = &of(&decisions, Action::Modify)[0].about;
    let sets = ahead(&sore, 2).find_map(|session| working(session, modified)).unwrap();
    assert_eq!((sets.reps, sets.pct1rm), (Some([12, 15]), None));
    assert!(life.feels(BodyPart::Elbow, 3, day).stays(day).is_empty());
}

#[test]
fn pain_that_calls_for_a_professional_stops_adaptation() {
    let life = Life::of(LIFTER, 4);
    let day = life.monday(2);
    let refused = life.feels(BodyPart::LowerBack, 9, day).asks(day);
    assert!(matches!(refused, Err(AdaptError::ClearanceRequired { flags }) if flags[0].contains("lower back")));
}

#[test]
fn a_session_that_was_done_today_stays_as_it_is() {
    let life = Life::of(LIFTER, 4).does("w1d1", WELL);
    let today = life.monday(1);
    let life = life.feels(BodyPart::Knee, 8, today).feels(BodyPart::Shoulder, 7, today);
    let before = life.session("w1d1").clone();
    let (life, _) = life.adapts(today);
    assert_eq!(*life.session("w1d1"), before);
}

#[test]
fn when_the_plan_is_over_nothing_is_left_to_change() {
    let life = Life::of(TEAM, 4).trains(3, WELL).trains(4, WELL);
    let day = life.monday(6);
    assert!(life.feels(BodyPart::Knee, 7, day).stays(day).iter().all(|decision| decision.action == Action::Hold));
}

#[test]
fn a_professionals_yes_does_not_cover_pain_that_came_after_it() {
    let mut life = Life::of(LIFTER, 4);
    life.profile.cleared_by_professional = true;
    let day = life.monday(2);
    let refused = life.feels(BodyPart::LowerBack, 9, day).asks(day);
    assert!(matches!(refused, Err(AdaptError::ClearanceRequired { .. })), "{refused:?}");
}
