//! What exercises do to joints, muscles and pelvic floor, and what the engine makes of it: hard eccentrics are dosed (R30), and
//! who should walk first walks first (R31).

use ally_domain::engine::catalogue::{Exercise, ExerciseId, Impact, Pattern, StressTag};
use ally_domain::engine::fuzz::athlete;
use ally_domain::engine::plan::{Item, Plan, Week};
use ally_domain::engine::profile::{BodyPart, Equipment, Injury, Proficiency, Purpose};
use ally_domain::engine::rule::Rule;
use ally_domain::engine::{Catalogue, validate};
use proptest::prelude::*;

use super::athletes::{example, plan, weeks};

/// Whoever lowers the whole body, or lands from a height.
const HARD_ECCENTRICS: [&str; 3] = ["nordic-curl", "negative-pull-up", "drop-landing"];
const RUNS_AND_JUMPS: [&str; 5] = ["easy-jog", "running-intervals", "jumping-jack", "high-knees", "burpee"];
/// A bar on the back turns the arms far outward.
const UNDER_THE_BAR: [&str; 6] = [
    "barbell-back-squat",
    "barbell-box-squat",
    "barbell-calf-raise",
    "barbell-good-morning",
    "barbell-split-squat",
    "barbell-reverse-lunge",
];

fn items(week: &Week) -> impl Iterator<Item = &Item> {
    week.sessions.iter().flat_map(|session| &session.blocks).flat_map(|block| &block.items)
}

fn lands(plan: &Plan, until_week: u8, catalogue: &Catalogue) -> Vec<String> {
    let all = plan.weeks.iter().filter(|week| week.n <= until_week).flat_map(items);
    let named = all.flat_map(|item| std::iter::once(&item.ex).chain(&item.alts));
    let landing = named.filter(|id| catalogue.get(id).unwrap().impact >= Impact::Moderate);
    landing.map(ToString::to_string).collect()
}

fn named_in(plan: &Plan) -> impl Iterator<Item = &ExerciseId> {
    plan.weeks.iter().flat_map(items).flat_map(|item| std::iter::once(&item.ex).chain(&item.alts))
}

/// In pregnancy, and up to and with 26 weeks after a birth.
#[test]
fn belly_and_pelvic_floor_are_spared_in_pregnancy_and_for_half_a_year_after_a_birth() {
    let catalogue = Catalogue::embedded().unwrap();
    let presses = |plan: &Plan| -> Vec<String> {
        let all = named_in(plan).map(|id| catalogue.get(id).unwrap());
        let pressing =
            |one: &&Exercise| one.stress_tags.contains(&StressTag::AbdominalPressure) || one.impact >= Impact::Moderate;
        all.filter(pressing).map(|one| one.id.to_string()).collect()
    };
    let (mut judged, mut free) = (0, 0);
    for case in 0..60 {
        let (mut profile, request) = athlete(31, case);
        (profile.age, profile.cleared_by_professional) = (Some(31), true);
        (profile.pregnant, profile.weeks_since_birth) = (true, None);
        let Ok(pregnant) = plan(&profile, &request, &catalogue) else { continue };
        assert_eq!(presses(&pregnant), [] as [&str; 0], "case {case}, pregnant");
        profile.pregnant = false;
        for weeks in [0, 12, 16, 20, 26] {
            profile.weeks_since_birth = Some(weeks);
            let after = plan(&profile, &request, &catalogue).unwrap();
            assert_eq!(presses(&after), [] as [&str; 0], "case {case}, {weeks} weeks after a birth");
        }
        profile.weeks_since_birth = Some(27);
        judged += 1;
        free += usize::from(!presses(&plan(&profile, &request, &catalogue).unwrap()).is_empty());
    }
    assert!(judged > 25 && free > judged / 2, "{free} of {judged} press after 27 weeks: otherwise this says nothing");
}

/// The strains that tell which place an exercise loads.
fn loads(part: BodyPart) -> &'static [StressTag] {
    match part {
        BodyPart::Knee => &[StressTag::KneeLoad],
        BodyPart::Hip => &[StressTag::HipLoad],
        BodyPart::Ankle => &[StressTag::AnkleLoad],
        BodyPart::LowerBack => &[StressTag::SpinalLoad, StressTag::SpinalShear, StressTag::SpinalFlexion],
        BodyPart::Shoulder => &[StressTag::ShoulderLoad, StressTag::Overhead],
        BodyPart::Elbow => &[StressTag::ElbowLoad],
        BodyPart::Wrist => &[StressTag::WristExt, StressTag::Grip],
        BodyPart::Neck => &[StressTag::NeckLoad],
    }
}

#[test]
fn nothing_at_full_speed_loads_a_place_with_pain_of_four() {
    let catalogue = Catalogue::embedded().unwrap();
    let mut fast = 0;
    for part in BodyPart::ALL {
        for case in 0..30 {
            let (mut profile, request) = athlete(41, case);
            (profile.age, profile.weeks_since_birth, profile.pregnant) = (Some(30), None, false);
            (profile.purpose, profile.proficiency) = (Purpose::SportPerformance, Proficiency::Advanced);
            profile.equipment.insert(Equipment::FullGym);
            profile.cleared_by_professional = true;
            profile.injuries = vec![Injury { body_part: *part, pain: 4 }];
            let Ok(plan) = plan(&profile, &request, &catalogue) else { continue };
            for exercise in named_in(&plan).map(|id| catalogue.get(id).unwrap()).filter(|one| one.ballistic) {
                fast += 1;
                let hit: Vec<_> = loads(*part).iter().filter(|tag| exercise.stress_tags.contains(tag)).collect();
                assert!(hit.is_empty(), "{part:?} of 4, case {case}: {} has {hit:?}", exercise.id);
            }
        }
    }
    assert!(fast > 200, "{fast} at full speed: otherwise this says nothing");
}

/// A plan of somebody else's that throws a bar at a sore elbow.
#[test]
fn the_validator_notices_a_lift_at_full_speed_at_a_sore_place() {
    let catalogue = Catalogue::embedded().unwrap();
    let (mut profile, request) = (example("advanced-full-gym"), weeks(4));
    profile.injuries = Vec::new();
    let mut plan = plan(&profile, &request, &catalogue).unwrap();
    let mut all = plan.weeks.iter_mut().flat_map(|week| &mut week.sessions).flat_map(|session| &mut session.blocks);
    let power = all.find_map(|block| block.items.first_mut()).unwrap();
    power.ex = "power-clean".into();
    for (pain, found) in [(3, false), (4, true), (5, true)] {
        profile.injuries = vec![Injury { body_part: BodyPart::Elbow, pain }];
        let judged = validate(&plan, &profile, &request, &catalogue);
        let hit = judged.iter().any(|one| one.rule == Rule::R5 && one.got.contains("power-clean"));
        assert_eq!(hit, found, "pain {pain}: {judged:?}");
    }
}

#[test]
fn a_mother_walks_first_and_presses_on_nothing() {
    let catalogue = Catalogue::embedded().unwrap();
    let (mut made, mut ran) = (0, 0);
    for case in 0..50 {
        let (mut profile, mut request) = athlete(29, case);
        (profile.age, profile.purpose) = (Some(32), Purpose::SportPerformance);
        (profile.cleared_by_professional, request.weeks) = (true, 8);
        profile.weeks_since_birth = Some(16);
        let Ok(later) = plan(&profile, &request, &catalogue) else { continue };
        assert_eq!(lands(&later, 4, &catalogue), [] as [&str; 0], "case {case}, four months after a birth");
        profile.weeks_since_birth = Some(7);
        let Ok(early) = plan(&profile, &request, &catalogue) else { continue };
        assert_eq!(lands(&early, 16, &catalogue), [] as [&str; 0], "case {case}, seven weeks after a birth");
        for item in early.weeks.iter().flat_map(items) {
            let exercise = catalogue.get(&item.ex).unwrap();
            assert!(!exercise.stress_tags.contains(&StressTag::AbdominalPressure), "case {case}: {}", item.ex);
        }
        profile.weeks_since_birth = None;
        let other = plan(&profile, &request, &catalogue).unwrap();
        (made, ran) = (made + 1, ran + usize::from(!lands(&other, 4, &catalogue).is_empty()));
    }
    assert!(made > 25 && ran > made / 3, "{ran} of {made} run without a birth: otherwise this says nothing");
}

/// A plan of another provider that has a run in a given week.
fn with_a_run(week: usize, seconds: u16, age: u8) -> Vec<(Rule, String)> {
    let catalogue = Catalogue::embedded().unwrap();
    let (mut profile, request) = (example("beginner-bands-sore-knee"), weeks(8));
    (profile.age, profile.injuries) = (Some(age), Vec::new());
    let mut plan = plan(&profile, &request, &catalogue).unwrap();
    let all =
        plan.weeks[week].sessions.iter_mut().flat_map(|session| &mut session.blocks).flat_map(|block| &mut block.items);
    let walk = all.into_iter().find(|item| catalogue.get(&item.ex).unwrap().pattern == Pattern::Conditioning).unwrap();
    walk.ex = "easy-jog".into();
    walk.sets[0].seconds = Some(seconds);
    let found = validate(&plan, &profile, &request, &catalogue).into_iter().filter(|finding| finding.hard);
    found.filter(|finding| finding.rule == Rule::R31).map(|finding| (finding.rule, finding.want)).collect()
}

#[test]
fn running_opens_after_four_weeks_and_in_short_bouts() {
    assert_eq!(with_a_run(0, 300, 40), []);
    assert_eq!(with_a_run(3, 300, 70).len(), 1, "week 4 still walks");
    assert_eq!(with_a_run(4, 600, 70), [], "from week 5 on ten minutes may be run");
    let found = with_a_run(4, 660, 70);
    assert!(found.len() == 1 && found[0].1.contains("10 min"), "{found:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn hard_eccentrics_begin_with_two_sets_of_five(seed: u64, case: u64) {
        let catalogue = Catalogue::embedded().unwrap();
        let (mut profile, request) = athlete(seed, case);
        profile.proficiency = if case % 2 == 0 { Proficiency::Advanced } else { Proficiency::Beginner };
        profile.injuries = vec![Injury { body_part: BodyPart::LowerBack, pain: 4 }];
        let Ok(plan) = plan(&profile, &request, &catalogue) else { return Ok(()) };
        for id in HARD_ECCENTRICS {
            let mut first = None;
            for week in &plan.weeks {
                let items = week.sessions.iter().flat_map(|session| &session.blocks).flat_map(|block| &block.items);
                let of_it: Vec<_> = items.filter(|item| item.ex.as_str() == id).collect();
                let sets = of_it.iter().flat_map(|item| &item.sets);
                let (count, reps) = sets.fold((0, 0), |(n, most), set| (n + set.n, most.max(set.reps.map_or(0, |r| r[1]))));
                if count > 0 {
                    let first = *first.get_or_insert(week.n);
                    let (most_sets, most_reps) = if week.n == first { (2, 5) } else { (3, 8) };
                    prop_assert!(count <= most_sets && reps <= most_reps, "{id}: {count} × {reps} in week {}", week.n);
                }
            }
        }
        let items = plan.weeks.iter().flat_map(|w| &w.sessions).flat_map(|s| &s.blocks).flat_map(|b| &b.items);
        for item in items {
            prop_assert!(item.alts.iter().all(|alt| !HARD_ECCENTRICS.contains(&alt.as_str())), "{} for {}", item.alts[0], item.ex);
        }
    }

    #[test]
    fn old_beginners_walk_before_they_run(seed: u64, case: u64, age in 65u8..95) {
        let catalogue = Catalogue::embedded().unwrap();
        let (mut profile, request) = athlete(seed, case);
        (profile.age, profile.proficiency) = (Some(age), Proficiency::Beginner);
        let Ok(plan) = plan(&profile, &request, &catalogue) else { return Ok(()) };
        for week in plan.weeks.iter().filter(|week| week.n <= 4) {
            let items = week.sessions.iter().flat_map(|session| &session.blocks).flat_map(|block| &block.items);
            for item in items {
                let named = std::iter::once(&item.ex).chain(&item.alts);
                prop_assert!(named.into_iter().all(|id| !RUNS_AND_JUMPS.contains(&id.as_str())), "week {}: {}", week.n, item.ex);
            }
        }
    }
}

#[test]
fn a_sore_shoulder_bears_no_bar_on_the_back() {
    let catalogue = Catalogue::embedded().unwrap();
    let mut seen = 0;
    for case in 0..120 {
        let (mut profile, request) = athlete(17, case);
        profile.injuries = vec![Injury { body_part: BodyPart::Shoulder, pain: 4 }];
        let Ok(plan) = plan(&profile, &request, &catalogue) else { continue };
        seen += 1;
        let items = plan.weeks.iter().flat_map(|w| &w.sessions).flat_map(|s| &s.blocks).flat_map(|b| &b.items);
        for item in items {
            assert!(!UNDER_THE_BAR.contains(&item.ex.as_str()), "case {case}: {} with a sore shoulder", item.ex);
        }
    }
    assert!(seen > 60);
}
