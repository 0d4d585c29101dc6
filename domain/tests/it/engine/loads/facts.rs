//! What an entry says about itself besides its tags.

use ally_domain::engine::catalogue::{Exercise, Force, Measure, Mechanic, Muscle, Pattern, StressTag};
use ally_domain::engine::profile::Equipment;

/// The muscles of shoulders and arms, and those that move them.
const UPPER: [Muscle; 7] = [
    Muscle::Chest,
    Muscle::Back,
    Muscle::Shoulders,
    Muscle::RearDelts,
    Muscle::Biceps,
    Muscle::Triceps,
    Muscle::Forearms,
];
const LOWER: [Muscle; 5] = [Muscle::Quads, Muscle::Hamstrings, Muscle::Glutes, Muscle::Calves, Muscle::Adductors];

pub fn has(e: &Exercise, tag: StressTag) -> bool {
    e.stress_tags.contains(&tag)
}

pub fn any(e: &Exercise, tags: &[StressTag]) -> bool {
    tags.iter().any(|tag| has(e, *tag))
}

/// Whether the id holds one of these words.
pub fn named(e: &Exercise, words: &[&str]) -> bool {
    e.id.as_str().split('-').any(|part| words.contains(&part))
}

/// Whether id, name or cue hold one of these words.
pub fn says(e: &Exercise, words: &[&str]) -> bool {
    let text = format!("{} {} {}", e.id, e.name, e.cue).to_lowercase();
    text.split(|c: char| !c.is_alphanumeric()).any(|word| words.contains(&word))
}

pub fn needs(e: &Exercise, any_of: &[Equipment]) -> bool {
    any_of.iter().any(|item| e.equipment.all_of.contains(item) || e.equipment.any_of.contains(item))
}

/// Iron that is lifted.
pub fn weights(e: &Exercise) -> bool {
    needs(e, &[Equipment::Dumbbells, Equipment::Kettlebell, Equipment::BarbellRack])
}

pub fn compound(e: &Exercise) -> bool {
    e.mechanic == Mechanic::Compound
}

pub fn trains(e: &Exercise, muscle: Muscle) -> bool {
    e.primary.contains(&muscle) || e.secondary.contains(&muscle)
}

pub fn of_the_arms(e: &Exercise) -> bool {
    e.primary.iter().any(|muscle| UPPER.contains(muscle))
}

pub fn of_the_legs(e: &Exercise) -> bool {
    e.primary.iter().any(|muscle| LOWER.contains(muscle))
}

pub fn is(e: &Exercise, patterns: &[Pattern]) -> bool {
    patterns.contains(&e.pattern)
}

/// Squats, lunges and hinges with several joints.
pub fn leg_lift(e: &Exercise) -> bool {
    compound(e) && is(e, &[Pattern::Squat, Pattern::Hinge, Pattern::Lunge])
}

/// The body is carried, or carries, from place to place.
pub fn walks_loaded(e: &Exercise) -> bool {
    e.pattern == Pattern::Carry && e.measure == Measure::Metres
}

/// Body weight rests on the hands.
pub fn on_the_hands(e: &Exercise) -> bool {
    let stem = ["handstand", "dip", "crawl", "crab", "climber", "burpee", "donkey", "plyo", "pike", "renegade"];
    let all_fours = says(e, &["hands"]) && says(e, &["knees"]);
    e.id.as_str().ends_with("push-up")
        || named(e, &stem)
        || all_fours
        || named(e, &["bird", "cat"])
        || (named(e, &["plank"]) && named(e, &["tap"]))
}

/// A front plank on hands or forearms, held or moved from the feet.
pub fn front_plank(e: &Exercise) -> bool {
    let stem = ["push", "plank", "crawl", "climber", "burpee", "renegade"];
    let from_the_floor = is(e, &[Pattern::HorizontalPush, Pattern::HorizontalPull, Pattern::Core, Pattern::Carry])
        || is(e, &[Pattern::Conditioning, Pattern::JumpThrow]);
    let rests =
        (named(e, &stem) || says(e, &["plank"])) && !named(e, &["knee", "wall", "side", "thigh", "press", "sled"]);
    from_the_floor && rests
}

/// The hands hold it, press against it or hang from it.
pub fn in_the_hands(e: &Exercise) -> bool {
    let equipment =
        [Equipment::Bands, Equipment::Dumbbells, Equipment::Kettlebell, Equipment::PullUpBar, Equipment::BarbellRack];
    let held = needs(e, &equipment) || named(e, &["cable", "ball", "sled", "bike", "rowing"]);
    held || of_the_arms(e) || on_the_hands(e)
}

/// Held still, or unloaded.
pub fn quiet(e: &Exercise) -> bool {
    e.pattern == Pattern::Mobility || (e.force == Force::Hold && e.measure == Measure::Seconds)
}
