//! An exercise made easier for the body of today: for a sore place, and where effort has to stay moderate. The next version of a
//! plan and a session in fewer minutes ease alike.
//!
//! Deliberately not here: exercises that a body does not bear at all (`bears`), and what is said about the easing.

use super::amount::Amount;
use super::catalogue::{Catalogue, Eccentric, Exercise, Measure, Mechanic, StressTag};
use super::limits::least_rir;
use super::plan::{Item, Progress, ProgressRule, Reason, Sets};
use super::profile::{Injury, Profile};
use super::rule::Rule;
use super::safety::{MODIFY_PAIN, careful_with, is_gentle};
use super::tally::counts;
use super::zone::within_band;

/// Repetitions and seconds of rest of an exercise that loads a sore place.
const CAREFUL: ([u8; 2], u16) = ([12, 15], 60);
/// Loads are multiples of so many thousandths of a kilogram.
const LOAD_STEP: u32 = 500;

/// Makes an item that loads a sore place longer, lighter and farther from failure, once; answers with the place when it did.
pub fn ease_sore<'b>(item: &mut Item, body: &'b Profile, catalogue: &Catalogue) -> Option<&'b Injury> {
    let exercise = catalogue.get(&item.ex).filter(|exercise| counts(exercise))?;
    let sore = sore(body, exercise)?;
    if item.sets.is_empty() || item.why.iter().any(|reason| reason.about().starts_with("care_")) {
        return None;
    }
    item.sets.retain(|sets| !sets.ramp);
    for sets in &mut item.sets {
        // A dosed exercise stays at its few repetitions (R30).
        if exercise.measure == Measure::Reps && exercise.eccentric != Eccentric::High {
            sets.reps = Some(CAREFUL.0);
            sets.rest_s = CAREFUL.1;
            sets.rir = Some((sets.rir.unwrap_or(2) + 1).clamp(least_rir(body), 5));
        }
        lighten(sets, 4, 5);
    }
    item.progress = Some(Progress { rule: ProgressRule::Hold, step_pct: 0 });
    item.why.push(Reason::new(Rule::R5, &format!("care_{}", sore.body_part.as_str())));
    Some(sore)
}

/// Takes what asks for more than moderate effort out of an item, where the body asks for that; answers whether it did.
pub fn moderate(item: &mut Item, body: &Profile, catalogue: &Catalogue) -> bool {
    let Some(exercise) = catalogue.get(&item.ex).filter(|exercise| is_gentle(body) && counts(exercise)) else {
        return false;
    };
    let least = least_rir(body);
    let fits =
        |sets: &Sets| sets.ramp || (within_band(body, exercise, sets) && sets.rir.is_none_or(|rir| rir >= least));
    if exercise.measure != Measure::Reps || item.sets.iter().all(fits) {
        return false;
    }
    item.sets.retain(|sets| !sets.ramp);
    for sets in &mut item.sets {
        sets.rir = Some(sets.rir.unwrap_or(least).max(least));
        lighten(sets, 9, 10);
        if !within_band(body, exercise, sets) && exercise.eccentric != Eccentric::High {
            let compound = exercise.mechanic == Mechanic::Compound;
            (sets.reps, sets.rest_s) = if compound { (Some([8, 12]), 90) } else { (Some([10, 12]), 60) };
        }
    }
    true
}

/// So many parts of the load, rounded down; a percentage of a maximum goes.
fn lighten(sets: &mut Sets, part: u32, of: u32) {
    sets.pct1rm = None;
    sets.load_kg = sets.load_kg.map(|load| Amount::from_milli(load.milli() * part / of / LOAD_STEP * LOAD_STEP));
}

/// The sore place that bears the exercise only with care.
fn sore<'b>(body: &'b Profile, exercise: &Exercise) -> Option<&'b Injury> {
    let touches = |tags: &[StressTag]| tags.iter().any(|tag| exercise.stress_tags.contains(tag));
    let mut sore = body.injuries.iter().filter(|injury| injury.pain >= MODIFY_PAIN);
    sore.find(|injury| touches(careful_with(injury.body_part)))
}
