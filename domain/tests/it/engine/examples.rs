//! The three example athletes get plans that visibly fit them.

use std::collections::BTreeSet;

use super::athletes::{example, plan, weeks};
use ally_domain::engine::catalogue::{Exercise, Muscle, Pattern, StressTag};
use ally_domain::engine::plan::{BlockKind, Focus, Item, Phase, Plan};
use ally_domain::engine::profile::{Day, Proficiency};
use ally_domain::engine::render::{reason_text, week_rows};
use ally_domain::engine::rule::Rule;
use ally_domain::engine::{Catalogue, validate};
use time::Weekday;

fn items(plan: &Plan) -> impl Iterator<Item = &Item> {
    plan.weeks.iter().flat_map(|week| &week.sessions).flat_map(|session| &session.blocks).flat_map(|block| &block.items)
}

fn exercises<'a>(plan: &'a Plan, catalogue: &'a Catalogue) -> impl Iterator<Item = &'a Exercise> {
    items(plan).map(|item| catalogue.get(&item.ex).unwrap())
}

#[test]
fn the_beginner_with_a_sore_knee_keeps_it_out_of_harm() {
    let catalogue = Catalogue::embedded().unwrap();
    let profile = example("beginner-bands-sore-knee");
    let plan = plan(&profile, &weeks(4), &catalogue).unwrap();
    let sessions = plan.weeks.iter().flat_map(|week| &week.sessions);
    let days: BTreeSet<u8> = sessions.map(|session| session.date.weekday().number_from_monday()).collect();
    assert_eq!(days, BTreeSet::from([2, 5]), "Tuesday and Friday, as named");
    for exercise in exercises(&plan, &catalogue) {
        assert!(!exercise.stress_tags.contains(&StressTag::KneeFlexionDeep), "{} bends the knee deep", exercise.id);
        assert!(!exercise.stress_tags.contains(&StressTag::Impact), "{} lands", exercise.id);
        assert_eq!(exercise.level, Proficiency::Beginner);
        assert!(exercise.equipment.met_by(&profile.equipment));
    }
    let for_the_knee: Vec<&Item> =
        items(&plan).filter(|item| item.why.iter().any(|why| why.0.starts_with("R5:"))).collect();
    assert!(for_the_knee.len() >= 8, "the plan says where it thought of the knee: {}", for_the_knee.len());
    for item in
        for_the_knee.iter().filter(|item| catalogue.get(&item.ex).unwrap().stress_tags.contains(&StressTag::KneeLoad))
    {
        let sets = &item.sets[0];
        assert!(sets.reps.is_none_or(|[low, _]| low >= 12) && sets.rir.is_none_or(|rir| rir >= 3), "{item:?}");
    }
    assert!(for_the_knee.iter().any(|item| item.why.iter().any(|why| reason_text(why).contains("your knee"))));
}

#[test]
fn the_team_player_trains_round_practice_and_arrives_fresh() {
    let catalogue = Catalogue::embedded().unwrap();
    let profile = example("intermediate-team-sport");
    let request = weeks(8);
    let plan = plan(&profile, &request, &catalogue).unwrap();
    let competition = profile.competition_date.unwrap();
    for session in plan.weeks.iter().flat_map(|week| &week.sessions) {
        let taken = [Day::Tuesday, Day::Thursday, Day::Friday, Day::Sunday].map(Weekday::from);
        assert!(!taken.contains(&session.date.weekday()), "{} is taken", session.date);
        assert!(session.date < competition);
        if (competition - session.date).whole_days() <= 2 {
            assert_eq!(session.focus, Focus::Recovery);
        }
    }
    let phases: Vec<Phase> = plan.weeks.iter().map(|week| week.phase).collect();
    assert_eq!(phases[6..], [Phase::Taper, Phase::Taper]);
    assert!(phases.contains(&Phase::Intensification) && phases.contains(&Phase::Deload), "{phases:?}");
    let first = &plan.weeks[0].sessions[0];
    assert_eq!(first.blocks[1].kind, BlockKind::Power, "jumps come while the athlete is fresh");
    let heavy = items(&plan).flat_map(|item| &item.sets).filter(|sets| sets.pct1rm >= Some(85) && !sets.ramp).count();
    assert!(heavy > 0, "the way to a match goes through heavy sets");
    let ramped = items(&plan).filter(|item| item.sets.iter().any(|sets| sets.ramp)).count();
    assert!(ramped > 0);
}

#[test]
fn the_lifter_gets_volume_on_five_days_and_a_lighter_week() {
    let catalogue = Catalogue::embedded().unwrap();
    let profile = example("advanced-full-gym");
    let plan = plan(&profile, &weeks(4), &catalogue).unwrap();
    assert!(plan.weeks.iter().all(|week| week.sessions.len() == 5));
    assert!(plan.weeks[3].deload && !plan.weeks[..3].iter().any(|week| week.deload));
    for muscle in [Muscle::Chest, Muscle::Back, Muscle::Quads, Muscle::Shoulders, Muscle::Hamstrings] {
        let sets = plan.totals.peak_week_sets[&muscle].halves();
        assert!((24..=44).contains(&sets), "{muscle:?}: {sets} halves");
    }
    let barbell = exercises(&plan, &catalogue).filter(|exercise| exercise.percent_based).count();
    assert!(barbell >= 20, "a lifter lifts: {barbell}");
    let jumps = exercises(&plan, &catalogue).filter(|exercise| exercise.pattern == Pattern::JumpThrow).count();
    assert_eq!(jumps, 0, "size needs no jumps");
}

#[test]
fn the_example_plans_are_sound_and_compact() {
    let catalogue = Catalogue::embedded().unwrap();
    for (name, length) in [("beginner-bands-sore-knee", 4), ("intermediate-team-sport", 4), ("advanced-full-gym", 4)] {
        let (profile, request) = (example(name), weeks(length));
        let plan = plan(&profile, &request, &catalogue).unwrap();
        assert_eq!(validate(&plan, &profile, &request, &catalogue).iter().filter(|finding| finding.hard).count(), 0);
        let size = serde_json::to_string(&plan).unwrap().len();
        assert!(size < 80_000, "{name} takes {size} bytes");
        assert!(plan.score.total >= 80, "{name}: {:?}", plan.score);
    }
}

#[test]
fn a_week_reads_as_rows() {
    let catalogue = Catalogue::embedded().unwrap();
    let plan = plan(&example("beginner-bands-sore-knee"), &weeks(4), &catalogue).unwrap();
    let rows = week_rows(&plan, 1, &catalogue);
    assert!(rows[0].day.starts_with("Tue 2027-03-09") && rows[0].block == "warm up");
    assert_eq!(rows.iter().filter(|row| !row.day.is_empty()).count(), 2, "a session names its day once");
    assert!(rows.iter().all(|row| !row.exercise.is_empty() && row.sets.contains('×') && !row.why.is_empty()));
    assert_eq!(week_rows(&plan, 9, &catalogue), []);
    for reason in items(&plan).flat_map(|item| &item.why) {
        assert!(reason.rule().is_some_and(|rule| Rule::ALL.contains(&rule)) && reason_text(reason).len() > 10);
    }
}
