//! Effort that has to stay moderate from now on: pregnancy, a birth, the heart, an age or an illness that was answered after the plan
//! was made. What asks for more is eased, rather than left out by the mending that comes behind (R9, R11).

use std::collections::BTreeSet;

use super::draft::{Ground, each_open_item};
use super::input::{Action, Decision};
use crate::engine::amount::Amount;
use crate::engine::catalogue::{Eccentric, ExerciseId, Measure, Mechanic};
use crate::engine::limits::least_rir;
use crate::engine::plan::{Plan, Sets};
use crate::engine::rule::Rule;
use crate::engine::safety::is_gentle;
use crate::engine::tally::counts;
use crate::engine::zone::within_band;

/// Eases what asks for more than moderate effort, where the body asks for that.
pub fn moderate(ground: &Ground<'_>, plan: &mut Plan, decisions: &mut Vec<Decision>) {
    if !is_gentle(&ground.body) {
        return;
    }
    let least = least_rir(&ground.body);
    let mut eased: BTreeSet<ExerciseId> = BTreeSet::new();
    each_open_item(ground, plan, |item| {
        let Some(exercise) = ground.exercise(&item.ex).filter(|exercise| counts(exercise)) else { return };
        let fits = |sets: &Sets| {
            sets.ramp || (within_band(&ground.body, exercise, sets) && sets.rir.is_none_or(|rir| rir >= least))
        };
        if exercise.measure != Measure::Reps || item.sets.iter().all(fits) {
            return;
        }
        item.sets.retain(|sets| !sets.ramp);
        for sets in &mut item.sets {
            sets.rir = Some(sets.rir.unwrap_or(least).max(least));
            sets.pct1rm = None;
            sets.load_kg = sets.load_kg.map(|load| Amount::from_milli(load.milli() * 9 / 10 / 500 * 500));
            if !within_band(&ground.body, exercise, sets) && exercise.eccentric != Eccentric::High {
                let compound = exercise.mechanic == Mechanic::Compound;
                (sets.reps, sets.rest_s) = if compound { (Some([8, 12]), 90) } else { (Some([10, 12]), 60) };
            }
        }
        if eased.insert(item.ex.clone()) {
            let facts = vec!["effort stays moderate now: answers or words about health have changed".to_owned()];
            decisions.push(Decision::new(Action::Modify, Rule::R11, item.ex.as_str(), facts));
        }
    });
}
