//! What wears the body down before it adapts: hard eccentrics and impact, both dosed by how new they are.

use std::collections::BTreeMap;

use super::Findings;
use super::view::{ItemView, View};
use crate::engine::catalogue::{Eccentric, Exercise, ExerciseId, Impact};
use crate::engine::limits::{FIRST_ECCENTRIC, MOST_ECCENTRIC, SHORT_IMPACT_S};
use crate::engine::plan::Item;
use crate::engine::safety::{ImpactGate, impact_gate, walks_first};

/// The exercise and what may stand in for it.
fn named<'v>(view: &'v View<'_>, item: &'v ItemView<'_>) -> impl Iterator<Item = &'v Exercise> {
    item.exercise.into_iter().chain(item.item.alts.iter().filter_map(|id| view.catalogue.get(id)))
}

fn sets_of(items: &[&ItemView<'_>]) -> u8 {
    let sets = items.iter().flat_map(|item| item.working()).map(|sets| sets.n);
    sets.fold(0, u8::saturating_add)
}

fn most_reps(item: &Item) -> u8 {
    item.sets.iter().filter_map(|sets| sets.reps).map(|[_, high]| high).max().unwrap_or(0)
}

pub fn r30_eccentrics_are_dosed(view: &View<'_>, found: &mut Findings<'_>) {
    let is_hard = |exercise: &Exercise| exercise.eccentric == Eccentric::High;
    let mut first: BTreeMap<&ExerciseId, usize> = BTreeMap::new();
    for week in &view.weeks {
        let mut this_week: BTreeMap<&ExerciseId, Vec<&ItemView<'_>>> = BTreeMap::new();
        for session in &week.sessions {
            for item in session.items.iter().filter(|item| item.exercise.is_some_and(is_hard)) {
                let begun = *first.entry(&item.item.ex).or_insert(week.at);
                let of_it = this_week.entry(&item.item.ex).or_default();
                of_it.push(item);
                // In the first week the sets of the whole week count, later those of a session.
                let is_first = begun == week.at;
                let ((most_sets, reps), sets) =
                    if is_first { (FIRST_ECCENTRIC, sets_of(of_it)) } else { (MOST_ECCENTRIC, sets_of(&[item])) };
                if sets > most_sets || most_reps(item.item) > reps {
                    let got = format!("{} × {}", sets, most_reps(item.item));
                    found.add(item.place(), format!("at most {most_sets} × {reps} of {}", item.item.ex), got);
                }
            }
        }
    }
    // What stands in is done with the sets of another exercise.
    for item in view.items().filter(|item| !item.exercise.is_some_and(is_hard)) {
        for exercise in named(view, item).filter(|exercise| is_hard(exercise)) {
            found.add(item.place(), "no hard eccentric as an alternative", exercise.id.as_str());
        }
    }
}

pub fn r31_walks_first(view: &View<'_>, found: &mut Findings<'_>) {
    let Some(why) = walks_first(view.profile) else { return };
    for session in view.sessions() {
        let gate = impact_gate(view.profile, session.week_at);
        for item in &session.items {
            let mut lands = named(view, item).filter(|exercise| exercise.impact >= Impact::Moderate);
            let longest = item.working().filter_map(|sets| sets.seconds).max().unwrap_or(0);
            let allowed = gate == ImpactGate::Open || (gate == ImpactGate::Short && longest <= SHORT_IMPACT_S);
            if let (false, Some(exercise)) = (allowed, lands.next()) {
                let want = if gate == ImpactGate::Closed {
                    format!("no running or jumping yet ({why})")
                } else {
                    format!("running in bouts of {} min at most ({why})", SHORT_IMPACT_S / 60)
                };
                found.add(item.place(), want, exercise.id.as_str());
            }
        }
    }
}
