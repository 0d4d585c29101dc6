//! What exercises do to joints, muscles and pelvic floor, and what the engine makes of it: hard eccentrics are dosed (R30), and
//! who should walk first walks first (R31).

use ally_domain::engine::catalogue::{Eccentric, Force, Impact, Measure, Pattern, StressTag};
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

/// Questions that every entry answers; a new exercise is asked them too.
#[test]
fn every_entry_answers_what_it_does_to_the_body() {
    let catalogue = Catalogue::embedded().unwrap();
    for exercise in catalogue.exercises() {
        let id = exercise.id.as_str();
        let has = |tag| exercise.stress_tags.contains(&tag);
        let words = format!("{} {}", exercise.name.to_lowercase(), exercise.cue.to_lowercase());
        let says =
            |all: &[&str]| all.iter().any(|word| words.split(|c: char| !c.is_alphanumeric()).any(|w| w == *word));
        let ask = |holds: bool, question: &str| assert!(holds, "{id}: {question}");
        let held = exercise.force == Force::Hold && exercise.measure != Measure::Reps;
        let quiet = exercise.pattern == Pattern::Mobility || held || exercise.measure == Measure::Metres;

        ask(
            !UNDER_THE_BAR.contains(&id) || has(StressTag::ShoulderRotation),
            "a bar on the back turns the shoulder out",
        );
        let barbell =
            exercise.equipment.all_of.contains(&Equipment::BarbellRack) && exercise.pattern != Pattern::VerticalPush;
        ask(
            !(barbell && has(StressTag::NeckLoad)) || has(StressTag::ShoulderRotation),
            "a bar on the neck is held by the hands",
        );
        ask(!has(StressTag::ShoulderRotation) || has(StressTag::NeckLoad), "a bar on the back loads the neck");

        let jumps = says(&["jump", "jumps", "jumping", "hop", "hops", "bound", "leap", "landing"])
            && exercise.pattern == Pattern::JumpThrow;
        let upper = matches!(id, "hang-high-pull");
        ask(!(jumps || exercise.contacts_per_rep > 0) || upper || exercise.impact >= Impact::Moderate, "a jump lands");
        let runs = says(&["jog", "running", "run"])
            && exercise.pattern == Pattern::Conditioning
            && !matches!(id, "mountain-climber" | "band-boxing");
        ask(!runs || exercise.impact >= Impact::Moderate, "a run has impact");
        ask(exercise.impact < Impact::Moderate || has(StressTag::Impact), "impact is a strain");
        ask(exercise.impact < Impact::Moderate || has(StressTag::AnkleLoad), "who lands loads the ankle");
        ask(exercise.impact < Impact::Moderate || has(StressTag::KneeLoad), "who lands bends the knee");
        ask(
            exercise.impact < Impact::Moderate || has(StressTag::AbdominalPressure),
            "who lands presses on the pelvic floor",
        );
        ask(exercise.impact < Impact::Moderate || exercise.eccentric >= Eccentric::Moderate, "who lands brakes");

        let lowers_all = says(&["nordic", "lowering", "negative"]) || id.starts_with("drop-");
        ask(!lowers_all || exercise.eccentric == Eccentric::High, "lowering is the exercise");
        ask(exercise.eccentric != Eccentric::High || lowers_all, "nothing else is graded high");
        ask(
            !quiet || exercise.eccentric == Eccentric::None || id == "inner-thigh-plank",
            "a hold or a walk brakes nothing",
        );
        let long = says(&["romanian", "morning", "bulgarian", "lunge"])
            && !matches!(exercise.pattern, Pattern::Mobility | Pattern::Carry);
        let light = matches!(id, "short-split-squat" | "band-short-split-squat");
        ask(!long || light || exercise.eccentric >= Eccentric::Moderate, "a long lowering brakes");

        let curls_up = has(StressTag::SpinalFlexion) && has(StressTag::Supine) && exercise.pattern == Pattern::Core;
        ask(!curls_up || has(StressTag::AbdominalPressure), "curling up presses on the pelvic floor");
        let heavy = barbell && exercise.percent_based && has(StressTag::SpinalLoad);
        ask(!heavy || has(StressTag::AbdominalPressure), "a heavy bar is braced against");
        ask(!(id.contains("handstand") || id.contains("overhead-")) || has(StressTag::Overhead), "arms overhead");
        let on_hands = id.ends_with("push-up") && !id.contains("fist");
        ask(!on_hands || has(StressTag::WristExt), "the hand is bent back");
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
