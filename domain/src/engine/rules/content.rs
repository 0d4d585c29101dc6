//! What a plan is made of: known exercises that fit the athlete, in a sound order, with reasons.

use super::Findings;
use super::view::View;
use crate::engine::catalogue::{Exercise, Pattern, StressTag};
use crate::engine::compose::rank;
use crate::engine::plan::BlockKind;
use crate::engine::safety::red_flags;
use crate::engine::strains::Forbidden;
use crate::engine::{EARLIER_ENGINES, ENGINE};

pub fn r1_exercises_exist(view: &View<'_>, found: &mut Findings<'_>) {
    for item in view.items() {
        if item.exercise.is_none() {
            found.add(item.place(), "an exercise of the catalogue", item.item.ex.as_str());
        }
        for unknown in item.item.alts.iter().filter(|id| view.catalogue.get(id).is_none()) {
            found.add(item.place(), "alternatives from the catalogue", unknown.as_str());
        }
        if item.working().next().is_none() {
            found.add(item.place(), "at least one set", "none");
        }
        for sets in &item.item.sets {
            let measures = [sets.reps.is_some(), sets.seconds.is_some(), sets.metres.is_some()];
            let given = measures.iter().filter(|given| **given).count();
            if given != 1 || sets.n == 0 {
                found.add(
                    item.place(),
                    "one or more sets of reps, seconds or metres",
                    format!("{} sets of {given} measures", sets.n),
                );
            }
        }
    }
}

/// Judges every exercise and every alternative.
fn each(view: &View<'_>, found: &mut Findings<'_>, judge: impl Fn(&Exercise) -> Option<(String, String)>) {
    for item in view.items() {
        let alternatives = item.item.alts.iter().filter_map(|id| view.catalogue.get(id));
        for exercise in item.exercise.into_iter().chain(alternatives) {
            if let Some((want, got)) = judge(exercise) {
                found.add(item.place(), want, format!("{}: {got}", exercise.id));
            }
        }
    }
}

pub fn r3_equipment_owned(view: &View<'_>, found: &mut Findings<'_>) {
    each(view, found, |exercise| {
        let met = exercise.equipment.met_by(&view.profile.equipment);
        (!met).then(|| ("owned equipment".into(), "needs what is not there".into()))
    });
}

pub fn r4_level(view: &View<'_>, found: &mut Findings<'_>) {
    let most = view.profile.proficiency;
    each(view, found, |exercise| {
        (exercise.level > most).then(|| (format!("at most {}", most.as_str()), exercise.level.as_str().into()))
    });
}

pub fn r5_nothing_that_hurts(view: &View<'_>, found: &mut Findings<'_>) {
    let forbidden = Forbidden::of(view.profile);
    each(view, found, |exercise| {
        let strains: Vec<_> = forbidden.in_exercise(exercise).map(StressTag::as_str).collect();
        (!strains.is_empty()).then(|| ("nothing that strains what hurts".into(), strains.join(", ")))
    });
}

pub fn r13_order(view: &View<'_>, found: &mut Findings<'_>) {
    for session in view.sessions() {
        let mut highest = 0;
        let work = session.items.iter().filter(|item| item.kind != BlockKind::WarmUp);
        for (item, exercise) in work.filter_map(|item| Some((item, item.exercise?))) {
            let rank = rank(exercise.pattern, exercise.mechanic);
            if rank < highest {
                found.add(
                    item.place(),
                    "power, compounds, isolation, conditioning",
                    format!("{} after a later kind", exercise.id),
                );
            }
            highest = highest.max(rank);
        }
        let starts_late = session.items.iter().skip_while(|item| item.kind == BlockKind::WarmUp);
        for item in starts_late.filter(|item| item.kind == BlockKind::WarmUp && !item.is(Pattern::Mobility)) {
            found.add(item.place(), "the warm-up first", "a warm-up after work");
        }
    }
}

pub fn r24_no_red_flags(view: &View<'_>, found: &mut Findings<'_>) {
    for flag in red_flags(view.profile) {
        found.add("", "a professional's yes before any plan", flag);
    }
}

pub fn r25_provenance(view: &View<'_>, found: &mut Findings<'_>) {
    let from = &view.plan.provenance;
    // The catalogue of an earlier engine is gone; its exercises keep their ids.
    let earlier = EARLIER_ENGINES.contains(&from.engine.as_str());
    if from.catalogue != view.catalogue.hash() && !earlier {
        found.add("provenance.catalogue", view.catalogue.hash(), from.catalogue.as_str());
    }
    if from.seed != view.request.seed {
        found.add("provenance.seed", view.request.seed.to_string(), from.seed.to_string());
    }
    if from.provider == "builtin" && from.engine != ENGINE && !earlier {
        found.add("provenance.engine", ENGINE, from.engine.as_str());
    }
}

pub fn r27_reasons(view: &View<'_>, found: &mut Findings<'_>) {
    for item in view.items() {
        if item.item.why.is_empty() {
            found.add(item.place(), "at least one reason", "none");
        }
        for reason in item.item.why.iter().filter(|reason| reason.rule().is_none()) {
            found.add(item.place(), "reasons that begin with a rule's code", reason.0.as_str());
        }
    }
}
