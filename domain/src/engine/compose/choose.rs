//! Which exercise fills a slot: what equipment, level and pain leave, ranked; the seed decides between near equals.

use std::collections::BTreeSet;

use super::brief::Brief;
use super::slots::{Slot, substitutes};
use crate::engine::catalogue::{Eccentric, Exercise, ExerciseId, Measure, Mechanic, Muscle, Pattern, StressTag};
use crate::engine::plan::Reason;
use crate::engine::profile::{BodyPart, Equipment, Proficiency, Profile, Purpose};
use crate::engine::rule::Rule;
use crate::engine::safety::is_gentle;
use crate::engine::seed::mix3;

/// The patterns in which a muscle's own exercises are found.
const STRENGTH: [Pattern; 7] = [
    Pattern::Squat,
    Pattern::Hinge,
    Pattern::Lunge,
    Pattern::HorizontalPush,
    Pattern::VerticalPush,
    Pattern::HorizontalPull,
    Pattern::VerticalPull,
];

/// How many exercises may stand in for one.
const ALTERNATIVES: usize = 2;

/// A slot that is filled.
#[derive(Debug, Clone)]
pub struct Choice<'a> {
    pub exercise: &'a Exercise,
    pub alternatives: Vec<ExerciseId>,
    pub why: Vec<Reason>,
}

/// What the week has taken so far.
#[derive(Debug, Default)]
pub struct Taken<'a> {
    /// By the day's exercises: none twice.
    pub today: BTreeSet<&'a ExerciseId>,
    /// By the week's: a change is welcome.
    pub week: BTreeSet<&'a ExerciseId>,
    /// The patterns that already load the spine heavily this week.
    spinal: BTreeSet<Pattern>,
    /// Whether the week has its hard eccentric: one is enough.
    lowers: bool,
}

impl Taken<'_> {
    /// Notes what else an exercise uses up.
    pub fn note_load(&mut self, exercise: &Exercise) {
        if exercise.percent_based && exercise.stress_tags.contains(&StressTag::SpinalLoad) {
            self.spinal.insert(exercise.pattern);
        }
        self.lowers |= exercise.eccentric == Eccentric::High;
    }
}

/// Fills a slot, or leaves it when nothing fits.
pub fn fill<'a>(brief: &Brief<'a>, slot: Slot, turn: u64, taken: &Taken<'a>) -> Option<Choice<'a>> {
    let ranked = ranked(brief, slot, turn, taken, Brief::eligible);
    let exercise = *ranked.first()?;
    // The exercise that would stand here if nothing hurt tells whether pain chose this one.
    let painless = self::ranked(brief, slot, turn, taken, Brief::open);
    let why = because(brief, exercise, slot, painless.first().and_then(|first| brief.forbidden_by(first)));
    let same_way = |other: &&&Exercise| other.mechanic == exercise.mechanic || exercise.mechanic == Mechanic::Isolation;
    // What stands in is done with the sets of what it stands in for, which a hard eccentric never bears.
    let undosed = |other: &&&Exercise| !brief.is_dosed(other);
    let alternatives =
        ranked[1..].iter().filter(same_way).filter(undosed).take(ALTERNATIVES).map(|other| other.id.clone()).collect();
    Some(Choice { exercise, alternatives, why })
}

/// Why an exercise that somebody else chose stands in a slot.
pub fn reasons(brief: &Brief<'_>, exercise: &Exercise, slot: Slot) -> Vec<Reason> {
    because(brief, exercise, slot, None)
}

fn because(brief: &Brief<'_>, exercise: &Exercise, slot: Slot, chosen_by: Option<BodyPart>) -> Vec<Reason> {
    let mut why = vec![slot_reason(slot)];
    why.extend(chosen_by.map(|part| Reason::new(Rule::R5, part.as_str())));
    if let Some(part) = brief.careful_for(exercise) {
        why.push(Reason::new(Rule::R5, &format!("care_{}", part.as_str())));
    }
    if let Some(owned) = equipment_used(brief, exercise) {
        why.push(Reason::new(Rule::R3, owned.as_str()));
    }
    why
}

fn slot_reason(slot: Slot) -> Reason {
    match slot {
        Slot::Power | Slot::Throw => Reason::new(Rule::R20, "power"),
        Slot::Move(pattern) => Reason::new(Rule::R14, pattern.as_str()),
        Slot::Muscle(muscle) => Reason::new(Rule::R7, muscle.as_str()),
        Slot::Trunk => Reason::new(Rule::R7, Muscle::Core.as_str()),
        Slot::Carry => Reason::new(Rule::R7, Pattern::Carry.as_str()),
    }
}

fn equipment_used(brief: &Brief<'_>, exercise: &Exercise) -> Option<Equipment> {
    let needs = &exercise.equipment;
    let mut named = needs.any_of.iter().chain(&needs.all_of);
    named.find(|item| brief.profile.equipment.contains(item)).or(needs.all_of.first()).copied()
}

type Shelf<'b, 'a> = fn(&'b Brief<'a>, Pattern) -> &'b [&'a Exercise];

/// Everything that fits the slot, the best first. What trains the pattern with several joints comes before what only
/// touches it, and that before the substitutes.
fn ranked<'a, 'b>(
    brief: &'b Brief<'a>,
    slot: Slot,
    turn: u64,
    taken: &Taken<'a>,
    shelf: Shelf<'b, 'a>,
) -> Vec<&'a Exercise> {
    let mut fits: Vec<(i32, &Exercise)> = Vec::with_capacity(48);
    let mut offer = |pattern: Pattern, bonus: i32, wanted: &dyn Fn(&Exercise) -> bool| {
        for exercise in shelf(brief, pattern) {
            let enough = taken.lowers && brief.is_dosed(exercise);
            if wanted(exercise) && !enough && !taken.today.contains(&exercise.id) {
                fits.push((bonus + points(brief, exercise, slot, turn, taken), exercise));
            }
        }
    };
    let compound = |exercise: &Exercise| exercise.mechanic == Mechanic::Compound;
    match slot {
        Slot::Power => offer(Pattern::JumpThrow, 0, &|_| true),
        Slot::Throw => offer(Pattern::JumpThrow, 0, &|exercise| exercise.contacts_per_rep == 0),
        Slot::Trunk => offer(Pattern::Core, 0, &|_| true),
        Slot::Carry => offer(Pattern::Carry, 0, &|_| true),
        Slot::Muscle(muscle) => {
            for pattern in STRENGTH {
                offer(pattern, 0, &|exercise| !compound(exercise) && Brief::trains(exercise, muscle));
            }
        }
        Slot::Move(pattern) => {
            offer(pattern, 400, &compound);
            for other in substitutes(pattern) {
                offer(*other, 200, &compound);
            }
            offer(pattern, 0, &|exercise| !compound(exercise) && is_main_mover(exercise, pattern));
        }
    }
    fits.sort_by(|(a, x), (b, y)| b.cmp(a).then_with(|| x.id.cmp(&y.id)));
    fits.into_iter().map(|(_, exercise)| exercise).collect()
}

/// Whether an isolation still stands for its pattern: arms and calves do not.
fn is_main_mover(exercise: &Exercise, pattern: Pattern) -> bool {
    let movers: &[Muscle] = match pattern {
        Pattern::Squat | Pattern::Lunge => &[Muscle::Quads, Muscle::Glutes, Muscle::Adductors],
        Pattern::Hinge => &[Muscle::Glutes, Muscle::Hamstrings],
        Pattern::HorizontalPush => &[Muscle::Chest],
        Pattern::VerticalPush => &[Muscle::Shoulders],
        _ => &[Muscle::Back, Muscle::RearDelts],
    };
    exercise.primary.iter().any(|muscle| movers.contains(muscle))
}

fn points(brief: &Brief<'_>, exercise: &Exercise, slot: Slot, turn: u64, taken: &Taken<'_>) -> i32 {
    let profile = brief.profile;
    let level = match (profile.proficiency, exercise.level) {
        (Proficiency::Advanced, Proficiency::Intermediate | Proficiency::Advanced) => 24,
        (Proficiency::Intermediate, Proficiency::Intermediate) => 24,
        (Proficiency::Beginner, _) => 24,
        _ => 0,
    };
    let load = match (exercise.loadable, profile.proficiency) {
        (true, Proficiency::Beginner) => 20,
        // Who owns weights and knows them gets little from a band.
        (true, _) if exercise.equipment.all_of.contains(&Equipment::Bands) && owns_weights(profile) => 5,
        (true, _) => 40,
        (false, _) if !exercise.equipment.nothing() => 20,
        (false, _) => 0,
    };
    let twice_heavy = exercise.percent_based && taken.spinal.contains(&exercise.pattern);
    let fatigue = if twice_heavy && exercise.stress_tags.contains(&StressTag::SpinalLoad) { -40 } else { 0 };
    let heavy = matches!(profile.purpose, Purpose::SportPerformance | Purpose::MuscleBuilding);
    let barbell = if exercise.percent_based && heavy && !brief.gentle && !brief.youth { 25 } else { 0 };
    let sided = if exercise.unilateral && profile.purpose != Purpose::SportPerformance { -6 } else { 0 };
    let held = if exercise.measure != Measure::Reps && !matches!(slot, Slot::Trunk | Slot::Carry) { -60 } else { 0 };
    let sore = if brief.is_sore(exercise) { -30 } else { 0 };
    let again = if taken.week.contains(&exercise.id) { -45 } else { 0 };
    let gentle = if is_gentle(profile) && exercise.level != Proficiency::Beginner { -30 } else { 0 };
    let landing = match slot {
        // Explosive lifts need less skill to hurt; jumps are the plain choice where legs allow them.
        Slot::Power if exercise.contacts_per_rep > 0 => 40,
        Slot::Power | Slot::Throw if exercise.measure != Measure::Reps => -40,
        _ => 0,
    };
    let chance = i32::try_from(mix3(brief.seed, turn, fingerprint(exercise)) % 28).unwrap_or(0);
    level + load + fatigue + barbell + sided + held + sore + again + gentle + landing + chance
}

fn owns_weights(profile: &Profile) -> bool {
    use Equipment::{BarbellRack, Dumbbells, FullGym, Kettlebell};
    [BarbellRack, Dumbbells, FullGym, Kettlebell].iter().any(|item| profile.equipment.contains(item))
}

/// A number for an exercise that stays when the catalogue grows around it.
fn fingerprint(exercise: &Exercise) -> u64 {
    exercise
        .id
        .as_str()
        .bytes()
        .fold(0xCBF2_9CE4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3))
}
