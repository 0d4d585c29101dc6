//! The catalogue is complete: whatever is owned and whatever hurts, every movement has something left.

use std::collections::BTreeSet;

use ally_domain::engine::Catalogue;
use ally_domain::engine::catalogue::{Exercise, Impact, Measure, Mechanic, Muscle, Pattern, StressTag};
use ally_domain::engine::profile::{Equipment, Proficiency};

const MAIN: [Pattern; 7] = [
    Pattern::Squat,
    Pattern::Hinge,
    Pattern::Lunge,
    Pattern::HorizontalPush,
    Pattern::VerticalPush,
    Pattern::HorizontalPull,
    Pattern::VerticalPull,
];

/// All 2^7 sets of equipment.
fn equipment_sets() -> impl Iterator<Item = BTreeSet<Equipment>> {
    (0u32..1 << Equipment::ALL.len())
        .map(|mask| Equipment::ALL.iter().copied().filter(|item| mask >> (*item as u32) & 1 == 1).collect())
}

fn with<'a>(catalogue: &'a Catalogue, owned: &BTreeSet<Equipment>, pattern: Pattern) -> Vec<&'a Exercise> {
    let all = catalogue.exercises().iter();
    all.filter(|exercise| exercise.pattern == pattern && exercise.equipment.met_by(owned)).collect()
}

#[test]
fn every_equipment_set_and_injury_tag_leaves_every_movement() {
    let catalogue = Catalogue::embedded().unwrap();
    for owned in equipment_sets() {
        for pattern in MAIN {
            let open = with(&catalogue, &owned, pattern);
            assert!(open.len() >= 3, "{owned:?} has {} entries for {pattern:?}", open.len());
            let beginner = |exercise: &&&Exercise| exercise.level == Proficiency::Beginner;
            assert!(open.iter().any(|exercise| beginner(&exercise)), "{owned:?} has no beginner's {pattern:?}");
            for tag in StressTag::ALL {
                let left = open.iter().filter(|exercise| !exercise.stress_tags.contains(tag));
                assert!(left.clone().next().is_some(), "{owned:?} with {tag:?} blocked leaves no {pattern:?}");
                assert!(
                    left.into_iter().any(|exercise| beginner(&exercise)),
                    "{owned:?}, {tag:?}: no beginner's {pattern:?}"
                );
            }
        }
        let count = |pattern| with(&catalogue, &owned, pattern).len();
        let gentle =
            with(&catalogue, &owned, Pattern::Conditioning).iter().filter(|e| e.impact == Impact::None).count();
        assert!(count(Pattern::Carry) >= 2 && count(Pattern::JumpThrow) >= 4, "{owned:?}");
        assert!(count(Pattern::Conditioning) >= 4 && gentle >= 2, "{owned:?}");
        assert!(count(Pattern::Mobility) >= 6 && count(Pattern::Core) >= 3, "{owned:?}");
    }
}

#[test]
fn an_athlete_whom_everything_hurts_still_finds_something_for_most_of_the_body() {
    let catalogue = Catalogue::embedded().unwrap();
    let untouched: Vec<&Exercise> =
        catalogue.exercises().iter().filter(|e| e.stress_tags.is_empty() && e.equipment.nothing()).collect();
    for pattern in MAIN.into_iter().chain([Pattern::Core, Pattern::Conditioning, Pattern::Mobility]) {
        assert!(untouched.iter().any(|exercise| exercise.pattern == pattern), "nothing without strain for {pattern:?}");
    }
}

#[test]
fn every_entry_makes_sense_by_itself() {
    let catalogue = Catalogue::embedded().unwrap();
    let mut cues = BTreeSet::new();
    let mut names = BTreeSet::new();
    for exercise in catalogue.exercises() {
        let id = exercise.id.as_str();
        assert!(id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'), "{id}");
        assert!(names.insert(&exercise.name), "{id} shares its name with another");
        assert!(cues.insert(&exercise.cue), "{id} shares its cue with another");
        assert!(exercise.cue.ends_with('.') && exercise.cue.len() > 20, "{id} needs a sentence");
        assert!(!exercise.primary.is_empty(), "{id} trains nothing");
        let both = exercise.primary.iter().filter(|muscle| exercise.secondary.contains(muscle)).count();
        assert_eq!(both, 0, "{id} counts a muscle twice");
        let lands = exercise.impact >= Impact::Moderate && exercise.pattern == Pattern::JumpThrow;
        assert_eq!(exercise.contacts_per_rep > 0, lands, "{id}: contacts belong to landings");
        let tagged = exercise.stress_tags.contains(&StressTag::Impact);
        assert_eq!(tagged, exercise.impact >= Impact::Moderate, "{id}: the tag belongs to running and landing");
        if exercise.percent_based {
            let barbell = exercise.equipment.all_of.contains(&Equipment::BarbellRack);
            assert!(barbell && exercise.loadable && exercise.mechanic == Mechanic::Compound, "{id}");
        }
        assert_eq!(exercise.longest_min > 0, exercise.pattern == Pattern::Conditioning, "{id}");
        if exercise.pattern == Pattern::Conditioning || exercise.pattern == Pattern::Mobility {
            assert_eq!(exercise.measure, Measure::Seconds, "{id}");
        }
        assert!(!exercise.progressions.contains(&exercise.id) && !exercise.regressions.contains(&exercise.id), "{id}");
    }
    assert!(catalogue.exercises().len() >= 180);
}

#[test]
fn every_muscle_has_an_exercise_of_its_own_without_equipment() {
    let catalogue = Catalogue::embedded().unwrap();
    let arms_and_legs =
        [Muscle::Quads, Muscle::Glutes, Muscle::Calves, Muscle::Chest, Muscle::Back, Muscle::Biceps, Muscle::Triceps];
    for muscle in arms_and_legs {
        let mut own =
            catalogue.exercises().iter().filter(|e| e.equipment.nothing() && e.mechanic == Mechanic::Isolation);
        assert!(own.any(|exercise| exercise.primary.contains(&muscle)), "{muscle:?}");
    }
}

#[test]
fn a_catalogue_that_contradicts_itself_is_refused() {
    let twice = r#"{"schema":3,"exercises":[]}"#;
    assert!(Catalogue::parse(twice).is_ok());
    assert!(Catalogue::parse(r#"{"schema":1,"exercises":[]}"#).unwrap_err().to_string().contains("schema 1"));
    assert!(Catalogue::parse("{").is_err());
    let entry = serde_json::to_string(
        Catalogue::embedded()
            .unwrap()
            .exercises()
            .iter()
            .find(|e| e.progressions.is_empty() && e.regressions.is_empty())
            .unwrap(),
    )
    .unwrap();
    let doubled = format!(r#"{{"schema":3,"exercises":[{entry},{entry}]}}"#);
    assert!(Catalogue::parse(&doubled).unwrap_err().to_string().contains("twice"));
    let dangling = format!(
        r#"{{"schema":3,"exercises":[{}]}}"#,
        entry.replace(r#""progressions":[]"#, r#""progressions":["no-such"]"#)
    );
    assert!(Catalogue::parse(&dangling).unwrap_err().to_string().contains("no-such"));
}
