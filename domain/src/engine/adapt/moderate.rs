//! Effort that has to stay moderate from now on: pregnancy, a birth, the heart, an age or an illness that was answered after the plan
//! was made. What asks for more is eased, rather than left out by the mending that comes behind (R9, R11).

use std::collections::BTreeSet;

use super::draft::{Ground, each_open_item};
use super::input::{Action, Decision};
use crate::engine::catalogue::ExerciseId;
use crate::engine::ease;
use crate::engine::plan::Plan;
use crate::engine::rule::Rule;

/// Eases what asks for more than moderate effort, where the body asks for that.
pub fn moderate(ground: &Ground<'_>, plan: &mut Plan, decisions: &mut Vec<Decision>) {
    let mut eased: BTreeSet<ExerciseId> = BTreeSet::new();
    each_open_item(ground, plan, |item| {
        if ease::moderate(item, &ground.body, ground.catalogue) && eased.insert(item.ex.clone()) {
            let facts = vec!["effort stays moderate now: answers or words about health have changed".to_owned()];
            decisions.push(Decision::new(Action::Modify, Rule::R11, item.ex.as_str(), facts));
        }
    });
}
