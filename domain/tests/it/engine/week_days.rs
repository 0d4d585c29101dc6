//! Every set of weekdays: where muscles can be trained twice a week with 48 hours between, they are; elsewhere the plan
//! says so.

use super::athletes::{example, plan, weeks};
use ally_domain::engine::Catalogue;
use ally_domain::engine::catalogue::Muscle;
use ally_domain::engine::profile::{Availability, Day};
use ally_domain::engine::rule::Rule;

const LARGE: [Muscle; 4] = [Muscle::Chest, Muscle::Back, Muscle::Quads, Muscle::Glutes];

/// Single days and pairs of neighbours, Sunday and Monday among them: there it cannot be done.
fn impossible(days: &[Day]) -> bool {
    match days {
        [_] => true,
        [a, b] => [1, 6].contains(&(*b as u8 - *a as u8)),
        _ => false,
    }
}

#[test]
fn everything_large_is_trained_twice_wherever_the_days_allow() {
    let catalogue = Catalogue::embedded().unwrap();
    let mut possible = 0;
    for mask in 1u8..1 << 7 {
        let days: Vec<Day> = Day::ALL.iter().copied().filter(|day| mask >> (*day as u8) & 1 == 1).collect();
        let mut profile = example("advanced-full-gym");
        profile.fixed_schedules.clear();
        profile.weekly_goal_days = u8::try_from(days.len()).unwrap();
        profile.availability_days = Availability::Days(days.clone());
        let plan = plan(&profile, &weeks(2), &catalogue).unwrap();
        assert!(plan.validation.passed, "{days:?}");
        let missed = plan.tradeoffs.iter().find(|tradeoff| tradeoff.rule == Rule::R12);
        let large = |got: &str| LARGE.iter().any(|muscle| got.contains(muscle.as_str()));
        if impossible(&days) {
            assert!(missed.is_some_and(|tradeoff| large(&tradeoff.got)), "{days:?} must state what it cannot do");
        } else {
            possible += 1;
            assert!(missed.is_none_or(|tradeoff| !large(&tradeoff.got)), "{days:?}: {missed:?}");
        }
    }
    assert_eq!(possible, 113);
}
